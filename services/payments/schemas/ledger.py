"""The books at the door: which account, which report, and how they are shown."""

from typing import Any

from marshmallow import fields, validate

from services.payments.domain import Entry
from services.payments.domain.chart import CHART
from services.payments.schemas import Request, entry_view
from services.payments.usecases.books import Report

ACCOUNT = validate.Regexp(
    r"\A(" + "|".join(CHART) + r")(:[A-Za-z0-9_-]{1,100})?\Z",
    error="An account of the chart, or somebody's part of it such as held_funds:eng-0199.",
)
KINDS = ("check", "reconcile")


class OfAccount(Request):
    """`days` is how far back is looked."""

    account = fields.String(required=True, validate=ACCOUNT)
    days = fields.Integer(load_default=90, strict=True, validate=validate.Range(1, 3660))
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 500))


class OfReport(Request):
    report = fields.String(required=True, validate=validate.OneOf(KINDS))


class Explanation(Request):
    """`ref` is what the reconciliation calls it by."""

    ref = fields.String(required=True, validate=validate.Length(1, 300))
    account = fields.String(required=True, validate=ACCOUNT)
    reason = fields.String(required=True, validate=validate.Length(3, 1000))


def account_view(
    account: str, balances: list[tuple[str, str, int]], entries: list[Entry]
) -> dict[str, Any]:
    name, _, whose = account.partition(":")
    about = CHART[name]
    return {
        "account": account,
        "nature": about.nature.value,
        "side": about.side.value,
        "about": about.about,
        "balances": [] if whose else _of(name, balances),
        "entries": [ledger_entry_view(entry) for entry in entries],
    }


def ledger_entry_view(entry: Entry) -> dict[str, Any]:
    names = ("engagement_id", "bank_id", "reverses", "about", "pair", "by", "reason")
    return entry_view(entry) | {name: getattr(entry, name) for name in names}


def entries_view(entries: list[Entry]) -> dict[str, Any]:
    return {"entries": [ledger_entry_view(entry) for entry in entries]}


def report_view(kind: str, report: Report) -> dict[str, Any]:
    """A report as JSON; what a kind of report does not have is absent."""
    names = ("sound", "entries", "escrows", "count", "differences", "processor", "activities")
    view = {name: report[name] for name in (*names, "compared") if name in report}
    view |= {"kind": kind, "began_at": report["began_at"].isoformat()}
    if "breaks" in report:
        view["breaks"] = [_break(one) for one in report["breaks"]]
        view["currencies"] = [
            {"currency": currency, **sums} for currency, sums in report["currencies"].items()
        ]
    return view


def _break(one: dict[str, Any]) -> dict[str, Any]:
    amounts = [{"currency": cur, "amount": amount} for cur, amount in one["amounts"].items()]
    return {
        "kind": str(one["kind"]),
        "ref": one["ref"],
        "engagement_id": one["engagement_id"],
        "since": one["since"].isoformat(),
        "settled": one["settled"],
        "amounts": amounts,
    }


def _of(name: str, balances: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [
        {"account": account, "currency": currency, "balance": balance}
        for account, currency, balance in balances
        if account.partition(":")[0] == name
    ]
