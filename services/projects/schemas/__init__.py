"""What comes in and what goes out: requests, consumed events, and the views of both aggregates."""

from services.projects.schemas.events import (
    ApplicationAccepted,
    ApplicationWithdrawn,
    DisputeOpened,
    DisputeResolved,
    EngagementCancelled,
    PaymentFailed,
    PaymentFunded,
    PaymentRefunded,
    PayoutPaid,
)

__all__ = [
    "ApplicationAccepted",
    "ApplicationWithdrawn",
    "DisputeOpened",
    "DisputeResolved",
    "EngagementCancelled",
    "PaymentFailed",
    "PaymentFunded",
    "PaymentRefunded",
    "PayoutPaid",
]
