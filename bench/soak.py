"""`python -m bench.soak`: the flow for minutes without a pause; memory, descriptors and queues.

Always the same number of flows is under way. Writes `bench/results/soak.json`, `.md` and `.svg`;
exit code 1 where memory grows by more than 5 % after the warm-up, a descriptor leaks, or a queue
or the records of unconfirmed batches grow.
"""

import argparse
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from bench import results
from bench.sides import OURS
from bench.stand import Stage, servers, stage
from shared.batches import RECORDS

MINUTES, UNDER_WAY, EVERY = 10.0, 400, 5.0
PORTION = 100
FLAT, DESCRIPTORS, BATCHES = 1.05, 5, 500


@dataclass(frozen=True)
class Sample:
    seconds: float
    megabytes: float
    descriptors: int
    queued: int
    records: int
    flows: int


def main() -> int:
    options = _options()
    with servers() as here, stage(here, OURS) as on:
        samples = soak(on, options.minutes * 60)
    report = judge(samples, options.minutes)
    results.write("soak", report, table(report), line(report))
    print(table(report))
    return 0 if all(report["passed"].values()) else 1


def soak(on: Stage, seconds: float) -> list[Sample]:
    began, samples, done = time.monotonic(), [], 0
    process, due = psutil.Process(on.children[0].pid), EVERY
    while (now := time.monotonic() - began) < seconds:
        done = on.offered()
        if on.fed - done <= UNDER_WAY - PORTION:
            numbers = range(on.fed, on.fed + PORTION)
            on.fill(numbers)
            on.feed(numbers)
        elif now > due:
            samples.append(sample(on, process, now, done))
            due = now + EVERY
        else:
            time.sleep(0.02)
    on.wait(on.fed)
    samples.append(sample(on, process, time.monotonic() - began, on.fed))
    return samples


def sample(on: Stage, process: psutil.Process, seconds: float, flows: int) -> Sample:
    names = ("flow.on_work_submitted", "flow.on_work_evaluated", "flow.on_fee_paid")
    queued = [on.way.queue_declare(name, passive=True).method.message_count for name in names]
    waiting = {"since": {"$gt": "", "$lt": "~"}}
    return Sample(
        round(seconds, 1),
        round(process.memory_info().rss / 2**20, 1),
        process.num_fds(),
        sum(queued),
        on.database[RECORDS].count_documents(waiting),
        flows,
    )


def judge(samples: list[Sample], minutes: float) -> dict[str, Any]:
    """The first third is warm-up; the second is compared with the last."""
    third = len(samples) // 3
    early, late = samples[third : 2 * third], samples[2 * third :]
    memory = [statistics.median(each.megabytes for each in part) for part in (early, late)]
    descriptors = [max(each.descriptors for each in part) for part in (early, late)]
    return {
        "what": "one process of one service, its queues never empty",
        "minutes": minutes,
        "under_way": UNDER_WAY,
        "flows": samples[-1].flows,
        "machine": results.machine(),
        "growth": round(memory[1] / memory[0], 3),
        "descriptors": descriptors,
        "most_queued": max(each.queued for each in samples),
        "most_records": max(each.records for each in samples),
        "passed": {
            "memory": memory[1] <= memory[0] * FLAT,
            "descriptors": descriptors[1] <= descriptors[0] + DESCRIPTORS,
            "queues": max(each.queued for each in samples) <= UNDER_WAY,
            "records": max(each.records for each in samples) <= BATCHES,
        },
        "samples": [asdict(each) for each in samples],
    }


def table(report: dict[str, Any]) -> str:
    last = report["samples"][-1]
    head = ("minutes", "flows", "memory, last third to second", "descriptors", "most queued")
    row = (
        f"{report['minutes']:g}",
        f"{report['flows']:,}",
        f"{report['growth']:.3f} x, {last['megabytes']:.0f} MiB at the end",
        " then ".join(str(count) for count in report["descriptors"]),
        f"{report['most_queued']} of {report['under_way']}, {report['most_records']} records",
    )
    return results.markdown(head, [row])


def line(report: dict[str, Any]) -> results.Plot:
    points = [(each["seconds"], each["megabytes"]) for each in report["samples"]]
    return results.Lines("Resident memory, MiB", "seconds", {"stint": points})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
