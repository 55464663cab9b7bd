"""The sandbox's statement for the platform: what it holds, and what went over its books."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain import Activity, ActivityPage, Balance
from services.payments.sandbox_bank.charges import PENDING, Charge
from services.payments.sandbox_bank.lines import Line, News, id_of
from services.payments.sandbox_bank.records import Records

PAGE = 200


@dataclass
class Adjustment:
    """What happens to the balance besides charges, such as a payout of the platform's revenue."""

    id: str
    key: str
    currency: str
    net: int
    lines: list[Line]
    entered_at: datetime
    news: list[News] = field(default_factory=list)
    due_at: datetime | None = None
    version: int = 0

    @classmethod
    def of(cls, key: str, kind: str, amount: int, currency: str, now: datetime) -> "Adjustment":
        id_ = id_of("po" if kind == "payout" else "adj", key)
        line = Line(id_of("txn", kind, id_), kind, id_, key, amount, now, now)
        return cls(id_, key, currency, amount, [line], now)

    def next_due(self) -> None:
        """It is done at once, and nobody is told."""


@dataclass(frozen=True)
class Feed:
    charges: Records[Charge]
    adjustments: Records[Adjustment]

    def balance(self, now: datetime) -> dict[str, Balance]:
        """By currency; what was entered in the last two days may still be pending."""
        nets: dict[str, int] = {}
        for records in (self.charges, self.adjustments):
            for currency, net in records.sums().items():
                nets[currency] = nets.get(currency, 0) + net
        pending = dict.fromkeys(nets, 0)
        for currency, line in self._lines(now - PENDING):
            pending[currency] += line.net if line.available_at > now else 0
        return {
            currency: Balance(net - pending[currency], pending[currency])
            for currency, net in nets.items()
        }

    def activity(self, since: datetime, after: str) -> ActivityPage:
        """A page of the lines from then on. `after` is the last page's."""
        time, _, id_ = after.partition("/")
        begin = max(since, datetime.fromisoformat(time)) if time else since
        lines = [(line.at, line.id, currency, line) for currency, line in self._lines(begin)]
        lines = sorted(each for each in lines if not time or each[:2] > (begin, id_))
        page = [_activity(currency, line) for _, _, currency, line in lines[:PAGE]]
        more = len(lines) > PAGE
        return ActivityPage(page, f"{page[-1].at.isoformat()}/{page[-1].id}" if more else "")

    def _lines(self, since: datetime) -> Iterator[tuple[str, Line]]:
        """Currency and line; of those that are entered the same moment, in any order."""
        for records in (self.charges, self.adjustments):
            for record in records.entered(since):
                yield from ((record.currency, line) for line in record.lines if line.at >= since)


def _activity(currency: str, line: Line) -> Activity:
    return Activity(
        id=line.id,
        kind=line.kind,
        source_id=line.source_id,
        operation_key=line.key,
        amount=line.amount,
        fee=line.fee,
        net=line.net,
        currency=currency,
        at=line.at,
        available_at=line.available_at,
    )
