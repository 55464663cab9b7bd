"""Fields with their bounds and an example each, and the bases of requests, answers and pages."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

# Control characters have no place in a text: they forge log lines, headers and terminal output.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ID = re.compile(r"^[A-Za-z0-9._-]{1,100}$")
INT32 = 2**31 - 1
ROLES = ["candidate", "owner", "recruiter", "evaluator", "educator", "partner", "operator"]
# Line ends of any kind, and marks that turn the reading direction of all that follows.
UNNAMED = {"Cc", "Zl", "Zp", "Cs"}
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST = "At most so many."
CURRENCIES = re.compile(r"^[A-Z]{3}$")


class Request(Schema):
    """A body or a query: an unknown field is an error, since it is most often a misspelt one."""

    class Meta:
        unknown = RAISE


class Part(Schema):
    """A piece of requests and answers alike; requests refuse unknown fields in it all the same."""


class View(Schema):
    """An answer: only documents what services send, so that a newer one may send more."""

    class Meta:
        unknown = EXCLUDE


@cache
def shown(part: type[Schema]) -> type[Schema]:
    """A piece of a request as an answer shows it: it may have grown."""
    return type(f"{part.__name__}View", (part,), {"__doc__": part.__doc__, "Meta": View.Meta})


class Whole(validate.Regexp):
    """The whole text is of this form: Python's `$` would let a line end follow it."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class PageQuery(Request):
    """`after` is the `next` of the page before."""

    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": MOST, "example": 20},
    )
    after = fields.String(
        load_default=None,
        validate=validate.Length(1, 1000),
        metadata={"description": "The `next` of the page before.", "example": "MjAyNi0wOQ"},
    )


SORTS = ["newest", "oldest"]


def sorting() -> fields.String:
    """In which order a list comes."""
    return choice(SORTS, metadata={"description": "Which come first; the newest unless asked."})


def clean(text: str) -> None:
    """Refuse control characters other than line ends and tabs."""
    if CONTROL.search(text):
        raise ValidationError("Contains control characters.")


def string(low: int, high: int, example: str, **options: Any) -> fields.String:
    """A text of `low` to `high` characters."""
    rules: list[Any] = [validate.Length(low, high), clean]
    return fields.String(validate=rules, **_with(options, example))


class Name(fields.String):
    """Without the spaces around it."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(*args, **kwargs)).strip()


def called(low: int, high: int, example: str, **options: Any) -> fields.String:
    """What somebody is called, on one line: it stands in mails, headers and lists."""
    rules: list[Any] = [validate.Length(low, high), _is_name]
    return Name(validate=rules, **_with(options, example))


def _is_name(text: str) -> None:
    if any(unicodedata.category(char) in UNNAMED or char in TURNS for char in text):
        raise ValidationError("Contains line ends or control characters.")
    if not any(unicodedata.category(char)[0] in "LN" for char in text):
        raise ValidationError("Has no letter or digit.")


def identifier(example: str, **options: Any) -> fields.String:
    """An opaque id."""
    rule = Whole(ID, error="Not an id.")
    return fields.String(validate=rule, **_with(options, example))


def number(low: int, high: int, example: int, **options: Any) -> fields.Integer:
    """A whole number; `1.0` and `"1"` are none."""
    rule = validate.Range(low, high)
    return fields.Integer(strict=True, validate=[rule], **_with(options, example))


class Flag(fields.Boolean):
    """For Python 0 is False and 1 is True; for a reader of JSON they are numbers."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def flag(example: bool, **options: Any) -> fields.Boolean:
    """true or false, and no other spelling of them."""
    return Flag(**_with(options, example))


def choice(allowed: list[str], **options: Any) -> fields.String:
    """One of these words."""
    return fields.String(validate=validate.OneOf(allowed), **_with(options, allowed[0]))


def moment(example: str = "2026-09-14T16:00:00.000Z", **options: Any) -> fields.AwareDateTime:
    """An instant with its offset, ISO 8601."""
    return fields.AwareDateTime(format="iso", **_with(options, example))


def day(example: str = "2026-09-14", **options: Any) -> fields.Date:
    """A day, ISO 8601."""
    return fields.Date(**_with(options, example))


def iso_currency(**options: Any) -> fields.String:
    """An ISO 4217 code."""
    rule = Whole(CURRENCIES, error="Not an ISO 4217 code such as USD.")
    return fields.String(validate=rule, **_with(options, "USD"))


def money(example: int, **options: Any) -> fields.Integer:
    """Money in minor units (cents)."""
    return number(0, INT32, example, **options)


def iana_zone(**options: Any) -> fields.String:
    """An IANA name."""
    return fields.String(validate=_known_zone, **_with(options, "Europe/Warsaw"))


def language(**options: Any) -> fields.String:
    """A BCP 47 language tag, its language and region."""
    rule = Whole(r"^[a-z]{2,3}(-[A-Z]{2})?$", error="Not a language such as en or en-US.")
    return fields.String(validate=rule, **_with(options, "en"))


def many(schema: type[Schema], low: int, high: int, **options: Any) -> fields.List:
    """`low` to `high` objects."""
    return fields.List(fields.Nested(schema), validate=validate.Length(low, high), **options)


def texts(inner: fields.String, low: int, high: int, **options: Any) -> fields.List:
    """`low` to `high` texts or ids."""
    return fields.List(inner, validate=validate.Length(low, high), **options)


def listed(schema: type[Schema], **options: Any) -> fields.List:
    """In an answer: any number of objects."""
    return fields.List(fields.Nested(schema), **options)


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """A page of these: `items`, and `next` to ask for the following one (null on the last)."""
    members: dict[str, Any] = {
        "items": listed(schema, required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"example": "MjAyNi0wOQ"}),
    }
    return type(f"{schema.__name__}Page", (View,), members)


class Paged(View):
    """A page with more than its items: `next` asks for the following one, null on the last."""

    next = fields.String(allow_none=True, metadata={"example": "MjAyNi0wOQ"})


def example_of(schema: type[Schema]) -> dict[str, Any]:
    """An object with every field's example."""
    return {name: _example(field) for name, field in schema().fields.items()}


def _example(field: Any) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.List):
        return [_example(field.inner)]
    if isinstance(field, fields.Nested):
        return example_of(type(field.schema))
    raise ValueError(f"{field.name} has no example")


def _with(options: dict[str, Any], example: Any) -> Mapping[str, Any]:
    metadata = {"example": example, **options.pop("metadata", {})}
    if "description" in options:
        metadata["description"] = options.pop("description")
    return {**options, "metadata": metadata}


def _known_zone(name: str) -> None:
    known = _zones()
    if (known and name not in known) or len(name) > 60 or CONTROL.search(name):
        raise ValidationError("Not a time zone such as Europe/Warsaw.")


@cache
def _zones() -> set[str]:
    """Empty on a machine without the data: then nothing can be said against a name."""
    return available_timezones()
