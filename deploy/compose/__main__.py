"""`make compose-test`: the journey in containers; a replica is killed, the broker restarted."""

import json
import secrets
import signal
import sys
import time
import zlib
from collections.abc import Callable
from typing import NoReturn

from requests import RequestException

from deploy.compose.project import ComposeError, Project
from deploy.demo.check import Outcome, differences, ledger_differences, outcome
from deploy.demo.client import Api, Problem
from deploy.demo.expected import expected
from deploy.demo.play import Engaged, Play
from deploy.embedded.processes import HOME, EmbeddedError, free_ports
from deploy.embedded.state import STACKS, Lock
from deploy.embedded.supervision import SERVICES
from shared.money import Money

ROOT = STACKS / "compose-test"
NAME = f"stint-test-{zlib.crc32(str(HOME).encode()):08x}"  # One for each checkout on a machine.
OPERATOR = "operator@stint.example"
REPLICAS = 3
READY_SECONDS = 300
QUEUE_SECONDS = 120
BROKER_GRACE = 10  # seconds
PAYS = "payments.on_deliverable_accepted"
WORDS = ("charged", "fee", "paid", "held")

Say = Callable[[str], None]


def main() -> int:
    """0 only if all figures are as the input files say, and no container or volume is left."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    say, lock = _narrator(), Lock(ROOT)
    try:
        lock.take()
        return _with_project(say)
    except (ComposeError, EmbeddedError) as problem:
        say(f"stopped: {problem}")
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        lock.release()


def _with_project(say: Say) -> int:
    (port,) = free_ports(1)
    project = Project(NAME, ROOT, _settings(port))
    project.down()  # What a run that was killed may have left.
    try:
        wrong = _run(project, f"http://127.0.0.1:{port}", say)
    except (ComposeError, Problem, RequestException) as problem:
        wrong = [str(problem)]
    finally:
        project.down()
        say("everything is removed again, but for the images")
    for line in wrong:
        print(f"wrong: {line}")
    if wrong:
        print(f"What compose and the containers said is in {ROOT}.")
    return 1 if wrong else 0


def _settings(port: int) -> dict[str, str]:
    """For this run alone, so that none of it can rest on the defaults of development."""
    return {
        "STINT_ENV": "development",
        "HTTP_BIND": "127.0.0.1",
        "HTTP_PORT": str(port),
        "WEB_URL": f"http://127.0.0.1:{port}",
        "RABBITMQ_USER": "stint-test",
        "RABBITMQ_PASSWORD": secrets.token_hex(16),
        "ID_KEY": secrets.token_hex(32),
        "EMAIL_VERIFICATION": "optional",  # Nobody reads the mail of this play.
        "RATE_LIMIT": "100000/minute",
        "SIGN_IN_LIMIT": "100000/minute",
    }


def _run(project: Project, url: str, say: Say) -> list[str]:
    """Every way in which the outcome is not as it should be."""
    say("building the images")
    project.build()
    say("starting")
    project.up()
    project.wait_ready(SERVICES, READY_SECONDS)
    say("all services are ready")
    operator = _operator(project, url)
    play = Play(url)
    runs = _until_start(project, play, operator, say)
    replicas = _accept_while_things_die(project, play, runs, say)
    for run in runs:
        play.settle(run)
    say("all payouts, credentials and hire offers are there")
    _tell_who_worked(project, replicas, say)
    found = [outcome(run, operator) for run in runs]
    for row in found:
        say(_figures(row))
    return _faults(project, play, runs, found, operator)


def _until_start(project: Project, play: Play, operator: Api, say: Say) -> list[Engaged]:
    """From registration to work under way; the charges are made by all replicas of payments."""
    runs = play.register(operator)
    for run in runs:
        play.publish(run)
    for run in runs:
        play.apply(run)
    say(f"{len(runs)} briefs are published and applied to")
    project.scale("payments", REPLICAS)
    project.wait_ready(("payments",), READY_SECONDS)
    say(f"payments has {REPLICAS} replicas")
    for run in runs:
        play.select(run)
        play.start(run)
    say("all fees are held, all work has started")
    return runs


def _accept_while_things_die(
    project: Project, play: Play, runs: list[Engaged], say: Say
) -> list[str]:
    """Returns the replicas, the killed one first.

    They are frozen while the work is accepted, so each payout is under way when the kill comes:
    delivered to a replica that has not acknowledged it.
    """
    for run in runs:
        play.deliver(run)
    replicas = project.containers("payments")
    project.pause(replicas)
    for run in runs:
        play.evaluate(run)
    _until_delivered(project, len(runs))
    say(f"{len(runs)} deliverables are accepted; their payouts are with {REPLICAS} frozen replicas")
    project.kill(replicas[0])
    say("one of the replicas is killed")
    project.restart("rabbitmq", BROKER_GRACE)
    project.unpause(replicas[1:])
    say("the broker is restarted")
    project.wait_ready(SERVICES, READY_SECONDS)
    say("all services are connected again")
    return replicas


def _until_delivered(project: Project, count: int) -> None:
    deadline = time.monotonic() + QUEUE_SECONDS
    while (queue := project.queues()[PAYS])["messages_unacknowledged"] != count:
        if time.monotonic() > deadline:
            raise ComposeError(f"{PAYS} should hold {count} messages under way: {queue}")
        time.sleep(0.5)
    if queue["consumers"] != REPLICAS:
        raise ComposeError(f"{PAYS} should have {REPLICAS} consumers: {queue}")


def _operator(project: Project, url: str) -> Api:
    password = secrets.token_urlsafe(24)
    (gateway,) = project.containers("gateway")
    command = ("stint", "account", "add", "--role", "operator", "--email", OPERATOR)
    project.run_in(gateway, *command, "--name", "Operator", given=password)
    return Api(url).sign_in(OPERATOR, password)


def _tell_who_worked(project: Project, replicas: list[str], say: Say) -> None:
    killed, *others = [_handled(project.logs(each)) for each in replicas]
    say(f"events handled by the killed replica: {killed}, by the others: {others}")


def _handled(text: str) -> int:
    return sum('"event":"handled"' in line.replace(" ", "") for line in text.splitlines())


def _figures(row: Outcome) -> str:
    names = ("amount", "platform_fee_amount", "paid_amount", "held_amount")
    money = [str(Money(row.payment[name], row.payment["currency"])) for name in names]
    told = ", ".join(f"{word} {sum_}" for word, sum_ in zip(WORDS, money, strict=True))
    offer = row.offer["status"] if row.offer else "none"
    return f"{row.title}: {told}, hire offer {offer}, credential {bool(row.credential)}"


def _faults(
    project: Project, play: Play, runs: list[Engaged], found: list[Outcome], operator: Api
) -> list[str]:
    pairs = zip(runs, found, strict=True)
    wrong = [line for run, row in pairs for line in differences(run, row, play)]
    wanted = [expected(run.brief, run.place, play.candidates) for run in runs]
    wrong += ledger_differences(operator, wanted)
    (gateway,) = project.containers("gateway")
    parked = json.loads(project.run_in(gateway, "stint", "parked", "ls", "--json"))
    return wrong + [f"parked: {row}" for row in parked]


def _leave(number: int, _frame: object) -> NoReturn:
    """Clean up on a polite kill as Ctrl-C does."""
    sys.exit(128 + number)


def _narrator() -> Say:
    start = time.monotonic()
    return lambda line: print(f"{time.monotonic() - start:7.1f} s  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
