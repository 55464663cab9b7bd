"""What each kind of operation means in the books, once it has succeeded; debits are positive.

| kind | debit | credit |
|---|---|---|
| charge | processor_balance (less its fee), processing_fees | held_funds |
| release | held_funds | candidate_payable, platform_fee (`fee_amount`) |
| transfer | candidate_payable | processor_balance |
| refund | held_funds, refund_losses (`loss_amount`) | processor_balance |
| refund, `again` | company_payable | processor_balance |
| refund-failed | processor_balance | company_payable |
| reversal | processor_balance, platform_fee (`fee_amount`) | held_funds |
| reversal, `purpose` RECOVERY | processor_balance | dispute_losses |
| chargeback | disputes_receivable | processor_balance |
| chargeback-fee | dispute_fees | processor_balance |
| chargeback-fee-returned | processor_balance | dispute_fees |
| chargeback-won | processor_balance | disputes_receivable |
| chargeback-lost | held_funds, dispute_losses (`loss_amount`) | disputes_receivable |
| ..., of it `covered_amount` | company_payable | disputes_receivable |
"""

from services.payments.domain.hold import Hold
from services.payments.domain.ledger import Entry, Posting
from services.payments.domain.operations import Kind, Operation

RECOVERY = "recovery"  # Of a reversal: it makes up for a lost chargeback, and nobody is owed it.
Lines = list[tuple[str, int]]


def entry_of(operation: Operation, escrow: Hold, processor: str) -> Entry:
    """The entry of a succeeded operation; the same one, however often it is asked for."""
    whose = {
        "processor_balance": processor,
        "held_funds": escrow.id,
        "disputes_receivable": escrow.id,
        "candidate_payable": escrow.candidate_id,
        "company_payable": escrow.payer_of(operation.charge_id),
    }
    return Entry(
        id=operation.key,
        kind=operation.kind.value,
        engagement_id=escrow.id,
        currency=operation.currency,
        created_at=operation.changed_at or operation.created_at,
        postings=tuple(
            Posting(account, money, whose.get(account, ""))
            for account, money in _lines(operation)
            if money
        ),
        bank_id=operation.bank_id,
    )


def _lines(operation: Operation) -> Lines:
    amount, fee, loss = operation.amount, operation.fee_amount, operation.loss_amount
    held, bank, contested = "held_funds", "processor_balance", "disputes_receivable"
    backed, covered = amount - loss, operation.covered_amount
    if operation.kind is Kind.REVERSAL and operation.purpose == RECOVERY:
        return [(bank, amount), ("dispute_losses", -amount)]
    if operation.kind is Kind.REFUND and operation.again:
        return [("company_payable", amount), (bank, -amount)]
    lines: dict[Kind, Lines] = {
        Kind.CHARGE: [(bank, amount - fee), ("processing_fees", fee), (held, -amount)],
        Kind.RELEASE: [(held, amount), ("candidate_payable", fee - amount), ("platform_fee", -fee)],
        Kind.TRANSFER: [("candidate_payable", amount), (bank, -amount)],
        Kind.REFUND: [(held, backed), ("refund_losses", loss), (bank, -amount)],
        Kind.REFUND_FAILED: [(bank, amount), ("company_payable", -amount)],
        Kind.REVERSAL: [(bank, amount), ("platform_fee", fee), (held, -amount - fee)],
        Kind.CHARGEBACK: [(contested, amount), (bank, -amount)],
        Kind.CHARGEBACK_FEE: [("dispute_fees", amount), (bank, -amount)],
        Kind.CHARGEBACK_FEE_RETURNED: [(bank, amount), ("dispute_fees", -amount)],
        Kind.CHARGEBACK_WON: [(bank, amount), (contested, -amount)],
        Kind.CHARGEBACK_LOST: [
            (held, amount - loss - covered),
            ("company_payable", covered),
            ("dispute_losses", loss),
            (contested, -amount),
        ],
    }
    return lines[operation.kind]
