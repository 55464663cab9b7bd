"""What the gateway's rivals have in common: who asks, what is checked, what is stored.

The same work as ours at its core: a signed token is verified; a project is read by its id; an
application is checked against its project and its candidate's profile and stored once, with
`journal=true`. They keep no outbox, no list of handled messages and no version of their own.
"""

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.gateway.tokens import Tokens, load_keys
from shared import clock
from shared.principal import Principal

Fields = dict[str, Any]


@cache
def _tokens() -> Tokens:
    return Tokens(load_keys(os.environ["SIGNING_KEYS"], Path()), clock.now)


def who(authorization: str | None) -> Principal:
    """Whose token it is; raises StintError."""
    return _tokens().read((authorization or "").partition(" ")[2])[0]


def shown(document: Fields) -> Fields:
    return {"id": document["_id"], **{k: v for k, v in document.items() if k != "_id"}}


def refusal(project: Fields | None, candidate: Fields | None, answers: list[Fields]) -> str:
    """Why nobody may apply so; empty where they may."""
    if project is None or project["status"] != "published":
        return "project-closed"
    if candidate is None:
        return "profile-missing"
    asked = {one["question_id"] for one in project.get("questions", ()) if one["required"]}
    return "" if asked <= {one["question_id"] for one in answers} else "answers-invalid"


def application(project: Fields, candidate_id: str, answers: list[Fields]) -> Fields:
    """The id follows from whose it is: nobody applies twice."""
    return {
        "_id": f"app-{project['_id']}-{candidate_id}",
        "version": 1,
        "project_id": project["_id"],
        "project_title": project["title"],
        "org_id": project["org_id"],
        "candidate_id": candidate_id,
        "status": "submitted",
        "answers": answers,
        "submitted_at": datetime.now(UTC).isoformat(),
    }
