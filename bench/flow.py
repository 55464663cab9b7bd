"""`python -m bench.flow`: the durable flow with our core, plain nameko, FastStream and Celery.

Submitted work is evaluated, paid and followed by an offer; at each step the state and the next
event are durable, a repeat is harmless, and a `kill -9` loses nothing. All sides take turns on one
private broker and one private database. Writes `bench/results/flow.json`, `.md` and `.svg`.
"""

import argparse
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # Run as a file.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results
from bench.sides import OURS, SIDES, Setting
from bench.stand import Run, Servers, play, servers

FLOWS, ROUNDS = 1_000, 3
FLOORS = {"plain nameko": 1.8, "FastStream": 1.6, "Celery": 1.0}
GOAL = 3.0
PACKAGES = ("nameko", "faststream", "aio-pika", "celery", "kombu", "pika", "pymongo", "SecantusDB")
SETTINGS = (
    "quorum queues, publisher confirms and journal=true on every side; one machine, one process"
    " per side unless its setting says otherwise"
)


def main() -> int:
    """Measure, write and print; exit code 1 where a ratio is under its floor."""
    options = _options()
    with servers() as here:
        if options.tune:
            return tune(here, options.flows, options.rounds)
        if options.kill:
            return crash(here, options.flows, options.kill)
        runs = measure(here, options.flows, options.rounds)
    report = compare(runs, options.flows)
    results.write("flow", report, table(report), bars(report))
    print(table(report))
    return 0 if report["above_floor"] else 1


def measure(here: Servers, flows: int, rounds: int) -> dict[str, list[Run]]:
    """Each round plays every side once, so that a slow minute is slow for all."""
    runs: dict[str, list[Run]] = {side.name: [] for side in SIDES}
    for number in range(rounds):
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            run = play(here, side, side.tried[0], flows)
            runs[side.name].append(run)
            print(f"round {number + 1}: {side.name:<14} {run.rate:>7.1f} flows/s", flush=True)
    return runs


def compare(runs: dict[str, list[Run]], flows: int) -> dict[str, Any]:
    """Medians and spreads; the ratios are of the runs of the same round."""
    ours = runs[OURS.name]
    sides = {name: _summary(found) for name, found in runs.items()}
    ratios = {
        name: results.spread(
            [mine.rate / other.rate for mine, other in zip(ours, found, strict=True)]
        )
        for name, found in runs.items()
        if name != OURS.name
    }
    return {
        "what": "flows per second: submitted, evaluated, paid, offered",
        "flows": flows,
        "settings": SETTINGS,
        "chosen": {side.name: str(side.tried[0]) for side in SIDES},
        "tried": {side.name: [str(setting) for setting in side.tried] for side in SIDES},
        "versions": {name: version(name) for name in PACKAGES},
        "machine": results.machine(),
        "sides": sides,
        "ratios": ratios,
        "goal": GOAL,
        "floors": FLOORS,
        "above_floor": all(ratios[name]["median"] >= floor for name, floor in FLOORS.items()),
    }


def _summary(runs: list[Run]) -> dict[str, Any]:
    cpu = {name: results.spread([run.cpu[name] for run in runs]) for name in runs[0].cpu}
    return {
        "rate": results.spread([run.rate for run in runs]),
        "cpu_seconds": {name: found["median"] for name, found in cpu.items()},
        "repeats": sum(run.repeats for run in runs),
    }


def table(report: dict[str, Any]) -> str:
    head = (
        "side",
        "setting",
        "flows/s (least to most)",
        "ours is",
        "CPU s: side, database, broker",
    )
    rows = []
    for name, found in report["sides"].items():
        rate, ratio, cpu = found["rate"], report["ratios"].get(name), found["cpu_seconds"]
        rows.append(
            (
                name,
                report["chosen"][name],
                f"{rate['median']:.0f} ({rate['least']:.0f} to {rate['most']:.0f})",
                f"{ratio['median']:.2f} x ({ratio['least']:.2f} to {ratio['most']:.2f})"
                if ratio
                else "",
                f"{cpu['side']:.1f}, {cpu['database']:.1f}, {cpu['broker']:.1f}",
            )
        )
    about = f"{report['flows']} flows, median of the rounds; {report['settings']}."
    return results.markdown(head, rows) + f"\n{about}\n"


def bars(report: dict[str, Any]) -> results.Plot:
    rates = {name: found["rate"] for name, found in report["sides"].items()}
    return results.Bars("Durable flows per second", rates)


def tune(here: Servers, flows: int, rounds: int) -> int:
    """Print every setting of every side: which is best goes first in `bench/sides.py`."""
    tried: dict[tuple[str, Setting], list[float]] = {}
    for _ in range(rounds):
        for side in SIDES:
            for setting in side.tried:
                rate = play(here, side, setting, flows).rate
                tried.setdefault((side.name, setting), []).append(rate)
                print(f"{side.name:<14} {setting!s:<24} {rate:>7.1f} flows/s", flush=True)
    rows = [
        (name, str(one), f"{results.spread(r)['median']:.0f}") for (name, one), r in tried.items()
    ]
    print(results.markdown(("side", "setting", "flows/s"), rows))
    return 0


def crash(here: Servers, flows: int, kill: int) -> int:
    """Kill a process of each side in the middle: all flows have to end all the same, once."""
    for side in SIDES:
        run = play(here, side, side.tried[0], flows, kill=kill)
        print(f"{side.name:<14} killed {kill} times: {flows} of {flows}, {run.repeats} repeats")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=FLOWS, help="engagements per run")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each side")
    parser.add_argument("--tune", action="store_true", help="try every setting of every side")
    parser.add_argument("--kill", type=int, metavar="N", help="kill -9 each side N times instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
