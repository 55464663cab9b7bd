"""`python -m bench.streams`: what 1,000 idle event streams cost the requests beside them.

One gateway process, with projects and notifications behind it, on a private broker and database.
One client reads the same project again and again, over one connection, in turns without and with
the streams open; at most 20 streams belong to one principal, so they are of many. Writes
`bench/results/streams.json` and `.md`; exit code 1 where the streams slow requests down.
"""

import argparse
import resource
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from bench import results
from bench.door import BRIEF, OWNER, Door, door
from bench.load import Taken, play_for, request
from bench.stand import servers
from shared.principal import Principal

STREAMS, EACH, SECONDS, ROUNDS = 1_000, 20, 40.0, 3
GOAL = {"p50": 1.25, "p99": 2.0}  # times as long as without streams
HEARTBEAT = b": still here\n\n"


def main() -> int:
    """Measure, print and write; exit code 1 where the goal is missed."""
    options = _options()
    runs: dict[str, list[Taken]] = {"without": [], "with": []}
    alive: list[int] = []
    memory: list[tuple[int, int]] = []
    with servers() as here, door(here, ("projects", "notifications")) as on:
        read = _a_project(on)
        play_for(on.port, read, 3, 200)
        for number in range(options.rounds):
            runs["without"].append(play_for(on.port, read, options.seconds, 200))
            before = on.memory()
            with open_streams(on, options.streams) as lines:
                runs["with"].append(play_for(on.port, read, options.seconds, 200))
                memory.append((before, on.memory()))
                alive.append(heartbeats(lines))
            rates = [f"{name} {found[-1].rate:.0f}/s" for name, found in runs.items()]
            print(f"round {number + 1}: {', '.join(rates)}, {alive[-1]} lines alive", flush=True)
    report = compare(runs, memory, alive, options)
    results.write("streams", report, table(report))
    print(table(report))
    return 0 if report["reached"] else 1


def _a_project(on: Door) -> bytes:
    made = on.ask("POST", "/v1/projects", OWNER, BRIEF)
    return request("GET", f"/v1/projects/{made['id']}", on.token(OWNER))


@contextmanager
def open_streams(on: Door, count: int) -> Iterator[Sequence[socket.socket]]:
    """So many streams, each begun and with nothing to tell."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as ends:
        lines = []
        for number in range(count):
            token = on.token(Principal(f"acc-{number // EACH}", "candidate"))
            line = ends.enter_context(socket.create_connection(("127.0.0.1", on.port), 30))
            asked = request("GET", "/v1/events", token)
            line.sendall(asked[:-2] + b"Accept: text/event-stream\r\n\r\n")
            lines.append(line)
        for line in lines:
            begun = b""
            while b"retry: " not in begun:
                begun += line.recv(4096)
                if not begun.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(begun.decode(errors="replace"))
        yield lines
    time.sleep(1)  # The gateway notices that they are gone.


def heartbeats(lines: Sequence[socket.socket]) -> int:
    """How many lines have shown meanwhile that they are alive."""
    found = 0
    for line in lines:
        line.setblocking(False)
        try:
            found += HEARTBEAT in line.recv(65_536)
        except BlockingIOError:
            continue
    return found


def compare(
    runs: dict[str, list[Taken]],
    memory: list[tuple[int, int]],
    alive: list[int],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Medians of the rounds; a ratio is of the two runs of one round."""
    sides = {
        name: {
            "rate": results.spread([one.rate for one in found]),
            **{p: results.spread([one.percentile(int(p[1:])) for one in found]) for p in GOAL},
        }
        for name, found in runs.items()
    }
    pairs = list(zip(runs["with"], runs["without"], strict=True))
    ratio = {
        p: results.spread([a.percentile(int(p[1:])) / b.percentile(int(p[1:])) for a, b in pairs])
        for p in GOAL
    }
    grown = results.spread([(after - before) / 2**20 for before, after in memory])
    return {
        "what": "ms of a GET of one project through gateway, RPC and database, one at a time",
        "streams": options.streams,
        "principals": -(-options.streams // EACH),
        "seconds": options.seconds,
        "sides": sides,
        "ratio": ratio,
        "goal": GOAL,
        "memory_mib": {"grown": grown, "least": round(min(memory)[0] / 2**20, 1)},
        "lines_with_a_heartbeat": alive,
        "machine": results.machine(),
        "reached": all(ratio[p]["median"] <= most for p, most in GOAL.items())
        and min(alive) == options.streams,
    }


def table(report: dict[str, Any]) -> str:
    head = ("", "p50 ms", "p99 ms", "GET/s, one at a time")
    count = f"{report['streams']:,} streams"
    rows = [
        (
            {"without": "no stream", "with": count}[name],
            *(f"{found[p]['median']:.2f}" for p in GOAL),
            f"{found['rate']['median']:.0f}",
        )
        for name, found in report["sides"].items()
    ]
    ratio, memory = report["ratio"], report["memory_mib"]["grown"]["median"]
    rows.append(
        (
            "ratio (least to most)",
            *(
                f"{ratio[p]['median']:.2f} x ({ratio[p]['least']:.2f} to {ratio[p]['most']:.2f})"
                for p in GOAL
            ),
            "",
        )
    )
    about = (
        f"{report['principals']} principals; {memory:.0f} MiB for the streams"
        f" ({memory * 1024 / report['streams']:.0f} KiB each); every line told that it is alive."
        if min(report["lines_with_a_heartbeat"]) == report["streams"]
        else f"Only {min(report['lines_with_a_heartbeat'])} lines told that they are alive."
    )
    return results.markdown(head, rows) + f"\n{about}\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each run")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
