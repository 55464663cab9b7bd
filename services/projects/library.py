"""The rules and templates that this service's data files hold, read once."""

from functools import cache
from pathlib import Path
from typing import Any

from services.projects.domain.policy import Category, Floor, Policy
from shared.data import read_yaml

RULES = Path(__file__).parent / "rules"
TEMPLATES = Path(__file__).parent / "templates"
POLICIES = Path(__file__).parents[2] / "shared" / "policies"


@cache
def policy() -> Policy:
    """The rules of `rules/*.yml`."""
    return Policy(
        floors=tuple(Floor(**row) for row in _read("pay")["floors"]),
        categories=tuple(_category(**row) for row in _read("work")["categories"]),
        unpaid_hours=dict(_read("unpaid")["hours"]),
    )


@cache
def templates() -> dict[str, dict[str, Any]]:
    """Briefs to begin with, by id: `{id, title, about, brief}`, the brief as one would send it."""
    files = sorted(TEMPLATES.glob("*.yml"))
    return {file.stem: {"id": file.stem, **read_yaml(file)} for file in files}


@cache
def nace() -> dict[str, Any]:
    """Which career readiness competencies the rubric observes: `{source, url, competencies}`."""
    return _read("nace")


@cache
def endings() -> list[dict[str, str]]:
    """Who gets what where an engagement ends early, in words."""
    rows = read_yaml(POLICIES / "ending.yml")["endings"]
    return [{name: row[name] for name in ("fault", "when", "candidate", "company")} for row in rows]


def _category(id: str, label: str, effect: str, words: list[str]) -> Category:
    return Category(id=id, label=label, refused=effect == "refused", words=tuple(words))


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(RULES / f"{name}.yml")
    return found
