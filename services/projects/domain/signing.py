"""What people say at the kick-off: what they have read, changed, declared and signed."""

from dataclasses import dataclass, field
from datetime import datetime

from services.projects.domain.work import Party


@dataclass(frozen=True)
class Read:
    """What somebody has read and means: the version and the hash of its content."""

    version: int
    sha256: str


@dataclass(frozen=True)
class ReadPaper:
    """The text that somebody has read and accepts."""

    kind: str
    version: int
    sha256: str


@dataclass(frozen=True)
class Disclosure:
    """Whether somebody has a conflict of interest in this engagement, and which."""

    declared: bool
    text: str = ""


@dataclass(frozen=True)
class Signing:
    """All that one signature says."""

    checklist: Read
    agreements: list[ReadPaper] = field(default_factory=list)
    conflict: Disclosure | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A change of the checklist: which version it made, and of what."""

    version: int
    sha256: str
    party: Party
    person_id: str
    proposed_at: datetime
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One side's word on one version of the checklist."""

    party: Party
    person_id: str
    version: int
    sha256: str
    signed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A person's answer about conflicts of interest; one that tells of any is acknowledged."""

    declaration_id: str
    party: Party
    person_id: str
    declared: bool
    text: str
    declared_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def open(self) -> bool:
        """The other side has not yet said that it knows and goes on."""
        return self.declared and self.acknowledged_at is None
