"""`python -m bench.growth`: the flow with more and more stored engagements, and what it looks up.

Every size has a database of its own on one server; they take turns. Writes
`bench/results/growth.json`, `.md` and `.svg`; exit code 1 where the flow is not flat, or anything
is found by a scan.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from typing import Any

import pymongo

from bench import results
from bench.journey import engagement
from bench.sides import OURS
from bench.stand import WARM_UP, Run, Servers, servers, stage
from shared.batches import RECORDS
from tests.servers import new_prefix

SIZES, FLOWS, ROUNDS = (1_000, 100_000, 1_000_000), 500, 3
FLAT = 0.2  # of the rate with the fewest
AT_ONCE = 5_000
FIRST = 10_000_000  # Numbers of the engagements that are stored and stay as they are.


def main() -> int:
    options = _options()
    sizes = options.sizes or SIZES
    with servers() as here, ExitStack() as databases:
        prefixes = {
            size: databases.enter_context(new_prefix(here.database)) for size in sorted(sizes)
        }
        for size, prefix in prefixes.items():
            crowd(here, prefix, size)
            print(f"{size} stored", flush=True)
        runs = measure(here, prefixes, options.flows, options.rounds)
        plans = {size: scans(here, prefix) for size, prefix in prefixes.items()}
    report = compare(runs, plans, options.flows)
    results.write("growth", report, table(report), line(report))
    print(table(report))
    return 0 if report["flat"] and report["no_scan"] else 1


def crowd(here: Servers, prefix: str, size: int) -> None:
    """Engagements that are there and that nobody touches; not journalled, so quick."""
    uri = here.database.uri.replace("journal=true", "journal=false")
    with pymongo.MongoClient[Any](uri) as client:
        database = client[f"{prefix}_flow"]
        for start in range(0, size, AT_ONCE):
            part = range(FIRST + start, FIRST + min(start + AT_ONCE, size))
            rows = [OURS.document(engagement(number)) for number in part]
            database.engagements.insert_many(rows, ordered=False)


def measure(
    here: Servers, prefixes: dict[int, str], flows: int, rounds: int
) -> dict[int, list[Run]]:
    runs: dict[int, list[Run]] = {size: [] for size in prefixes}
    for number in range(rounds):
        for size, prefix in prefixes.items():
            first = number * (WARM_UP + flows)
            with stage(here, OURS, prefix=prefix) as on:
                numbers = range(first, first + WARM_UP + flows)
                on.fill(numbers)
                on.feed(numbers[:WARM_UP])
                on.wait(WARM_UP)
                run = on.measure(numbers[WARM_UP:])
                on.verify(numbers)
            runs[size].append(run)
            print(f"round {number + 1}: {size:>9} stored {run.rate:>7.1f} flows/s", flush=True)
    return runs


def scans(here: Servers, prefix: str) -> list[str]:
    """The stages of the queries of the flow, as the database explains them.

    Not of the filter of a save (`_id` and version): SecantusDB explains that one as a scan and does
    none. Its evidence is the flow itself, which a scan of a million documents would end.
    """
    overdue = {"since": {"$gt": "engagements:", "$lt": "engagements:9"}}
    queries: list[tuple[str, dict[str, Any]]] = [
        ("engagements", {"_id": {"$in": ["e1", "e2"]}}),
        ("engagements", {"_id": "e1"}),
        (RECORDS, overdue),
        (RECORDS, {"_id": {"$in": ["~a"]}}),
    ]
    # Planning alone: the server's explanation of what it did would do it again.
    with pymongo.MongoClient[Any](here.database.uri, socketTimeoutMS=60_000) as client:
        database = client[f"{prefix}_flow"]
        plans = [
            database.command("explain", {"find": name, "filter": wanted}, verbosity="queryPlanner")
            for name, wanted in queries
        ]
    text = json.dumps(plans, default=str)
    return [name for name in ("COLLSCAN", "IXSCAN", "IDHACK") if f'"{name}"' in text]


def compare(runs: dict[int, list[Run]], plans: dict[int, list[str]], flows: int) -> dict[str, Any]:
    """The ratios are to the least size, in the same round."""
    base = runs[min(runs)]
    sizes = {
        str(size): {
            "rate": results.spread([run.rate for run in found]),
            "cpu_ms_per_flow": results.spread(
                [1000 * sum(run.cpu.values()) / flows for run in found]
            ),
            "ratio": results.spread([a.rate / b.rate for a, b in zip(found, base, strict=True)]),
            "plans": plans[size],
        }
        for size, found in runs.items()
    }
    return {
        "what": "durable flows per second by the number of stored engagements",
        "flows": flows,
        "machine": results.machine(),
        "sizes": sizes,
        "flat": all(found["ratio"]["median"] >= 1 - FLAT for found in sizes.values()),
        "no_scan": all("COLLSCAN" not in found for found in plans.values()),
    }


def table(report: dict[str, Any]) -> str:
    head = ("stored", "flows/s (least to most)", "to the least", "CPU ms per flow", "found by")
    rows = [
        (
            f"{int(size):,}",
            f"{found['rate']['median']:.0f} ({found['rate']['least']:.0f} to"
            f" {found['rate']['most']:.0f})",
            f"{found['ratio']['median']:.2f}",
            f"{found['cpu_ms_per_flow']['median']:.1f}",
            ", ".join(found["plans"]),
        )
        for size, found in report["sizes"].items()
    ]
    return results.markdown(head, rows)


def line(report: dict[str, Any]) -> results.Plot:
    points = [(int(size), found["rate"]["median"]) for size, found in report["sizes"].items()]
    return results.Lines("Flows per second", "stored engagements", {"stint": points}, True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", help="stored engagements; least first")
    parser.add_argument("--flows", type=int, default=FLOWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
