"""`stint ledger`: the books, whether they are sound, and whether the processor agrees."""

import json
from collections.abc import Iterable
from typing import Any

import click
from rich.table import Table

from deploy.cli.asking import Ask, asking
from deploy.cli.conduct import as_json, console
from shared.money import Money

SERVICE, PATIENCE = "payments", 600.0  # Seconds: a check goes over every entry there is.
View = dict[str, Any]


@click.group()
def ledger() -> None:
    """Look into the books, check them, and compare them with the processor.

    Entries are never changed: each is entered once, under the key of the operation that it tells
    of, and what was wrong is undone by an entry of its own. Debits are positive, credits negative.

    An ACCOUNT is one of the chart (docs/ledger.md), such as platform_fee, or somebody's part of
    one, such as held_funds:eng-0199 or candidate_payable:acc-0199.

    Exit code 0 means that all agrees, 1 that something does not, 2 that nothing could be done.
    """


@ledger.command("trial-balance")
@as_json
@asking(SERVICE)
def trial_balance(ask: Ask, as_json: bool) -> None:
    """Print the balance of every account, and their sums, which are zero.

    Balances are those of the last closing and of the entries since. Exit code 1 where a sum is not
    zero.
    """
    found = ask("trial_balance")
    if as_json:
        click.echo(json.dumps(found))
    else:
        table = Table("account", "debit", "credit")
        for row in found["accounts"]:
            table.add_row(row["account"], *_sides(row["balance"], row["currency"]))
        for row in found["sums"]:
            table.add_row("sum", _money(row["total"], row["currency"]), "")
        console().print(table)
    _end(all(row["total"] == 0 for row in found["sums"]))


@ledger.command()
@click.argument("account")
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=90,
    show_default=True,
    metavar="N",
    help="How far back entries are looked for.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=50,
    show_default=True,
    metavar="N",
    help="How many entries are shown at most.",
)
@as_json
@asking(SERVICE)
def account(ask: Ask, account: str, days: int, limit: int, as_json: bool) -> None:
    """Print what an ACCOUNT is, its balances, and the latest entries on it.

    \b
    Examples:
      stint ledger account suspense
      stint ledger account held_funds:eng-0199
      stint ledger account processor_balance --days 1
    """
    found = ask("ledger_account", account=account, days=days, limit=limit)
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{found['account']}: {found['about']} {found['nature']}, normally {found['side']}.")
    for row in found["balances"]:
        click.echo(f"{row['account']}  {_money(row['balance'], row['currency'])}")
    console().print(_entries(found["entries"], found["account"]))


@ledger.command()
@click.argument("engagement_id", metavar="ID")
@as_json
@asking(SERVICE)
def engagement(ask: Ask, engagement_id: str, as_json: bool) -> None:
    """Print where the money of engagement ID is, and every entry about it."""
    found = ask("get_escrow", engagement_id=engagement_id)
    if as_json:
        click.echo(json.dumps(found))
        return
    currency = found["currency"]
    names = ("amount", "held_amount", "released_amount", "paid_amount", "refunded_amount")
    click.echo(f"{engagement_id} is {found['status']}")
    for name in names:
        click.echo(f"{name.removesuffix('_amount'):>9}  {_money(found[name], currency)}")
    console().print(_entries(found["entries"]))


@ledger.command()
@as_json
@asking(SERVICE, PATIENCE)
def check(ask: Ask, as_json: bool) -> None:
    """Recompute the books from every entry and every escrow, and tell what differs.

    This is what happens once a day by itself: each entry is what its operation means, no operation
    lacks one, escrows say what their entries say, nothing that is owed is below zero, the sums are
    zero, and the balances that are shown are those of the entries. Exit code 1 with differences.
    """
    found = ask("check_ledger")
    if as_json:
        click.echo(json.dumps(found))
    else:
        for line in found["differences"]:
            click.echo(line)
        click.echo(f"{found['entries']} entries, {found['escrows']} escrows: {_verdict(found)}")
    _end(found["sound"])


