"""The allow-list: which events become public, and which of their facts. Nothing else ever leaves.

A public event tells ids, states, sums and times; whoever wants more asks the API for it. Facts that
are objects or long texts are not listed: they would carry what nobody has looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """`about` is the fact that names the subject; `type` is what partners call the event."""

    type: str
    about: str
    facts: tuple[str, ...]

    @property
    def noun(self) -> str:
        """`hire-offer` for `offer_id` of a hire offer: the beginning of the subject."""
        return self.type.partition(".")[0] if self.about == "offer_id" else self.about[:-3]


PROJECT = ("project_id", "org_id")
APPLICATION = ("application_id", *PROJECT)
# Only of an engagement is it told who works: until then reviewers are blind.
ENGAGEMENT = ("engagement_id", *PROJECT, "candidate_id")
ORDER = ("order_id", *ENGAGEMENT, "by")
DISPUTE = ("dispute_id", *ENGAGEMENT)
OFFER = ("offer_id", *ENGAGEMENT, "kind")
SUM = ("amount", "currency")

LISTED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "project.published.v1",
        "project_id",
        (
            *(*PROJECT, "title", "hours", "weeks", "fee_amount", "fee_currency", "positions"),
            *("location_mode", "apply_by", "brief_version"),
        ),
    ),
    ("project.closed.v1", "project_id", (*PROJECT, "title", "reason")),
    # That somebody applied, not which application it is: their order would tell them apart.
    ("application.submitted.v1", "project_id", PROJECT),
    ("application.shortlisted.v1", "application_id", APPLICATION),
    ("application.reserved.v1", "application_id", (*APPLICATION, "rank", "reserved_until")),
    ("application.declined.v1", "application_id", (*APPLICATION, "reason")),
    ("application.selected.v1", "application_id", (*APPLICATION, "expires_at")),
    (
        "application.accepted.v1",
        "application_id",
        (*APPLICATION, "engagement_id", "candidate_id", "fee_amount", "fee_currency"),
    ),
    (
        "application.withdrawn.v1",
        "application_id",
        (*APPLICATION, "engagement_id", "reason", "previous_status"),
    ),
    ("decision.due.v1", "project_id", (*PROJECT, "due_at")),
    (
        "engagement.opened.v1",
        "engagement_id",
        (*ENGAGEMENT, "application_id", "fee_amount", "fee_currency", "hours", "kickoff_due_at"),
    ),
    ("engagement.started.v1", "engagement_id", (*ENGAGEMENT, "due_at")),
    (
        "engagement.completed.v1",
        "engagement_id",
        (*ENGAGEMENT, "application_id", "automatic", "hours", "skills", "completed_at"),
    ),
    (
        "engagement.cancelled.v1",
        "engagement_id",
        (*ENGAGEMENT, "application_id", "reason", "fault", "started"),
    ),
    (
        "kickoff.signed.v1",
        "engagement_id",
        (*ENGAGEMENT, "by", "version", "waiting_for", "kickoff_due_at"),
    ),
    (
        "deliverable.submitted.v1",
        "engagement_id",
        (*ENGAGEMENT, "deliverable_id", "version", "review_due_at", "late"),
    ),
    (
        "deliverable.accepted.v1",
        "engagement_id",
        (*ENGAGEMENT, "deliverable_id", "automatic", "accepted_at"),
    ),
    (
        "revision.requested.v1",
        "engagement_id",
        (*ENGAGEMENT, "deliverable_id", "round", "rounds_left", "due_at"),
    ),
    (
        "deadline.missed.v1",
        "engagement_id",
        (*ENGAGEMENT, "due_at", "consequence", "taken_until", "ends_at"),
    ),
    (
        "change-order.proposed.v1",
        "order_id",
        (*ORDER, "fee_difference", "fee_amount", "fee_currency", "hours", "due_at", "expires_at"),
    ),
    (
        "change-order.accepted.v1",
        "order_id",
        (*ORDER, "fee_difference", "fee_amount", "fee_currency", "hours", "due_at", "accepted_at"),
    ),
    ("change-order.declined.v1", "order_id", (*ORDER, "outcome")),
    (
        "evaluation.released.v1",
        "engagement_id",
        (*ENGAGEMENT, "weighted_score", "raters", "released_at"),
    ),
    ("payment.funded.v1", "engagement_id", (*ENGAGEMENT, *SUM)),
    ("payment.failed.v1", "engagement_id", (*ENGAGEMENT, *SUM, "code", "retryable")),
    ("payment.refunded.v1", "engagement_id", (*ENGAGEMENT, *SUM, "refunded_amount", "reason")),
    ("payout.paid.v1", "engagement_id", (*ENGAGEMENT, *SUM, "paid_at", "complete")),
    ("rights.assigned.v1", "engagement_id", (*ENGAGEMENT, "agreement_version", "assigned_at")),
    ("licence.revoked.v1", "engagement_id", (*ENGAGEMENT, "revoked_at")),
    (
        "dispute.opened.v1",
        "dispute_id",
        (*DISPUTE, *SUM, "reason", "by", "response_due_at"),
    ),
    (
        "dispute.decided.v1",
        "dispute_id",
        (*DISPUTE, "currency", "by", "released_amount", "refunded_amount", "appeal_until"),
    ),
    (
        "dispute.resolved.v1",
        "dispute_id",
        (*DISPUTE, "currency", "outcome", "released_amount", "refunded_amount"),
    ),
    ("credential.issued.v1", "credential_id", ("credential_id", *ENGAGEMENT, "issued_at")),
    (
        "credential.revoked.v1",
        "credential_id",
        ("credential_id", *ENGAGEMENT, "reason", "revoked_at"),
    ),
    (
        "hire-offer.extended.v1",
        "offer_id",
        (*OFFER, "pay_amount", "pay_currency", "pay_period", "expires_at"),
    ),
    ("hire-offer.accepted.v1", "offer_id", OFFER),
    ("hire-offer.declined.v1", "offer_id", (*OFFER, "reason")),
    ("hire-offer.expired.v1", "offer_id", OFFER),
    ("hire-offer.rescinded.v1", "offer_id", (*OFFER, "reason")),
    ("hire-offer.started.v1", "offer_id", (*OFFER, "by", "started_at")),
    ("hire-offer.ended.v1", "offer_id", (*OFFER, "by", "reason", "began")),
    ("hire-offer.retained.v1", "offer_id", OFFER),
    ("endpoint.disabled.v1", "endpoint_id", ("endpoint_id", "partner_id", "reason")),
)

# By the type of the event inside, which may move on while partners keep the type that they know.
SHAPES: Mapping[str, Shape] = {type_: Shape(type_, about, facts) for type_, about, facts in LISTED}
PING = "endpoint.pinged.v1"  # A test of an endpoint: it happens nowhere else and has no sequence.
TYPES = frozenset(shape.type for shape in SHAPES.values())
