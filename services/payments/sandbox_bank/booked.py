"""The record of a charge: what it is, what drew on it, which lines came of it."""

from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain import Kind, Operation, State
from services.payments.sandbox_bank import lines
from services.payments.sandbox_bank.lines import Chargeback, Line, Move, News, id_of, telling


@dataclass
class Booked:
    """`net` is the sum of its lines, `card` the token that was charged."""

    id: str
    engagement_id: str
    key: str
    amount: int
    currency: str
    params: str
    card: str
    at: datetime
    available_at: datetime
    kind: Kind = Kind.CHARGE
    state: State = State.ACTION
    code: str = ""
    fee: int = 0
    net: int = 0
    moves: list[Move] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    chargeback: Chargeback | None = None
    news: list[News] = field(default_factory=list)
    told: int = 0  # How often in vain.
    due_at: datetime | None = None
    entered_at: datetime | None = None  # When its last line was.
    version: int = 0

    @property
    def refunded(self) -> int:
        refunds = [move for move in self.moves if move.kind is Kind.REFUND]
        return sum(move.amount for move in refunds if move.state is not State.FAILED)

    @property
    def transferred(self) -> int:
        """What was ever transferred: a reversal makes no room for another transfer."""
        done = [move for move in self.moves if move.state is State.SUCCEEDED]
        return sum(move.amount for move in done if move.kind is Kind.TRANSFER)

    def move_of(self, key: str) -> Move | None:
        return next((move for move in self.moves if move.key == key), None)

    def move_by_id(self, id_: str) -> Move | None:
        return next((move for move in self.moves if move.id == id_), None)

    def next_due(self) -> datetime | None:
        """When time changes it, or something has to be told."""
        turns = [move.turns_at for move in self.moves if move.turns_at]
        return min([*turns, *telling(self.news, self.told)], default=None)

    def _refusal(self, operation: Operation) -> str:
        """Why the bank does not do it; empty where it does."""
        amount = operation.amount
        if self.state is not State.SUCCEEDED:
            return "charge-unknown"
        if operation.currency != self.currency:
            return "currency-mismatch"
        if operation.kind is Kind.TRANSFER:
            return "" if amount <= self.amount - self.transferred else "not-transferable"
        if operation.kind is Kind.REFUND:
            if self.chargeback and self.chargeback.status in lines.TAKEN:
                return "charge-disputed"
            return "" if amount <= self.amount - self.refunded else "not-refundable"
        sent = self.move_by_id(operation.source_id)
        if sent is None or sent.state is not State.SUCCEEDED:
            return "transfer-unknown"
        return "" if amount <= sent.amount - sent.reversed else "not-reversible"

    def _enter(
        self, kind: str, source_id: str, key: str, amount: int, now: datetime, fee: int = 0
    ) -> None:
        """A line of the statement; what draws on a charge is available when the charge is."""
        id_ = id_of("txn", kind, source_id)
        available_at = max(now, self.available_at)
        self.lines.append(Line(id_, kind, source_id, key, amount, now, available_at, fee))
        self.net, self.entered_at = self.net + amount - fee, now

    def _tell(
        self,
        type_: str,
        now: datetime,
        object_id: str,
        amount: int,
        key: str = "",
        status: str = "",
        code: str = "",
    ) -> None:
        id_ = id_of("evt", type_, object_id, status)
        about = (object_id, key or self.key, amount, status, code)
        costs = self.chargeback if self.chargeback and self.chargeback.id == object_id else None
        fees = (costs.fee, costs.fee_returned) if costs else (0, 0)
        self.news.append(News(id_, type_, now, *about, *fees))
