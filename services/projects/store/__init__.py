"""Projects and engagements as documents, and the lists that people read."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from mongoengine import DynamicDocument

from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.organisation import Level, Organisation
from services.projects.domain.project import Project
from services.projects.store.pages import NEWEST, State, cursor, page, read_cursor, state_of
from services.projects.store.threads import find_messages, messages, threads
from shared.platform import Platform
from shared.store import Store

__all__ = ["cursor", "find_messages", "messages", "read_cursor", "threads"]

WAITING = ("kickoff_pending", "active", "submitted", "revision_requested")
MOST_WAITING = 500
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
MOST_OPEN = 100  # Of what operators answer: what is behind comes up as these are answered.
# Who searches sees what is for everybody; the rest is found by invitation or link.
PUBLIC: State = {
    "status": "published",
    "brief.visibility": {"$nin": ["invite_only", "link_only"]},
}


class ProjectDocument(DynamicDocument):
    """Lists go from new to old: all published ones, or all of an organisation."""

    meta = {
        "collection": "projects",
        "auto_create_index": False,
        "indexes": [
            ["status", "-published_at", "-_id"],
            ["org_id", "-created_at", "-_id"],
        ],
    }


class EngagementDocument(DynamicDocument):
    """Lists go from new to old: an organisation's, a candidate's, or all for an operator."""

    meta = {
        "collection": "engagements",
        "auto_create_index": False,
        "indexes": [
            ["org_id", "-created_at", "-_id"],
            ["candidate_id", "-created_at", "-_id"],
            ["-created_at", "-_id"],
            {"fields": ["flags_open_since"], "sparse": True},
            {"fields": ["noted_template"], "sparse": True},
        ],
    }


class EvaluationDocument(DynamicDocument):
    """Asked for what counts for somebody, and for what waits for a side."""

    meta = {
        "collection": "evaluations",
        "auto_create_index": False,
        "indexes": [
            ["org_id", "status"],
            ["candidate_id", "status"],
            {"fields": ["reports_open_since"], "sparse": True},
        ],
    }


class MidpointDocument(DynamicDocument):
    """Asked for what waits for a side."""

    meta = {
        "collection": "midpoints",
        "auto_create_index": False,
        "indexes": [["org_id", "status"], ["candidate_id", "status"]],
    }


class OrganisationDocument(DynamicDocument):
    """Read by id only."""

    meta = {"collection": "organisations", "auto_create_index": False, "indexes": []}


def organisations(platform: Platform) -> Store[Organisation]:
    """What is known of organisations."""
    return Store(platform, Organisation, OrganisationDocument)


def levels(org_ids: Iterable[str]) -> dict[str, Level]:
    """How far each is verified; those that nobody has told of are left out."""
    rows = OrganisationDocument.objects(__raw__={"_id": {"$in": list(org_ids)}}).as_pymongo()
    return {row["_id"]: Level(row["level"]) for row in rows}


def projects(platform: Platform) -> Store[Project]:
    """The projects of this process."""
    return Store(platform, Project, ProjectDocument)


def engagements(platform: Platform) -> Store[Engagement]:
    """The engagements of this process."""
    return Store(platform, Engagement, EngagementDocument)


def evaluations(platform: Platform) -> Store[Evaluation]:
    """The evaluations of this process."""
    return Store(platform, Evaluation, EvaluationDocument)


def midpoints(platform: Platform) -> Store[Midpoint]:
    """The check-ins half way."""
    return Store(platform, Midpoint, MidpointDocument)


class Opinions:
    """What reputation and to-do lists ask of evaluations; rows are documents as stored."""

    def ended(self, field: str, id_: str) -> list[State]:
        """Evaluations that are over, of a candidate or a company."""
        over = {"$in": ["released", "lapsed"]}
        return self._rows(EvaluationDocument, {field: id_, "status": over})

    def cancelled(self, field: str, id_: str) -> list[State]:
        """Engagements of a candidate or a company that came to nothing."""
        return self._rows(EngagementDocument, {field: id_, "status": "cancelled"})

    def engaged(self, org_id: str, candidate_id: str) -> bool:
        """Whether the two have ever worked together."""
        both = {"candidate_id": candidate_id, "org_id": org_id}
        return bool(EngagementDocument.objects(__raw__=both).limit(1).count(True))

    def unrated(self, scope: Mapping[str, str]) -> list[State]:
        """Evaluations in scope that wait for somebody."""
        return self._rows(EvaluationDocument, {**scope, "status": "open"})

    def noted_hours(self, template_id: str) -> list[float]:
        """How long the work of a template took, of those who have said so."""
        rows = self._rows(EngagementDocument, {"noted_template": template_id})
        return [row["time_note"]["hours"] for row in rows]

    def flagged(self) -> list[State]:
        """Engagements with a flag that waits for an operator, the longest waiting first."""
        return self._since(EngagementDocument, "flags_open_since")

    def reported(self) -> list[State]:
        """Evaluations with a report that waits for an operator, the longest waiting first."""
        return self._since(EvaluationDocument, "reports_open_since")

    def unanswered(self, scope: Mapping[str, str]) -> list[State]:
        """Check-ins in scope that wait for somebody."""
        return self._rows(MidpointDocument, {**scope, "status": "due"})

    @staticmethod
    def _since(document: type[DynamicDocument], moment: str) -> list[State]:
        # Both ends of the range, so that every store of documents uses the sparse index.
        where = {moment: {"$gt": EARLIEST, "$lt": LATEST}}
        found = document.objects(__raw__=where).order_by(moment).limit(MOST_OPEN)
        return [state_of(row) for row in found.as_pymongo()]

    @staticmethod
    def _rows(document: type[DynamicDocument], where: State) -> list[State]:
        found = document.objects(__raw__=where).limit(MOST_WAITING).as_pymongo()
        return [state_of(row) for row in found]


def find_projects(
    org_id: str | None,
    filters: Mapping[str, Any],
    limit: int,
    after: str | None,
    sort: str = NEWEST,
) -> tuple[list[State], str | None]:
    """Published projects, or all of one organisation. Raises Invalid."""
    where: State = {"org_id": org_id} if org_id else PUBLIC
    for name, value in filters.items():
        where = where | CONDITIONS[name](value)
    moment = "created_at" if org_id else "published_at"
    return page(ProjectDocument, where, moment, limit, after, sort)


def find_reviews(limit: int, after: str | None) -> tuple[list[State], str | None]:
    """Briefs that wait for a review, the newest first. Raises Invalid."""
    return page(ProjectDocument, {"status": "in_review"}, "created_at", limit, after)


def find_unsettled(by_operator: bool, org_id: str | None) -> list[State]:
    """Briefs that may wait for somebody: all in review, or those of one organisation."""
    if not by_operator and org_id is None:
        return []
    own = {"org_id": org_id, "status": {"$in": ["published", "changes_requested"]}}
    waiting = ProjectDocument.objects(__raw__={"status": "in_review"} if by_operator else own)
    return [state_of(row) for row in waiting.limit(MOST_WAITING).as_pymongo()]


def find_engagements(
    scope: Mapping[str, str], limit: int, after: str | None, sort: str = NEWEST
) -> tuple[list[State], str | None]:
    """Engagements in scope; raises Invalid for a cursor that is none of ours."""
    return page(EngagementDocument, dict(scope), "created_at", limit, after, sort)


def find_waiting(scope: Mapping[str, str]) -> list[State]:
    """Engagements in scope that wait for one of the two sides."""
    waiting = EngagementDocument.objects(__raw__={**scope, "status": {"$in": WAITING}})
    return [state_of(row) for row in waiting.limit(MOST_WAITING).as_pymongo()]


def _words(q: str) -> State:
    return {"$and": [_word(word) for word in q.split()]} if q.split() else {}


def _word(word: str) -> State:
    pattern = {"$regex": re.escape(word), "$options": "i"}
    fields = ("brief.title", "brief.summary", "brief.skills.label")
    return {"$or": [{name: pattern} for name in fields]}


CONDITIONS: Mapping[str, Callable[[Any], State]] = {
    "q": _words,
    "skill": lambda skill_id: {"brief.skills.skill_id": skill_id},
    "location_mode": lambda mode: {"brief.location_mode": mode},
    "currency": lambda currency: {"brief.fee_currency": currency},
    "min_fee": lambda amount: {"brief.fee_amount": {"$gte": amount}},
    "max_hours": lambda hours: {"brief.hours": {"$lte": hours}},
}
