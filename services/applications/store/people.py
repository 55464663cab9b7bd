"""What is kept of one person, and where."""

from mongoengine import DynamicDocument

from services.applications.store.documents import (
    ApplicationDocument,
    AssessmentDocument,
    CandidateDocument,
    CredentialDocument,
    HireOfferDocument,
    InvitationDocument,
    PortfolioDocument,
    ReengagementDocument,
    ScorecardDocument,
    TalentDocument,
)
from shared.exporting import Document, Rows, rows_of

OF_CANDIDATE: dict[str, type[DynamicDocument]] = {
    "application": ApplicationDocument,
    "invitation": InvitationDocument,
    "hire-offer": HireOfferDocument,
    "credential": CredentialDocument,
    "reengagement": ReengagementDocument,
    "talent": TalentDocument,
    "assessment": AssessmentDocument,
    "portfolio": PortfolioDocument,
}
COMPANY_OWN = ("lists", "callbacks", "addressee")  # Of what is about both.
COMPANY_ONLY = ["drafted", "dropped"]  # Offers that the candidate never heard of.
ENDED = ("completed", "cancelled")


def sections(person_id: str) -> dict[str, Rows]:
    """As it is handed out to them: what a company keeps to itself is not theirs."""
    profile = rows_of(CandidateDocument._get_collection(), _id=person_id)
    found: dict[str, Rows] = {"profile": lambda after, limit: [] if after else profile("", limit)}
    for name, document in OF_CANDIDATE.items():
        known = {"status": {"$nin": COMPANY_ONLY}} if document is HireOfferDocument else {}
        rows = rows_of(document._get_collection(), candidate_id=person_id, **known)
        found[name] = _shown(rows)
    cards = ScorecardDocument._get_collection()
    return {**found, "scorecard": rows_of(cards, reviewer_id=person_id)}


def _shown(rows: Rows) -> Rows:
    """Without the company's lists and its recruiting system's keys, and its side of what is asked
    of both."""

    def shown(row: Document) -> Document:
        check_ins = [{**one, "company": None} for one in row.get("check_ins", ())]
        own = {name: it for name, it in row.items() if name not in COMPANY_OWN}
        return {**own, "check_ins": check_ins} if check_ins else own

    return lambda after, limit: [shown(row) for row in rows(after, limit)]


def ids_of(kind: str, person_id: str) -> list[str]:
    """Of a candidate's documents of this kind."""
    rows = OF_CANDIDATE[kind].objects(candidate_id=person_id).only("id").as_pymongo()
    return [row["_id"] for row in rows]


def references_by(person_id: str) -> list[str]:
    """Credentials for whose work this person of the company spoke."""
    wanted = {"references.referee_id": person_id}
    return [row["_id"] for row in CredentialDocument.objects(__raw__=wanted).as_pymongo()]


def agreed(field: str, value: str) -> list[str]:
    """Accepted applications of somebody, or for an organisation, whose work has not ended."""
    where = {field: value, "status": "accepted"}
    rows = ApplicationDocument.objects(__raw__=where).as_pymongo()
    return [row["_id"] for row in rows if row.get("engagement_status") not in ENDED]
