"""A project that an ATS sends to somebody as an assessment, and how the ATS hears of the end."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.applications.events import Event
from shared.errors import Conflict

VALID = timedelta(days=14)  # To take it up.
LAPSES = timedelta(weeks=8)  # So long an ATS asks by itself.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
MOST_CALLBACKS = 10
UNRATED = timedelta(days=15)  # Nobody can rate any more: the time for it is two weeks.
PER_PROJECT = 200  # Assessments that wait to be taken up.


class AssessmentStatus(StrEnum):
    SENT = "sent"
    CLAIMED = "claimed"  # Somebody with this address has taken it up.
    EXPIRED = "expired"
    COMPLETE = "complete"


class Told(StrEnum):
    """What has become of telling the ATS."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"  # For good.
    GAVE_UP = "gave-up"


@dataclass(frozen=True)
class Callback:
    """Where an ATS wants to hear that there is a result.

    `sealed` is the key that the ATS itself has shown us and expects to see; it goes when nothing
    is left to tell.
    """

    url: str
    sealed: str | None = field(default=None, repr=False)
    told: Told = Told.OPEN
    since: datetime | None = None
    attempts: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True)
class Result:
    """What the company said of the work; `released` once both sides may read it.

    `weighted_score` is 0 to 100, and None where nobody rated in time.
    """

    weighted_score: int | None
    scores: dict[str, int] | None
    completed_at: datetime
    would_hire: bool | None = None
    released: bool = False

    def says_the_same(self, other: "Result") -> bool:
        return (self.weighted_score, self.scores) == (other.weighted_score, other.scores)


@dataclass
class Assessment:
    """`addressee` is a keyed hash of the address: the address itself is not kept here."""

    id: str
    project_id: str
    org_id: str
    addressee: str
    project_title: str
    blind_review: bool
    sent_at: datetime
    expires_at: datetime
    status: AssessmentStatus = AssessmentStatus.SENT
    candidate_id: str | None = None
    done_at: datetime | None = None
    result: Result | None = None
    callbacks: list[Callback] = field(default_factory=list)
    times_sent: int = 0
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def send(self, callback: Callback | None, now: datetime) -> None:
        """Ask once; what nobody took up in time is sent anew, anything else is the same again."""
        if not self.version or self.status is AssessmentStatus.EXPIRED:
            self.status, self.sent_at, self.expires_at = AssessmentStatus.SENT, now, now + VALID
            self.times_sent += 1
        if callback is not None:
            self._listen(callback, now)
        self._schedule()

    def _listen(self, callback: Callback, now: datetime) -> None:
        """One callback per place; who asks when the result is there is told at once."""
        if any(one.url == callback.url and one.told is not Told.OPEN for one in self.callbacks):
            return
        others = [one for one in self.callbacks if one.url != callback.url]
        if len(others) >= MOST_CALLBACKS:
            sentence = f"{MOST_CALLBACKS} places wait for this result already."
            raise Conflict("too-many-callbacks", sentence)
        known = next((one for one in self.callbacks if one.url == callback.url), callback)
        if self.result is not None and known.since is None:
            known = replace(known, since=now, due_at=now)
        self.callbacks = [*others, replace(known, sealed=callback.sealed)]

    def claim(self, candidate_id: str, now: datetime) -> None:
        """The person has an account with this address; Conflict for another or too late."""
        if self.candidate_id == candidate_id:
            return
        if self.candidate_id is not None or not self.is_open(now):
            raise Conflict("assessment-over", "This assessment is not open any more.")
        self.candidate_id, self.status = candidate_id, AssessmentStatus.CLAIMED
        self._schedule()

    def is_open(self, now: datetime) -> bool:
        """Whether somebody may still take it up."""
        return self.status is AssessmentStatus.SENT and now < self.expires_at

    def pass_time(self, now: datetime) -> None:
        """What silence means: nobody took it up, or nobody rated the work."""
        if self.status is AssessmentStatus.SENT and now >= self.expires_at:
            self.status, self.callbacks = AssessmentStatus.EXPIRED, []
            self._schedule()
        elif self.result is None and self.done_at is not None and now >= self.done_at + UNRATED:
            self.rate(Result(None, None, self.done_at), now)

    def finish(self, at: datetime) -> None:
        """The work is accepted; from now on it is rated, or nobody cares to."""
        self.done_at = self.done_at or at
        self._schedule()

    def rate(self, result: Result, now: datetime) -> None:
        """There is a result; a release that says something else is told again, once."""
        known = self.result
        if known is not None:
            if known.released:
                return
            result = replace(result, completed_at=known.completed_at, would_hire=known.would_hire)
        if known is None or not known.says_the_same(result):
            self.callbacks = [_to_tell(one, now) for one in self.callbacks]
        self.result, self.status = result, AssessmentStatus.COMPLETE
        self.forget_keys()

    def forget_addressee(self) -> None:
        """The person is erased: nothing is told of them any more."""
        self.addressee, self.callbacks = "", []
        self._schedule()

    def take(self, now: datetime) -> list[Callback]:
        """What is to be told now.

        Each is put off before it is done: of many processes one tells, and after a crash it is told
        again. The last attempt is the one after which three days would be over.
        """
        due = [one for one in self.callbacks if one.due_at is not None and one.due_at <= now]
        self.callbacks = [_put_off(one, now) if one in due else one for one in self.callbacks]
        self._schedule()
        return due

    def note_told(self, url: str, told: Told) -> None:
        """It has heard, or will not hear."""
        self.callbacks = [
            replace(one, told=told, due_at=None) if one.url == url else one
            for one in self.callbacks
        ]
        self.forget_keys()

    def forget_keys(self) -> None:
        """A key is kept only while there may be something to tell."""
        final = self.result is not None and self.result.released
        self.callbacks = [
            replace(one, sealed=None)
            if one.told in (Told.REFUSED, Told.GAVE_UP) or (final and one.told is Told.DONE)
            else one
            for one in self.callbacks
        ]
        self._schedule()

    def _schedule(self) -> None:
        times = [one.due_at for one in self.callbacks if one.due_at is not None]
        if self.status is AssessmentStatus.SENT:
            times.append(self.expires_at)
        if self.done_at is not None and self.result is None:
            times.append(self.done_at + UNRATED)
        self.due_at = min(times, default=None)


def _to_tell(callback: Callback, now: datetime) -> Callback:
    if callback.sealed is None:
        return callback
    return replace(callback, told=Told.OPEN, since=now, attempts=0, due_at=now)


def _put_off(callback: Callback, now: datetime) -> Callback:
    wait = min(FIRST_WAIT * 2 ** min(callback.attempts, 10), LONGEST_WAIT)
    began = callback.since or now
    if now + wait > began + GIVE_UP_AFTER:
        return replace(callback, told=Told.GAVE_UP, attempts=callback.attempts + 1, due_at=None)
    return replace(callback, attempts=callback.attempts + 1, due_at=now + wait)
