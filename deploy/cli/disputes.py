"""`stint disputes ls|show|decide`: read what both sides say, and decide how money is split."""

import json
from typing import Any

import click
from rich.table import Table

from deploy.cli.asking import Ask, asking
from deploy.cli.conduct import agree, agreed, as_json, console
from shared.money import Money

SERVICE = "payments"
Json = dict[str, Any]


@click.group()
def disputes() -> None:
    """Read open disputes about held money, and decide those that wait for an operator.

    You decide as the operator of your own account on this machine. What one operator has decided,
    another one decides after an appeal; above a limit two have to agree: `stint funds approvals`.
    """


@disputes.command()
@as_json
@asking(SERVICE)
def ls(ask: Ask, as_json: bool) -> None:
    """List open disputes, the oldest first, with whose turn it is and until when."""
    found = ask("list_disputes")["items"]
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo("no dispute is open")
    else:
        table = Table("engagement", "held", "since", "step", "waits for", "until")
        for one in found:
            held = str(Money(one["amount"], one["currency"]))
            step, turn = one["step"], one["waits_for"] or "-"
            table.add_row(
                one["engagement_id"], held, day(one["opened_at"]), step, turn, day(one["due_at"])
            )
        console().print(table)


@disputes.command()
@click.argument("engagement_id")
@as_json
@asking(SERVICE)
def show(ask: Ask, engagement_id: str, as_json: bool) -> None:
    """Print the whole record of the disputes about ENGAGEMENT_ID."""
    view = ask("read_disputes", engagement_id=engagement_id)
    if as_json:
        click.echo(json.dumps(view))
    elif not view["items"]:
        click.echo(f"{engagement_id} has no dispute")
    for one in () if as_json else view["items"]:
        for line in _story(one):
            click.echo(line)


@disputes.command()
@click.argument("engagement_id")
@click.option("--released", type=click.IntRange(0), required=True, help="Minor units, candidate.")
@click.option("--refunded", type=click.IntRange(0), required=True, help="Minor units, company.")
@click.option("--reasons", required=True, help="For both sides to read.")
@agreed
@asking(SERVICE)
def decide(
    ask: Ask, engagement_id: str, released: int, refunded: int, reasons: str, yes: bool
) -> None:
    """Decide the dispute about ENGAGEMENT_ID; both amounts together are what is held.

    \b
    Example:
      stint disputes decide eng-0199 --released 15840 --refunded 10560 \\
        --reasons 'Three of five columns meet the criteria.'
    """
    agree([f"{released} go to the candidate, {refunded} back to the company (minor units)"], yes)
    amounts = {"released_amount": released, "refunded_amount": refunded}
    view = ask("decide_dispute", engagement_id=engagement_id, **amounts, reasons=reasons)
    decided = view["items"][0]
    if decided["decided"] is None or decided["waits_for"] == "operator":
        click.echo("a second operator has to agree: stint funds approvals")
    elif decided["step"] == "appealable":
        click.echo(f"decided; either side may appeal until {day(decided['due_at'])}")
    else:
        click.echo("decided for good, and carried out")


def _story(one: Json) -> list[str]:
    turn = f", waits for {one['waits_for']} until {day(one['due_at'])}" if one["waits_for"] else ""
    held = Money(one["amount"], one["currency"])
    lines = [f"{one['dispute_id']}: {one['reason']}, about {held}; {one['step']}{turn}"]
    for post in one["posts"]:
        lines.append(f"{day(post['at'])}  {post['by']:<9} {post['act']}{_amounts(post, one)}")
        lines += [f"    {text}" for text in post["text"].splitlines()]
        lines += [f"    file {file['file_id']} {file['name']}" for file in post["files"]]
    if one["outcome"]:
        lines.append(f"{day(one['resolved_at'])}  over: {one['outcome']} by {one['basis']}")
    return lines


def _amounts(post: Json, one: Json) -> str:
    if "released_amount" not in post:
        return ""
    released, refunded = (Money(post[f"{name}_amount"], one["currency"]) for name in SHARES)
    return f": {released} to the candidate, {refunded} to the company"


SHARES = ("released", "refunded")


def day(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "-"
