"""Where the aggregates are kept, and the questions that lists ask."""

from typing import Any

from mongoengine import DynamicDocument

from services.applications.domain import (
    OPEN,
    Application,
    Candidate,
    Credential,
    HireOffer,
    OfferStatus,
    ProjectCard,
    Status,
)
from shared.platform import Platform
from shared.store import Store

PAGE = 100
TODO = 500  # Of one kind at most.
UNDECIDED = sorted(status.value for status in OPEN)
Row = dict[str, Any]
Start = list[Any] | None


class CandidateDocument(DynamicDocument):
    meta = {"collection": "candidates", "auto_create_index": False, "indexes": []}


class ProjectCardDocument(DynamicDocument):
    meta = {"collection": "project_cards", "auto_create_index": False, "indexes": []}


class ApplicationDocument(DynamicDocument):
    meta = {
        "collection": "applications",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["project_id", "-score", "_id"]},
            {"fields": ["project_id", "_id"]},
            {"fields": ["candidate_id", "-submitted_at", "_id"]},
            {"fields": ["org_id", "status"]},
        ],
    }


class HireOfferDocument(DynamicDocument):
    meta = {
        "collection": "hire_offers",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["candidate_id", "-created_at", "_id"]},
            {"fields": ["org_id", "-created_at", "_id"]},
            {"fields": ["-created_at", "_id"]},
        ],
    }


class CredentialDocument(DynamicDocument):
    meta = {
        "collection": "credentials",
        "auto_create_index": False,
        "indexes": [{"fields": ["candidate_id", "-issued_at", "_id"]}],
    }


def candidates(platform: Platform) -> Store[Candidate]:
    return Store(platform, Candidate, CandidateDocument)


def cards(platform: Platform) -> Store[ProjectCard]:
    return Store(platform, ProjectCard, ProjectCardDocument)


def applications(platform: Platform) -> Store[Application]:
    return Store(platform, Application, ApplicationDocument)


def hire_offers(platform: Platform) -> Store[HireOffer]:
    return Store(platform, HireOffer, HireOfferDocument)


def credentials(platform: Platform) -> Store[Credential]:
    return Store(platform, Credential, CredentialDocument)


class Queries:
    """What lists, sweeps and to-do lists ask: rows are aggregates as plain data."""

    def ranked(self, project_id: str, start: Start, limit: int) -> list[Row]:
        """A project's applications, the best first."""
        return _page(ApplicationDocument, {"project_id": project_id}, "score", start, limit)

    def applications_of(self, candidate_id: str, start: Start, limit: int) -> list[Row]:
        where = {"candidate_id": candidate_id}
        return _page(ApplicationDocument, where, "submitted_at", start, limit)

    def offers(self, scope: dict[str, str], start: Start, limit: int) -> list[Row]:
        """Hire offers in scope; a candidate's own without those that wait for approval."""
        drafts = {"status": {"$ne": OfferStatus.DRAFTED.value}} if "candidate_id" in scope else {}
        return _page(HireOfferDocument, {**scope, **drafts}, "created_at", start, limit)

    def credentials_of(self, candidate_id: str, start: Start, limit: int) -> list[Row]:
        return _page(CredentialDocument, {"candidate_id": candidate_id}, "issued_at", start, limit)

    def open_ids(self, project_id: str, after: str) -> list[str]:
        """Undecided applications of a project, by id, page by page."""
        where = {"project_id": project_id, "status": {"$in": UNDECIDED}, "_id": {"$gt": after}}
        found = ApplicationDocument.objects(__raw__=where).order_by("_id").only("id").limit(PAGE)
        return [row["_id"] for row in found.as_pymongo()]

    def selections(self, candidate_id: str) -> list[Row]:
        where = {"candidate_id": candidate_id, "status": Status.SELECTED.value}
        return _all(ApplicationDocument, where)

    def undecided(self, org_id: str) -> list[Row]:
        return _all(ApplicationDocument, {"org_id": org_id, "status": {"$in": UNDECIDED}})

    def extended_offers(self, candidate_id: str) -> list[Row]:
        where = {"candidate_id": candidate_id, "status": OfferStatus.EXTENDED.value}
        return _all(HireOfferDocument, where)

    def drafted_offers(self, org_id: str) -> list[Row]:
        return _all(HireOfferDocument, {"org_id": org_id, "status": OfferStatus.DRAFTED.value})


def _all(document: type[DynamicDocument], where: Row) -> list[Row]:
    found = document.objects(__raw__=where).limit(TODO)
    return [_row(row) for row in found.as_pymongo()]


def _page(
    document: type[DynamicDocument], where: Row, field: str, start: Start, limit: int
) -> list[Row]:
    """Downwards by the field, upwards by id among equals, from behind `start`."""
    if start is not None:
        value, id_ = start
        behind = [{field: {"$lt": value}}, {field: value, "_id": {"$gt": id_}}]
        where = {**where, "$or": behind}
    found = document.objects(__raw__=where).order_by(f"-{field}", "_id").limit(limit)
    return [_row(row) for row in found.as_pymongo()]


def _row(document: Row) -> Row:
    return {"id": document["_id"], **document}
