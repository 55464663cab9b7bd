"""The books: what operators look up, and what is compared by the clock, loudly."""

from functools import partial
from typing import Any

import structlog

from services.payments import store
from services.payments.schemas import ledger as schemas
from services.payments.schemas import read
from services.payments.usecases.books import Books, Report
from services.payments.usecases.checking import check_ledger
from services.payments.usecases.hooks import recheck
from services.payments.usecases.looking import ledger_account, ledger_report, look
from services.payments.usecases.reconciling import explain_break, reconcile_ledger
from shared import metrics
from shared.envelope import Call
from shared.messaging import every, provide
from shared.platform import Platform
from shared.rpc import rpc

log = structlog.get_logger(__name__)
MOST_TOLD = 20


def shelf(platform: Platform) -> dict[str, Any]:
    """The parts of the books that are this service's alone."""
    return {
        "ledger": store.Ledger(platform),
        "feed": store.Feed(platform),
        "reports": store.Reports(platform),
    }


class Bookkeeping:
    """A part of the service, which has the desk."""

    desk: Any
    shelf = provide(shelf)

    @property
    def books(self) -> Books:
        desk = self.desk
        escrows = store.EscrowReader(desk.escrows)
        again = partial(recheck, desk)
        return Books(**self.shelf, escrows=escrows, bank=desk.bank, now=desk.now, look_again=again)

    @rpc
    def ledger_account(
        self, call: Call, account: str, days: int = 90, limit: int = 50
    ) -> dict[str, Any]:
        asked = read(schemas.OfAccount, account=account, days=days, limit=limit)
        found = ledger_account(self.books, call.principal, **asked)
        return schemas.account_view(account, *found)

    @rpc
    def ledger_report(self, call: Call, report: str) -> dict[str, Any]:
        asked = read(schemas.OfReport, report=report)
        return schemas.report_view(report, ledger_report(self.books, call.principal, **asked))

    @rpc
    def check_ledger(self, call: Call) -> dict[str, Any]:
        return schemas.report_view("check", tell(check_ledger(self.books, call.principal)))

    @rpc
    def reconcile_ledger(self, call: Call) -> dict[str, Any]:
        return schemas.report_view("reconcile", tell(reconcile_ledger(self.books, call.principal)))

    @rpc
    def explain_break(self, call: Call, ref: Any, account: Any, reason: Any) -> dict[str, Any]:
        asked = read(schemas.Explanation, ref=ref, account=account, reason=reason)
        return schemas.entries_view(explain_break(self.books, call.principal, **asked))

    @every(300)
    def sweep_ledger(self) -> None:
        """Compare with the processor once an hour, and recompute everything once a day."""
        for report in look(self.books).values():
            tell(report)


def tell(report: Report) -> Report:
    """Log each difference and break, and count them where Prometheus sees it."""
    found = [{"what": line} for line in report.get("differences", ())]
    found += [
        {"what": str(one["kind"]), "ref": one["ref"], "amounts": one["amounts"]}
        for one in report.get("breaks", ())
    ]
    for currency, sums in report.get("currencies", {}).items():
        if not sums["agree"]:
            found.append({"what": "balance", "currency": currency, **sums})
        if sums["short"]:
            log.warning("ledger-short", currency=currency, short=sums["short"])
    for one in found[:MOST_TOLD]:
        log.error("ledger-difference", **one)
    kind = "reconcile" if "breaks" in report else "check"
    metrics.differences.labels(kind).set(len(found))
    return report
