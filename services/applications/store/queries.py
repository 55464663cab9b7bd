"""What lists, sweeps and to-do lists ask of the collections."""

from typing import Any

from mongoengine import DynamicDocument

from services.applications.domain import (
    CHOOSABLE,
    COMPANY_ONLY,
    OPEN,
    PENDING,
    UNSCORED,
    AssessmentStatus,
    InvitationStatus,
    OfferStatus,
    ReengagementStatus,
    Status,
    TalentStatus,
)
from services.applications.store.documents import (
    ApplicationDocument,
    AssessmentDocument,
    CredentialDocument,
    HireOfferDocument,
    InvitationDocument,
    ProjectCardDocument,
    ReengagementDocument,
    ScorecardDocument,
    TalentDocument,
)
from services.applications.store.past import Past

PAGE = 100
TODO = 500  # Of one kind at most.
UNDECIDED = sorted(OPEN)
ENDED = ("completed", "cancelled")  # Engagements that take no more of anybody's time.
Row = dict[str, Any]
Start = list[Any] | None


class Queries(Past):
    """What lists, sweeps and to-do lists ask: rows are aggregates as plain data."""

    def ranked(self, project_id: str, start: Start, limit: int) -> list[Row]:
        """A project's applications, the best first."""
        return _page(ApplicationDocument, {"project_id": project_id}, "score", start, limit)

    def applications_of(
        self, candidate_id: str, start: Start, limit: int, status: str | None = None
    ) -> list[Row]:
        """A candidate's applications, all or those of one status, the newest first."""
        where = {"candidate_id": candidate_id} | ({"status": status} if status else {})
        return _page(ApplicationDocument, where, "submitted_at", start, limit)

    def offers(self, scope: dict[str, str], start: Start, limit: int) -> list[Row]:
        """Hire offers in scope; a candidate's own without those that only the company knows."""
        drafts = {"status": {"$nin": sorted(COMPANY_ONLY)}} if "candidate_id" in scope else {}
        return _page(HireOfferDocument, {**scope, **drafts}, "created_at", start, limit)

    def credentials_of(self, candidate_id: str, start: Start, limit: int) -> list[Row]:
        return _page(CredentialDocument, {"candidate_id": candidate_id}, "issued_at", start, limit)

    def invitations_of(self, project_id: str, start: Start, limit: int) -> list[Row]:
        return _page(InvitationDocument, {"project_id": project_id}, "sent_at", start, limit)

    def invitations_for(self, candidate_id: str, start: Start, limit: int) -> list[Row]:
        return _page(InvitationDocument, {"candidate_id": candidate_id}, "sent_at", start, limit)

    def reengagements(self, scope: dict[str, str], start: Start, limit: int) -> list[Row]:
        return _page(ReengagementDocument, scope, "expires_at", start, limit)

    def talents(self, scope: dict[str, str], start: Start, limit: int) -> list[Row]:
        """Of a candidate or of a company; `lists` names one of the company's lists."""
        return _page(TalentDocument, scope, "asked_at", start, limit)

    def choosable(self, project_id: str, after: str) -> list[str]:
        """Applications of a project that may still be chosen, by id, page by page."""
        statuses = {"$in": sorted(CHOOSABLE)}
        where = {"project_id": project_id, "status": statuses, "_id": {"$gt": after}}
        return _ids(ApplicationDocument.objects(__raw__=where).order_by("_id").limit(PAGE))

    def pending(self, field: str, value: str) -> list[str]:
        """Ids of the applications of somebody, or for a project, that have not come to an end."""
        where = {field: value, "status": {"$in": sorted(PENDING)}}
        return _ids(ApplicationDocument.objects(__raw__=where).limit(TODO))

    def busy_hours(self, candidate_id: str) -> int:
        """Hours a week that the candidate has promised and not yet worked to the end."""
        where = {"candidate_id": candidate_id, "status": Status.ACCEPTED.value}
        rows = _all(ApplicationDocument, where)
        running = (row for row in rows if row.get("engagement_status") not in ENDED)
        return sum(row.get("weekly_hours", 0) for row in running)

    def alternates(self, project_id: str) -> list[Row]:
        """In the order in which positions are offered to them."""
        where = {"project_id": project_id, "status": Status.ALTERNATE.value}
        return sorted(_all(ApplicationDocument, where), key=_turn)

    def waiting_alternates(self, org_id: str) -> list[Row]:
        return _all(ApplicationDocument, {"org_id": org_id, "status": Status.ALTERNATE.value})

    def responses(self, org_id: str) -> dict[bool, int]:
        """How many applications the company has answered in time, and how many it has not."""
        return {
            answer: ApplicationDocument.objects(
                __raw__={"org_id": org_id, "responded": answer}
            ).count()
            for answer in (True, False)
        }

    def scorecards(self, application_id: str) -> list[Row]:
        return _all(ScorecardDocument, {"application_id": application_id})

    def invitations_to(self, candidate_id: str) -> list[Row]:
        sent = {"candidate_id": candidate_id, "status": InvitationStatus.SENT.value}
        return _all(InvitationDocument, sent)

    def selections(self, candidate_id: str) -> list[Row]:
        where = {"candidate_id": candidate_id, "status": Status.SELECTED.value}
        return _all(ApplicationDocument, where)

    def undecided(self, org_id: str) -> list[Row]:
        return _all(ApplicationDocument, {"org_id": org_id, "status": {"$in": UNDECIDED}})

    def reengagements_to(self, candidate_id: str) -> list[Row]:
        offered = {"candidate_id": candidate_id, "status": ReengagementStatus.OFFERED.value}
        return _all(ReengagementDocument, offered)

    def talents_asked(self, candidate_id: str) -> list[Row]:
        asked = {"candidate_id": candidate_id, "status": TalentStatus.ASKED.value}
        return _all(TalentDocument, asked)

    def extended_offers(self, candidate_id: str) -> list[Row]:
        where = {"candidate_id": candidate_id, "status": OfferStatus.EXTENDED.value}
        return _all(HireOfferDocument, where)

    def hires(self, field: str, value: str) -> list[Row]:
        """Jobs that somebody was taken on for and that may still begin, or last."""
        running = [OfferStatus.ACCEPTED.value, OfferStatus.STARTED.value]
        return _all(HireOfferDocument, {field: value, "status": {"$in": running}})

    def drafted_offers(self, org_id: str) -> list[Row]:
        return _all(HireOfferDocument, {"org_id": org_id, "status": OfferStatus.DRAFTED.value})

    def offered_cards(self, org_id: str) -> list[str]:
        """Projects that the company's ATS may send people to."""
        where = {"org_id": org_id, "usable_as_assessment": True}
        return _ids(ProjectCardDocument.objects(__raw__=where).limit(TODO))

    def assessments_to(self, addressee: str) -> list[str]:
        return _ids(AssessmentDocument.objects(__raw__={"addressee": addressee}).limit(TODO))

    def assessments_of(self, candidate_id: str, project_id: str) -> list[str]:
        where = {"candidate_id": candidate_id, "project_id": project_id}
        return _ids(AssessmentDocument.objects(__raw__=where).limit(TODO))

    def waiting_assessments(self, project_id: str) -> int:
        """How many nobody has taken up yet."""
        where = {"project_id": project_id, "status": AssessmentStatus.SENT.value}
        return int(AssessmentDocument.objects(__raw__=where).count())


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


def _ids(found: Any) -> list[str]:
    return [row["_id"] for row in found.only("id").as_pymongo()]


def _turn(row: Row) -> tuple[int, int, str]:
    """By rank; among equals the better score first."""
    return row["rank"], -row.get("score", UNSCORED), row["id"]


def _row(document: Row) -> Row:
    return {"id": document["_id"], **document}
