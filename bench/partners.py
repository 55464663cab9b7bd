"""`python -m bench.partners`: what a hostile partner costs the others.

One notifications process tells eight endpoints. Four are looked at; the other four are like them in
the first half of the run, and mean harm in the second: one accepts and never answers, one answers
10 MB, one redirects inwards, one closes at once. Delay: from an event's publication to its POST.
"""

import argparse
import json
import multiprocessing
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import results
from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from shared.principal import Principal
from tests.integration.surroundings import Surroundings, surroundings
from tests.servers import SHORT_LADDER, ServiceProcess, new_prefix, new_vhost, run_folder
from tests.waiting import wait_until

GOOD = 4
GOAL = 1.5  # times the delay without them, at most
KIND = "engagement.opened"
Server = Callable[[Any], None]


def main() -> None:
    """Measure, print and write; exit code 1 where the others became slower than the goal."""
    options = _options()
    with run_folder() as folder, ExitStack() as running:
        broker, database = Broker(folder / "broker", folder), Database(folder / "db", folder)
        broker.start()
        database.start()
        vhost = running.enter_context(new_vhost(broker))
        around = running.enter_context(surroundings("notifications", vhost))
        env = _environment(
            vhost.amqp_uri, database.uri, running.enter_context(new_prefix(database))
        )
        process = ServiceProcess("notifications", env, folder)
        process.start()
        running.callback(process.terminate, 15)
        process.wait_ready()
        arrivals = running.enter_context(_receiving())
        good = [Subscriber(around, arrivals.address) for _ in range(GOOD)]
        likes = [Subscriber(around, arrivals.address) for _ in HOSTILE]
        among = _round(around, arrivals, good, likes, options)
        hostile = {
            name: Subscriber(around, running.enter_context(_serving(server)))
            for name, server in HOSTILE.items()
        }
        beside = _round(around, arrivals, good, list(hostile.values()), options)
        tried = {name: one.attempts() for name, one in hostile.items()}
    report = compare(among, beside, tried, options)
    results.write("partners", report, table(report))
    print(json.dumps(report, indent=2))
    raise SystemExit(0 if report["reached"] else 1)


class Subscriber:
    """A company of its own with a partner, whose one endpoint is at this address."""

    def __init__(self, around: Surroundings, address: str) -> None:
        self.around, self.org = around, f"org-{uuid4().hex[:8]}"
        self.owner = Principal(f"acc-{self.org}", "owner", self.org)
        self.id = around.ask(self.owner, "create_partner", name=self.org)["id"]
        made = around.ask(self.owner, "create_endpoint", partner_id=self.id, url=address)
        self.endpoint = made["id"]
        around.tell("project.published", project_id=f"prj-{self.org}", org_id=self.org)

    def tell(self) -> str:
        """An event for this one alone; what it is about tells it apart."""
        engagement = f"eng-{uuid4().hex}"
        ids = {"org_id": self.org, "project_id": f"prj-{self.org}", "engagement_id": engagement}
        self.around.tell(KIND, **ids)
        return engagement

    def attempts(self) -> dict[str, int]:
        """Deliveries by their state."""
        asked = {"partner_id": self.id, "endpoint_id": self.endpoint, "limit": 100}
        rows = self.around.ask(self.owner, "list_deliveries", **asked)["items"]
        found: dict[str, int] = {}
        for row in rows:
            found[row["status"]] = found.get(row["status"], 0) + 1
        return found


class Arrivals:
    """When each event came to a well-behaved endpoint."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.address = ""


@contextmanager
def _receiving() -> Iterator[Arrivals]:
    found = Arrivals()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            about = json.loads(body)["data"].get("engagement_id", "")
            found.at.setdefault(about, time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    found.address = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()


@contextmanager
def _serving(server: Server) -> Iterator[str]:
    """A hostile endpoint in a process of its own, so that it costs this one nothing."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=200)
    process = multiprocessing.Process(target=_accept, args=(listening, server), daemon=True)
    process.start()
    port = listening.getsockname()[1]
    listening.close()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.join()


