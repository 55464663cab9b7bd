"""Fields of requests: each is refused with one sentence that says what to do."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.errors import Invalid

IDENTIFIER = "Give its id, at most 100 characters."
YES_OR_NO = "Say true or false."
SORTS = ("newest", "oldest")


class Request(Schema):
    """Strict: what we do not know we refuse, so that a slip of the pen is seen."""

    error_messages = {"unknown": "There is no such field; remove it.", "type": "Send an object."}

    class Meta:
        unknown = RAISE


class Trimmed(fields.String):
    """Text without blanks around it, and without the NUL that databases stumble over."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        value = super()._deserialize(*args, **kwargs).strip()
        if "\0" in value:
            raise self.make_error("invalid")
        return value


class Moment(fields.AwareDateTime):
    """A time with its zone, kept as UTC in whole milliseconds."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> datetime:
        try:
            moment = super()._deserialize(*args, **kwargs).astimezone(UTC)
        except OverflowError as exc:  # The first or last hours of the calendar.
            raise self.make_error("invalid", input=args[0], obj_type="time") from exc
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def text(low: int, high: int, sentence: str, **options: Any) -> fields.Field[Any]:
    """Text of so many characters."""
    rule = validate.Length(min=low, max=high, error=sentence)
    return Trimmed(validate=rule, **_says(sentence), **options)


def whole(low: int, high: int, sentence: str, *, strict: bool = True, **options: Any) -> Any:
    """A whole number in this range; never a fraction, a text (unless not strict) or a truth."""
    rule = validate.Range(min=low, max=high, error=sentence)
    return fields.Integer(strict=strict, validate=rule, **_says(sentence), **options)


def choice(among: Iterable[str], sentence: str, **options: Any) -> fields.Field[Any]:
    """One of these words."""
    rule = validate.OneOf(tuple(among), error=sentence)
    return fields.String(validate=rule, **_says(sentence), **options)


def sorting() -> fields.Field[Any]:
    """Which of a list come first."""
    return choice(SORTS, f"Choose one of {', '.join(SORTS)}.", load_default=SORTS[0])


def truth(sentence: str, **options: Any) -> fields.Field[Any]:
    """True or false, as JSON says it."""
    return fields.Boolean(truthy={True}, falsy={False}, **_says(sentence), **options)


def moment(sentence: str, **options: Any) -> fields.Field[Any]:
    """A time with its zone."""
    return Moment(**_says(sentence), **options)


def several(inner: Any, low: int, high: int, sentence: str, **options: Any) -> fields.Field[Any]:
    """A list of so many."""
    rule = validate.Length(min=low, max=high, error=sentence)
    return fields.List(inner, validate=rule, **_says(sentence), **options)


def part(schema: type[Schema], sentence: str, **options: Any) -> fields.Field[Any]:
    """An object within the object."""
    return fields.Nested(schema, **_says(sentence), **options)


def _says(sentence: str) -> dict[str, Any]:
    kinds = ("required", "null", "invalid", "invalid_awareness", "too_large", "special")
    return {"error_messages": dict.fromkeys(kinds, sentence)}


class PageSchema(Request):
    """Which part of a list."""

    limit = whole(1, 100, "Ask for 1 to 100 at a time.", strict=False, load_default=20)
    after = text(
        1,
        1000,
        "Send the `next` of the page before, unchanged.",
        load_default=None,
        allow_none=True,
    )


def load(schema: Schema, data: Any, *, partial: bool = False) -> Any:
    """What the schema makes of this; raises Invalid with one sentence per field.

    `partial` lets top-level fields be absent; what lies within them is whole or not there.
    """
    try:
        return schema.load(data, partial=tuple(schema.fields) if partial else False)
    except ValidationError as exc:
        errors = dict(_flat(exc.normalized_messages(), ""))
        raise Invalid("input-invalid", "Some fields need a change.", errors) from exc


def _flat(messages: Mapping[Any, Any], path: str) -> Iterator[tuple[str, str]]:
    """`{"skills": {0: {"label": ["..."]}}}` as `skills.0.label`, the first sentence of each."""
    for key, value in messages.items():
        where = path if key == "_schema" else f"{path}.{key}".removeprefix(".")
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            yield where or "body", value[0]
