"""`python -m tests.chaos.run --seed S --minutes M`: a chaos run, its report, and its verdict."""

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.state import STACKS
from tests.chaos.faults import GAP, TARGETS, Injector, pause, schedule
from tests.chaos.findings import Findings, gather, relayed, under_way_for_long
from tests.chaos.patience import PATIENCE, PatientApi
from tests.chaos.play import PLAYERS, Players
from tests.chaos.poison import Poisoner
from tests.chaos.stack import ChaosStack
from tests.chaos.verdict import CHECKS, repeats, unexplained, verdict
from tests.servers import run_folder
from tests.waiting import wait_until

LONGER_THAN_A_MAIL_WAITS = 120.0  # seconds until a refused mail is tried again, at first
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """A run: `seconds` of faults, `gap` between two on average, so many journeys at a time, and on
    a slow machine as much longer as `journeys` need to end."""

    seed: int
    seconds: float
    gap: float = GAP
    players: int = PLAYERS
    journeys: int = 0
    calm: float = 20.0  # Longer than sweeps leave an event alone, so that theirs would show.
    patience: float = PATIENCE  # How long clients wait for anything, and how long all may rest.
    only: Sequence[str] = TARGETS


def run(folder: Path, plan: Plan, say: Say) -> Findings:
    """Play, first in peace, then with faults; then let all come to rest, and look at it."""
    injections = schedule(plan.seed, plan.seconds, plan.gap, plan.only)
    say(f"chaos seed {plan.seed}: {len(injections)} faults in {plan.seconds:.0f} s")
    PatientApi.patience = plan.patience
    shutil.rmtree(kept(plan.seed), ignore_errors=True)
    found = Findings()
    with ChaosStack(folder) as stack:
        try:
            play_in(stack, plan, Injector(stack, injections), found)
            began = time.monotonic()
            found.unrest = come_to_rest(stack, plan.patience)
            say(f"at rest {time.monotonic() - began:.0f} s after the last journey")
            keep_trace(stack, plan.seed, found)
            return gather(stack, found)
        finally:
            keep_logs(stack, plan.seed)


def play_in(stack: ChaosStack, plan: Plan, injector: Injector, found: Findings) -> None:
    """Journeys all the time; after the calm the faults, and poison in between."""
    playing, poisoner = Players(stack.url, plan.players), Poisoner(stack.broker, plan.seed)
    before = relayed(stack)
    playing.start()
    pause(plan.calm)
    found.relayed = relayed(stack) - before
    poisoner.start()
    injector.run()
    wait_until(lambda: len(playing.played) >= plan.journeys, plan.patience, "journeys")
    found.faults, found.poison = injector.done, poisoner.finish()
    found.played = playing.finish()


def come_to_rest(stack: ChaosStack, seconds: float = PATIENCE) -> str:
    """Wait until nothing is under way any more; what still is, in words."""
    deadline = time.monotonic() + seconds
    while left := under_way_for_long(stack):
        if time.monotonic() > deadline:
            return str(left)
        if left.only_mails:
            stack.travel(LONGER_THAN_A_MAIL_WAITS)
        pause(0.5)
    return ""


def kept(seed: int) -> Path:
    """Where logs outlive the stack, for whoever wants to know what went wrong."""
    return STACKS / "chaos" / str(seed)


def keep_trace(stack: ChaosStack, seed: int, found: Findings) -> None:
    """The story of the journey that took longest, across all services."""
    ended = [one for one in found.played if not one.problem]
    if ended:
        longest = max(ended, key=lambda one: one.seconds)
        told = stack.run_command("trace", longest.engagement_id)
        kept(seed).mkdir(parents=True, exist_ok=True)
        (kept(seed) / "trace.txt").write_text(told.stdout + told.stderr)


def keep_logs(stack: ChaosStack, seed: int) -> None:
    shutil.copytree(stack.services.logs, kept(seed), dirs_exist_ok=True)


def report(found: Findings, say: Say) -> bool:
    """Tell the figures and what holds; True where everything does."""
    kinds = Counter(f"{one.fault.kind} {one.fault.target}" for one in found.faults)
    good = [one.seconds for one in found.played if not one.problem]
    again, strange = len(repeats(found)), len(list(unexplained(found)))
    say(f"{len(found.faults)} faults: {', '.join(f'{n} {k}' for k, n in sorted(kinds.items()))}")
    slowest = max(good, default=0)
    say(f"{len(good)} of {len(found.played)} journeys ended, the slowest in {slowest:.1f} s")
    say(f"{len(found.events)} events, {len(found.mails)} mails ({again} repeats, {strange} odd)")
    say(f"{PatientApi.retries} requests sent again, {len(found.poison)} poisoned messages")
    calm = found.relayed
    say(f"in peace: {calm['confirmed']} events confirmed, {calm['swept']} swept")
    complaints = verdict(found)
    for check in CHECKS:
        wrong = complaints.get(check.__name__, [])
        say(f"{'FAIL' if wrong else 'ok  '} {check.__name__}: {check.__doc__}")
        for line in wrong[:10]:
            say(f"       {line}")
    return not complaints


def say_aloud(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--gap", type=float, default=GAP, help="seconds between two faults")
    parser.add_argument("--players", type=int, default=5 * PLAYERS, help="journeys at a time")
    parser.add_argument("--calm", type=float, default=20.0, help="seconds before the first fault")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds clients wait")
    parser.add_argument("--only", nargs="+", default=TARGETS, choices=TARGETS, help="targets")
    asked = parser.parse_args()

    with run_folder() as folder:
        plan = Plan(
            asked.seed,
            asked.minutes * 60,
            asked.gap,
            asked.players,
            asked.calm,
            asked.patience,
            asked.only,
        )
        found = run(folder / "chaos", plan, say_aloud)
        good = report(found, say_aloud)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
