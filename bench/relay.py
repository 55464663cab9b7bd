"""Events per second that the broker confirms: our relay with its outboxes, beside bare pika.

Both sides publish the same persistent events to the same kind of quorum queue, mandatory, with as
many unconfirmed at once; they take turns, each in a process of its own. Run it as `make bench`, or
`python -m bench.relay`. Writes `bench/results/relay.json` and `.md`.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bench import results

EVENTS, ROUNDS, GOAL = 15_000, 3, 0.6
SAVED = 2_000
QUEUE, EXCHANGE = "bench.events", "stint.events"


@dataclass(frozen=True)
class BatchWeighed:
    """As large as a usual event of the journey: 700 bytes with its envelope."""

    type: ClassVar[str] = "batch.weighed.v1"
    weights: list[str] = field(default_factory=lambda: [f"weight-{n:032}" for n in range(8)])


@dataclass
class Batch:
    id: str
    version: int = 0
    events: list[BatchWeighed] = field(default_factory=list)

    def weigh(self) -> None:
        self.events.append(BatchWeighed())


def main() -> int:
    """Start private servers, let the sides take turns, print and keep the medians."""
    from deploy.embedded.broker import Broker
    from deploy.embedded.database import Database
    from tests.servers import new_vhost, run_folder

    with run_folder() as folder:
        broker, database = Broker(folder / "broker", folder), Database(folder / "database", folder)
        broker.start()
        database.start()
        rates: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            for side in ("bare", "ours"):
                with new_vhost(broker) as vhost:
                    answer = run(side, vhost.amqp_uri, database.uri, f"bench{number}")
                for name, rate in answer.items():
                    rates.setdefault(name, []).append(rate)
    return report({name: statistics.median(values) for name, values in rates.items()})


def run(side: str, amqp_uri: str, mongo_uri: str, prefix: str) -> dict[str, float]:
    environment = {"AMQP_URI": amqp_uri, "MONGO_URI": mongo_uri, "DATABASE_PREFIX": prefix}
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.relay", side],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
        text=True,
    )
    answer: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return answer


def report(rates: dict[str, float]) -> int:
    ratio = rates["relay"] / rates["bare pika"]
    for name, rate in rates.items():
        print(f"{name:<28} {rate:>9,.0f} events/s")
    print(f"{'relay / bare pika':<28} {ratio:>9.2f}  (goal {GOAL})")
    settings = {"events": EVENTS, "rounds": ROUNDS, "queue": "quorum", "journal": True}
    result = {"rates": rates, "ratio": ratio, "goal": GOAL, "settings": settings}
    results.write("relay", result | {"machine": results.machine()}, table(result))
    return 0 if ratio >= GOAL else 1


def table(result: dict[str, Any]) -> str:
    rows = [(name, f"{rate:,.0f}") for name, rate in result["rates"].items()]
    rows.append(("relay / bare pika", f"{result['ratio']:.2f} (at least {GOAL})"))
    return results.markdown(("what", "events/s"), rows)


def declare(channel: Any) -> None:
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(QUEUE, EXCHANGE, "#")


def entry() -> dict[str, Any]:
    from shared import clock
    from shared.envelope import pack

    return pack(BatchWeighed(), source="bench", subject="batch:b", version=1, now=clock.now())


class Bare:
    """What pika can do alone: the same window of unconfirmed events, and no outboxes."""

    def __init__(self, uri: str) -> None:
        import pika

        from shared.relay import WINDOW

        self.pika, self.window = pika, WINDOW
        self.entries = [entry() for _ in range(EVENTS)]
        self.sent = self.confirmed = 0
        self.began = 0.0
        with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
            declare(connection.channel())
        self.connection = pika.SelectConnection(
            pika.URLParameters(uri),
            on_open_callback=lambda c: c.channel(on_open_callback=self.open),
        )

    def run(self) -> float:
        self.connection.ioloop.start()
        return EVENTS / (time.perf_counter() - self.began)

    def open(self, channel: Any) -> None:
        self.channel = channel
        channel.confirm_delivery(self.on_confirm, callback=lambda _: self.start())

    def start(self) -> None:
        self.began = time.perf_counter()
        self.pump()

    def pump(self) -> None:
        while self.sent < EVENTS and self.sent - self.confirmed < self.window:
            event = self.entries[self.sent]
            properties = self.pika.BasicProperties(delivery_mode=2, message_id=event["id"])
            self.channel.basic_publish(
                EXCHANGE, event["type"], event["body"], properties, mandatory=True
            )
            self.sent += 1

    def on_confirm(self, frame: Any) -> None:
        # Confirms come in order here; a multiple one names the last.
        self.confirmed = max(self.confirmed + 1, frame.method.delivery_tag)
        if self.confirmed >= EVENTS:
            self.connection.ioloop.stop()
        self.pump()


def bare() -> dict[str, float]:
    return {"bare pika": Bare(os.environ["AMQP_URI"]).run()}


def ours() -> dict[str, float]:
    """Outboxes that wait in the database, then saves that announce at once."""
    import eventlet

    eventlet.monkey_patch()
    import pika
    from mongoengine import DynamicDocument

    from shared.config import Common
    from shared.platform import Platform
    from shared.store import Store

    class BatchDocument(DynamicDocument):
        meta = {"collection": "batches", "auto_create_index": False}

    with pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URI"])) as connection:
        declare(connection.channel())
    settings = Common(
        environment="development",
        amqp_uri=os.environ["AMQP_URI"],
        mongo_uri=os.environ["MONGO_URI"],
        database_prefix=os.environ["DATABASE_PREFIX"],
    )
    platform = Platform(settings, "bench")
    store = Store(platform, Batch, BatchDocument)
    save(store, EVENTS)
    answer = {"relay": relayed(platform), "saved and confirmed": saved(platform, store)}
    fill(store)
    answer["after a crash"] = swept(platform, store)
    platform.stop()
    return answer


def relayed(platform: Any) -> float:
    """From the connection to the last confirm, of what was saved while there was none."""
    platform.start()
    wait(lambda: platform.relay.connected)
    began, early = time.perf_counter(), platform.relay.counts["confirmed"]
    wait(lambda: platform.relay.counts["confirmed"] >= EVENTS)
    return (EVENTS - early) / (time.perf_counter() - began)


def fill(store: Any) -> None:
    """As many documents as events, each with one that a process which died has left."""
    rest = {"version": 1, "schema_version": 1, "handled": ["m"]}
    for start in range(0, EVENTS, 1_000):
        numbers = range(start, start + 1_000)
        documents = [{"_id": f"b{number}", **rest, "outbox": [entry()]} for number in numbers]
        store.collection.insert_many(documents)
        store.outbox._batches.write_down([(f"b{number}", 1) for number in numbers])


def swept(platform: Any, store: Any) -> float:
    """From the offer of the outboxes to the last confirm; each is taken out by a write meanwhile,
    for another process has saved it.
    """
    outboxes = list(store.outbox.sweep(-60))
    platform.relay.counts.clear()
    began = time.perf_counter()
    for id_, pending in outboxes:
        store.outbox.offer(id_, pending)
    wait(lambda: platform.relay.counts["confirmed"] >= EVENTS)
    return EVENTS / (time.perf_counter() - began)


def saved(platform: Any, store: Any) -> float:
    """From the first call of `change` to the last confirm, a hundred at once."""
    platform.relay.counts.clear()
    began = time.perf_counter()
    save(store, SAVED)
    wait(lambda: platform.relay.counts["confirmed"] >= SAVED)
    return SAVED / (time.perf_counter() - began)


def save(store: Any, number: int) -> None:
    """So many new aggregates with an event each, a hundred at once."""
    import eventlet

    from shared.envelope import Call

    def weigh(_: int) -> None:
        call = Call()
        store.change(call.id, call, Batch.weigh, new=lambda: Batch(call.id))

    list(eventlet.GreenPool(100).imap(weigh, range(number)))


def wait(predicate: Any, seconds: float = 120) -> None:
    import eventlet

    with eventlet.Timeout(seconds):
        while not predicate():
            eventlet.sleep(0.002)


if __name__ == "__main__":
    sides = {"bare": bare, "ours": ours}
    if len(sys.argv) > 1:
        print(json.dumps(sides[sys.argv[1]]()))
    else:
        sys.exit(main())
