"""What money still binds somebody to, and what is closed when they are erased.

The books stay whole: journal, escrows and the record of disputes are kept as the law asks, under
an id that is nobody's any more.
"""

from collections.abc import Iterator

from services.payments.domain import Escrow, PayoutAccount
from services.payments.usecases.ports import Desk
from shared.envelope import Message
from shared.principal import Principal

REASONS = {
    "dispute-open": "A dispute is open.",
    "money-frozen": "Money is frozen.",
    "money-held": "Money is held for work that is not settled yet.",
    "payout-open": "Money is owed or on its way.",
}
Item = dict[str, str]


def list_hindrances(desk: Desk, by: Principal, person_id: str, org_id: str | None) -> list[Item]:
    """One for each engagement whose money has not come to rest."""
    by.require("list_hindrances")
    found = desk.finding.of_candidate(person_id)
    if org_id:
        found = [*found, *desk.finding.of_payer(org_id)]
    return [
        {"code": code, "detail": REASONS[code], "subject": escrow.id}
        for escrow in found
        for code in _reasons(escrow, org_id)
    ]


def _reasons(escrow: Escrow, org_id: str | None) -> Iterator[str]:
    if escrow.dispute:
        yield "dispute-open"
    elif escrow.held_back:
        yield "money-frozen"
    if escrow.held:
        yield "money-held"
    elif org_id in escrow.creditors or escrow.owed or escrow.under_way or escrow.unsent_reclaim:
        yield "payout-open"


def close_account(desk: Desk, cause: Message, person_id: str) -> None:
    """Nothing is sent to this person any more."""
    if desk.accounts.find(person_id) is not None:
        desk.accounts.change(person_id, cause, PayoutAccount.close)
