"""What the bank's records say to whoever sent an operation."""

from hashlib import sha256
from typing import Any

from services.payments.domain import Kind, Operation, Outcome, State
from services.payments.sandbox_bank.charges import Charge
from services.payments.sandbox_bank.lines import Move, id_of
from shared.errors import Conflict


def outcome_of(operation: Operation, known: Charge | Move, page: str) -> Outcome:
    """The same for every repeat; raises Conflict where the key came with other parameters."""
    if known.params != params_of(operation):
        raise Conflict("key-reused", f"{operation.key} came before with other parameters.")
    if known.state is State.PENDING:
        return Outcome(State.UNKNOWN, bank_id=known.id, code="refund-pending")
    if known.state is State.ACTION:
        return Outcome(State.ACTION, bank_id=known.id, action_url=page)
    if known.state is State.FAILED:
        final = isinstance(known, Move) and known.code != "account-restricted"
        return Outcome(State.FAILED, known.id, known.code, retryable=not final)
    fee = known.fee if isinstance(known, Charge) else 0
    return Outcome(State.SUCCEEDED, bank_id=known.id, fee_amount=fee)


def charge_of(operation: Operation) -> str:
    """The id of the charge that an operation is, or draws on; a transfer's id names its charge."""
    if operation.kind is Kind.CHARGE:
        return id_of("ch", operation.key)
    parts = operation.source_id.split("_")
    return operation.charge_id or (f"ch_{parts[1]}" if len(parts) == 3 else "")


def params_of(operation: Operation) -> str:
    """What a key must not be reused with; computed here, not taken from the caller's record."""
    sent: tuple[Any, ...] = (operation.amount, operation.currency, operation.party)
    sent += (operation.charge_id, operation.source_id)
    return sha256(repr(sent).encode()).hexdigest()[:32]
