"""What the card network does with a charge: learnt from the processor, answered by an operator."""

from services.payments.domain import Escrow, Notice
from services.payments.domain.custody import ChargebackState
from services.payments.usecases.engagements import permitted
from services.payments.usecases.ports import Desk
from services.payments.usecases.settling import settle
from shared.envelope import Call, Message
from shared.errors import Invalid, NotYet
from shared.sweep import each


def learn(desk: Desk, notice: Notice, cause: Message | None) -> Escrow:
    """Take in that a charge was charged back, or how that ended: in any order, however often.

    Raises NotYet where the charge has not been recorded, Invalid for a state that nobody knows.
    """
    if desk.escrows.find(notice.engagement_id) is None:
        raise NotYet("escrow-unknown", f"Nothing is known of {notice.engagement_id} yet.")
    if notice.code not in set(ChargebackState):
        raise Invalid("chargeback-state-unknown", f"{notice.code} is no state of a chargeback.")
    escrow = desk.escrows.change(
        notice.engagement_id, cause, lambda escrow: take(escrow, notice, desk)
    )
    return settle(desk, escrow, cause)


def take(escrow: Escrow, notice: Notice, desk: Desk) -> None:
    now, id_ = desk.now(), notice.object_id
    escrow.charged_back(id_, notice.operation_key, notice.amount, now)
    escrow.chargeback_cost(id_, notice.fee, notice.fee_returned, now)
    if notice.code == ChargebackState.WON:
        escrow.chargeback_won(id_, now)
    elif notice.code == ChargebackState.LOST:
        escrow.chargeback_lost(id_, now)


def answer_chargeback(
    desk: Desk, call: Call, engagement_id: str, chargeback_id: str, evidence: str
) -> Escrow:
    """Tell the network why the charge was right; kept first, so that it can be sent again."""
    permitted(desk, call.principal, "answer_chargeback", engagement_id)
    by = call.principal.id
    desk.escrows.change(
        engagement_id,
        call,
        lambda escrow: escrow.prepare_answer(chargeback_id, evidence, by, desk.now()),
    )
    return _submit(desk, engagement_id, chargeback_id, evidence)


def resend_evidence(desk: Desk) -> None:
    """Hand in again what a bank that was away, or a crash, has kept from the network."""
    waiting = (
        (escrow.id, one.id, one.evidence)
        for escrow in desk.overview.watched()
        for one in escrow.open_chargebacks
        if one.evidence and one.submitted_at is None
    )
    each(waiting, lambda one: _submit(desk, *one))


def _submit(desk: Desk, engagement_id: str, chargeback_id: str, evidence: str) -> Escrow:
    submitted = desk.bank.answer_chargeback(chargeback_id, evidence)
    return desk.escrows.change(
        engagement_id,
        None,
        lambda escrow: escrow.mark_answered(chargeback_id, desk.now()) if submitted else None,
    )
