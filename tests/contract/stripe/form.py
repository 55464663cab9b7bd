"""Stripe's form encoding read back: `a[b][0]=v` as nested values of the types that are expected."""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
NUMBERS = {"integer": (r"-?\d+", int), "number": (r"-?\d+(\.\d+)?", float)}


class BadForm(Exception):
    """A key twice, or once as a value and once as a group."""


def decode(text: str) -> dict[str, Any]:
    """All values are texts; lists are groups with numbers for names."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        match = NAME.fullmatch(name)
        if match is None:
            raise BadForm(f"malformed key {name!r}")
        _place(root, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return root


def _place(group: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        group = group.setdefault(part or str(len(group)), {})
        if not isinstance(group, dict):
            raise BadForm(f"mixed key {path!r}")
    last = path[-1] or str(len(group))
    if last in group:
        raise BadForm(f"duplicate key {path!r}")
    group[last] = value


def coerce(value: Any, schema: dict[str, Any]) -> Any:
    """The value as the schema's type, where it reads as one; else as it came, to be judged."""
    if "anyOf" in schema:
        tried = ((coerce(value, one), one) for one in schema["anyOf"])
        return next((made for made, one in tried if _fits(made, one)), value)
    type_ = schema.get("type")
    if type_ == "object" and isinstance(value, dict):
        return _object(value, schema)
    if type_ == "array" and isinstance(value, dict):
        return _array(value, schema)
    if type_ in NUMBERS and isinstance(value, str):
        pattern, make = NUMBERS[type_]
        return make(value) if re.fullmatch(pattern, value) else value
    if type_ == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _object(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    rest = others if isinstance(others, dict) else {}
    return {name: coerce(one, known.get(name, rest)) for name, one in value.items()}


def _array(value: dict[str, Any], schema: dict[str, Any]) -> Any:
    if sorted(value) != sorted(str(number) for number in range(len(value))):
        return value
    items = schema.get("items", {})
    return [coerce(value[str(number)], items) for number in range(len(value))]


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    return bool(_judge(id(schema), _Kept(schema)).is_valid(value))


class _Kept:
    """Keeps a schema alive, so that its id stays its own."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.schema is self.schema


@cache
def _judge(_id: int, kept: _Kept) -> Any:
    return jsonschema_rs.validator_for(kept.schema)
