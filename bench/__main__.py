"""`python -m bench`, or `make bench`: whether hop, relay and flow are as good as they were.

Each is measured anew, beside what it is compared with; only ratios are compared with those in
`bench/results/`, for times are a matter of the machine. Exit code 1 and one line for each ratio
that fell under its floor.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import results

FOLDER = Path(".stint/bench/results")
COMMANDS = (
    ("bench.hop", "--hops", "500"),
    ("bench.relay",),
    ("bench.flow", "--flows", "500", "--rounds", "3"),
)
SLACK = 1.5  # What a busy machine may do to a ratio.


def main() -> int:
    environment = {**os.environ, "BENCH_RESULTS": str(FOLDER)}
    for name, *arguments in COMMANDS:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-W", "ignore", "-m", name, *arguments]
        code = subprocess.run(command, env=environment).returncode
        if code not in (0, 1):
            return code
    fallen = list(judge())
    print("\n".join(fallen) if fallen else "every ratio is above its floor")
    return 1 if fallen else 0


def judge() -> Iterator[str]:
    """The ratios that fell, each in one line."""
    then, now = (results.read("hop", at)["ratio"] for at in (results.COMMITTED, FOLDER))
    for name, ratio in now.items():
        if ratio > (most := then[name] * SLACK):
            yield f"hop {name}: {ratio:.2f} x bare pika, at most {most:.2f} (was {then[name]:.2f})"
    relay = results.read("relay", FOLDER)
    if relay["ratio"] < relay["goal"]:
        yield f"relay: {relay['ratio']:.2f} of bare pika, at least {relay['goal']:.2f}"
    then, now = (results.read("flow", at) for at in (results.COMMITTED, FOLDER))
    for name, floor in then["floors"].items():
        was, ratio = (report["ratios"][name]["median"] for report in (then, now))
        if ratio < (least := max(floor, was / SLACK)):
            yield f"flow: {ratio:.2f} x {name}, at least {least:.2f} (was {was:.2f})"


if __name__ == "__main__":
    sys.exit(main())
