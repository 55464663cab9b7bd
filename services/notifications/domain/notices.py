"""Which event tells whom: the table behind every mail and every line of an inbox."""

from services.notifications.domain.audience import (
    BOTH,
    CANDIDATE,
    COMPANY,
    OPERATORS,
    Audience,
    Data,
    Notice,
    by,
    conflict_by,
    first_time,
    not_by,
    nudged_by,
    paid,
    signed_by_other,
    waits_for,
)

NOTICES: dict[str, tuple[Notice, ...]] = {
    "account.registered": (Notice(Audience.PERSON),),
    "address.suspended": (Notice(Audience.PERSON),),
    "impersonation.begun": (Notice(Audience.PERSON),),
    "export.finished": (Notice(Audience.PERSON, "expires_at"),),
    "erasure.asked": (Notice(Audience.PERSON, "due_at"),),
    "erasure.cancelled": (Notice(Audience.PERSON),),
    "erasure.deferred": (Notice(Audience.PERSON),),
    "organisation.verified": (Notice(Audience.OWNERS),),
    "project.closed": (Notice(Audience.COMPANY, when=lambda data: data["reason"] != "company"),),
    "project.submitted": (OPERATORS,),
    "project.returned": (COMPANY,),
    "project.approved": (COMPANY,),
    "project.exempted": (COMPANY,),
    "project.revised": (Notice(Audience.APPLICANTS),),
    "project.reminded": (Notice(Audience.COMPANY, "closes_at"),),
    "inquiry.asked": (COMPANY,),
    "inquiry.answered": (CANDIDATE,),
    "match.suggested": (Notice(Audience.SUGGESTED),),
    "invitation.sent": (Notice(Audience.CANDIDATE, "expires_at"),),
    "application.submitted": BOTH,
    "decision.due": (Notice(Audience.COMPANY, "due_at"),),
    "application.shortlisted": (CANDIDATE,),
    "application.reserved": (Notice(Audience.CANDIDATE, "reserved_until"),),
    "identity.revealed": (CANDIDATE,),
    "application.declined": (CANDIDATE,),
    "application.selected": (Notice(Audience.CANDIDATE, "expires_at"),),
    "application.accepted": (COMPANY,),
    "application.withdrawn": (
        COMPANY,
        Notice(Audience.CANDIDATE, when=lambda data: data["reason"] == "expired"),
    ),
    "payment.funded": (Notice(Audience.COMPANY, when=paid),),
    "payment.failed": BOTH,
    "payment.unconfirmed": (Notice(Audience.COMPANY, "confirm_by"),),
    "payment.refunded": (
        Notice(Audience.CANDIDATE, when=paid),
        Notice(Audience.COMPANY, when=paid),
    ),
    "engagement.opened": (
        Notice(Audience.CANDIDATE, "kickoff_due_at"),
        Notice(Audience.COMPANY, "kickoff_due_at"),
    ),
    "kickoff.proposed": (
        Notice(Audience.CANDIDATE, "kickoff_due_at", by("company")),
        Notice(Audience.COMPANY, "kickoff_due_at", by("candidate")),
    ),
    "kickoff.signed": (
        Notice(Audience.CANDIDATE, "kickoff_due_at", signed_by_other("candidate")),
        Notice(Audience.COMPANY, "kickoff_due_at", signed_by_other("company")),
    ),
    "kickoff.reminded": (
        Notice(Audience.CANDIDATE, "kickoff_due_at", waits_for("candidate")),
        Notice(Audience.COMPANY, "kickoff_due_at", waits_for("company")),
    ),
    "conflict.declared": (
        Notice(Audience.CANDIDATE, when=conflict_by("company")),
        Notice(Audience.COMPANY, when=conflict_by("candidate")),
    ),
    "conflict.acknowledged": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.REVIEWERS, when=by("candidate")),
    ),
    "engagement.started": (Notice(Audience.CANDIDATE, "due_at"), COMPANY),
    "deadline.reminded": (
        Notice(Audience.CANDIDATE, "due_at", waits_for("candidate")),
        Notice(Audience.REVIEWERS, "due_at", waits_for("company")),
    ),
    "deadline.missed": (Notice(Audience.CANDIDATE, "taken_until"), COMPANY),
    "no-show.suspected": (Notice(Audience.CANDIDATE, "answer_by"), COMPANY),
    "milestone.changed": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.REVIEWERS, when=by("candidate")),
    ),
    "milestone.missed": BOTH,
    "change-order.proposed": (
        Notice(Audience.CANDIDATE, "expires_at", by("company")),
        Notice(Audience.COMPANY, "expires_at", by("candidate")),
    ),
    "change-order.accepted": BOTH,
    "change-order.declined": BOTH,
    "message.posted": (
        Notice(Audience.CANDIDATE, when=nudged_by("company")),
        Notice(Audience.REVIEWERS, when=nudged_by("candidate")),
    ),
    "flag.raised": (OPERATORS,),
    "flag.resolved": (
        Notice(Audience.CANDIDATE, when=by("candidate")),
        Notice(Audience.COMPANY, when=by("company")),
    ),
    "reflection.shared": (Notice(Audience.REVIEWERS),),
    "deliverable.submitted": (CANDIDATE, Notice(Audience.REVIEWERS, "review_due_at")),
    "revision.requested": (Notice(Audience.CANDIDATE, "due_at"),),
    "deliverable.accepted": (
        CANDIDATE,
        Notice(Audience.COMPANY, when=lambda data: bool(data["automatic"])),
    ),
    "evaluation.submitted": (
        Notice(Audience.CANDIDATE, "due_at", by("company")),
        Notice(Audience.REVIEWERS, "due_at", by("candidate")),
    ),
    "evaluation.released": (CANDIDATE, Notice(Audience.REVIEWERS)),
    "evaluation.replied": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.REVIEWERS, when=by("candidate")),
    ),
    "evaluation.reported": (OPERATORS,),
    "evaluation.judged": BOTH,
    "midpoint.due": (
        Notice(Audience.CANDIDATE, when=waits_for("candidate")),
        Notice(Audience.REVIEWERS, when=waits_for("company")),
    ),
    "midpoint.answered": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.REVIEWERS, when=by("candidate")),
    ),
    "engagement.completed": (COMPANY,),
    "engagement.cancelled": BOTH,
    "rights.assigned": BOTH,
    "licence.revoked": BOTH,
    "payout.paid": (Notice(Audience.CANDIDATE, when=paid),),
    "part.released": BOTH,
    "extra.failed": (
        COMPANY,
        Notice(Audience.CANDIDATE, when=lambda data: data["purpose"] == "top-up"),
    ),
    "fee.changed": BOTH,
    "refund.failed": (COMPANY, OPERATORS),
    "repayment.asked": (Notice(Audience.CANDIDATE, "answer_by"),),
    "repayment.answered": (COMPANY,),
    "sponsorship.proposed": (Notice(Audience.OWNERS),),
    "sponsorship.answered": (COMPANY,),
    "sponsorship.failed": (COMPANY,),
    "payout.failed": (CANDIDATE,),
    "payout-account.updated": (
        Notice(Audience.CANDIDATE, when=lambda data: data["status"] != "pending"),
    ),
    "credential.issued": (CANDIDATE,),
    "reengagement.offered": (Notice(Audience.CANDIDATE, "expires_at"),),
    "reengagement.declined": (COMPANY,),
    "reengagement.expired": (COMPANY,),
    "talent-consent.asked": (Notice(Audience.CANDIDATE, "expires_at"),),
    "talent-consent.granted": (COMPANY,),
    "talent-consent.revoked": (COMPANY,),
    "credential.revoked": BOTH,
    "reference.requested": (Notice(Audience.REVIEWERS),),
    "reference.given": (CANDIDATE,),
    "hire-offer.drafted": (COMPANY,),
    "hire-offer.extended": (Notice(Audience.CANDIDATE, "expires_at"),),
    "hire-offer.accepted": (COMPANY,),
    "hire-offer.declined": (COMPANY,),
    "hire-offer.expired": BOTH,
    "hire-offer.rescinded": (CANDIDATE,),
    "hire-offer.dropped": (
        Notice(Audience.COMPANY, when=lambda data: data["reason"] == "no-decision"),
    ),
    "hire-offer.reminded": (
        Notice(Audience.CANDIDATE, "answer_by"),
        Notice(Audience.COMPANY, "answer_by"),
    ),
    "hire-offer.started": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.COMPANY, when=by("candidate")),
    ),
    "hire-offer.ended": (
        Notice(Audience.CANDIDATE, when=lambda data: data["by"] != "candidate"),
        Notice(Audience.COMPANY, when=lambda data: data["by"] != "company"),
    ),
    "hire-check-in.due": (
        Notice(Audience.CANDIDATE, "closes_at"),
        Notice(Audience.COMPANY, "closes_at"),
    ),
    "dispute.opened": (
        Notice(Audience.CANDIDATE, "response_due_at"),
        Notice(Audience.COMPANY, "response_due_at"),
        OPERATORS,
    ),
    "dispute.responded": (
        Notice(Audience.CANDIDATE, "due_at", not_by("candidate")),
        Notice(Audience.COMPANY, "due_at", not_by("company")),
    ),
    "dispute.offered": (
        Notice(Audience.CANDIDATE, "due_at", by("company")),
        Notice(Audience.COMPANY, "due_at", by("candidate")),
    ),
    "dispute.escalated": (
        Notice(Audience.CANDIDATE, when=first_time),
        Notice(Audience.COMPANY, when=first_time),
        Notice(Audience.OPERATORS, "due_at"),
    ),
    "dispute.decided": (
        Notice(Audience.CANDIDATE, "appeal_until"),
        Notice(Audience.COMPANY, "appeal_until"),
    ),
    "dispute.appealed": (
        Notice(Audience.CANDIDATE, when=by("company")),
        Notice(Audience.COMPANY, when=by("candidate")),
        Notice(Audience.OPERATORS, "due_at"),
    ),
    "dispute.resolved": BOTH,
    "chargeback.opened": (*BOTH, OPERATORS),
    "chargeback.closed": (*BOTH, OPERATORS),
    "funds.frozen": BOTH,
    "funds.unfrozen": BOTH,
    "funds.aged": (Notice(Audience.OPERATORS, "limit_at"),),
    "approval.requested": (OPERATORS,),
    "endpoint.disabled": (
        Notice(Audience.OWNERS, when=lambda data: bool(data["org_id"])),
        Notice(Audience.PERSON, when=lambda data: bool(data["account_id"])),
    ),
}
KINDS = frozenset(NOTICES)


def kind(event_type: str) -> str:
    """`payment.failed.v1` is a notification of kind `payment.failed`."""
    return event_type.rpartition(".")[0]


def told(event_type: str, data: Data) -> list[Notice]:
    """The notices that this event causes."""
    return [notice for notice in NOTICES.get(kind(event_type), ()) if notice.when(data)]


def persons(notice: Notice, data: Data) -> list[str]:
    """The people that the event itself names; a company's are found by their roles."""
    if notice.to in (Audience.SUGGESTED, Audience.APPLICANTS):
        return [one["candidate_id"] for one in data["candidates"]]
    if notice.to is Audience.CANDIDATE:
        return [data["candidate_id"]]
    return [data["account_id"]] if notice.to is Audience.PERSON else []
