"""What this service reads of the events of others; whatever else they carry is ignored."""

from marshmallow import EXCLUDE, Schema, fields, validate

from services.projects.domain.organisation import Level


class Consumed(Schema):
    """Tolerant: a producer may add fields at any time."""

    class Meta:
        unknown = EXCLUDE


def required() -> fields.String:
    """A text that the contract promises."""
    return fields.String(required=True)


class ApplicationAccepted(Consumed):
    """The candidate accepted; the engagement's id is derived from the application's."""

    engagement_id = required()
    application_id = required()
    project_id = required()
    org_id = required()
    candidate_id = required()


class AccountErased(Consumed):
    """Nobody is behind this id any more."""

    account_id = required()
    role = required()


class ApplicationWithdrawn(Consumed):
    """The candidate left, before an engagement (no id) or during one."""

    application_id = required()
    project_id = required()
    engagement_id = fields.String(load_default=None, allow_none=True)


class PaymentFunded(ApplicationAccepted):
    """The fee is held; carries enough to make the engagement where this comes first."""


class PaymentFailed(ApplicationAccepted):
    """The charge did not go through."""

    code = required()


class PaymentRefunded(Consumed):
    """Held money went back to the company: `amount` now, `refunded_amount` in all; minor units."""

    engagement_id = required()
    amount = fields.Integer(required=True, strict=True)
    refunded_amount = fields.Integer(strict=True, allow_none=True, load_default=None)


class PayoutReleased(Consumed):
    """The money is the candidate's."""

    engagement_id = required()


class PayoutPaid(Consumed):
    """The money was sent to the candidate, or a part of it."""

    engagement_id = required()
    complete = fields.Boolean(load_default=True)


class FeeChanged(Consumed):
    """A change of the work changed the fee."""

    engagement_id = required()
    fee_amount = fields.Integer(required=True, strict=True)


class DisputeOpened(Consumed):
    """One side disputes."""

    engagement_id = required()
    dispute_id = required()


class DisputeResolved(Consumed):
    """The dispute is decided."""

    engagement_id = required()
    dispute_id = required()
    outcome = fields.String(
        required=True, validate=validate.OneOf(["released", "refunded", "split", "withdrawn"])
    )


class ChargebackOpened(Consumed):
    """The payer's card network took the money back for the time being."""

    engagement_id = required()
    chargeback_id = required()


class ChargebackClosed(Consumed):
    """The card network has decided."""

    engagement_id = required()
    chargeback_id = required()
    outcome = fields.String(required=True, validate=validate.OneOf(["won", "lost"]))


class EngagementCancelled(Consumed):
    """One of our own engagements came to nothing: its project has a position free again."""

    application_id = required()
    project_id = required()


class EngagementStarted(Consumed):
    """One of our own has started: a check-in half way is planned."""

    engagement_id = required()
    project_id = required()
    org_id = required()
    candidate_id = required()
    due_at = fields.AwareDateTime(required=True)


class EngagementCompleted(Consumed):
    """One of our own is done: both sides evaluate."""

    engagement_id = required()


class OrganisationVerified(Consumed):
    """How far an operator has verified an organisation."""

    org_id = required()
    level = fields.String(required=True, validate=validate.OneOf(list(Level)))


class ApplicationSubmitted(Consumed):
    """Somebody relies on the brief, as it was then, or in the version that is named."""

    application_id = required()
    project_id = required()
    candidate_id = required()
    brief_version = fields.Integer(strict=True, allow_none=True, load_default=None)


class ApplicationDeclined(Consumed):
    """An application ended."""

    application_id = required()
    project_id = required()


class ApplicationShortlisted(Consumed):
    """The company works on its applications."""

    project_id = required()


class ApplicationSelected(ApplicationShortlisted):
    """The company works on its applications."""


class InvitationSent(Consumed):
    """Somebody was asked to apply, and may read the brief."""

    project_id = required()
    candidate_id = required()


class MessagePosted(Consumed):
    """Somebody wrote in the thread of one of our own engagements."""

    engagement_id = required()
    by = fields.String(required=True, validate=validate.OneOf(["company", "candidate"]))
