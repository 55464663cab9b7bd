"""Where partners are kept."""

from collections.abc import Iterator, Sequence
from typing import Any

from mongoengine import DynamicDocument

from services.notifications.partners.domain.partner import Partner
from services.notifications.partners.domain.public import EVERYBODY
from shared.platform import Platform
from shared.principal import Principal
from shared.store import Store

FIRST, LAST_TEXT = "", "\uffff"  # Before and behind every id.


class PartnerDocument(DynamicDocument):
    meta = {
        "collection": "partners",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["org_id"], "sparse": True},
            {"fields": ["account_id"], "sparse": True},
        ],
    }


def partners(platform: Platform) -> Store[Partner]:
    return Store(platform, Partner, PartnerDocument)


def subscribers(partners: Store[Partner], audience: Sequence[str]) -> Iterator[Partner]:
    """Whose an event of this audience may be."""
    for wanted in filter(None, map(_owned_by, audience)):
        for found in partners.collection.find(wanted):
            yield partners.codec.read(found)


def _owned_by(key: str) -> dict[str, Any]:
    kind, _, id_ = key.partition(":")
    if key == EVERYBODY:
        return {"account_id": {"$gt": FIRST, "$lt": LAST_TEXT}}
    return {"org_id": id_} if kind == "org" else {"account_id": id_}


def page(partners: Store[Partner], by: Principal, limit: int, after: str | None) -> list[Partner]:
    """Those that this principal may read, by id."""
    wanted: dict[str, Any] = {"_id": {"$gt": after or FIRST, "$lt": LAST_TEXT}}
    if by.role != "operator":
        wanted |= {"org_id": by.org_id} if by.role == "owner" else {"account_id": by.id}
    found = partners.collection.find(wanted).sort("_id", 1).limit(limit)
    return [partners.codec.read(one) for one in found]


def count(partners: Store[Partner], by: Principal) -> int:
    """How many partners this principal has."""
    wanted = {"org_id": by.org_id} if by.role == "owner" else {"account_id": by.id}
    return int(partners.collection.count_documents(wanted))


def all_ids(partners: Store[Partner]) -> list[str]:
    return [found["_id"] for found in partners.collection.find({}, {"_id": 1})]