@ledger.command()
@click.option("--last", is_flag=True, help="Print the last report; compare nothing now.")
@as_json
@asking(SERVICE, PATIENCE)
def reconcile(ask: Ask, last: bool, as_json: bool) -> None:
    """Compare the books with what the processor says it moved and holds.

    This is what happens once an hour by itself. Fees are entered as they really were, exchanges
    through fx_clearing, and what nobody can explain on suspense, where it stays, and is told each
    time, until it is explained. deploy/runbooks/ledger-difference.md tells what to do about each
    class. Exit code 1 with breaks, or where the sums do not agree.
    """
    found = ask("ledger_report", report="reconcile") if last else ask("reconcile_ledger")
    if as_json:
        click.echo(json.dumps(found))
    else:
        _print_comparison(found)
    _end(found["sound"])


@ledger.command()
@click.argument("ref")
@click.argument("account")
@click.option("--reason", required=True, metavar="TEXT", help="What it was; kept with the entry.")
@as_json
@asking(SERVICE)
def explain(ask: Ask, ref: str, account: str, reason: str, as_json: bool) -> None:
    """Say what a difference on suspense was: move what stands there for REF to ACCOUNT.

    REF is in the table of `stint ledger reconcile`. No money moves. Should the processor tell of it
    after all, the next comparison undoes the explanation too.

    \b
    Examples:
      stint ledger explain txn_0199 bank --reason "Drawn by hand on 3 May, ticket 812"
      stint ledger explain adj_0199 candidate_receivable:acc-0199 --reason "Paid twice"
    """
    found = ask("explain_break", ref=ref, account=account, reason=reason)
    if as_json:
        click.echo(json.dumps(found))
    else:
        console().print(_entries(found["entries"]))


def _print_comparison(found: View) -> None:
    sums = Table("", "ledger", "feed", "processor", "late", "owed", "suspense", "short")
    names = ("ledger", "feed", "processor", "late", "owed", "suspense", "short")
    for row in found["currencies"]:
        amounts = [_money(row[name], row["currency"]) for name in names]
        sums.add_row("agree" if row["agree"] else "DIFFER", *amounts)
    console().print(sums)
    if found["breaks"]:
        table = Table("class", "about", "since", "processor has more", "")
        for one in found["breaks"]:
            more = ", ".join(_money(a["amount"], a["currency"]) for a in one["amounts"])
            since, settled = _time(one["since"]), "entered" if one["settled"] else "on suspense"
            table.add_row(one["kind"], one["ref"], since, more, settled)
        console().print(table)
    seen = f"{found['activities']} movements of {found['processor']}, {found['compared']} compared"
    click.echo(f"{_time(found['began_at'])}: {seen}: {_verdict(found)}")


def _entries(entries: Iterable[View], account: str = "") -> Table:
    table = Table("entered", "entry", "kind", "account", "debit", "credit")
    for entry in entries:
        head = (_time(entry["created_at"]), entry["id"], entry["kind"])
        for posting in entry["postings"]:
            if posting["account"].startswith(account):
                sides = _sides(posting["amount"], posting["currency"])
                table.add_row(*head, posting["account"], *sides)
                head = ("", "", "")
    return table


def _sides(amount: int, currency: str) -> tuple[str, str]:
    """In the column of its side, without a sign."""
    text = _money(abs(amount), currency)
    return (text, "") if amount >= 0 else ("", text)


def _money(amount: int, currency: str) -> str:
    return str(Money(amount, currency))


def _time(text: str) -> str:
    return text[:16].replace("T", " ")


def _verdict(found: View) -> str:
    count = found.get("count", len(found.get("breaks", ())))
    return "all agrees" if found["sound"] else f"{count} differences" if count else "sums differ"


def _end(sound: bool) -> None:
    if not sound:
        raise SystemExit(1)
