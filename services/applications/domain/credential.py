"""Proof of finished work, the candidate's to keep, and to show as far as both sides agree."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.applications.domain.project_terms import RequiredSkill
from services.applications.events import (
    CredentialIssued,
    CredentialRevoked,
    CredentialShared,
    Event,
    ReferenceGiven,
    ReferenceRequested,
)
from shared.errors import Conflict, Invalid


@dataclass(frozen=True)
class Proof:
    """A file of the accepted version of the work; `sha256` in lower-case hex."""

    name: str
    sha256: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What the candidate agrees to show. Nothing is public that is not said here.

    `name` is the name to show, as it was when they agreed; None shows none. `files` are hashes of
    those files of the work that anybody may fetch.
    """

    public: bool = False
    name: str | None = None
    organisation: bool = False
    scores: bool = False
    evidence: bool = False
    references: bool = False
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What the company lets be shown of itself: its name and files (by their hashes) where it says
    so, the project's title and the files' hashes unless it says otherwise."""

    organisation: str | None = None
    title: bool = True
    evidence: bool = True
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What somebody of the company says in their own name; `public` where it may be shown."""

    referee_id: str
    name: str
    role: str
    text: str
    public: bool
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Why a credential is no proof any more."""

    reason: str
    revoked_at: datetime


@dataclass
class Credential:
    """It follows the accepted work, never the payout; scores come once they are released.

    `status_index` is its place in the published list of revocations, from its first sharing on;
    `scores_removed` says that an operator has struck out the company's rating, on appeal.
    """

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    project_title: str
    skills: list[RequiredSkill]
    hours: int
    automatic: bool
    completed_at: datetime
    issued_at: datetime
    weighted_score: int | None = None
    scores: dict[str, int] | None = None
    scores_removed: bool = False
    files: list[Proof] = field(default_factory=list)
    sharing: Sharing = field(default_factory=Sharing)
    consent: Consent = field(default_factory=Consent)
    references: list[Reference] = field(default_factory=list)
    reference_asked_at: datetime | None = None
    status_index: int | None = None
    revocation: Revocation | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def is_public(self) -> bool:
        """Whether strangers may know that it is there."""
        return self.sharing.public and self.status_index is not None

    @property
    def public_files(self) -> list[Proof]:
        """What anybody may fetch: both sides say so, of a credential that is public and stands."""
        if not self.is_public or self.revocation is not None:
            return []
        agreed = {*self.sharing.files} & {*self.consent.files}
        return [one for one in self.files if one.sha256 in agreed]

    def note_scores(self, scores: dict[str, int] | None, weighted_score: int | None) -> None:
        """What the company said of the work, once both sides may read it."""
        if not self.scores_removed:
            self.scores, self.weighted_score = scores, weighted_score

    def remove_scores(self) -> None:
        """The rating counts no more, and is shown no more; whichever of both is heard first."""
        self.scores, self.weighted_score, self.scores_removed = None, None, True

    def issue(self) -> None:
        skills = [skill.skill_id for skill in self.skills]
        self.events.append(
            CredentialIssued(self.id, **self._whose(), skills=skills, issued_at=self.issued_at)
        )

    def share(self, sharing: Sharing, index: int) -> None:
        """Show this much from now on; `index` is taken where it has none in the list yet."""
        self.require_standing()
        self._require_own(sharing.files)
        if self.status_index is None:
            self.status_index = index
        if sharing != self.sharing:
            self.sharing = sharing
            self.events.append(CredentialShared(self.id, **self._whose(), public=sharing.public))

    def allow(self, consent: Consent) -> None:
        """The company lets this much be shown from now on."""
        self._require_own(consent.files)
        self.consent = consent

    def ask_reference(self, message: str, now: datetime) -> None:
        """Ask the company for somebody who speaks for the work, once."""
        self.require_standing()
        if self.reference_asked_at is not None:
            raise Conflict("already-asked", "You have asked the company for a reference.")
        self.reference_asked_at = now
        self.events.append(ReferenceRequested(self.id, **self._whose(), message=message))

    def give_reference(self, reference: Reference) -> None:
        """Speak for the work, on request; again to change what one said."""
        self.require_standing()
        if self.reference_asked_at is None:
            raise Conflict("reference-not-asked", "The candidate has not asked for a reference.")
        kept = [one for one in self.references if one.referee_id != reference.referee_id]
        self.references = [*kept, reference]
        self.events.append(ReferenceGiven(self.id, **self._whose(), public=reference.public))

    def revoke(self, reason: str, now: datetime) -> None:
        """It is no proof any more, for ever."""
        if self.revocation is None:
            self.revocation = Revocation(reason=reason, revoked_at=now)
            self.sharing = replace(self.sharing, name=None)
            self.events.append(
                CredentialRevoked(
                    self.id,
                    **self._whose(),
                    reason=reason,
                    status_index=self.status_index,
                    revoked_at=now,
                )
            )

    def require_standing(self) -> None:
        """Raise Conflict where it was revoked."""
        if self.revocation is not None:
            raise Conflict("credential-revoked", "This credential was revoked.")

    def _require_own(self, hashes: list[str]) -> None:
        if {*hashes} - {one.sha256 for one in self.files}:
            sentence = (
                "The accepted work has no such file: name hashes of the credential's `files`."
            )
            raise Invalid("file-not-of-the-work", sentence, {"files": "not of the accepted work"})

    def _whose(self) -> dict[str, str]:
        return {
            "engagement_id": self.engagement_id,
            "project_id": self.project_id,
            "org_id": self.org_id,
            "candidate_id": self.candidate_id,
        }
