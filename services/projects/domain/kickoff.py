"""The kick-off: texts to accept, a checklist to settle, conflicts to tell; then both sides sign."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.projects.domain.agreement import Acceptance, Paper, facts_of, offered
from services.projects.domain.checklist import Checklist
from services.projects.domain.signing import (
    Declaration,
    Disclosure,
    Proposal,
    Read,
    ReadPaper,
    Signature,
    Signing,
)
from services.projects.domain.work import KICKOFF_LIMIT, Party, Terms
from shared.errors import Conflict, NotFound

MOST_PROPOSALS = 20
SIDES = (Party.COMPANY, Party.CANDIDATE)


@dataclass
class Kickoff:
    """`due_at` is the limit; `version` and `sha256` are the checklist's that stands now.

    Each act either happens whole or raises and changes nothing.
    """

    due_at: datetime
    checklist: Checklist
    sha256: str
    papers: list[Paper]
    facts: dict[str, str]
    version: int = 1
    proposals: list[Proposal] = field(default_factory=list)
    acceptances: list[Acceptance] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    waiting_for: list[Party] = field(default_factory=lambda: list(SIDES))
    reminded_at: datetime | None = None

    @classmethod
    def of(cls, terms: Terms, ids: Mapping[str, str], now: datetime) -> "Kickoff":
        """What both sides find when the fee is held."""
        facts, checklist = facts_of(terms, ids, now), Checklist.of(terms)
        papers = offered(terms, facts)
        return cls(now + KICKOFF_LIMIT, checklist, checklist.sha256, papers, facts)

    # The texts

    def paper(self, kind: str) -> Paper:
        """The text of this kind; raises NotFound where the engagement has none."""
        for paper in self.papers:
            if paper.kind == kind:
                return paper
        raise NotFound("agreement-not-found", "This engagement has no such agreement.")

    def accept(
        self, read: Iterable[ReadPaper], party: Party, person_id: str, now: datetime
    ) -> list[Acceptance]:
        """Consent to these texts for one side, once each; returns what is new."""
        new = self._acceptances(read, party, person_id, now)
        self.acceptances += new
        return new

    def has_accepted(self, party: Party, read: ReadPaper) -> bool:
        """Whether this side has consented to exactly this text."""
        return any(
            one.party is party
            and (one.kind, one.version, one.sha256) == (read.kind, read.version, read.sha256)
            for one in self.acceptances
        )

    def _acceptances(
        self, read: Iterable[ReadPaper], party: Party, person_id: str, now: datetime
    ) -> list[Acceptance]:
        known, new = self._accepted(party), {}
        for one in read:
            paper = self.paper(one.kind)
            if (paper.version, paper.sha256) != (one.version, one.sha256):
                raise _outdated("agreement", f"agreements.{paper.kind}", paper)
            if paper.kind not in known:
                new[paper.kind] = Acceptance(
                    kind=paper.kind,
                    version=paper.version,
                    sha256=paper.sha256,
                    party=party,
                    person_id=person_id,
                    accepted_at=now,
                )
        return list(new.values())

    def _accepted(self, party: Party) -> set[str]:
        return {one.kind for one in self.acceptances if one.party is party}

    # The checklist

    def propose(
        self,
        based_on: Read,
        changes: Mapping[str, Any],
        party: Party,
        person_id: str,
        now: datetime,
    ) -> Proposal | None:
        """Change the checklist, which nobody has signed then; None where it says so already."""
        checklist = self.checklist.changed(changes, now)
        differences = self.checklist.differences(checklist)
        if not differences:
            return None
        self._require_read(based_on)
        if len(self.proposals) >= MOST_PROPOSALS:
            sentence = "No more changes are taken: sign it as it stands, or cancel."
            raise Conflict("kickoff-proposals-used", sentence)
        self.checklist, self.sha256 = checklist, checklist.sha256
        self.version += 1
        self.signatures = []  # Nobody has seen what stands now.
        proposal = Proposal(
            version=self.version,
            sha256=self.sha256,
            party=party,
            person_id=person_id,
            proposed_at=now,
            changed=differences,
        )
        self.proposals.append(proposal)
        self._wait()
        return proposal

    def _require_read(self, read: Read) -> None:
        if read != Read(self.version, self.sha256):
            raise _outdated("kickoff", "checklist", self)

    # Conflicts of interest

    def declare(
        self, disclosure: Disclosure, party: Party, person_id: str, now: datetime
    ) -> Declaration | None:
        """A person's answer, in place of an earlier one; None where it was the same."""
        earlier = self.declaration_of(person_id)
        if earlier and (earlier.declared, earlier.text) == (disclosure.declared, disclosure.text):
            return None
        numbers = [int(one.declaration_id.removeprefix("dcl-")) for one in self.declarations]
        declaration = Declaration(
            declaration_id=f"dcl-{max(numbers, default=0) + 1}",
            party=party,
            person_id=person_id,
            declared=disclosure.declared,
            text=disclosure.text,
            declared_at=now,
        )
        others = [one for one in self.declarations if one.person_id != person_id]
        self.declarations = [*others, declaration]
        self._wait()
        return declaration

    def declaration_of(self, person_id: str) -> Declaration | None:
        """What this person has answered."""
        return next((one for one in self.declarations if one.person_id == person_id), None)

    def acknowledge(
        self, declaration_id: str, party: Party, person_id: str, now: datetime
    ) -> Declaration | None:
        """Know of the other side's conflict and go on; None where that was said before."""
        for place, one in enumerate(self.declarations):
            if one.declaration_id == declaration_id and one.party is not party:
                if not one.open:
                    return None
                known = replace(one, acknowledged_by=person_id, acknowledged_at=now)
                self.declarations[place] = known
                self._wait()
                return known
        sentence = "The other side has declared something else, or nothing: read it again."
        raise Conflict("declaration-changed", sentence)

    # Signatures

    def signed(self, party: Party) -> Signature | None:
        """This side's signature on what stands now."""
        return next((one for one in self.signatures if one.party is party), None)

    def sign(
        self, signing: Signing, party: Party, person_id: str, now: datetime
    ) -> tuple[list[Acceptance], Declaration | None]:
        """Sign the checklist, and with it accept texts and declare; returns what is new of these.

        Raises Conflict where something else stands now, or something of it is missing.
        """
        self._require_read(signing.checklist)
        accepted = self._acceptances(signing.agreements, party, person_id, now)
        self._require_all(self._accepted(party) | {one.kind for one in accepted})
        if signing.conflict is None and self.declaration_of(person_id) is None:
            sentence = "Say whether you have a conflict of interest in this engagement."
            raise Conflict("conflict-not-declared", sentence)
        self.require_future(now)
        self.acceptances += accepted
        told = signing.conflict
        declared = self.declare(told, party, person_id, now) if told else None
        signature = Signature(
            party=party,
            person_id=person_id,
            version=self.version,
            sha256=self.sha256,
            signed_at=now,
        )
        self.signatures.append(signature)
        self._wait()
        return accepted, declared

    def _require_all(self, accepted: set[str]) -> None:
        missing = [paper.kind for paper in self.papers if paper.kind not in accepted]
        if missing:
            sentence = f"Accept the agreements as well; missing: {', '.join(missing)}."
            raise Conflict("agreements-open", sentence)

    def require_future(self, now: datetime) -> None:
        """Raise Conflict where the work would be overdue when it starts."""
        if self.checklist.due_at and self.checklist.due_at <= now:
            sentence = "The date by which work is due has passed: propose another one."
            raise Conflict("kickoff-dates-passed", sentence)

    def _wait(self) -> None:
        """Each side signs, and acknowledges what the other has declared."""
        self.waiting_for = [
            side
            for side in SIDES
            if not self.signed(side)
            or any(one.open and one.party is not side for one in self.declarations)
        ]


def _outdated(noun: str, path: str, now: "Kickoff | Paper") -> Conflict:
    sentence = f"Something else stands now: read version {now.version} before you go on."
    errors = {f"{path}.version": str(now.version), f"{path}.sha256": now.sha256}
    return Conflict(f"{noun}-changed", sentence, errors)
