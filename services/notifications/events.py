"""What notifications announces."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class EndpointDisabled:
    """A partner's endpoint failed for so long that nothing more is sent to it.

    The partner belongs to the organisation, or to the account.
    """

    type: ClassVar[str] = "endpoint.disabled.v1"
    endpoint_id: str
    partner_id: str
    reason: str
    org_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True)
class AddressSuspended:
    """Mails to a person's address came back, so none is sent there until it is another one."""

    type: ClassVar[str] = "address.suspended.v1"
    account_id: str
    reason: str
    suspended_at: str


Event = EndpointDisabled | AddressSuspended
