"""What operators are shown of held money: what it waits for, how old it is, who has to agree."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from services.payments.domain import Escrow
from services.payments.domain.custody import DAY, HOLDING_LIMIT, Approval, Chargeback
from services.payments.domain.dispute_parts import OPERATOR
from services.payments.schemas.base import ID, OfEngagement
from shared.money import Money

REASON = validate.Length(1, 500)


class Reasoned(OfEngagement):
    reason = fields.String(required=True, validate=REASON)


class OfApproval(OfEngagement):
    approval_id = fields.String(required=True, validate=ID)


class Rejection(OfApproval):
    reason = fields.String(required=True, validate=REASON)


class ChargebackAnswer(OfEngagement):
    chargeback_id = fields.String(required=True, validate=ID)
    evidence = fields.String(required=True, validate=validate.Length(1, 20_000))


def funds_view(escrow: Escrow, now: datetime) -> dict[str, Any]:
    """Held money and its age, in whole days."""
    since, freeze = escrow.held_since, escrow.freeze_now
    return {
        **_about(escrow),
        "status": escrow.status.value,
        "held_amount": escrow.held,
        "held_since": _iso(since),
        "days": (now - since) // DAY if since else 0,
        "limit_at": _iso(since + HOLDING_LIMIT * DAY) if since else None,
        "frozen": escrow.frozen,
        "freeze_reason": freeze.reason if freeze else None,
    }


def approval_view(escrow: Escrow, approval: Approval) -> dict[str, Any]:
    return {
        **_about(escrow),
        "approval_id": approval.id,
        "kind": approval.kind.value,
        "amount": approval.amount,
        "released_amount": approval.split.released,
        "refunded_amount": approval.split.refunded,
        "reason": approval.reason,
        "asked_by": approval.by,
        "asked_at": _iso(approval.at),
        "state": approval.state.value,
    }


def chargeback_view(escrow: Escrow, chargeback: Chargeback) -> dict[str, Any]:
    return {
        **_about(escrow),
        "chargeback_id": chargeback.id,
        "amount": chargeback.amount,
        "state": chargeback.state.value,
        "taken_amount": chargeback.taken,
        "opened_at": _iso(chargeback.opened_at),
        "closed_at": _iso(chargeback.closed_at),
        "submitted_at": _iso(chargeback.submitted_at),
    }


def operators_todo(escrows: Iterable[Escrow], operator_id: str) -> list[dict[str, Any]]:
    """What this operator could do now; their own wishes are another operator's to agree to."""
    found = []
    for escrow in escrows:
        found += _decisions(escrow, operator_id)
        found += [
            _todo(
                "approval-needed",
                one.id,
                f"{_money(one.amount, escrow)} waits for a second operator ({one.kind.value})",
                f"Approve or reject it: {one.reason}",
                one.at,
            )
            for one in escrow.waiting_approvals
            if one.by != operator_id
        ]
        found += [
            _todo(
                "chargeback-unanswered",
                one.id,
                f"A card network took back {_money(one.amount, escrow)}",
                "Send evidence that the charge was right, or let it be.",
                one.opened_at,
            )
            for one in escrow.open_chargebacks
            if one.submitted_at is None
        ]
    return found


def _decisions(escrow: Escrow, operator_id: str) -> list[dict[str, Any]]:
    dispute = escrow.dispute
    if dispute is None or dispute.waits_for != OPERATOR or operator_id in dispute.deciders:
        return []
    title = f"A dispute about {_money(dispute.amount, escrow)} waits for a decision"
    what = "Read both sides and decide, with reasons."
    return [_todo("dispute-decision", escrow.id, title, what, dispute.due_at)]


def _todo(kind: str, id_: str, title: str, what: str, due_at: datetime | None) -> dict[str, Any]:
    return {"kind": kind, "id": id_, "title": title, "what": what, "due_at": _iso(due_at)}


def _about(escrow: Escrow) -> dict[str, Any]:
    return {"engagement_id": escrow.id, "currency": escrow.currency}


def _money(amount: int, escrow: Escrow) -> str:
    return str(Money(amount, escrow.currency))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
