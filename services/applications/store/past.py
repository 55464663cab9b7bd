"""What figures are summed up from: all rows of an organisation, or of everybody."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mongoengine import DynamicDocument

from services.applications.store.documents import (
    ApplicationDocument,
    EngagementFactsDocument,
    HireOfferDocument,
    ProjectCardDocument,
)

Row = dict[str, Any]
FLAGS = (True, False)
AT_ONCE = 500  # Ids in one question.
OF_OFFERS = ("engagement_id", "project_id", "status", "created_at", "accepted_at", "started_at")


class Past:
    def facts_of(self, org_id: str | None) -> Iterator[Row]:
        """What is known of each engagement."""
        yield from EngagementFactsDocument.objects(__raw__=_of(org_id)).as_pymongo()

    def offers_of(self, org_id: str | None) -> Iterator[Row]:
        """Each hire offer's state and moments, without its terms."""
        yield from HireOfferDocument.objects(__raw__=_of(org_id)).only(*OF_OFFERS).as_pymongo()

    def publications(self, project_ids: set[str]) -> dict[str, datetime]:
        """When each of these projects was first published, as far as that is known."""
        wanted = sorted(project_ids)
        found: dict[str, datetime] = {}
        for at in range(0, len(wanted), AT_ONCE):
            where = {"_id": {"$in": wanted[at : at + AT_ONCE]}}
            rows = ProjectCardDocument.objects(__raw__=where).only("published_at").as_pymongo()
            found |= {row["_id"]: row["published_at"] for row in rows if row.get("published_at")}
        return found

    def answers(self, org_id: str | None, since: datetime, until: datetime) -> dict[bool, int]:
        """How many applications sent in this time were answered in time, and how many were not."""
        sent = {**_of(org_id), "submitted_at": {"$gte": since, "$lt": until}}
        return {flag: _count(ApplicationDocument, {**sent, "responded": flag}) for flag in FLAGS}


def _of(org_id: str | None) -> Row:
    return {} if org_id is None else {"org_id": org_id}


def _count(document: type[DynamicDocument], where: Row) -> int:
    return int(document.objects(__raw__=where).count())
