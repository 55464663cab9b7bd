"""What people ask of evaluations and the check-in half way, and who may ask it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Answer, Midpoint, midpoint_id
from services.projects.domain.rating import Opinion, require_grounded
from services.projects.domain.reputation import FAULT, RATING, Input
from services.projects.domain.work import ENDED, Party, Status
from services.projects.usecases.kickoff import party_of
from shared.errors import Conflict, NotFound, NotYet
from shared.principal import Principal

State = Mapping[str, Any]
SIDES = {"candidate_id": Party.CANDIDATE, "org_id": Party.COMPANY}


def accept_deliverable(engagement: Engagement, by: Principal, now: datetime) -> None:
    """Take the work: the fee is released, whether or not anybody ever rates it."""
    require("accept_deliverable", engagement, by)
    engagement.require_impartial(by.id)
    engagement.accept(now)


def evaluate_engagement(
    engagement: Engagement,
    existing: Evaluation | None,
    opinion: Opinion,
    by: Principal,
    now: datetime,
) -> None:
    """Before a rating of the company is taken: work that is still under review is accepted."""
    require("evaluate_engagement", engagement, by)
    engagement.require_impartial(by.id)
    require_grounded(opinion, engagement)
    if existing is not None and not _said(existing, by, opinion):
        existing.require_ratable(by.id, now)
    engagement.accept(now)


def rate_company(engagement: Engagement, opinion: Opinion, by: Principal) -> None:
    """Before a rating of the candidate is taken: the work is accepted."""
    require("rate_company", engagement, by)
    if engagement.status is not Status.COMPLETED:
        raise Conflict("work-not-accepted", "Both sides evaluate once the work is accepted.")
    assert not opinion.custom  # Its schema has none.


def _said(evaluation: Evaluation, by: Principal, opinion: Opinion) -> bool:
    return any(one.rater_id == by.id and one.opinion == opinion for one in evaluation.ratings)


def open_evaluation(engagement: Engagement | None, now: datetime) -> Evaluation:
    """The evaluation of this engagement, as it begins."""
    if engagement is None:
        raise NotYet("engagement-unknown", "The engagement has not been seen here.")
    return Evaluation.of(engagement, now)


def get_evaluation(engagement: Engagement, evaluation: Evaluation | None, by: Principal) -> None:
    """Whose engagement it is may read what is for them; NotFound before the work has ended."""
    require("get_evaluation", engagement, by)
    if evaluation is None:
        raise NotFound("evaluation-not-found", "There is no evaluation yet.")


def require(operation: str, engagement: Engagement, by: Principal) -> None:
    """Raise where it is not theirs."""
    by.require(operation, org_id=engagement.org_id, person_id=engagement.candidate_id)


# The check-in half way


def plan_midpoint(
    engagement_id: str,
    project_id: str,
    org_id: str,
    candidate_id: str,
    started_at: datetime,
    due_at: datetime,
) -> Midpoint:
    """The check-in of work that has started and is promised for `due_at`."""
    halfway = started_at + max((due_at - started_at) / 2, timedelta())
    halfway = halfway.replace(microsecond=halfway.microsecond // 1000 * 1000)
    return Midpoint(
        id=midpoint_id(engagement_id),
        engagement_id=engagement_id,
        project_id=project_id,
        org_id=org_id,
        candidate_id=candidate_id,
        halfway_at=halfway,
        due_at=halfway,
    )


def get_midpoint(midpoint: Midpoint, by: Principal) -> Midpoint:
    """Both sides read all of it."""
    by.require("get_midpoint", org_id=midpoint.org_id, person_id=midpoint.candidate_id)
    return midpoint


def answer_midpoint(
    midpoint: Midpoint, words: Mapping[str, Any], by: Principal, now: datetime
) -> None:
    """Say how it goes, for one's side."""
    by.require("answer_midpoint", org_id=midpoint.org_id, person_id=midpoint.candidate_id)
    midpoint.answer(Answer(side=party_of(by), person_id=by.id, answered_at=now, **words))


def is_under_way(engagement: Engagement | None) -> bool:
    """Whether there is time left to change something."""
    return engagement is not None and engagement.status not in ENDED


# Reputation


def reputation_inputs(
    field: str, evaluations: Iterable[Evaluation], cancelled: Iterable[State]
) -> list[Input]:
    """What counts for whoever `field` names: released ratings by the other side, own faults."""
    side = SIDES[field]
    known = {one.engagement_id: one for one in evaluations}
    rated = [_rated(one, side) for one in known.values()]
    faults = [
        Input(
            engagement_id=row["id"],
            kind=FAULT,
            value=0,
            at=row["cancellation"]["cancelled_at"],
            appealed=row["id"] in known and known[row["id"]].appealed(side),
            excluded=row["id"] in known and side in known[row["id"]].excluded,
        )
        for row in cancelled
        if row["cancellation"]["fault"] == side.value
    ]
    return [*(one for one in rated if one), *faults]


def _rated(evaluation: Evaluation, side: Party) -> Input | None:
    rater = Party.CANDIDATE if side is Party.COMPANY else Party.COMPANY
    score = evaluation.weighted(rater)
    if evaluation.released_at is None or score is None:
        return None
    return Input(
        engagement_id=evaluation.engagement_id,
        kind=RATING,
        value=score,
        at=evaluation.released_at,
        appealed=evaluation.appealed(side),
        excluded=side in evaluation.excluded,
    )
