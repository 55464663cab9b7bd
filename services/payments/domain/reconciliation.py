"""What a processor says it moved against what the books say: differences, each with its class.

What is found is entered at once, so that the books show what the processor really holds: fees as
they really were, exchanges through `fx_clearing`, and what nobody can explain on `suspense`, where
it stays until somebody does: an explanation moves it to where it belongs, and is undone with it
should the other side's word come after all.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.payments.domain.ledger import REVERSED, Entry, Posting, exchange, reversal_of
from services.payments.domain.notices import Activity
from services.payments.domain.operations import Kind
from shared.money import Money

GRACE = timedelta(hours=1)  # So long one side may know of a movement and the other one not.
BALANCE, SUSPENSE = "processor_balance", "suspense"
FEES = ("processing_fees", "dispute_fees")
ALONE = {  # What moves without an operation of ours, and the account that it moves against.
    "payout": "bank",
    "payout_reversal": "bank",
    "topup": "bank",
    "fee": "processing_fees",
}
FAILED_REFUND = "refund_failure"  # Comes long after the refund had succeeded: it is owed again.
EXPLAINED = "explanation"
EXPLANATIONS = (  # Accounts that no escrow answers for: those would not say what their entries say.
    "bank",
    "candidate_receivable",
    "company_payable",
    "dispute_fees",
    "dispute_losses",
    "platform_fee",
    "processing_fees",
    "refund_losses",
)
CONTESTED = ("dispute", "dispute_reversal")  # Known by the processor's own id alone.


class BreakKind(StrEnum):
    MISSING_IN_LEDGER = "missing_in_ledger"
    MISSING_AT_PROCESSOR = "missing_at_processor"
    AMOUNT = "amount"
    CURRENCY = "currency"
    FEE = "fee"
    DUPLICATE = "duplicate"


SETTLED = (BreakKind.FEE, BreakKind.CURRENCY)
LATE = (BreakKind.MISSING_IN_LEDGER, BreakKind.MISSING_AT_PROCESSOR)


@dataclass(frozen=True)
class Break:
    """A difference, by what it is about; `amounts` are what the processor has more, by currency.

    A settled one is explained and in the books; the others wait on `suspense` for somebody.
    """

    ref: str
    kind: BreakKind
    since: datetime
    amounts: Mapping[str, int]
    engagement_id: str = ""

    @property
    def settled(self) -> bool:
        return self.kind in SETTLED


@dataclass(frozen=True)
class Judgement:
    """What is to be told and entered of one group; `late` is what one side may still tell."""

    found: Break | None = None
    entries: tuple[Entry, ...] = ()
    late: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """All that both sides know under one reference: an operation's key or a processor's id."""

    ref: str
    activities: Sequence[Activity]
    entries: Sequence[Entry]
    processor: str
    company: str = ""  # To whom a failed refund is owed, where that is known.

    @property
    def booked(self) -> list[Entry]:
        return [one for one in self.entries if not self._corrects(one)]

    @property
    def corrections(self) -> list[Entry]:
        return [one for one in self.entries if self._corrects(one)]

    def _corrects(self, entry: Entry) -> bool:
        """What was entered here of a failed refund stands until its own operation is entered."""
        told = any(one.kind == Kind.REFUND_FAILED for one in self.entries)
        return bool(entry.about) and (told or entry.kind != FAILED_REFUND)

    @property
    def _alone(self) -> bool:
        return all(activity.kind in ALONE for activity in self.activities)

    def judge(self, now: datetime) -> Judgement:
        """Compare both sides, and say what has to be entered so that they agree."""
        if owed := self._owed_again(now):
            return Judgement(entries=tuple(owed))
        kind = self._kind()
        if kind is None:
            return Judgement(entries=tuple(self._withdrawn(now)))
        since = min([a.at for a in self.activities] + [one.created_at for one in self.booked])
        if kind in LATE and now - since < GRACE:
            return Judgement(late=self._left())
        if self._stands(kind) and (kind in SETTLED or self._explained):
            return Judgement()  # It was found, told and entered before.
        amounts = _less(self._moved(), _balance(self.booked, self.processor))
        found = Break(self.ref, kind, since, amounts, self._pattern(now).engagement_id)
        return Judgement(found, tuple(self._corrected(kind, now)))

    def on_suspense(self) -> dict[str, int]:
        """By currency."""
        return _sums((entry.currency, entry.on(SUSPENSE)) for entry in self.entries)

    def explain(self, posting: Posting, by: str, reason: str, now: datetime) -> list[Entry]:
        """The entries that move it from `suspense` to the account of the posting."""
        number, pattern = len(self.corrections) + 1, self._pattern(now)
        return [
            replace(
                pattern,
                id=f"{EXPLAINED}:{self.ref}:{currency}:{number}",
                kind=EXPLAINED,
                currency=currency,
                postings=(Posting(SUSPENSE, -amount), replace(posting, amount=amount)),
                by=by,
                reason=reason,
            )
            for currency, amount in self.on_suspense().items()
        ]

    @property
    def _explained(self) -> bool:
        kinds = {entry.kind for entry in self.standing()}
        return EXPLAINED in kinds and not self.on_suspense()

    def _owed_again(self, now: datetime) -> list[Entry]:
        """What came back of a refund that the books know, where that explains the difference."""
        failed = (one for one in self.activities if one.kind == FAILED_REFUND)
        back = _sums((one.currency, one.net) for one in failed)
        if not self.company or not back or back != self._left():
            return []
        pattern = self._pattern(now)
        owed = Posting("company_payable", 0, self.company)
        return [
            _entry(pattern, f"{FAILED_REFUND}:{self.ref}:{currency}", currency, amount, owed)
            for currency, amount in back.items()
        ]

    def _kind(self) -> BreakKind | None:
        moved, booked = self._moved(), _balance(self.booked, self.processor)
        if not booked:
            return BreakKind.MISSING_IN_LEDGER if moved else None
        if not self.activities:
            return BreakKind.MISSING_AT_PROCESSOR
        if max(Counter(activity.kind for activity in self.activities).values()) > 1:
            return BreakKind.DUPLICATE
        if moved == booked and (self._alone or self._fee() == self._fee_booked()):
            return None
        if set(moved) != set(booked):
            return BreakKind.CURRENCY
        gross = _less(booked, {currency: -fee for currency, fee in self._fee_booked().items()})
        same = gross == _sums((one.currency, one.amount) for one in self.activities)
        return BreakKind.FEE if same else BreakKind.AMOUNT

    def _moved(self) -> dict[str, int]:
        return _sums((activity.currency, activity.net) for activity in self.activities)

    def _fee(self) -> dict[str, int]:
        return _sums((activity.currency, activity.fee) for activity in self.activities)

    def _fee_booked(self) -> dict[str, int]:
        fees = ((e.currency, sum(e.on(fee) for fee in FEES)) for e in self.booked)
        return _sums(fees)

    def _left(self) -> dict[str, int]:
        """What the processor has moved and the books do not show, corrections included."""
        return _less(self._moved(), _balance(self.entries, self.processor))

    def standing(self) -> list[Entry]:
        """Corrections that hold: not undone, and no undoing themselves."""
        undone = {entry.reverses for entry in self.corrections}
        known = (entry for entry in self.corrections if entry.kind != REVERSED)
        return [entry for entry in known if entry.id not in undone]

    def _stands(self, kind: BreakKind) -> bool:
        """Whether all of it is entered, as it should be."""
        settled = {BreakKind.FEE: ("fee",), BreakKind.CURRENCY: ("exchange",)}
        right = settled.get(kind, (SUSPENSE, EXPLAINED))
        return not self._left() and all(entry.kind in right for entry in self.standing())

    def _withdrawn(self, now: datetime) -> list[Entry]:
        """What was entered while less was known is undone."""
        return [reversal_of(entry, now) for entry in self.standing()]

    def _corrected(self, kind: BreakKind, now: datetime) -> Iterator[Entry]:
        if self._stands(kind):
            return
        yield from self._withdrawn(now)
        left = _less(self._moved(), _balance(self.booked, self.processor))
        number, pattern = len(self.corrections) + 1, self._pattern(now)
        if kind is BreakKind.CURRENCY and len(left) == 2:
            gone, come = sorted(left, key=lambda currency: currency in self._moved())
            sold, bought = Money(-left[gone], gone), Money(left[come], come)
            balance = Posting(BALANCE, 0, self.processor)
            yield from exchange(f"exchange:{self.ref}:{number}", balance, sold, bought, pattern)
            return
        against = self._fee_account() if kind is BreakKind.FEE else SUSPENSE
        for currency, amount in sorted(left.items()):
            id_ = f"{against}:{self.ref}:{currency}:{number}"
            yield _entry(pattern, id_, currency, amount, Posting(against, 0))

    def _fee_account(self) -> str:
        disputed = any(activity.kind in CONTESTED for activity in self.activities)
        return "dispute_fees" if disputed else "processing_fees"

    def _pattern(self, now: datetime) -> Entry:
        """What all corrections of this group have in common, and postings that are replaced."""
        first = self.booked[0] if self.booked else None
        return Entry(
            id=self.ref,
            kind="exchange",
            engagement_id=first.engagement_id if first else "",
            currency=first.currency if first else self.activities[0].currency,
            created_at=now,
            postings=(Posting(BALANCE, 0, self.processor), Posting(SUSPENSE, 0)),
            about=self.ref,
        )


def entry_alone(activity: Activity, processor: str) -> Entry | None:
    """The entry of a movement that no operation asked for, where it is clear what it is."""
    against = ALONE.get(activity.kind)
    if against is None or not activity.net:
        return None
    other = Posting(against, -activity.net)
    return Entry(
        id=ref_of(activity),
        kind=activity.kind,
        engagement_id="",
        currency=activity.currency,
        created_at=activity.at,
        postings=(Posting(BALANCE, activity.net, processor), other),
        bank_id=activity.source_id,
    )


def ref_of(activity: Activity) -> str:
    """Under which both sides know it: the operation's key, else what the processor calls it."""
    if activity.kind in ALONE:
        return f"activity:{activity.id}"
    if activity.kind in CONTESTED:
        return activity.source_id
    return activity.operation_key or activity.source_id or activity.id


def _entry(pattern: Entry, id_: str, currency: str, amount: int, against: Posting) -> Entry:
    balance = Posting(BALANCE, amount, pattern.postings[0].of)
    kinds = {SUSPENSE: "suspense", "company_payable": FAILED_REFUND}
    return Entry(
        id=id_,
        kind=kinds.get(against.account, "fee"),
        engagement_id=pattern.engagement_id,
        currency=currency,
        created_at=pattern.created_at,
        postings=(balance, replace(against, amount=-amount)),
        about=pattern.about,
    )


def _balance(entries: Sequence[Entry], processor: str) -> dict[str, int]:
    return _sums((entry.currency, entry.on(BALANCE, processor)) for entry in entries)


def _sums(amounts: Iterator[tuple[str, int]]) -> dict[str, int]:
    """By currency, without those that come to nothing."""
    sums = Counter[str]()
    for currency, amount in amounts:
        sums[currency] += amount
    return {currency: amount for currency, amount in sums.items() if amount}


def _less(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    both = sorted({*some, *others})
    return _sums((currency, some.get(currency, 0) - others.get(currency, 0)) for currency in both)
