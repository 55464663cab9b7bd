"""The sample service, which kills itself at the worst moment that its environment names."""

import os
import signal
from typing import Any

from shared.broker import Publisher
from shared.delivery import Delivery
from shared.envelope import Event
from shared.errors import Unavailable
from shared.messaging import on
from tests.integration.messaging.sample import CONTRACTS, SampleService, Tally

__all__ = ["CONTRACTS"]

MOMENT = os.environ["DIE"]


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingService(SampleService):
    name = "sample"

    @on("thing.seen.v1", prefetch=1)
    def on_thing_seen(self, event: Event) -> None:
        if MOMENT == "after the copy":
            raise Unavailable("bank-unavailable", "The bank is away.")
        tally = event.data["tally"]
        self.tallies.change(tally, event, Tally.add, new=lambda: Tally(tally))


_publish = Publisher.publish


def publish_and_die(*arguments: Any, **named: Any) -> None:
    _publish(*arguments, **named)
    die()


if MOMENT == "before the acknowledgement":
    Delivery.ack = die  # type: ignore[method-assign]
elif MOMENT == "after the copy":
    Publisher.publish = publish_and_die  # type: ignore[method-assign]
