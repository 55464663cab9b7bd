"""An engagement with its money, its people and its thread, in one answer."""

from marshmallow import fields

from services.gateway.schemas.base import View, choice, identifier, page_of, string, texts
from services.gateway.schemas.engagements import PARTS, Engagement
from services.gateway.schemas.payments import Escrow
from services.gateway.schemas.workroom import Message


class Person(View):
    id = identifier("acc-0199", required=True)
    name = string(1, 200, "Kim Li", required=True)


class Company(View):
    id = identifier("org-0199", required=True)
    name = string(1, 200, "Northwind", required=True)


class People(View):
    """Who the two sides are; null where the account is gone."""

    candidate = fields.Nested(Person, required=True, allow_none=True)
    organisation = fields.Nested(Company, required=True, allow_none=True)


class Overview(View):
    """Each part is null where it is named in `incomplete` (its service did not answer) or in
    `withheld` (not for this reader), or where there is none yet."""

    engagement = fields.Nested(Engagement, required=True, allow_none=True)
    payment = fields.Nested(Escrow, required=True, allow_none=True)
    thread = fields.Nested(
        page_of(Message),
        required=True,
        allow_none=True,
        metadata={"description": "The newest messages; `next` as in the thread's own list."},
    )
    people = fields.Nested(People, required=True, allow_none=True)
    incomplete = texts(choice(PARTS), 0, 4, required=True)
    withheld = texts(choice(PARTS[1:]), 0, 3, required=True)
