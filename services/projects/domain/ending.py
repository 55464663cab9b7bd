"""How an engagement ends without accepted work: who may end it, why, and whose fault it is."""

from dataclasses import dataclass
from datetime import datetime

from services.projects.domain.clocks import OTHER
from services.projects.domain.deadlines import SILENCE_LIMIT
from services.projects.domain.engagement_record import Record
from services.projects.domain.work import ENDED, OPEN, Fault, Party, Status
from shared.errors import Conflict

NO_SHOW = "no-show"
UNRESPONSIVE = {
    Party.COMPANY: "candidate-unresponsive",
    Party.CANDIDATE: "company-unresponsive",
}
# What each side may name; the last ones put the fault on the other side, where the record bears it.
CAUSES = {
    Party.COMPANY: ("plans-changed", "other", UNRESPONSIVE[Party.COMPANY], NO_SHOW),
    Party.CANDIDATE: ("timing", "illness", "other-offer", "other", UNRESPONSIVE[Party.CANDIDATE]),
    Party.OPERATOR: ("terms-broken", "misconduct", "fraud", "by-agreement", "other"),
}
ALL_CAUSES = tuple(dict.fromkeys(cause for causes in CAUSES.values() for cause in causes))


@dataclass
class Ending(Record):
    """One's own word moves no fault to the other side: a clock or the thread has to show it."""

    def cancel(self, party: Party, comment: str, now: datetime, cause: str | None = None) -> None:
        """End it for one side: nobody's fault before the start, the canceller's afterwards.

        Raises Conflict for a cause that is not this side's, or that nothing on record shows.
        """
        if self.status is Status.CANCELLED:
            return
        self._require(*OPEN)
        if party is Party.COMPANY and self.submissions:
            sentence = "Work was handed in: evaluate it, ask for a revision, or open a dispute."
            raise Conflict("work-delivered", sentence)
        if cause and cause not in CAUSES[party]:
            raise Conflict("cause-not-yours", f"Choose one of {', '.join(CAUSES[party])}.")
        fault = self._leaving(party)
        if party in OTHER and cause in (UNRESPONSIVE[party], NO_SHOW):
            self._require_shown(party, cause, now)
            fault = Fault(OTHER[party].value)
        self._cancel(f"{party}-cancelled", fault, now, comment, cause)

    def terminate(self, cause: str, fault: Fault, comment: str, now: datetime) -> None:
        """An operator ends it, also after work was handed in, and says whose fault it is."""
        if self.status is Status.CANCELLED:
            return
        self._require(*OPEN)
        self._cancel("terminated", fault, now, comment, cause)

    def withdraw(self, now: datetime) -> None:
        """The candidate left; what has ended stays as it ended."""
        if (self.freeze.interrupted if self.freeze else self.status) not in ENDED:
            self._cancel("candidate-withdrew", self._leaving(Party.CANDIDATE), now)

    def _require_shown(self, party: Party, cause: str | None, now: datetime) -> None:
        since = self.silence.get(OTHER[party].value)
        shown = (
            self.no_show_suspected_at is not None
            if cause == NO_SHOW
            else since is not None and now - since >= SILENCE_LIMIT
        )
        if not shown:
            sentence = "Nothing on record shows it: write to the other side and wait 7 days."
            raise Conflict("cause-not-shown", sentence)

    def _leaving(self, party: Party) -> Fault:
        if self.started_at is None or party is Party.OPERATOR:
            return Fault.NOBODY
        return Fault(party.value)
