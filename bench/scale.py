"""`python -m bench.scale`: the flow with 1, 2 and 4 replicas of one service, taking turns.

Writes `bench/results/scale.json`, `.md` and `.svg`. Broker, database and replicas share one
machine, so this tells what replicas cost each other, not what more machines would give.
"""

import argparse
import sys
from dataclasses import replace
from typing import Any

from bench import results
from bench.sides import OURS
from bench.stand import Run, play, servers

REPLICAS, FLOWS, ROUNDS = (1, 2, 4), 1_000, 3


def main() -> int:
    options = _options()
    runs: dict[int, list[Run]] = {count: [] for count in options.replicas or REPLICAS}
    with servers() as here:
        for number in range(options.rounds):
            for count, found in runs.items():
                setting = replace(OURS.tried[0], processes=count)
                found.append(play(here, OURS, setting, options.flows))
                print(
                    f"round {number + 1}: {count} replicas {found[-1].rate:>7.1f} flows/s",
                    flush=True,
                )
    report = compare(runs, options.flows)
    results.write("scale", report, table(report), line(report))
    print(table(report))
    return 0


def compare(runs: dict[int, list[Run]], flows: int) -> dict[str, Any]:
    return {
        "what": "durable flows per second by replicas of the one service",
        "flows": flows,
        "machine": results.machine(),
        "replicas": {
            str(count): {
                "rate": results.spread([run.rate for run in found]),
                "repeats": sum(run.repeats for run in found),
                "cpu_seconds": {
                    name: results.spread([run.cpu[name] for run in found])["median"]
                    for name in found[0].cpu
                },
            }
            for count, found in runs.items()
        },
    }


def table(report: dict[str, Any]) -> str:
    head = ("replicas", "flows/s (least to most)", "repeats", "CPU s: side, database, broker")
    rows = []
    for count, found in report["replicas"].items():
        rate, cpu = found["rate"], found["cpu_seconds"]
        spread = f"{rate['median']:.0f} ({rate['least']:.0f} to {rate['most']:.0f})"
        used = f"{cpu['side']:.1f}, {cpu['database']:.1f}, {cpu['broker']:.1f}"
        rows.append((count, spread, str(found["repeats"]), used))
    return results.markdown(head, rows)


def line(report: dict[str, Any]) -> results.Plot:
    points = [(int(n), found["rate"]["median"]) for n, found in report["replicas"].items()]
    return results.Lines("Flows per second", "replicas", {"stint": points})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replicas", type=int, nargs="*")
    parser.add_argument("--flows", type=int, default=FLOWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
