"""Lists, page by page: whose they are, in which order, and where the next page starts."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.applications.usecases import hires, reengagements, talent, views
from services.applications.usecases.ports import Candidates, Cards, Rows, State
from services.applications.usecases.projects import known_project
from shared.errors import Invalid
from shared.principal import Principal

Scope = dict[str, str]
Scoped = Callable[[Scope], Rows]
Key = tuple[str, Callable[[Any], Any]]  # The field that a list is ordered by, and how to read it.
HIGHEST = 100  # No score is higher.


def _moment(value: Any) -> datetime:
    """Raises ValueError, TypeError or OverflowError for what is no moment of ours."""
    return datetime.fromisoformat(value).astimezone(UTC)


def _score(value: Any) -> int:
    if type(value) is not int or abs(value) > HIGHEST:
        raise ValueError("no score")
    return value


BY_SCORE: Key = ("score", _score)
BY_SUBMISSION: Key = ("submitted_at", _moment)
BY_CREATION: Key = ("created_at", _moment)
BY_ISSUE: Key = ("issued_at", _moment)
BY_SENDING: Key = ("sent_at", _moment)
BY_EXPIRY: Key = ("expires_at", _moment)
BY_ASKING: Key = ("asked_at", _moment)


def list_project_applications(
    cards: Cards, rows: Rows, by: Principal, *, project_id: str, limit: int, after: str | None
) -> State:
    """The best first, by score and then by an id that tells nothing of person or time."""
    card = known_project(cards, project_id)
    by.require("list_project_applications", org_id=card.org_id)
    return _page(rows, BY_SCORE, views.application_row, by, limit, after)


def list_applications(rows: Rows, by: Principal, *, limit: int, after: str | None) -> State:
    by.require("list_applications")
    return _page(rows, BY_SUBMISSION, views.application_row, by, limit, after)


def list_invitations(rows: Rows, by: Principal, *, limit: int, after: str | None) -> State:
    by.require("list_invitations")
    return _page(rows, BY_SENDING, views.invitation_row, by, limit, after)


def list_project_invitations(
    cards: Cards, rows: Rows, by: Principal, *, project_id: str, limit: int, after: str | None
) -> State:
    card = known_project(cards, project_id)
    by.require("list_project_invitations", org_id=card.org_id)
    return _page(rows, BY_SENDING, views.invitation_row, by, limit, after)


def list_hire_offers(find: Scoped, by: Principal, *, limit: int, after: str | None) -> State:
    """Made to a candidate, made by an organisation, or all of them for an operator."""
    by.require("list_hire_offers")
    scopes: dict[str, Scope] = {"candidate": {"candidate_id": by.id}, "operator": {}}
    scope = scopes.get(by.role, {"org_id": by.org_id or ""})
    return _page(find(scope), BY_CREATION, hires.offer_row, by, limit, after)


def list_credentials(rows: Rows, by: Principal, *, limit: int, after: str | None) -> State:
    by.require("list_credentials")
    return _page(rows, BY_ISSUE, views.credential_row, by, limit, after)


def list_reengagements(find: Scoped, by: Principal, *, limit: int, after: str | None) -> State:
    """Offered to a candidate, or by an organisation."""
    by.require("list_reengagements")
    return _page(find(_side(by)), BY_EXPIRY, reengagements.row, by, limit, after)


def list_talent(
    find: Scoped,
    candidates: Candidates,
    by: Principal,
    *,
    list: str | None,
    limit: int,
    after: str | None,
) -> State:
    """What a candidate was asked, or a company's pool, or one list of it."""
    by.require("list_talent")
    named = {"lists": list} if list else {}
    rows = find({**_side(by), **named})
    return _page(rows, BY_ASKING, lambda row, _: talent.row(row, candidates), by, limit, after)


def _side(by: Principal) -> Scope:
    return {"candidate_id": by.id} if by.role == "candidate" else {"org_id": by.org_id or ""}


def _page(
    rows: Rows, key: Key, view: views.View, by: Principal, limit: int, after: str | None
) -> State:
    found = rows(_start(after, key), limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return {
        "items": [view(row, by) for row in page],
        "next": _cursor(page[-1], key) if more else None,
    }


def _cursor(row: State, key: Key) -> str:
    value = row[key[0]]
    at = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([at, row["id"]]).encode()).decode()


def _start(cursor: str | None, key: Key) -> list[Any] | None:
    """What `_cursor` wrote; Invalid for anything else."""
    if cursor is None:
        return None
    try:
        value, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        id_.encode()  # No half of a surrogate pair, which the database could not compare.
        return [key[1](value), id_]
    except (ValueError, TypeError, OverflowError, AttributeError) as exc:
        raise Invalid("cursor-invalid", "`after` is not a cursor of this list.") from exc
