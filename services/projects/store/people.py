"""What is kept of one person: a candidate's engagements, and what anybody wrote."""

from services.projects.store import (
    EngagementDocument,
    EvaluationDocument,
    MidpointDocument,
    ProjectDocument,
)
from services.projects.store.threads import MessageDocument
from shared.exporting import Document, Rows, rows_of

ENDED = ("completed", "cancelled")
PRIVATE = ("private_comment", "why")  # Of the company's ratings: for operators alone.


def sections(person_id: str) -> dict[str, Rows]:
    """As it is handed out to them."""
    mine = {"candidate_id": person_id}
    evaluations = rows_of(EvaluationDocument._get_collection(), **mine)
    return {
        "engagement": _without_flags_of_others(mine, person_id),
        "evaluation": lambda after, limit: [_shown(row) for row in evaluations(after, limit)],
        "midpoint": rows_of(MidpointDocument._get_collection(), **mine),
        "message": rows_of(MessageDocument._get_collection(), person_id=person_id),
        "inquiry": _inquiries(person_id),
    }


def _without_flags_of_others(where: Document, person_id: str) -> Rows:
    """What the other side told operators in confidence stays with them."""
    rows = rows_of(EngagementDocument._get_collection(), **where)

    def shown(row: Document) -> Document:
        own = [one for one in row.get("flags", ()) if one["person_id"] == person_id]
        return {**row, "flags": own}

    return lambda after, limit: [shown(row) for row in rows(after, limit)]


def _shown(row: Document) -> Document:
    """Before the release only one's own words; of the other side's never the private ones."""
    released = row["status"] == "released"
    ratings = [
        one if one["side"] == "candidate" else _public(one)
        for one in row.get("ratings", ())
        if released or one["side"] == "candidate"
    ]
    reports = [one for one in row.get("reports", ()) if one["side"] == "candidate"]
    return {**row, "ratings": ratings, "reports": reports}


def _public(rating: Document) -> Document:
    opinion = {name: it for name, it in rating["opinion"].items() if name not in PRIVATE}
    return {**rating, "opinion": opinion}


def _inquiries(person_id: str) -> Rows:
    """Questions about briefs, as they were published."""
    rows = rows_of(ProjectDocument._get_collection(), **{"inquiries.candidate_id": person_id})

    def asked(row: Document) -> Document:
        own = [one for one in row["inquiries"] if one["candidate_id"] == person_id]
        return {"_id": row["_id"], "inquiries": own}

    return lambda after, limit: [asked(row) for row in rows(after, limit)]


def engagements_of(person_id: str) -> list[str]:
    return _ids(EngagementDocument, candidate_id=person_id)


def messages_of(person_id: str) -> list[str]:
    return _ids(MessageDocument, person_id=person_id)


def under_way(field: str, value: str) -> list[str]:
    """Ids of the engagements of somebody, or of an organisation, that have not come to an end."""
    rows = EngagementDocument.objects(**{field: value}).only("status").as_pymongo()
    return [row["_id"] for row in rows if row["status"] not in ENDED]


def _ids(document: type[EngagementDocument | MessageDocument], **where: str) -> list[str]:
    return [row["_id"] for row in document.objects(**where).only("id").as_pymongo()]
