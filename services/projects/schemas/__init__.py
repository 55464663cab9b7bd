"""What comes in and what goes out: requests, consumed events, and the views of both aggregates."""

from services.projects.schemas.events import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationSelected,
    ApplicationShortlisted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DisputeOpened,
    DisputeResolved,
    EngagementCancelled,
    InvitationSent,
    OrganisationVerified,
    PaymentFailed,
    PaymentFunded,
    PaymentRefunded,
    PayoutPaid,
    PayoutReleased,
)

__all__ = [
    "ApplicationAccepted",
    "ApplicationDeclined",
    "ApplicationSelected",
    "ApplicationShortlisted",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "DisputeOpened",
    "DisputeResolved",
    "EngagementCancelled",
    "InvitationSent",
    "OrganisationVerified",
    "PaymentFailed",
    "PaymentFunded",
    "PaymentRefunded",
    "PayoutPaid",
    "PayoutReleased",
]
