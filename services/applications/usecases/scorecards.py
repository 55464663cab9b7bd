"""Several reviewers judge an application, each alone until their own scores are locked."""

from datetime import datetime

from services.applications.domain import Application, Scorecard, Status, scorecard_id
from services.applications.domain.scorecard import spread
from services.applications.usecases.applications import get_own
from services.applications.usecases.ports import Desk, State
from shared.envelope import Call
from shared.errors import Conflict
from shared.principal import Principal

JUDGED = frozenset({Status.SUBMITTED, Status.SHORTLISTED, Status.ALTERNATE})


def put_scorecard(
    desk: Desk, call: Call, application_id: str, scores: dict[str, int], comment: str
) -> Scorecard:
    """Write one's own scores, as often as one likes until they are locked."""
    application = get_own(desk.applications, call.principal, "put_scorecard", application_id)
    blank = _blank(application, call.principal)

    def write(card: Scorecard) -> None:
        _require_undecided(application)
        card.write(scores, comment)

    return desk.scorecards.change(blank.id, call, write, new=lambda: blank)


def lock_scorecard(desk: Desk, call: Call, application_id: str, now: datetime) -> Scorecard:
    """Stand by one's scores, and only then see the others'."""
    application = get_own(desk.applications, call.principal, "lock_scorecard", application_id)
    blank = _blank(application, call.principal)
    return desk.scorecards.change(blank.id, call, lambda card: card.lock(now), new=lambda: blank)


def list_scorecards(desk: Desk, by: Principal, application_id: str) -> State:
    """One's own, and once it is locked all locked ones with how far they are apart.

    Who has not judged sees nobody's scores, whatever the role: a number that is known before is
    the anchor of one's own.
    """
    application = get_own(desk.applications, by, "list_scorecards", application_id)
    rows = desk.ask.scorecards(application.id)
    locked = [row for row in rows if row.get("locked_at") is not None]
    mine = next((row for row in rows if row["reviewer_id"] == by.id), None)
    open_to_me = by.role == "operator" or (mine is not None and mine in locked)
    return {
        "own": view(mine) if mine else None,
        "locked": len(locked),
        "items": [view(row) for row in locked] if open_to_me else [],
        "spread": spread([row["scores"] for row in locked]) if open_to_me else {},
    }


def view(row: State) -> State:
    """A scorecard as its readers see it."""
    names = ("id", "version", "application_id", "reviewer_id", "scores", "comment", "locked_at")
    return {name: row.get(name) for name in names}


def _blank(application: Application, by: Principal) -> Scorecard:
    return Scorecard(
        id=scorecard_id(application.id, by.id),
        application_id=application.id,
        project_id=application.project_id,
        org_id=application.org_id,
        reviewer_id=by.id,
    )


def _require_undecided(application: Application) -> None:
    if application.status not in JUDGED:
        raise Conflict(
            f"application-{application.status}", "It is decided: scores would come too late."
        )
