"""A disagreement about held money: both sides are heard, agree, or an operator decides."""

from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain.dispute_parts import (
    CANDIDATE,
    COMPANY,
    OPERATOR,
    SENTENCES,
    SILENCE,
    Act,
    Post,
    Split,
    Step,
    opposite,
)
from services.payments.domain.dispute_rules import Rules, business_days
from shared.errors import Conflict, Forbidden, NotFound

MOST_POSTS = 200


@dataclass
class Dispute:
    """`amount` is what was held when it was opened; the other amounts are what it ended with."""

    id: str
    opened_by: str  # A side: company or candidate.
    reason: str
    detail: str
    amount: int
    opened_at: datetime
    resolved_at: datetime | None = None
    outcome: str | None = None
    released_amount: int | None = None
    refunded_amount: int | None = None
    step: Step = Step.DECISION  # Those of before there were steps wait for an operator.
    due_at: datetime | None = None
    rules: Rules = field(default_factory=Rules)
    posts: list[Post] = field(default_factory=list)
    deciders: list[str] = field(default_factory=list)  # Who cannot decide an appeal.
    waived: list[str] = field(default_factory=list)
    verdict: Split | None = None
    basis: str | None = None  # What the verdict rests on: agreement, decision, appeal, silence ...

    @property
    def other(self) -> str:
        """The side that did not open it."""
        return opposite(self.opened_by)

    @property
    def offer(self) -> Post | None:
        """The newest offer, while it can be accepted; what the opener asks for is the first."""
        if self.step not in (Step.RESPONSE, Step.NEGOTIATION):
            return None
        offers = (post for post in reversed(self.posts) if post.act in (Act.OPENED, Act.OFFER))
        return next(offers, None)

    @property
    def waits_for(self) -> str | None:
        """Who has to do something: a side, or an operator."""
        if self.step in (Step.DECISION, Step.REVIEW):
            return OPERATOR
        if self.step is Step.RESPONSE:
            return self.other
        return opposite(self.offer.by) if self.offer else None

    @property
    def appealed(self) -> bool:
        return any(post.act is Act.APPEAL for post in self.posts)

    def knows(self, post_id: str) -> bool:
        return any(post.id == post_id for post in self.posts)

    def begin(self, post: Post) -> None:
        """Opened: `post` says what its side asks for, which is decided if nobody answers."""
        self.posts.append(post)
        self._wait(Step.RESPONSE, self.rules.response_days, post.at)

    def say(self, post: Post) -> None:
        """A statement, with evidence; the first one of the other side is the awaited answer."""
        self._require(Step.RESPONSE, Step.NEGOTIATION, Step.DECISION, Step.REVIEW)
        self._add(post)
        if self.step is Step.RESPONSE and post.by == self.other:
            self._wait(Step.NEGOTIATION, self.rules.negotiation_days, post.at)

    def propose(self, post: Post) -> None:
        """Offer a split; the other side may accept it as long as it is the newest offer."""
        self._require(Step.RESPONSE, Step.NEGOTIATION)
        self.say(post)

    def accept(self, offer_id: str, post: Post) -> None:
        """Take the other side's newest offer, or what it asks for: that is what happens."""
        self._require(Step.RESPONSE, Step.NEGOTIATION)
        offer = self.offer
        if offer is None or offer.id != offer_id:
            raise NotFound("offer-not-open", "This offer is not open: read the newest one.")
        if offer.by == post.by:
            raise Conflict("own-offer", "The other side accepts your offer, or makes another.")
        self._add(post)
        self._end(offer.split, "agreement")

    def escalate(self, post: Post | None, at: datetime) -> None:
        """Leave it to an operator: a side asks for it, or the time to agree is over."""
        self._require(Step.NEGOTIATION)
        if post:
            self._add(post)
        self._wait(Step.DECISION, self.rules.decision_days, at)

    def decide(self, post: Post, *deciders: str) -> None:
        """An operator decides; after an appeal for good, and then it has to be another one."""
        self.require_decidable(*deciders)
        self._add(post)
        self.deciders += deciders
        if self.step is Step.REVIEW:
            self._end(post.split, "appeal")
        else:
            self._rule(post.split, "decision", post.at)

    def require_decidable(self, *deciders: str) -> None:
        """Raise Conflict where it is nobody's turn, Forbidden for who has decided it before."""
        self._require(Step.DECISION, Step.REVIEW)
        if self.step is Step.REVIEW and set(deciders) & set(self.deciders):
            raise Forbidden("same-operator", "Another operator decides the appeal.")

    def appeal(self, post: Post) -> None:
        """Ask for another operator's decision: once, by either side, in time."""
        self._require(Step.APPEAL)
        self._add(post)
        self._wait(Step.REVIEW, self.rules.decision_days, post.at)

    def waive(self, post: Post) -> None:
        """Do without an appeal; once both do, the decision is carried out."""
        self._require(Step.APPEAL)
        if post.by in self.waived:
            return
        self._add(post)
        self.waived.append(post.by)
        if len(self.waived) == len((COMPANY, CANDIDATE)):
            self._end(self.verdict, self.basis or "decision")

    def withdraw(self, post: Post) -> None:
        """Its opener takes it back, unless it was decided already: all is as if it never was."""
        self._require(Step.RESPONSE, Step.NEGOTIATION, Step.DECISION)
        if post.by != self.opened_by:
            raise Forbidden("not-the-opener", "Who opened the dispute can withdraw it.")
        self._add(post)
        self._end(None, "withdrawal")

    def lapse(self, now: datetime) -> bool:
        """What the clock does; True where something has changed."""
        if self.due_at is None or now < self.due_at:
            return False
        if self.step is Step.RESPONSE:
            self._rule(self.posts[0].split, SILENCE, now)
        elif self.step is Step.NEGOTIATION:
            self.escalate(None, now)
        elif self.step is Step.APPEAL:
            self._end(self.verdict, self.basis or "decision")
        else:
            self.due_at = business_days(now, self.rules.reminder_days)
        return True

    def moot(self) -> None:
        """A chargeback has taken all that it was about."""
        self._end(Split(0, 0), "chargeback")

    def close(self, split: Split | None, now: datetime) -> None:
        """It is carried out; None where it was withdrawn."""
        self.released_amount = split.released if split else 0
        self.refunded_amount = split.refunded if split else 0
        self.outcome, self.resolved_at = split.outcome if split else "withdrawn", now

    def _rule(self, split: Split | None, basis: str, at: datetime) -> None:
        self.verdict, self.basis = split, basis
        self._wait(Step.APPEAL, self.rules.appeal_days, at)

    def _end(self, split: Split | None, basis: str) -> None:
        self.verdict, self.basis = split, basis
        self.step, self.due_at = Step.FINAL, None

    def _wait(self, step: Step, days: int, at: datetime) -> None:
        self.step, self.due_at = step, business_days(at, days)

    def _add(self, post: Post) -> None:
        if len(self.posts) >= MOST_POSTS:
            raise Conflict("record-full", f"A dispute holds {MOST_POSTS} posts at most.")
        self.posts.append(post)

    def _require(self, *steps: Step) -> None:
        if self.step not in steps:
            raise Conflict("dispute-step-wrong", SENTENCES[self.step])
