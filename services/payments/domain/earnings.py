"""What a candidate's money does: held, owed, on its way, paid; when, and why not yet, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain.hold import Hold, Status
from services.payments.domain.operations import Kind, Operation, State
from services.payments.domain.parties import AccountStatus, PayoutAccount


@dataclass(frozen=True)
class Earning:
    """The candidate's side of one engagement; amounts are after the platform's share."""

    engagement_id: str
    project_id: str
    currency: str
    held: int  # Theirs once the work is accepted.
    owed: int  # Theirs, and not sent yet.
    on_its_way: int
    paid: int
    available_at: datetime | None  # Until when the security hold keeps all of `owed` back.
    paid_at: datetime | None
    why: str  # Why it is not paid yet; empty where it is, or where nothing is theirs.


@dataclass(frozen=True)
class Threshold:
    """What a form is due from, for payments of a year; `source` says who says so."""

    form: str
    currency: str
    amount: int
    source: str


@dataclass
class Year:
    """What was paid out in a calendar year (UTC), in one currency."""

    year: int
    currency: str
    paid: int = 0
    taken_back: int = 0
    payouts: int = 0
    threshold: Threshold | None = None

    @property
    def net(self) -> int:
        return self.paid - self.taken_back

    @property
    def state(self) -> str:
        """`none` where no threshold is known for the currency and the year."""
        if self.threshold is None:
            return "none"
        return "reached" if self.net >= self.threshold.amount else "below"


@dataclass
class Sums:
    """All of a candidate's engagements in one currency."""

    currency: str
    held: int = 0
    owed: int = 0
    on_its_way: int = 0
    paid: int = 0
    earnings: list[Earning] = field(default_factory=list)


def earning(escrow: Hold, account: PayoutAccount | None, now: datetime) -> Earning:
    """How the candidate's money stands in this engagement."""
    on_its_way = sum(one.amount for one in escrow.under_way if one.kind is Kind.TRANSFER)
    owed = escrow.owed - on_its_way
    transfers = [one for one in escrow.operations if _arrived(one)]
    kept_until = escrow.secured_until(now)
    return Earning(
        engagement_id=escrow.id,
        project_id=escrow.project_id,
        currency=escrow.currency,
        held=max(0, escrow.free - escrow.fee_on(escrow.free)) if not escrow.closing else 0,
        owed=owed,
        on_its_way=on_its_way,
        paid=escrow.paid,
        available_at=kept_until if owed else None,
        paid_at=max((one.changed_at or one.created_at for one in transfers), default=None),
        why=_why(escrow, account, owed, on_its_way, now),
    )


def _why(
    escrow: Hold, account: PayoutAccount | None, owed: int, on_its_way: int, now: datetime
) -> str:
    if escrow.dispute and (owed or escrow.free):
        return "A dispute is open: everything stands still until it is decided."
    if owed:
        return _why_owed(escrow, account, now)
    if on_its_way:
        return "It was sent to your bank account; the bank has not confirmed it yet."
    if escrow.free and not escrow.closing:
        return "It is held for you until the work is accepted; no rating is needed for that."
    if escrow.status in (Status.PENDING, Status.FAILED):
        return "The company's payment has not come in yet; do not start before it is held."
    return ""


def _why_owed(escrow: Hold, account: PayoutAccount | None, now: datetime) -> str:
    until = escrow.secured_until(now)
    if account is None:
        return "Open a payout account, so that we know where to send it."
    if account.status is not AccountStatus.ACTIVE:
        return "Your payout account is not complete yet: finish what it asks for."
    if until:
        return f"A security hold keeps it until {until:%Y-%m-%d %H:%M} UTC; then it is sent."
    if escrow.retry_at:
        return f"Your bank refused it; we try again on {escrow.retry_at:%Y-%m-%d %H:%M} UTC."
    return "It is being sent now."


def sums(earnings: Iterable[Earning]) -> list[Sums]:
    """Totals for each currency, with the engagements that they are of."""
    found: dict[str, Sums] = {}
    for one in earnings:
        total = found.setdefault(one.currency, Sums(one.currency))
        total.held += one.held
        total.owed += one.owed
        total.on_its_way += one.on_its_way
        total.paid += one.paid
        total.earnings.append(one)
    return [total for _, total in sorted(found.items())]


def years(escrows: Iterable[Hold], thresholds: Mapping[tuple[int, str], Threshold]) -> list[Year]:
    """What arrived in each year and currency, newest first; what was taken back counts against."""
    found: dict[tuple[int, str], Year] = {}
    for escrow in escrows:
        for done in escrow.operations:
            back = done.kind is Kind.REVERSAL and done.state is State.SUCCEEDED
            if not back and not _arrived(done):
                continue
            key = ((done.changed_at or done.created_at).year, done.currency)
            year = found.setdefault(key, Year(*key, threshold=thresholds.get(key)))
            year.taken_back += done.amount if back else 0
            year.paid += 0 if back else done.amount
            year.payouts += 0 if back else 1
    return [found[key] for key in sorted(found, reverse=True)]


def _arrived(done: Operation) -> bool:
    return done.kind is Kind.TRANSFER and done.state is State.SUCCEEDED
