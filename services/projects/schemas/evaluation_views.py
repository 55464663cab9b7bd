"""What each side reads of an evaluation: before the release nothing but one's own rating."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.projects.domain import rubric
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import OTHER, REPLY_LIMIT, Evaluation, Stage
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.rating import Rating
from services.projects.domain.reputation import FORMULA, HALF_LIFE, MINIMUM, Reputation
from services.projects.domain.work import Party

View = dict[str, Any]
MOST_COMMENTS = 50
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
WHOSE = ("id", "version", "engagement_id", "project_id", "org_id", "candidate_id", "title")


def evaluation(one: Evaluation, reader_id: str, side: Party, nace: View) -> View:
    """What this reader may know; `side` is where they stand, the platform's sees all."""
    released = one.status is Stage.RELEASED
    open_book = released or side is Party.OPERATOR
    seen = [each for each in one.ratings if open_book or each.rater_id == reader_id]
    view = {
        **{name: getattr(one, name) for name in WHOSE},
        "status": one.status,
        "release_due_at": one.due_at,
        "released_at": one.released_at,
        "reply_until": one.released_at and one.released_at + REPLY_LIMIT,
        "ratings": [_rating(one, each, side) for each in seen],
        "waiting_for": [] if one.status is not Stage.OPEN else _waiting_for(one),
        "replies": [asdict(each) for each in one.replies],
        "reports": [asdict(each) for each in one.reports if side in (each.side, Party.OPERATOR)],
        "removed_for": one.excluded,
    }
    if side in (Party.CANDIDATE, Party.OPERATOR):
        view["comment_public"] = one.comment_public
    return view | (_together(one, nace) if open_book else {})


def open_flags(flagged: Iterable[Engagement], reported: Iterable[Evaluation]) -> list[View]:
    """What waits for an operator, the longest waiting first: where it is answered is said by it."""
    found = [
        {
            **_about("flag", one.id, one.project_id, flag.by, flag.raised_at),
            "flag_id": flag.flag_id,
            "reason": flag.kind,
            "text": flag.text,
        }
        for one in flagged
        for flag in one.flags
        if flag.resolution is None
    ]
    found += [
        {
            **_about("report", one.engagement_id, one.project_id, said.side, said.reported_at),
            "flag_id": None,
            "reason": said.reason,
            "text": said.text,
        }
        for one in reported
        for said in one.reports
        if said.outcome is None
    ]
    return sorted(found, key=lambda one: one["since"])


def _about(what: str, engagement_id: str, project_id: str, by: Party, since: datetime) -> View:
    ids = {"engagement_id": engagement_id, "project_id": project_id}
    return {"what": what, **ids, "by": by.value, "since": since}


def _waiting_for(one: Evaluation) -> list[str]:
    waiting = [side.value for side in OTHER if not one.by(side)]
    return waiting or (["company"] if one.awaits_others else [])


def _rating(one: Evaluation, rating: Rating, side: Party) -> View:
    """A removed rating keeps its place and says nothing more, but to who gave it and operators."""
    about = OTHER[rating.side]
    base = {"side": rating.side, "role": rating.opinion.role, "rated_at": rating.rated_at}
    if about in one.excluded and side is about:
        return base | {"removed": True}
    opinion = asdict(rating.opinion)
    return base | opinion | {"weighted_score": rating.weighted_score, "removed": False}


def _together(one: Evaluation, nace: View) -> View:
    summary = one.summary()
    scores = summary["scores"] or {}
    found = [
        {"competency": each["id"], "label": each["label"], "score": _mean(scores, each)}
        for each in nace["competencies"]
        if scores and each["dimensions"]
    ]
    return {**summary, "competencies": found}


def _mean(scores: dict[str, int], competency: View) -> int:
    values = [scores[name] for name in competency["dimensions"]]
    return rubric.half_up(sum(values), len(values))


def rubrics(nace: View) -> View:
    """Both rubrics with their anchors, the scale, and which competencies they touch."""
    return {
        "version": rubric.VERSION,
        "scale": rubric.SCALE,
        "candidate": rubric.RUBRIC,
        "company": rubric.COMPANY_RUBRIC,
        "nace": nace,
    }


def reputation(id_: str, found: Reputation, whole: bool) -> View:
    """The score with all that makes it; a stranger reads months and no ids."""
    return {
        "id": id_,
        "score": found.score,
        "counted": found.counted,
        "minimum": MINIMUM,
        "half_life_days": HALF_LIFE.days,
        "formula_version": FORMULA,
        "inputs": [
            _input(each, whole) for each in found.inputs if whole or found.score is not None
        ],
    }


def comments(rows: Iterable[Evaluation]) -> list[View]:
    """What candidates let everybody read, the newest first; nobody is named, and no day."""
    said = [(one.released_at, rating) for one in rows for rating in one.public_comments]
    newest = sorted(said, key=lambda pair: pair[0] or EARLIEST, reverse=True)[:MOST_COMMENTS]
    return [
        {"text": rating.opinion.comment, "month": f"{at:%Y-%m}" if at else None}
        for at, rating in newest
    ]


def _input(weighed: Any, whole: bool) -> View:
    one = weighed.input
    view = {
        "kind": one.kind,
        "value": one.value,
        "month": one.at.strftime("%Y-%m"),
        "weight": str(weighed.weight),
        "appealed": one.appealed,
        "counts": not one.excluded,
    }
    return view | ({"engagement_id": one.engagement_id, "at": one.at} if whole else {})


def midpoint(one: Midpoint) -> View:
    """The check-in, the same for both."""
    return {
        **{name: getattr(one, name) for name in WHOSE if name != "title"},
        "status": one.status,
        "halfway_at": one.halfway_at,
        "waiting_for": one.waiting_for,
        "answers": [{**asdict(each)} for each in one.answers],
    }


def todo(evaluations: Iterable[Evaluation], midpoints: Iterable[Midpoint], side: str) -> list[View]:
    """Evaluations and check-ins that wait for this side."""
    rate = [
        _item("evaluate", one, one.title, one.due_at, "Evaluate how it went; the other side's "
              "evaluation is shown when both are in.")
        for one in evaluations
        if side in _waiting_for(one)
    ]  # fmt: skip
    check = [
        _item("answer-midpoint", one, "Check-in", None, "Say how it goes, half way.")
        for one in midpoints
        if side in one.waiting_for
    ]
    return [*rate, *check]


def _item(kind: str, one: Any, title: str, due_at: Any, what: str) -> View:
    return {"kind": kind, "id": one.engagement_id, "title": title, "due_at": due_at, "what": what}
