"""What a request may say: every field checked, nothing unknown let through."""

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length, OneOf, Range, Regexp

from services.applications import domain
from shared.errors import Invalid, by_path

EARLIEST_BIRTH = date(1900, 1, 1)


class Request(Schema):
    class Meta:
        unknown = RAISE


def text(longest: int, *, required: bool = True, **options: Any) -> fields.Str:
    return fields.Str(
        required=required,
        validate=[Length(1, longest), Regexp(r"(?s).*\S", error="May not be blank.")],
        **options,
    )


def free_text(longest: int, default: str | None = "") -> fields.Str:
    """May be empty or left out."""
    return fields.Str(load_default=default, allow_none=default is None, validate=Length(0, longest))


def whole(least: int, most: int, **options: Any) -> fields.Int:
    return fields.Int(strict=True, validate=Range(least, most), **options)


class _Skill(Request):
    skill_id = text(100)
    label = text(200)
    level = whole(1, 5, required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Skill:
        return domain.Skill(**data)


class _PortfolioItem(Request):
    title = text(200)
    description = free_text(2000)
    url = fields.Url(schemes={"http", "https"}, load_default=None, allow_none=True)
    file_id = free_text(100, None)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.PortfolioItem:
        return domain.PortfolioItem(**data)


def country_code(**options: Any) -> fields.Str:
    known = OneOf(domain.COUNTRIES, error="Not an ISO 3166-1 alpha-2 code such as PL.")
    return fields.Str(validate=known, **options)


class _Personal(Request):
    """Only what a rule may ask for; all of it may be left out."""

    date_of_birth = fields.Date(load_default=None, allow_none=True)
    adult = fields.Bool(load_default=False)
    country = country_code(load_default=None, allow_none=True)
    work_authorisation = fields.List(
        country_code(), load_default=list, validate=Length(0, len(domain.COUNTRIES))
    )
    weekly_hours_cap = whole(1, 80, load_default=None, allow_none=True)

    @validates_schema
    def be_a_possible_birthday(self, data: dict[str, Any], **_: Any) -> None:
        born = data["date_of_birth"]
        if born is not None and not EARLIEST_BIRTH <= born <= datetime.now(UTC).date():
            raise ValidationError("Not a possible date of birth.", "date_of_birth")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Personal:
        born = data.pop("date_of_birth")
        codes = sorted(set(data.pop("work_authorisation")))
        born_on = born.isoformat() if born else None
        return domain.Personal(date_of_birth=born_on, work_authorisation=codes, **data)


class Profile(Request):
    headline = text(200)
    about = free_text(5000)
    skills = fields.List(fields.Nested(_Skill), required=True, validate=Length(0, 50))
    weekly_hours = whole(0, 80, required=True)
    portfolio = fields.List(
        fields.Nested(_PortfolioItem), load_default=list, validate=Length(0, 10)
    )
    open_to_work = fields.Bool(load_default=True)
    schools = fields.List(text(200), load_default=list, validate=Length(0, 10))
    eligibility = fields.Nested(_Personal, load_default=domain.Personal)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> domain.Profile:
        return domain.Profile(**data)

    @validates_schema
    def name_each_skill_once(self, data: dict[str, Any], **_: Any) -> None:
        ids = [skill.skill_id for skill in data["skills"]]
        if len(set(ids)) < len(ids):
            raise ValidationError("Name each skill once.", "skills")


class Days(Request):
    """A first and a last day."""

    since = fields.Date(load_default=None, allow_none=True)
    until = fields.Date(load_default=None, allow_none=True)


class Page(Request):
    limit = whole(1, 100, load_default=20)
    after = free_text(500, None)


class ApplicationFilters(Request):
    status = fields.Str(
        load_default=None,
        allow_none=True,
        validate=OneOf([*domain.Status], error=f"Choose one of {', '.join(domain.Status)}."),
    )


def load(schema: Schema, data: Any) -> Any:
    """What the schema makes of the data; Invalid with one sentence per field otherwise."""
    try:
        return schema.load(data)
    except ValidationError as exc:
        errors = by_path(exc.normalized_messages())
        raise Invalid("request-invalid", "Some fields are not as they should be.", errors) from exc
