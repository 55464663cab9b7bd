"""Registration, signing in, members."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.gateway.domain import normal
from services.gateway.schemas.base import (
    ROLES,
    Request,
    View,
    called,
    choice,
    clean,
    flag,
    iana_zone,
    identifier,
    language,
    moment,
    number,
    string,
)
from services.gateway.schemas.brief_parts import LEVELS

EMAIL = "ada@example.com"


class Address(fields.Email):
    """Checked in the spelling in which it is kept: another may be longer, or no address."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return normal(super()._deserialize(*args, **kwargs))


def address(**options: object) -> fields.Email:
    """An address; it is kept in lower case."""
    rules = [validate.Length(max=254), clean]
    return Address(validate=rules, metadata={"example": EMAIL}, **options)  # type: ignore[arg-type]


def secret(**options: object) -> fields.String:
    """12 characters at least; the upper bound keeps hashing cheap."""
    return fields.String(
        validate=validate.Length(12, 256),
        load_only=True,
        metadata={"example": "correct horse battery staple"},
        **options,  # type: ignore[arg-type]
    )


class Registration(Request):
    """A candidate, or the owner of a new organisation."""

    role = choice(["owner", "candidate"], required=True)
    email = address(required=True)
    password = secret(required=True)
    name = called(1, 100, "Ada Lovelace", required=True)
    organisation_name = called(2, 120, "Northwind Analytics")
    locale = language(load_default="en")
    time_zone = iana_zone(load_default="UTC")

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        owner = data.get("role") == "owner"
        if owner and not data.get("organisation_name"):
            raise ValidationError("An owner names the organisation.", "organisation_name")
        if not owner and data.get("organisation_name"):
            raise ValidationError("Only an owner names an organisation.", "organisation_name")
        different(data)


class NewMember(Request):
    """A colleague of the owner who adds them."""

    email = address(required=True)
    password = secret(required=True)
    name = called(1, 100, "Grace Hopper", required=True)
    role = choice(["recruiter", "evaluator"], required=True)
    locale = language(load_default="en")
    time_zone = iana_zone(load_default="UTC")

    @validates_schema
    def check(self, data: dict[str, object], **_: object) -> None:
        different(data)


class MeChanges(Request):
    """What is given is changed."""

    name = called(1, 100, "Ada King")
    locale = language()
    time_zone = iana_zone()


class SignIn(Request):
    email = fields.String(
        required=True, validate=validate.Length(1, 254), metadata={"example": EMAIL}
    )
    password = fields.String(
        required=True,
        validate=validate.Length(1, 256),
        load_only=True,
        metadata={"example": "correct horse battery staple"},
    )


class RefreshToken(Request):
    refresh_token = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"example": "ses-0199.3fJx0Zk"},
    )


class Verification(Request):
    """How an operator checked who the organisation is."""

    level = choice(LEVELS, load_default="verified")


class Organisation(View):
    id = identifier("org-0199", required=True)
    version = number(1, 10**9, 1, required=True)
    name = string(2, 120, "Northwind Analytics", required=True)
    level = choice(LEVELS, required=True)
    created_at = moment(required=True)


class Account(View):
    id = identifier("acc-0199", required=True)
    version = number(1, 10**9, 2, required=True)
    role = choice(ROLES, required=True)
    email = address(required=True)
    name = string(1, 100, "Ada Lovelace", required=True)
    org_id = identifier("org-0199", allow_none=True)
    organisation = fields.Nested(Organisation, allow_none=True)
    locale = language(required=True)
    time_zone = iana_zone(required=True)
    created_at = moment(required=True)
    email_verified = flag(True)
    second_factor = flag(False, description="Whether signing in takes a code; told to oneself.")


class Session(View):
    """The refresh token is good for one trade; the next one comes with its answer."""

    access_token = string(1, 4096, "eyJhbGciOiJFZERTQSJ9.e30.c2ln", required=True)
    token_type = choice(["Bearer"], required=True)
    expires_in = number(1, 86_400, 900, required=True, description="Seconds.")
    refresh_token = string(1, 200, "ses-0199.3fJx0Zk", required=True)
    account = fields.Nested(Account, required=True)


def different(data: dict[str, object]) -> None:
    """Refuse an address as its own password."""
    if str(data.get("password", "")).casefold() == str(data.get("email", "")).casefold():
        raise ValidationError("The password is the e-mail address.", "password")
