"""What the gateway's rivals have in common: who asks, what is checked, what is stored.

The same work as ours, as somebody would write it by hand: a signed token is verified; an
application is checked against its project, its candidate and what they have under way, takes one of
a candidate's and one of a project's places, gets a pseudonym of its own and is stored once, with
`journal=true`. They keep no outbox, no list of handled messages and no version of their own.
"""

import os
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.gateway.tokens import Tokens, load_keys
from shared import clock
from shared.principal import Principal

Fields = dict[str, Any]
INDEXES = ("project_id", "candidate_id", "org_id")
PER_CANDIDATE, PER_PROJECT = 20, 200


class Refused(Exception):
    """Why nobody may apply so."""


@dataclass(frozen=True)
class Ask:
    """A call of pymongo, made by whoever runs the steps."""

    collection: str
    method: str
    arguments: tuple[Any, ...]
    options: Fields


Steps = Generator[Ask, Any, Fields]


@cache
def _tokens() -> Tokens:
    return Tokens(load_keys(os.environ["SIGNING_KEYS"], Path()), clock.now)


def who(authorization: str | None) -> Principal:
    """Whose token it is; raises StintError."""
    return _tokens().read((authorization or "").partition(" ")[2])[0]


def shown(document: Fields) -> Fields:
    return {"id": document["_id"], **{k: v for k, v in document.items() if k != "_id"}}


def submit(project_id: str, candidate_id: str, answers: list[Fields]) -> Steps:
    """The application as it was stored; raises Refused."""
    project = yield _ask("projects", "find_one", {"_id": project_id})
    candidate = yield _ask("candidates", "find_one", {"_id": candidate_id})
    if project is None or project["status"] != "published":
        raise Refused("project-closed")
    if candidate is None:
        raise Refused("profile-missing")
    asked = {one["question_id"] for one in project.get("questions", ()) if one["required"]}
    if not asked <= {one["question_id"] for one in answers}:
        raise Refused("answers-invalid")
    id_ = f"app-{project_id}-{candidate_id}"
    if (yield _ask("applications", "find_one", {"_id": id_})) is not None:
        raise Refused("already-applied")
    accepted = {"candidate_id": candidate_id, "status": "accepted"}
    if (yield _ask("applications", "count_documents", accepted)) > PER_CANDIDATE:
        raise Refused("too-many-hours")
    yield from _take(candidate_id, id_, PER_CANDIDATE)
    yield from _take(project_id, id_, PER_PROJECT)
    name = {"_id": f"{project_id}|{id_}", "owner": id_}
    yield _ask("names", "update_one", name, {"$setOnInsert": {"at": _now()}}, upsert=True)
    new = {
        "_id": id_,
        "version": 1,
        "project_id": project_id,
        "project_title": project["title"],
        "org_id": project["org_id"],
        "candidate_id": candidate_id,
        "status": "submitted",
        "answers": answers,
        "submitted_at": _now(),
    }
    try:
        yield _ask("applications", "insert_one", new)
    except DuplicateKeyError:
        raise Refused("already-applied") from None
    return shown(new)


def _take(whose: str, id_: str, limit: int) -> Generator[Ask, Any, None]:
    """One of so many places."""
    free = {"_id": whose, f"places.{limit - 1}": {"$exists": False}}
    try:
        yield _ask("places", "update_one", free, {"$addToSet": {"places": id_}}, upsert=True)
    except DuplicateKeyError:
        raise Refused("no-place") from None


def _ask(collection: str, method: str, *arguments: Any, **options: Any) -> Ask:
    return Ask(collection, method, arguments, options)


def _now() -> str:
    return datetime.now(UTC).isoformat()
