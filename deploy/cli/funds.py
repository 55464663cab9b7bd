"""`stint funds`: what is held and for how long, freezes, and what a second operator agrees to."""

import json
from typing import Any

import click
from rich.table import Table

from deploy.cli.asking import Ask, asking
from deploy.cli.conduct import as_json, console
from deploy.cli.disputes import day
from shared.money import Money

SERVICE, FIRST_ALERT = "payments", 60
Json = dict[str, Any]
reason = click.option("--reason", required=True, help="Kept on record.")


@click.group()
def funds() -> None:
    """Watch the money that is held for engagements.

    Nothing of what is frozen moves. What an operator wants to move above the limit
    (DUAL_CONTROL_ABOVE) waits for another one: an operator is an account on this machine.
    """


@funds.command()
@click.option("--frozen", is_flag=True, help="Only what is frozen or disputed.")
@as_json
@asking(SERVICE)
def ls(ask: Ask, frozen: bool, as_json: bool) -> None:
    """List what is held, the longest first."""
    held = ask("list_funds")["items"]
    _print([one for one in held if one["frozen"] or not frozen], as_json, "nothing is held")


@funds.command()
@click.option("--days", type=click.IntRange(0), default=FIRST_ALERT, show_default=True)
@as_json
@asking(SERVICE)
def aging(ask: Ask, days: int, as_json: bool) -> None:
    """List what is held for so many days or longer; exit code 1 where there is some."""
    old = [one for one in ask("list_funds")["items"] if one["days"] >= days]
    _print(old, as_json, f"nothing is held for {days} days")
    if old:
        raise SystemExit(1)


@funds.command()
@click.argument("engagement_id")
@reason
@asking(SERVICE)
def freeze(ask: Ask, engagement_id: str, reason: str) -> None:
    """Let nothing of the money of ENGAGEMENT_ID move."""
    view = ask("freeze_funds", engagement_id=engagement_id, reason=reason)
    click.echo(f"{_held(view)} of {engagement_id} is {view['status']}")


@funds.command()
@click.argument("engagement_id")
@reason
@asking(SERVICE)
def unfreeze(ask: Ask, engagement_id: str, reason: str) -> None:
    """Let the money of ENGAGEMENT_ID move again."""
    view = ask("unfreeze_funds", engagement_id=engagement_id, reason=reason)
    click.echo(f"{engagement_id} is {view['status']}")


@funds.command()
@as_json
@asking(SERVICE)
def approvals(ask: Ask, as_json: bool) -> None:
    """List what waits for a second operator."""
    found = ask("list_approvals")["items"]
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo("nothing waits for a second operator")
    else:
        table = Table("engagement", "approval", "what", "amount", "by", "since", "why")
        for one in found:
            amount = str(Money(one["amount"], one["currency"]))
            who = (one["kind"], amount, one["asked_by"], day(one["asked_at"]), one["reason"])
            table.add_row(one["engagement_id"], one["approval_id"], *who)
        console().print(table)


@funds.command()
@click.argument("engagement_id")
@click.argument("approval_id")
@asking(SERVICE)
def approve(ask: Ask, engagement_id: str, approval_id: str) -> None:
    """Agree to what another operator wants; it happens at once."""
    view = ask("approve_movement", engagement_id=engagement_id, approval_id=approval_id)
    click.echo(f"approved; {engagement_id} is {view['status']}, {_held(view)} is held")


@funds.command()
@click.argument("engagement_id")
@click.argument("approval_id")
@reason
@asking(SERVICE)
def reject(ask: Ask, engagement_id: str, approval_id: str, reason: str) -> None:
    """Refuse what another operator wants."""
    about = {"engagement_id": engagement_id, "approval_id": approval_id}
    ask("reject_movement", **about, reason=reason)
    click.echo("rejected; nothing has moved")


def _print(found: list[Json], as_json: bool, nothing: str) -> None:
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo(nothing)
    else:
        table = Table("engagement", "held", "days", "limit", "status", "frozen because")
        for one in found:
            days, why = str(one["days"]), one["freeze_reason"] or "-"
            facts = (_held(one), days, day(one["limit_at"]), one["status"], why)
            table.add_row(one["engagement_id"], *facts)
        console().print(table)


def _held(view: Json) -> str:
    return str(Money(view["held_amount"], view["currency"]))
