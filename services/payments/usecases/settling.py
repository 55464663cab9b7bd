"""How what was decided comes true: ask the bank, record its answer, enter it in the books."""

from collections.abc import Collection
from datetime import timedelta

from services.payments.domain import (
    Escrow,
    Kind,
    Operation,
    Outcome,
    PayoutAccount,
    State,
    entry_of,
)
from services.payments.domain.operations import CANCELLED, CONFIRM_WITHIN
from services.payments.usecases.caps import free_caps
from services.payments.usecases.ports import Answer, Desk
from shared.envelope import Message

LOOK_FIRST = timedelta(hours=23)  # Processors forget keys after 24 hours; a repeat acts anew then.
SENDERS_GONE = timedelta(minutes=2)  # Nobody who was sending a charge is still at it after this.


def settle(desk: Desk, escrow: Escrow, cause: Message | None = None) -> Escrow:
    """Do at the bank and in the books what the escrow has decided; repeat it after any crash.

    Several processes may settle one escrow at once: keys make the effects one.
    """
    asked: set[str] = set()
    escrow = decide(desk, escrow)
    while operation := next_of(escrow, asked):
        asked.add(operation.key)
        escrow = decide(desk, carry_out(desk, escrow, operation, cause))
    free_caps(desk, escrow)
    return post(desk, escrow)


def decide(desk: Desk, escrow: Escrow) -> Escrow:
    """Record the transfer or refund that is possible now and was not before."""
    if not escrow.undecided(desk.now()):
        return escrow
    account_id = payable_account(desk, escrow.candidate_id)
    return desk.escrows.change(
        escrow.id, None, lambda escrow: escrow.proceed(account_id, desk.now())
    )


def next_of(escrow: Escrow, asked: Collection[str]) -> Operation | None:
    return next((operation for operation in escrow.under_way if operation.key not in asked), None)


def carry_out(desk: Desk, escrow: Escrow, operation: Operation, cause: Message | None) -> Escrow:
    """Ask the bank for one operation and record its answer."""
    operation.verify()
    outcome = ask(desk, escrow, operation)
    answer_id = f"{operation.key}:{outcome.state.value}:{operation.attempts}"
    escrow = desk.escrows.change(
        escrow.id,
        Answer.of(answer_id, cause),
        lambda escrow: escrow.record(operation.key, outcome, desk.now()),
    )
    if operation.kind is Kind.TRANSFER and outcome.state is State.FAILED:
        refresh_account(desk, escrow.candidate_id, cause)  # It may be the account's fault.
    return escrow


def ask(desk: Desk, escrow: Escrow, operation: Operation) -> Outcome:
    """Send it, after a look whether it was done where its key may be forgotten.

    A charge that nobody waits for any more is only looked up. It is given up when it was not done
    and nobody can still be sending it. One that its payer has to confirm is looked up too, and
    called off at the bank when nobody waits for it or it took the payer too long.
    """
    now = desk.now()
    called_off = escrow.closing_at if operation.kind is Kind.CHARGE else None
    confirming = operation.state is State.ACTION
    if confirming and (called_off or now - operation.created_at > CONFIRM_WITHIN):
        return desk.bank.cancel(escrow.id, operation)
    if called_off or confirming or now - operation.created_at > LOOK_FIRST:
        found = desk.bank.lookup(escrow.id, operation)
        if found is not None:
            return found
    if called_off and now - called_off > SENDERS_GONE:
        return Outcome(State.FAILED, code=CANCELLED)
    if called_off:
        return Outcome(State.UNKNOWN)
    send = {
        Kind.CHARGE: desk.bank.charge,
        Kind.TRANSFER: desk.bank.transfer,
        Kind.REFUND: desk.bank.refund,
        Kind.REVERSAL: desk.bank.reverse,
    }[operation.kind]
    return send(escrow.id, operation)


def post(desk: Desk, escrow: Escrow) -> Escrow:
    """Enter in the books what has succeeded, then remember that it is there."""
    done = escrow.unposted
    if not done:
        return escrow
    desk.journal.post([entry_of(op, escrow, desk.bank.name) for op in done])
    keys = [operation.key for operation in done]
    return desk.escrows.change(escrow.id, None, lambda escrow: escrow.mark_posted(keys, desk.now()))


def payable_account(desk: Desk, candidate_id: str) -> str | None:
    account = desk.accounts.find(candidate_id)
    return account.payable_id if account else None


def refresh_account(desk: Desk, candidate_id: str, cause: Message | None) -> PayoutAccount:
    """Learn from the bank how the account stands."""
    account = desk.accounts.load(candidate_id)
    if account.closed:
        return account
    found = desk.bank.open_account(account.key, account.country, account.bank_id)
    if found is None:
        return account
    return desk.accounts.change(
        candidate_id,
        Answer.of(f"{account.key}:{found.status.value}:{account.version}", cause),
        lambda account: account.learn(found, desk.now()),
    )