def _accept(listening: socket.socket, server: Server) -> None:
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_serve, args=(connection, server), daemon=True).start()


def _serve(connection: socket.socket, server: Server) -> None:
    try:
        server(connection)
        connection.close()
    except OSError:
        pass  # The other side had enough.


def silent(connection: socket.socket) -> None:
    """Reads, and never answers."""
    while connection.recv(65_536):
        pass


def huge(connection: socket.socket) -> None:
    """Answers 200 with 10 MB."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
    for _ in range(160):
        connection.sendall(b"x" * 65_536)


def inwards(connection: socket.socket) -> None:
    """Sends us to the cloud's own address for secrets."""
    connection.recv(65_536)
    location = b"Location: http://169.254.169.254/latest/meta-data/\r\n"
    connection.sendall(b"HTTP/1.1 302 Found\r\n" + location + b"Content-Length: 0\r\n\r\n")


def closing(connection: socket.socket) -> None:
    """Closes as soon as it has accepted."""


HOSTILE: dict[str, Server] = {
    "never answers": silent,
    "answers 10 MB": huge,
    "redirects inwards": inwards,
    "closes at once": closing,
}


def _round(
    around: Surroundings,
    arrivals: Arrivals,
    good: list[Subscriber],
    others: list[Subscriber],
    options: argparse.Namespace,
) -> list[float]:
    """Milliseconds from each event's publication to its arrival at a good endpoint."""
    sent: dict[str, float] = {}
    gap, following = 1 / options.rate, time.monotonic()
    for number in range(options.events + options.warm_up):
        for one in (*good, *others):
            now = time.monotonic()
            engagement = one.tell()
            if number >= options.warm_up and one in good:
                sent[engagement] = now
        following += gap
        around.connection.sleep(max(following - time.monotonic(), 0))
    wait_until(lambda: sent.keys() <= arrivals.at.keys(), 120, "every good delivery")
    return [(arrivals.at[id_] - at) * 1000 for id_, at in sent.items()]


def compare(
    among: list[float], beside: list[float], tried: dict[str, Any], options: argparse.Namespace
) -> dict[str, Any]:
    """Percentiles of both, and how many times longer beside the hostile ones."""
    one, other = _percentiles(among), _percentiles(beside)
    ratio = {name: round(other[name] / one[name], 2) for name in ("p50", "p99")}
    return {
        "what": "ms from an event's publication to its POST at a well-behaved endpoint",
        "settings": f"{GOOD} good endpoints and four others, {options.rate:g} events a second each",
        "among": one,
        "beside": other,
        "ratio": ratio,
        "goal": GOAL,
        "hostile": tried,
        "machine": results.machine(),
        "reached": all(value <= GOAL for value in ratio.values()),
    }


def table(report: dict[str, Any]) -> str:
    head = ("good endpoints", "p50 ms", "p99 ms", "deliveries")
    sides = {"among": "among four more like them", "beside": "beside four hostile ones"}
    rows = [
        (text, *(f"{report[name][p]:.0f}" for p in ("p50", "p99")), str(report[name]["count"]))
        for name, text in sides.items()
    ]
    times = [f"{report['ratio'][p]:.2f} x (at most {GOAL})" for p in ("p50", "p99")]
    return results.markdown(head, [*rows, ("times", *times, "")])


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "count": len(times)}


def _environment(amqp_uri: str, mongo_uri: str, prefix: str) -> dict[str, str]:
    return {
        "AMQP_URI": amqp_uri,
        "MONGO_URI": mongo_uri,
        "DATABASE_PREFIX": prefix,
        "STINT_ENV": "development",
        "RETRY_LADDER": SHORT_LADDER,
        "LOG_LEVEL": "WARNING",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "WEBHOOKS_TO_PRIVATE": "true",
        "PYTHONPATH": str(Path.cwd()),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=80, help="measured for each endpoint")
    parser.add_argument("--warm-up", type=int, default=10, help="events that are not counted")
    parser.add_argument("--rate", type=float, default=1.5, help="events a second for each endpoint")
    return parser.parse_args()


if __name__ == "__main__":
    main()
