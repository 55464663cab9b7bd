"""One process of the tally service, with real greenlets: `worker.py COMMAND JSON`."""

import eventlet
import eventlet.tpool
from eventlet import patcher

eventlet.monkey_patch()

import json  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from functools import partial  # noqa: E402
from typing import Any  # noqa: E402

from pymongo.errors import AutoReconnect  # noqa: E402

from shared.envelope import Call  # noqa: E402
from shared.errors import Conflict, Unavailable  # noqa: E402
from shared.platform import Platform  # noqa: E402
from shared.relay import Relay  # noqa: E402
from shared.store import Claims, Store  # noqa: E402
from tests.integration.store.tally import Counter, counters, platform  # noqa: E402

QUICK = {"trim_every": 0.2, "sweep_every": 0.4, "sweep_age": 1.0, "heartbeat": 2}


class DyingRelay(Relay):
    """Kills its process with the first event: before it is sent, or before its confirm is seen."""

    def offer(self, *arguments: Any) -> None:
        if os.environ["DIE"] == "offer":
            os.kill(os.getpid(), signal.SIGKILL)
        super().offer(*arguments)

    def _on_confirm(self, frame: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class StumblingRelay(Relay):
    """Fails now and then inside pika's loop, and once keeps the whole process busy for too long."""

    confirms = 0

    def _on_confirm(self, frame: Any) -> None:
        self.confirms += 1
        if self.confirms == 4:
            patcher.original("time").sleep(6)  # Over three heartbeats: the broker hangs up.
        if self.confirms in (2, 9):
            raise ZeroDivisionError("in a callback")
        super()._on_confirm(frame)


def build(relay: type[Relay] = Relay) -> tuple[Platform, Store[Counter]]:
    made = platform(os.environ, relay(os.environ["AMQP_URI"], **QUICK))
    store = counters(made)
    made.start()
    return made, store


def hit(
    messages: list[list[str]],
    greenlets: int,
    shuffle: int = 0,
    pause: float = 0,
    stumbling: bool = False,
) -> dict[str, Any]:
    """Change the counters; where the database is away or others are faster for long, run again, as
    the consumer does.

    `pause` is what each greenlet waits before a message, in seconds.
    """
    made, store = build(StumblingRelay if stumbling else Relay)
    random.Random(shuffle).shuffle(messages)
    held = 0

    def one(message: list[str]) -> None:
        nonlocal held
        name, counter = message
        eventlet.sleep(pause)
        while True:
            try:
                store.change(
                    counter,
                    Call(id=name),
                    partial(Counter.hit, by=name),
                    new=partial(Counter, counter),
                )
                return
            except AutoReconnect:
                held += 1
            except Unavailable:
                sys.stderr.write("busy\n")
            eventlet.sleep(0.2)

    sys.stderr.write("started\n")
    list(eventlet.GreenPool(greenlets).imap(one, messages))
    made.stop(20)
    return {"held": held, **made.relay.counts}


def stay() -> dict[str, Any]:
    """Sweep and relay until stdin ends."""
    made, _ = build()
    sys.stderr.write("started\n")
    eventlet.tpool.execute(sys.stdin.read)
    made.stop()
    return dict(made.relay.counts)


def die(counter: str) -> dict[str, Any]:
    """Save once and be killed before the broker's answer."""
    _, store = build(DyingRelay)
    store.change(counter, Call(), Counter.hit, new=partial(Counter, counter))
    eventlet.sleep(30)
    return {}


def claim(values: list[str], owner: str) -> dict[str, Any]:
    """Claim each value; tells which it got."""
    claims, got = Claims(platform(os.environ), "names"), []
    for value in values:
        try:
            claims.take(value, owner)
        except Conflict:
            continue
        got.append(value)
    return {"got": got}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    command = {"hit": hit, "stay": stay, "die": die, "claim": claim}[sys.argv[1]]
    sys.stdout.write(json.dumps(command(**json.loads(sys.argv[2]))))
