"""Templates as people choose them, change them and see them."""

from collections.abc import Mapping
from typing import Any

from services.projects.schemas.inputs import IDENTIFIER, Request, text
from shared.errors import Invalid

SHOWN = ("hours", "weeks", "fee_amount", "fee_currency", "skills")


class ChoiceSchema(Request):
    """Which template it is."""

    template_id = text(1, 100, IDENTIFIER, required=True)


def summary(template: Mapping[str, Any]) -> dict[str, Any]:
    """What a list shows of a template."""
    facts = {name: template["brief"][name] for name in SHOWN}
    return {name: template[name] for name in ("id", "title", "about")} | facts


def combined(brief: Mapping[str, Any], changes: Any) -> dict[str, Any]:
    """The template's brief with these fields instead of its own; raises Invalid."""
    if not isinstance(changes, Mapping | None):
        raise Invalid("input-invalid", "Some fields need a change.", {"changes": "Send an object."})
    return {**brief, **(changes or {})}
