"""How an engagement gets to its start: the fee is held, then both sides settle and sign."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.projects import events as announce
from services.projects.domain.agreement import Acceptance
from services.projects.domain.clocks import Clocks
from services.projects.domain.kickoff import Kickoff
from services.projects.domain.signing import Declaration, Disclosure, Read, ReadPaper, Signing
from services.projects.domain.work import (
    KICKOFF_NUDGE,
    OPEN,
    SENTENCES,
    Fault,
    Freeze,
    Party,
    PaymentStatus,
    Status,
)
from shared.errors import Conflict

UNDER_WAY = tuple(status for status in OPEN if status is not Status.AWAITING_FUNDING)


@dataclass
class Starting(Clocks):
    """What happens to an engagement until both sides have signed."""

    def fund(self, now: datetime) -> None:
        """The fee is held: the kick-off can be settled and signed."""
        self.payment = self.payment.heard(PaymentStatus.FUNDED)
        if self.status is not Status.AWAITING_FUNDING:
            return
        ids = ("project_id", "org_id", "candidate_id")
        known = {"engagement_id": self.id} | {name: getattr(self, name) for name in ids}
        self.kickoff = Kickoff.of(self.terms, known, now)
        self.status, self.due_at = Status.KICKOFF_PENDING, now + KICKOFF_NUDGE
        self._announce(
            announce.EngagementOpened,
            application_id=self.application_id,
            fee_amount=self.terms.fee_amount,
            fee_currency=self.terms.fee_currency,
            hours=self.terms.hours,
            kickoff_due_at=self.kickoff.due_at,
        )

    def offered_kickoff(self) -> Kickoff:
        """The kick-off as it stands or stood; raises Conflict before there is one."""
        if self.kickoff is None:
            code = f"engagement-{self.status.value.replace('_', '-')}"
            raise Conflict(code, SENTENCES[self.status])
        return self.kickoff

    def propose_kickoff(
        self,
        based_on: Read,
        changes: Mapping[str, Any],
        party: Party,
        person_id: str,
        now: datetime,
    ) -> None:
        """Change the checklist, which voids every signature on it."""
        kickoff = self._pending(now)
        proposal = kickoff.propose(based_on, changes, party, person_id, now)
        if proposal:
            self._announce(
                announce.KickoffProposed,
                by=party.value,
                version=proposal.version,
                sha256=proposal.sha256,
                changed=proposal.changed,
                kickoff_due_at=kickoff.due_at,
            )

    def accept_agreement(
        self, read: ReadPaper, party: Party, person_id: str, now: datetime
    ) -> None:
        """Consent to one text before signing."""
        kickoff = self.offered_kickoff()
        if self.status is not Status.KICKOFF_PENDING and kickoff.has_accepted(party, read):
            return
        self._tell_acceptances(self._pending(now).accept([read], party, person_id, now))

    def sign(self, signing: Signing, party: Party, person_id: str, now: datetime) -> None:
        """Sign what was read for one side; once both have, the work starts."""
        signature = self.kickoff and self.kickoff.signed(party)
        if signature and Read(signature.version, signature.sha256) == signing.checklist:
            return
        kickoff = self._pending(now)
        accepted, declared = kickoff.sign(signing, party, person_id, now)
        self._tell_acceptances(accepted)
        self._tell_declaration(declared)
        self._announce(
            announce.KickoffSigned,
            by=party.value,
            version=kickoff.version,
            sha256=kickoff.sha256,
            waiting_for=[side.value for side in kickoff.waiting_for],
            kickoff_due_at=kickoff.due_at,
        )
        self._start_where_settled(kickoff, now)

    def declare_conflict(
        self, disclosure: Disclosure, party: Party, person_id: str, now: datetime
    ) -> None:
        """Say whether one has a conflict of interest; also later, who joins to review."""
        kickoff = self._open_kickoff(now)
        self._tell_declaration(kickoff.declare(disclosure, party, person_id, now))
        self._start_where_settled(kickoff, now)

    def acknowledge_conflict(
        self, declaration_id: str, party: Party, person_id: str, now: datetime
    ) -> None:
        """Know of the other side's conflict and go on, which may be the last thing to wait for."""
        kickoff = self._open_kickoff(now)
        known = kickoff.acknowledge(declaration_id, party, person_id, now)
        if known:
            self._announce(
                announce.ConflictAcknowledged,
                declaration_id=declaration_id,
                by=party.value,
            )
        self._start_where_settled(kickoff, now)

    def require_impartial(self, person_id: str) -> None:
        """Raise Conflict where this person may not evaluate: undeclared, or not acknowledged."""
        if self.kickoff is None:
            return
        declaration = self.kickoff.declaration_of(person_id)
        if declaration is None:
            sentence = "Say first whether you have a conflict of interest in this engagement."
            raise Conflict("conflict-not-declared", sentence)
        if declaration.open:
            sentence = "The candidate has not acknowledged your conflict of interest."
            raise Conflict("conflict-not-acknowledged", sentence)

    def _settle_kickoff(self, now: datetime) -> None:
        """Remind whoever is waited for, and at the limit give up."""
        kickoff = self.kickoff
        if kickoff is None or now >= kickoff.due_at:  # None: funded by an earlier release.
            self._cancel("kickoff-missed", self._missing(kickoff), now)
            return
        kickoff.reminded_at, self.due_at = now, kickoff.due_at
        self._announce(
            announce.KickoffReminded,
            waiting_for=[side.value for side in kickoff.waiting_for],
            kickoff_due_at=kickoff.due_at,
        )

    def _thaw_kickoff(self, freeze: Freeze, at: datetime) -> None:
        """What a dispute has interrupted ends later by as long as it lasted."""
        if self.kickoff and self.status is Status.KICKOFF_PENDING:
            self.kickoff.due_at = freeze.thawed(self.kickoff.due_at, at) or at

    @staticmethod
    def _missing(kickoff: Kickoff | None) -> Fault:
        waiting = kickoff.waiting_for if kickoff else []
        return Fault(waiting[0].value) if len(waiting) == 1 else Fault.NOBODY

    def _start_where_settled(self, kickoff: Kickoff, now: datetime) -> None:
        if self.status is not Status.KICKOFF_PENDING or kickoff.waiting_for:
            return
        checklist = kickoff.checklist
        self.terms = replace(self.terms, expected=checklist.deliverables)
        self.status, self.started_at = Status.ACTIVE, now
        self._await_presence(max(now, checklist.starts_at or now))
        due_at = self._promise(checklist.work_due_at(now, self.terms.weeks), now)
        self._announce(announce.EngagementStarted, due_at=due_at)

    def _pending(self, now: datetime) -> Kickoff:
        """The kick-off while it can be settled: not after its limit, whenever a sweep comes."""
        self._require(Status.KICKOFF_PENDING)
        kickoff = self.offered_kickoff()
        if now >= kickoff.due_at:
            raise Conflict("kickoff-over", "The time to sign the kick-off is over.")
        return kickoff

    def _open_kickoff(self, now: datetime) -> Kickoff:
        self._require(*UNDER_WAY)
        if self.status is not Status.KICKOFF_PENDING:
            return self.offered_kickoff()
        kickoff = self._pending(now)
        kickoff.require_future(now)  # It may be the last thing that was waited for.
        return kickoff

    def _tell_acceptances(self, accepted: Iterable[Acceptance]) -> None:
        for one in accepted:
            self._announce(
                announce.AgreementAccepted,
                by=one.party.value,
                kind=one.kind,
                version=one.version,
                sha256=one.sha256,
                accepted_at=one.accepted_at,
            )

    def _tell_declaration(self, declaration: Declaration | None) -> None:
        if declaration:
            self._announce(
                announce.ConflictDeclared,
                declaration_id=declaration.declaration_id,
                by=declaration.party.value,
                declared=declaration.declared,
            )
