"""`python -m bench.hop`: from a commit to the next service's handler, one event at a time.

Against a bare hop of pika: publish with confirm, consume. Both through quorum queues, between two
processes, persistent. Writes `bench/results/hop.json`; times are milliseconds.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

if __package__ in (None, ""):  # Run as a file.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pika

from bench import results
from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from shared.envelope import CONTENT_TYPE
from shared.topology import EVENTS, apply, plan, read_handlers
from tests.servers import ServiceProcess, new_prefix, new_vhost, run_folder
from tests.waiting import wait_until

HERE = Path(__file__).parent / "services"
WARM_UP = 100  # hops that are not counted
GOAL = {"p50": 4, "p99": 10}  # times the bare hop
THERE, BACK = "hop.there", "hop.back"


def main() -> None:
    """Measure both, print and write the comparison; exit code 1 when the goal is missed."""
    options = _options()
    if options.echo:
        return echo(options.echo)
    with run_folder() as folder:
        broker, database = Broker(folder / "broker", folder), Database(folder / "db", folder)
        broker.start()
        database.start()
        half = options.hops // 2
        with new_vhost(broker) as vhost, new_prefix(database) as prefix:
            bare = bare_hops(vhost.amqp_uri, half)
            env = {"AMQP_URI": vhost.amqp_uri, "MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
            ours = our_hops(env, options.hops, folder)
            bare += bare_hops(vhost.amqp_uri, half)
    report = compare(ours, bare)
    results.write("hop", report, table(report))
    print(json.dumps(report, indent=2))
    raise SystemExit(0 if report["reached"] else 1)


def compare(ours: list[float], bare: list[float]) -> dict[str, Any]:
    """Percentiles of both, and how many times longer ours takes."""
    mine, theirs = _percentiles(ours), _percentiles(bare)
    ratio = {name: round(mine[name] / theirs[name], 2) for name in GOAL}
    return {
        "what": "ms from commit to the next service's handler; bare: pika publish to callback",
        "settings": "quorum queues, confirms, journal=true, prefetch 50 and 1, two processes each",
        "ours": mine,
        "bare": theirs,
        "ratio": ratio,
        "goal": GOAL,
        "machine": results.machine(),
        "reached": all(ratio[name] <= most for name, most in GOAL.items()),
    }


def table(report: dict[str, Any]) -> str:
    head = ("hop", "p50 ms", "p99 ms")
    sides = [(name, *(f"{report[name][p]:.2f}" for p in GOAL)) for name in ("ours", "bare")]
    times = ("ours is", *(f"{report['ratio'][p]:.2f} x (at most {GOAL[p]})" for p in GOAL))
    return results.markdown(head, [*sides, times])


def our_hops(env: dict[str, str], hops: int, folder: Path) -> list[float]:
    """Milliseconds of each hop of a ball between two services."""
    apply(
        env["AMQP_URI"], plan(read_handlers(HERE / "contracts", HERE / "services.yml"), {"5s": 5})
    )
    last = WARM_UP + hops
    settings = {"STINT_ENV": "development", "RETRY_LADDER": "5s", "LOG_LEVEL": "WARNING"}
    env = {**env, **settings, "HOP_LAST": str(last), "HOP_NOTES": str(folder)}
    players = [ServiceProcess(f"bench.services.{name}", env, folder) for name in ("ping", "pong")]
    for player in players:
        player.start()
    for player in players:
        player.wait_ready()
    _serve(env["AMQP_URI"])
    notes = [folder / "ping.txt", folder / "pong.txt"]
    wait_until(
        lambda: any("over" in path.read_text()[-200:] for path in notes), 300, "the last hit"
    )
    for player in players:
        player.terminate(10)
    return _durations("".join(path.read_text() for path in notes))[WARM_UP:]


def bare_hops(uri: str, hops: int) -> list[float]:
    """Milliseconds of each message from just before its publish to its consumer's callback."""
    with _channel(uri) as channel, _echoing(uri):
        for queue in (THERE, BACK):
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        answers = channel.consume(BACK, auto_ack=True)
        found = []
        for _ in range(WARM_UP + hops):
            sent = time.monotonic_ns()
            _publish(channel, "", THERE, b"{}")
            _, _, body = next(answers)
            found.append((int(body) - sent) / 1e6)
    return found[WARM_UP:]


def echo(uri: str) -> None:
    """Tell the other process when each of its messages arrived here."""
    with _channel(uri) as channel:
        channel.basic_qos(prefetch_count=1)
        for queue in (THERE, BACK):
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        for method, _, _ in channel.consume(THERE):
            arrived = time.monotonic_ns()
            channel.basic_ack(method.delivery_tag)
            _publish(channel, "", BACK, str(arrived).encode())


def _serve(uri: str) -> None:
    id_ = str(uuid4())
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": "bench",
        "type": "ball.ponged.v1",
        "subject": "hit:0",
        "time": "2030-01-01T00:00:00+00:00",
        "data": {"number": 0},
    }
    with _channel(uri) as channel:
        _publish(channel, EVENTS, "ball.ponged.v1", json.dumps(event).encode())


def _durations(notes: str) -> list[float]:
    """In the order of the commits."""
    times: dict[str, dict[str, int]] = {"committed": {}, "begun": {}, "over": {}}
    for line in notes.splitlines():
        what, id_, nanoseconds = line.split()
        times[what].setdefault(id_, int(nanoseconds))
    pairs = sorted((at, id_) for id_, at in times["committed"].items())
    return [(times["begun"][id_] - at) / 1e6 for at, id_ in pairs]


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "hops": len(times)}


@contextmanager
def _channel(uri: str) -> Iterator[Any]:
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


@contextmanager
def _echoing(uri: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, __file__, "--echo", uri])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _publish(channel: Any, exchange: str, key: str, body: bytes) -> None:
    properties = pika.BasicProperties(delivery_mode=2, content_type=CONTENT_TYPE)
    channel.basic_publish(exchange, key, body, properties, mandatory=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hops", type=int, default=1000, help="how many to measure of each")
    parser.add_argument("--echo", metavar="URI", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
