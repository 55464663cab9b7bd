"""The evaluation of finished work by both sides: hidden until both are in or the time is over."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.projects import events as announce
from services.projects.domain.engagement import Engagement
from services.projects.domain.rating import Opinion, Rating, Reply, Report
from services.projects.domain.rubric import combined, disagreement, half_up
from services.projects.domain.work import Fault, Party
from shared.errors import Conflict

WINDOW = timedelta(days=14)  # From the end of the work; then what is there is shown.
REPLY_LIMIT = timedelta(days=28)  # From the release.
OTHER = {Party.COMPANY: Party.CANDIDATE, Party.CANDIDATE: Party.COMPANY}


class Stage(StrEnum):
    """Where an evaluation stands; `lapsed` is one that nobody gave."""

    OPEN = "open"
    RELEASED = "released"
    LAPSED = "lapsed"


@dataclass
class Evaluation:
    """What both sides say after an engagement. `excluded` names whose record it no longer counts
    in; `awaits_others` is true while more raters of the company are to come; `comment_public` is
    the candidate's consent to show their comment on the company's page."""

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    title: str
    opened_at: datetime
    status: Stage = Stage.OPEN
    due_at: datetime | None = None
    ratings: list[Rating] = field(default_factory=list)
    awaits_others: bool = False
    released_at: datetime | None = None
    replies: list[Reply] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    reports_open_since: datetime | None = None
    excluded: list[Party] = field(default_factory=list)
    comment_public: bool = False
    fault: Fault = Fault.NOBODY
    version: int = 0
    events: list[announce.Event] = field(default_factory=list)

    @classmethod
    def of(cls, engagement: Engagement, now: datetime) -> "Evaluation":
        """Open for both where the work was accepted; of a cancelled one only its fault is left."""
        cancelled = engagement.cancellation
        ended = engagement.completed_at or now
        return cls(
            id=evaluation_id(engagement.id),
            engagement_id=engagement.id,
            project_id=engagement.project_id,
            org_id=engagement.org_id,
            candidate_id=engagement.candidate_id,
            title=engagement.terms.title,
            opened_at=ended,
            status=Stage.LAPSED if cancelled else Stage.OPEN,
            due_at=None if cancelled else ended + WINDOW,
            fault=cancelled.fault if cancelled else Fault.NOBODY,
        )

    def by(self, side: Party) -> list[Rating]:
        """The ratings of this side."""
        return [one for one in self.ratings if one.side is side]

    # Until the release

    def rate(
        self, side: Party, rater_id: str, opinion: Opinion, now: datetime, last: bool = True
    ) -> None:
        """Add somebody's rating, once; `last` is false while colleagues are to rate as well."""
        if any(one.rater_id == rater_id and one.opinion == opinion for one in self.ratings):
            return
        self.require_ratable(rater_id, now)
        first = not self.by(side)
        rating = Rating.of(side, rater_id, opinion, now)
        self.ratings.append(rating)
        if side is Party.COMPANY:
            self.awaits_others = not last
        self._announce(
            announce.EvaluationSubmitted,
            by=side.value,
            raters=len(self.by(side)),
            due_at=self.due_at,
        )
        if side is Party.COMPANY and first:
            self._announce_completed(rating)
        if self.by(OTHER[side]) and not self.awaits_others:
            self._release(now)

    def require_ratable(self, rater_id: str, now: datetime) -> None:
        """Raise Conflict where this person can say nothing more."""
        if self.status is not Stage.OPEN or self.due_at is None or now >= self.due_at:
            raise Conflict("evaluation-over", "The time for evaluations is over.")
        if any(one.rater_id == rater_id for one in self.ratings):
            raise Conflict("already-evaluated", "You have evaluated; it stands as it is.")

    def settle(self, now: datetime) -> None:
        """The time is over: show what is there. Nobody is marked down for what is not."""
        if self.due_at is None or now < self.due_at:
            return
        if self.ratings:
            self._release(now)
        else:
            self.status, self.due_at = Stage.LAPSED, None

    def _release(self, now: datetime) -> None:
        self.status, self.due_at, self.released_at = Stage.RELEASED, None, now
        self._announce(announce.EvaluationReleased, **self.summary(), released_at=now)

    def _announce_completed(self, rating: Rating) -> None:
        self._announce(
            announce.EvaluationCompleted,
            scores=rating.opinion.scores,
            weighted_score=rating.weighted_score,
            **rating.opinion.answers,
        )

    # What all raters of a side say together

    def scores(self, side: Party) -> dict[str, int] | None:
        """Each dimension's mean over this side's raters; None where nobody rated."""
        return combined([one.opinion.scores for one in self.by(side)]) or None

    def weighted(self, side: Party) -> int | None:
        """The mean of this side's weighted scores, 0 to 100; None where nobody rated."""
        found = [one.weighted_score for one in self.by(side)]
        return half_up(sum(found), len(found)) if found else None

    def disagreement(self, side: Party) -> list[str]:
        """On which dimensions this side's raters are far apart."""
        return disagreement([one.opinion.scores for one in self.by(side)])

    def summary(self) -> dict[str, Any]:
        """The figures of both sides."""
        return {
            "scores": self.scores(Party.COMPANY),
            "weighted_score": self.weighted(Party.COMPANY),
            "raters": len(self.by(Party.COMPANY)),
            "disagreement": self.disagreement(Party.COMPANY),
            "company_scores": self.scores(Party.CANDIDATE),
            "company_weighted_score": self.weighted(Party.CANDIDATE),
        }

    # After the release

    def reply(self, side: Party, text: str, now: datetime) -> None:
        """Answer what the other side said, once and in time."""
        if self.released_at is None or not self.by(OTHER[side]):
            raise Conflict("nothing-to-reply-to", "There is no evaluation to reply to.")
        if any(one.side is side for one in self.replies):
            raise Conflict("already-replied", "Your side has replied; there is one reply.")
        if now >= self.released_at + REPLY_LIMIT:
            raise Conflict("reply-window-over", "A reply is possible for 28 days.")
        self.replies.append(Reply(side=side, text=text, replied_at=now))
        self._announce(announce.EvaluationReplied, by=side.value)

    def publish_comment(self, public: bool) -> None:
        """Let everybody read what the candidate said of the company, or nobody any more."""
        if not any(one.opinion.comment for one in self.by(Party.CANDIDATE)):
            raise Conflict("nothing-to-publish", "You have written no comment.")
        self.comment_public = public

    @property
    def public_comments(self) -> list[Rating]:
        """What the company's page shows: released, not removed by an operator, with consent."""
        shown = self.comment_public and Party.COMPANY not in self.excluded
        return self.by(Party.CANDIDATE) if shown and self.status is Stage.RELEASED else []

    def report(self, side: Party, reason: str, text: str, now: datetime) -> None:
        """Appeal against what counts against this side: the other's ratings, or a fault."""
        rated = self.status is Stage.RELEASED and self.by(OTHER[side])
        if not rated and self.fault.value != side.value:
            raise Conflict("nothing-to-report", "Nothing counts against you here.")
        if any(one.side is side for one in self.reports):
            raise Conflict("already-reported", "Your side has asked for a look once.")
        said = Report(side=side, reason=reason, text=text, reported_at=now)
        self._keep_reports([*self.reports, said])
        self._announce(announce.EvaluationReported, by=side.value, reason=reason)

    def judge(self, side: Party, outcome: str, note: str, now: datetime) -> None:
        """An operator's decision on this side's appeal: it stands (`upheld`), or is `removed`."""
        waiting = [one for one in self.reports if one.side is side and one.outcome is None]
        if not waiting:
            raise Conflict("nothing-to-judge", "There is no open report of this side.")
        judged = replace(waiting[0], outcome=outcome, note=note, judged_at=now)
        self._keep_reports([judged if one is waiting[0] else one for one in self.reports])
        if outcome == "removed":
            self.excluded.append(side)
        self._announce(announce.EvaluationJudged, by=side.value, outcome=outcome)

    def _keep_reports(self, reports: list[Report]) -> None:
        """And since when one waits for an operator, by which they are found."""
        waiting = [one.reported_at for one in reports if one.outcome is None]
        self.reports, self.reports_open_since = reports, min(waiting, default=None)

    def appealed(self, side: Party) -> bool:
        """Whether this side's appeal waits for a decision."""
        return any(one.side is side and one.outcome is None for one in self.reports)

    def _announce(self, kind: Callable[..., announce.Event], /, **facts: Any) -> None:
        self.events.append(
            kind(
                engagement_id=self.engagement_id,
                project_id=self.project_id,
                org_id=self.org_id,
                candidate_id=self.candidate_id,
                **facts,
            )
        )


def evaluation_id(engagement_id: str) -> str:
    """The one evaluation of an engagement."""
    return f"evl-{engagement_id.removeprefix('eng-')}"
