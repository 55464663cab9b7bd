"""What operators look up in the books, and what is looked at by the clock."""

from datetime import timedelta

from services.payments.domain import Entry
from services.payments.usecases.books import Books, Report
from services.payments.usecases.checking import check
from services.payments.usecases.reconciling import DAILY_OVERLAP, OVERLAP, reconcile
from shared.errors import NotFound
from shared.principal import Principal

Balance = tuple[str, str, int]


def ledger_account(
    books: Books, by: Principal, account: str, days: int, limit: int
) -> tuple[list[Balance], list[Entry]]:
    """All balances, and the latest entries on an account or on somebody's part of it."""
    by.require("ledger_account")
    balances = [(*key, balance) for key, balance in sorted(books.ledger.totals().items())]
    return balances, books.ledger.on(account, books.now() - timedelta(days=days), limit)


def ledger_report(books: Books, by: Principal, report: str) -> Report:
    """The last one of its kind."""
    by.require("ledger_report")
    found = books.reports.last(report)
    if found is None:
        raise NotFound("report-not-found", "There is no such report yet.")
    return found


def look(books: Books) -> dict[str, Report]:
    """What is due: both sides compared once an hour, all recomputed once a day; by one process."""
    now, done = books.now(), {}
    day, hour = f"{now:%Y-%m-%d}", f"{now:%Y-%m-%dT%H}"
    if books.reports.claim(f"check:{day}", now):
        done["check"] = check(books, f"check:{day}")
    if books.reports.claim(f"reconcile:{hour}", now):
        first = books.reports.claim(f"close:{day}", now)
        id_ = f"close:{day}" if first else f"reconcile:{hour}"
        done["reconcile"] = reconcile(books, DAILY_OVERLAP if first else OVERLAP, id_)
    return done
