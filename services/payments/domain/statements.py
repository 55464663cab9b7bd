"""What an organisation's money did in a month: charged, released, kept, given back, still held."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from services.payments.domain.operations import BONUS, Kind, Operation, State
from services.payments.domain.refunding import Refunding

CHARGED, PAYOUT, SHARE = "charged", "payout", "platform-fee"
RECLAIMED, REFUNDED, CONTESTED = "reclaimed", "refunded", "chargeback"
BOUNCED = "refund-failed"
ROUNDING = "rounding"
WORDS = {
    CHARGED: "Charged to a card and held",
    PAYOUT: "Released to the candidate",
    SHARE: "The platform's share of a release",
    RECLAIMED: "Taken back from a release",
    REFUNDED: "Given back to the card",
    BOUNCED: "Came back from the card, and is owed to you",
    CONTESTED: "Lost to a dispute of the card network",
    ROUNDING: "What did not divide among those who pay",
}


@dataclass(frozen=True)
class Line:
    """One movement of what is held for an organisation; `amount` is negative where it leaves."""

    at: datetime
    kind: str
    engagement_id: str
    project_id: str
    amount: int
    currency: str
    purpose: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """What happened, in words."""
        about = ", ".join(part.replace("-", " ") for part in (self.purpose, self.note) if part)
        return f"{WORDS[self.kind]} ({about})" if about else WORDS[self.kind]


@dataclass
class Part:
    """A month in one currency: what was held before, each movement, what is held afterwards."""

    currency: str
    opening: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def closing(self) -> int:
        return self.opening + sum(line.amount for line in self.lines)

    def total(self, *kinds: str) -> int:
        """What the movements of these kinds sum up to."""
        return sum(line.amount for line in self.lines if line.kind in kinds)


def month(text: str) -> tuple[datetime, datetime]:
    """The first moment of `2026-11` and the first after it, UTC; raises ValueError."""
    year, number = int(text[:4]), int(text[5:7])
    begin = datetime(year, number, 1, tzinfo=UTC)
    return begin, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def parts(lines: Iterable[Line], begin: datetime, end: datetime) -> list[Part]:
    """The statement between two moments, a part for each currency that anything moved in."""
    found: dict[str, Part] = {}
    for line in sorted(lines, key=lambda line: line.at):
        part = found.setdefault(line.currency, Part(line.currency))
        if line.at < begin:
            part.opening += line.amount
        elif line.at < end:
            part.lines.append(line)
    return [part for _, part in sorted(found.items()) if part.opening or part.lines]


def lines_of(escrow: Refunding, org_id: str) -> list[Line]:
    """The movements of an engagement's money that are this organisation's.

    Where several organisations pay a fee, each bears its part of a release by what it brought; a
    unit that does not divide is a line of its own once nothing is held any more.
    """
    lines = [line for line in _lines(escrow, org_id) if line.amount]
    left = sum(line.amount for line in lines)
    if left and not escrow.held and not escrow.under_way and not escrow.owed_back:
        lines.append(replace(lines[-1], kind=ROUNDING, amount=-left, purpose="", note=""))
    return lines


def _lines(escrow: Refunding, org_id: str) -> Iterator[Line]:
    own = {one.bank_id for one in escrow.charges if (one.payer or escrow.org_id) == org_id}
    shares = _Shares(escrow, org_id)
    for done in sorted(_done(escrow), key=_when):
        for kind, amount in _moved(done):
            if kind in (CHARGED, REFUNDED, BOUNCED, CONTESTED):
                mine = amount if _charge_of(done) in own else 0
            elif done.purpose == BONUS:
                mine = amount if org_id == escrow.org_id else 0
            else:
                mine = shares.of(kind, amount, _when(done))
            yield Line(
                at=_when(done),
                kind=kind,
                engagement_id=escrow.id,
                project_id=escrow.project_id,
                amount=mine,
                currency=escrow.currency,
                purpose=done.purpose,
                note=done.reason,
            )


class _Shares:
    """An organisation's part of what leaves the hold, exact over all releases together.

    Its part of the whole is what counts; the candidate gets what is not the platform's of it.
    """

    def __init__(self, escrow: Refunding, org_id: str) -> None:
        self._charges = [one for one in escrow.charges if one.purpose != BONUS]
        self._company, self._org_id = escrow.org_id, org_id
        self._whole = self._mine = self._fees = self._own_fees = 0

    def of(self, kind: str, amount: int, at: datetime) -> int:
        """The part of this movement; a release's share is asked for before its payout."""
        self._whole += amount
        if kind == SHARE:
            self._fees += amount
            mine = self._due(self._fees, at) - self._own_fees
            self._own_fees += mine
        else:
            mine = self._due(self._whole, at) - self._mine
        self._mine += mine
        return mine

    def _due(self, whole: int, at: datetime) -> int:
        brought = [one for one in self._charges if _when(one) <= at]
        total = sum(one.amount for one in brought)
        if self._org_id != self._company:
            return _toward_zero(whole * self._sum(brought, self._org_id), total)
        payers = {one.payer for one in brought} - {"", self._company}
        others = (_toward_zero(whole * self._sum(brought, payer), total) for payer in payers)
        return whole - sum(others)

    @staticmethod
    def _sum(brought: list[Operation], payer: str) -> int:
        return sum(one.amount for one in brought if one.payer == payer)


def _toward_zero(amount: int, whole: int) -> int:
    return -(-amount // whole) if amount < 0 else amount // whole


def _done(escrow: Refunding) -> list[Operation]:
    return [one for one in escrow.operations if one.state is State.SUCCEEDED]


def _when(done: Operation) -> datetime:
    return done.changed_at or done.created_at


def _charge_of(done: Operation) -> str:
    return done.bank_id if done.kind is Kind.CHARGE else done.charge_id


def _moved(done: Operation) -> list[tuple[str, int]]:
    """What an operation does to what is held."""
    amount, fee = done.amount, done.fee_amount
    return {
        Kind.CHARGE: [(CHARGED, amount)],
        Kind.RELEASE: [(SHARE, -fee), (PAYOUT, fee - amount)],
        Kind.REFUND_FAILED: [(BOUNCED, amount)],
        Kind.REFUND: [(REFUNDED, done.loss_amount - amount)],
        Kind.REVERSAL: [] if done.purpose == "recovery" else [(RECLAIMED, amount + fee)],
        Kind.CHARGEBACK_LOST: [(CONTESTED, done.loss_amount - amount)],
    }.get(done.kind, [])
