"""What the gateway announces: accounts and organisations, without names and addresses."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AccountRegistered:
    """Somebody can sign in from now on."""

    type: ClassVar[str] = "account.registered.v1"
    account_id: str
    role: str
    org_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrganisationVerified:
    """An operator checked who the organisation is, as far as `level` says."""

    type: ClassVar[str] = "organisation.verified.v1"
    org_id: str
    level: str


@dataclass(frozen=True, slots=True)
class ImpersonationBegun:
    """An operator looks at the platform as this person, or writes in their name."""

    type: ClassVar[str] = "impersonation.begun.v1"
    impersonation_id: str
    account_id: str
    scope: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ExportFinished:
    """What is kept of somebody is theirs to fetch, for a while."""

    type: ClassVar[str] = "export.finished.v1"
    export_id: str
    account_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """Somebody wants to be forgotten, and may change their mind until then."""

    type: ClassVar[str] = "erasure.asked.v1"
    account_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureCancelled:
    """They changed their mind."""

    type: ClassVar[str] = "erasure.cancelled.v1"
    account_id: str


@dataclass(frozen=True, slots=True)
class ErasureDeferred:
    """Something has to come to its end first; `reasons` are codes."""

    type: ClassVar[str] = "erasure.deferred.v1"
    account_id: str
    due_at: datetime
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class AccountErased:
    """The account is no person's any more: its id is a pseudonym from now on."""

    type: ClassVar[str] = "account.erased.v1"
    account_id: str
    role: str
    org_id: str | None = None


Event = (
    AccountErased
    | AccountRegistered
    | ErasureAsked
    | ErasureCancelled
    | ErasureDeferred
    | ExportFinished
    | ImpersonationBegun
    | OrganisationVerified
)
