"""What the gateway announces: accounts and organisations, without names and addresses."""

from dataclasses import dataclass
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


Event = AccountRegistered | OrganisationVerified
