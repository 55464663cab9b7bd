"""The money of an engagement: what is heard of its work, and what people ask for."""

from services.payments.domain import Entry, Escrow
from services.payments.usecases.funding import sources
from services.payments.usecases.ports import Desk, Engagement, Waiter
from services.payments.usecases.security import hold_days, secure
from services.payments.usecases.settling import payable_account, settle
from shared.envelope import Call, Message
from shared.principal import Principal


def open_escrow(desk: Desk, engagement: Engagement, cause: Message) -> Escrow:
    """Charge the company and hold the fee, once."""
    card_id, shares = sources(desk, engagement)
    days = hold_days(desk, engagement.org_id, engagement.candidate_id)
    escrow = desk.escrows.change(
        engagement.engagement_id,
        cause,
        lambda escrow: escrow.fund(card_id, desk.now(), shares),
        new=lambda: Escrow(
            id=engagement.engagement_id,
            application_id=engagement.application_id,
            project_id=engagement.project_id,
            org_id=engagement.org_id,
            candidate_id=engagement.candidate_id,
            amount=engagement.fee_amount,
            currency=engagement.fee_currency,
            fee_bps=desk.fee_bps,
            security_days=days,
        ),
    )
    return settle(desk, escrow, cause)


def release_funds(desk: Desk, engagement_id: str, candidate_id: str, cause: Message) -> Escrow:
    """Owe the candidate the fee of accepted work, and pay it where there is an account; once."""
    account_id = payable_account(desk, candidate_id)

    found = desk.escrows.find(engagement_id)
    days = secure(desk, found) if found else 0

    def accept(escrow: Escrow) -> None:
        escrow.security_days = days
        escrow.accept(account_id if escrow.candidate_id == candidate_id else None, desk.now())

    return settle(desk, desk.escrows.change(engagement_id, cause, accept), cause)


def close_escrow(
    desk: Desk,
    engagement_id: str,
    reason: str,
    cause: Message,
    fault: str = "nobody",
    hours: int | None = None,
) -> Escrow:
    """Give back what is held for work that ended unaccepted, once, less what the table of early
    ends grants the candidate.
    """

    def close(escrow: Escrow) -> None:
        pay = desk.policies.pay_on_ending(fault, escrow.amount, hours)
        escrow.close(reason, desk.now(), pay)

    return settle(desk, desk.escrows.change(engagement_id, cause, close), cause)


def get_escrow(desk: Desk, by: Principal, engagement_id: str) -> tuple[Escrow, list[Entry] | None]:
    """The money of an engagement, with its journal for all but the candidate."""
    escrow = permitted(desk, by, "get_escrow", engagement_id)
    return escrow, None if by.role == "candidate" else desk.journal.of(engagement_id)


def retry_payment(desk: Desk, call: Call, engagement_id: str) -> Escrow:
    """Charge again after a failure, with the card that is set now."""
    org_id = permitted(desk, call.principal, "retry_payment", engagement_id).org_id
    card_id = chargeable_card(desk, org_id)
    escrow = desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.retry(call.id, card_id, desk.now())
    )
    return settle(desk, escrow, call)


def list_todo(desk: Desk, by: Principal) -> list[Waiter]:
    """What waits for this person, or for their organisation."""
    by.require("list_todo")
    if by.role in ("owner", "recruiter"):
        return desk.waiting(by.org_id) if by.org_id else []
    return desk.waiting(by.id) if by.role == "candidate" else []


def trial_balance(desk: Desk, by: Principal) -> list[tuple[str, str, int]]:
    """Every account's balance over all engagements."""
    by.require("trial_balance")
    return desk.journal.balances()


def chargeable_card(desk: Desk, org_id: str) -> str | None:
    payer = desk.payers.find(org_id)
    return payer.card.id if payer and payer.card else None


def permitted(desk: Desk, by: Principal, operation: str, engagement_id: str) -> Escrow:
    """The escrow, where this principal may do this with it."""
    escrow = desk.escrows.load(engagement_id)
    by.require(operation, org_id=escrow.org_id, person_id=escrow.candidate_id)
    return escrow
