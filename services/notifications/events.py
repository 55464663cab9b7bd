"""What notifications announces."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class EndpointDisabled:
    """A partner's endpoint failed for so long that nothing more is sent to it."""

    type: ClassVar[str] = "endpoint.disabled.v1"
    endpoint_id: str
    partner_id: str
    reason: str


Event = EndpointDisabled
