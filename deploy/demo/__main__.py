"""`make demo`: the whole journey on real input, with a live timeline, checked to the cent."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.demo.check import Outcome, differences, ledger_differences, outcome
from deploy.demo.client import Api, Problem
from deploy.demo.expected import expected
from deploy.demo.play import Engaged, Play
from deploy.demo.proof import anchors, rate_company, show
from deploy.demo.timeline import Timeline
from deploy.embedded.processes import EmbeddedError
from deploy.embedded.stack import Stack
from shared.money import Money

ROOT = Path(".stint/demo")
OPERATOR = "operator@stint.example"
WIDTH = 140  # characters that the closing table needs


def main() -> int:
    """Run the demo; 0 only if the state read back equals the figures of the input files."""
    console = Console(width=max(WIDTH, Console().width))
    try:
        with Stack(
            ROOT, fresh=True, env={"RATE_LIMIT": "100000/minute", "SIGN_IN_LIMIT": "100000/minute"}
        ) as stack:
            return _play(stack, console)
    except (EmbeddedError, Problem) as problem:
        console.print(f"[red]The demo stopped:[/red] {problem}", highlight=False)
        console.print(f"The services' logs are in {ROOT}/logs.")
        return 1
    except KeyboardInterrupt:
        return 130


def _play(stack: Stack, console: Console) -> int:
    play, say = Play(stack.url), _narrator(console)
    operator = operator_of(stack)
    say("Three companies and a dozen candidates register; an operator verifies the companies")
    runs = play.register(operator)
    say("The companies publish three briefs; the candidates apply")
    for run in runs:
        play.publish(run)
    for run in runs:
        play.apply(run)
    for run in runs:
        _until_start(play, run, say)
    timeline = Timeline(stack.services.logs, console)
    timeline.start()
    for run in runs:
        _deliver(play, run, say, timeline)
    wrong = _prove(runs, say)
    found = [outcome(run, operator) for run in runs]
    timeline.stop()
    console.print(_table(found))
    wrong += [
        line for run, row in zip(runs, found, strict=True) for line in differences(run, row, play)
    ]
    wanted = [expected(run.brief, run.place, play.candidates) for run in runs]
    wrong += ledger_differences(operator, wanted)
    return _verdict(wrong, timeline.handled, console)


def _until_start(play: Play, run: Engaged, say: Callable[[str], None]) -> None:
    ranked = play.select(run)
    scores = ", ".join(str(item["score"]) for item in ranked)
    say(f"{run.brief['title']}: blind shortlist scored {scores}; the first is selected and accepts")
    play.start(run)
    fee = Money(run.brief["fee_amount"], run.brief["fee_currency"])
    say(f"{run.brief['title']}: {fee} held, kick-off signed by both")


def _deliver(play: Play, run: Engaged, say: Callable[[str], None], timeline: Timeline) -> None:
    rounds = run.brief["revisions"]
    say(f"{run.brief['title']}: delivered after {rounds} revision(s), evaluated; since then:")
    play.deliver(run)
    timeline.count_from(run.submitted_at or datetime.now(UTC))
    play.evaluate(run)
    play.settle(run)
    timeline.catch_up()


def _prove(runs: list[Engaged], say: Callable[[str], None]) -> list[str]:
    """Both rate, and a stranger checks each credential; what is wrong, if anything."""
    say(f"{runs[0].brief['title']}: the company's evaluation, by the anchors of the rubric:")
    for line in anchors(runs[0]):
        say(f"  {line}")
    wrong = []
    for run in runs:
        rate_company(run)
        proof = show(run)
        say(
            f"{run.brief['title']}: anybody can check the credential at {proof.url}: {proof.status}"
        )
        if (proof.status, proof.scores) != ("valid", run.brief["scores"]):
            wrong.append(f"{run.brief['title']}: the credential says {proof}")
    return wrong


def _narrator(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(f"[green]*[/green] {line}", highlight=False)


def operator_of(stack: Stack) -> Api:
    password = secrets.token_urlsafe(24)
    subprocess.run(
        [Path(sys.executable).with_name("stint"), "account", "add", "--role", "operator",
         "--email", OPERATOR, "--name", "Operator"],
        input=password, text=True, check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, **stack.environment},
    )  # fmt: skip
    return Api(stack.url).sign_in(OPERATOR, password)


def _table(found: list[Outcome]) -> Table:
    table = Table(title="Read back over the API (simulated funds)")
    for column in (
        "project",
        "charged",
        "fee",
        "paid",
        "held",
        "hire offer",
        "credential",
        "to payout",
    ):
        table.add_column(column, no_wrap=True)
    for row in found:
        money = [
            str(Money(row.payment[name], row.payment["currency"]))
            for name in ("amount", "platform_fee_amount", "paid_amount", "held_amount")
        ]
        offer = row.offer["status"] if row.offer else "none"
        proof = "issued" if row.credential else "none"
        table.add_row(row.title, *money, offer, proof, f"{row.seconds_to_payout:.2f} s")
    return table


def _verdict(wrong: list[str], handled: int, console: Console) -> int:
    for line in wrong:
        console.print(f"[red]wrong[/red] {line}", highlight=False)
    if not wrong:
        console.print(
            f"{handled} events handled; every figure equals the input files, to the cent."
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
