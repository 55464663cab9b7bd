"""What people send about credentials, references and portfolios."""

from typing import Any

from marshmallow import fields, post_load, validate

from services.applications.schemas.requests import Request

MOST_FILES = 50
NAME = validate.Length(1, 200)
REASONS = ("issued-in-error", "work-not-theirs", "dispute-decided", "fraud", "asked-by-candidate")


def flag(default: bool = False) -> fields.Field[Any]:
    """true or false, and no other spelling of them."""
    return fields.Boolean(truthy={True}, falsy={False}, load_default=default)


def hashes() -> fields.Field[Any]:
    """SHA-256 of files, in lower-case hex."""
    each = fields.Str(validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    return fields.List(each, validate=validate.Length(0, MOST_FILES), load_default=list)


class Sharing(Request):
    """What to show; `person` is the name as the gateway knows it, kept only where it is shown."""

    person = fields.Str(validate=NAME, load_default=None, allow_none=True)
    public = flag()
    name = flag()
    organisation = flag()
    scores = flag()
    evidence = flag()
    references = flag()
    files = hashes()

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        person = values.pop("person")
        return {**values, "name": person if values["name"] else None}


class Consent(Request):
    """What the company lets be shown; its name comes from the gateway."""

    organisation_name = fields.Str(validate=NAME, load_default=None, allow_none=True)
    organisation = flag()
    title = flag(default=True)
    evidence = flag(default=True)
    files = hashes()

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        name = values.pop("organisation_name")
        return {**values, "organisation": name if values["organisation"] else None}


class ReferenceRequest(Request):
    message = fields.Str(validate=validate.Length(0, 1000), load_default="")


class Reference(Request):
    """Somebody of the company speaks for the work; `person` is their name."""

    person = fields.Str(validate=NAME, required=True)
    role = fields.Str(validate=validate.Length(2, 120), required=True)
    text = fields.Str(validate=validate.Length(20, 4000), required=True)
    public = flag()


class Revocation(Request):
    reason = fields.Str(validate=validate.OneOf(REASONS), required=True)


class Portfolio(Request):
    person = fields.Str(validate=NAME, load_default=None, allow_none=True)
    public = flag()
    name = flag()
    headline = flag()
    items = fields.List(
        fields.Int(strict=True, validate=validate.Range(0, 99)),
        validate=validate.Length(0, 20),
        load_default=list,
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        person = values.pop("person")
        return {**values, "name": person if values["name"] else None}
