"""`python -m deploy.demo.dispute`: a dispute split 60 to 40, with the journal of every cent."""

import io
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.demo.__main__ import operator_of
from deploy.demo.client import Api, Json, Problem
from deploy.demo.play import Engaged, Play
from deploy.embedded.processes import EmbeddedError
from deploy.embedded.stack import Stack
from shared.money import Money

ROOT = Path(".stint/dispute-demo")
WIDTH = 140


def main() -> int:
    """Play it on a stack of its own; 0 only if the split is the agreed one and the books agree."""
    console = Console(width=max(WIDTH, Console().width))
    limits = {"RATE_LIMIT": "100000/minute", "SIGN_IN_LIMIT": "100000/minute"}
    try:
        with Stack(ROOT, fresh=True, env=limits) as stack:
            return _play(stack, console)
    except (EmbeddedError, Problem) as problem:
        console.print(f"[red]The demo stopped:[/red] {problem}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130


def _play(stack: Stack, console: Console) -> int:
    play, operator = Play(stack.url), operator_of(stack)
    run = play.register(operator)[0]
    play.publish(run)
    play.apply(run)
    play.select(run)
    play.start(run)
    play.deliver(run)
    _quarrel(run, console)
    payment = run.owner.until(f"{run.path}/payment", _paid, "both payments")
    payment = operator.get(f"{run.path}/payment")
    _print_journal(payment, console)
    sums = operator.get("/v1/ledger/trial-balance")["sums"]
    released = payment["amount"] * 3 // 5
    found = (payment["released_amount"], payment["refunded_amount"])
    right = found == (released, payment["amount"] - released)
    balanced = all(row["total"] == 0 for row in sums)
    console.print(f"split 60 to 40: {right}; nothing held: {not payment['held_amount']};"
                  f" trial balance zero: {balanced}")  # fmt: skip
    return 0 if right and balanced and not payment["held_amount"] else 1


def _quarrel(run: Engaged, console: Console) -> None:
    """The company disputes with a file as evidence; the candidate offers, the company accepts."""
    path, candidate = f"{run.path}/disputes", _candidate(run)
    rows = io.BytesIO(b"row,what\n17,the phone number is missing\n")
    evidence = run.owner.upload_bytes("missing.csv", "text/csv", rows)
    about = {"reason": "quality", "detail": "Two of five columns are not as agreed."}
    view = run.owner.post(path, {**about, "file_ids": [evidence["file_id"]]})
    held = view["items"][0]["amount"]
    split = {"released_amount": held * 3 // 5, "refunded_amount": held - held * 3 // 5}
    offer = candidate.post(f"{path}/offers", {**split, "text": "For three of five columns."})
    chosen = {"offer_id": offer["items"][0]["offer_id"]}
    record = run.owner.post(f"{path}/offers/accept", chosen)["items"][0]
    for post in record["posts"]:
        amounts = ", ".join(f"{name} {post[name]}" for name in split if name in post)
        console.print(f"[green]*[/green] {post['by']}: {post['act']} {amounts} {post['text']}",
                      highlight=False)  # fmt: skip


def _candidate(run: Engaged) -> Api:
    found: Api = run.candidate["api"]
    return found


def _paid(view: Json) -> bool:
    return bool(view["status"] == "paid" and view["held_amount"] == 0)


def _print_journal(payment: Json, console: Console) -> None:
    table = Table("entry", "account", "debit", "credit", title="The journal (simulated funds)")
    for entry in payment["entries"]:
        for posting in entry["postings"]:
            money = str(Money(abs(posting["amount"]), posting["currency"]))
            sides = (money, "") if posting["amount"] > 0 else ("", money)
            table.add_row(entry["kind"], posting["account"], *sides)
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
