"""Any interleaving of saves, crashes, redeliveries, duplicates and reordering ends the same."""

import logging
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared import delivery, messaging, store
from shared.codec import Codec
from shared.messaging import On
from shared.relay import Relay
from shared.store import Store
from tests.chaos.model.machine import Interleaving
from tests.chaos.model.memory import Collection
from tests.chaos.model.replica import Parts

LOOK = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# A planted bug need not be found in its shortest form.
HUNT = settings(LOOK, max_examples=1_000, phases=[Phase.generate], report_multiple_bugs=False)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's time is its own: what is tried again is tried at once."""

    def at_once(*_: float) -> Iterator[float]:
        return repeat(0.0)

    codecs: dict[type, Codec[Any]] = {}

    def codec(aggregate: type, *others: Any) -> Codec[Any]:
        return codecs.setdefault(aggregate, codecs.get(aggregate) or Codec(aggregate, *others))

    monkeypatch.setattr(delivery, "backoff", at_once)
    monkeypatch.setattr(messaging, "backoff", at_once)
    monkeypatch.setattr(store, "Codec", codec)  # Making one takes longer than all it does here.
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet, cache_logger_on_first_use=False)


def look_at(parts: Parts, how: settings = LOOK) -> None:
    class Machine(Interleaving):
        pass

    Machine.parts = parts
    run_state_machine_as_test(Machine, settings=how)


def test_any_interleaving_ends_as_if_nothing_had_gone_wrong() -> None:
    look_at(Parts())


class AcknowledgesFirst(On):
    def receive(self, message: Any) -> None:
        message.ack()
        super().receive(message)


class TrimsBeforeTheConfirm(Relay):
    def offer(self, source: Any, id_: str, events: Any) -> int:
        taken = super().offer(source, id_, events)
        for event in events:
            source.settle(id_, event["id"])
        return taken


class ForgetsWhatItHandled(Store[Any]):
    def _apply(self, id: str, document: Any, *others: Any) -> Any:
        if document:
            document = {**document, "handled": []}
        return super()._apply(id, document, *others)


class SavesBlindly(Collection):
    def _write(self, at: int, write: Any) -> Iterator[dict[str, Any]]:
        self.rows.pop(write._filter["_id"], None) if hasattr(write._doc, "raw") else None
        yield from super()._write(at, write)


class ForgetsWhatWasUnderWay(Relay):
    def _drop(self) -> None:
        self._flight.clear()
        super()._drop()


BUGS = {
    "acknowledges before the save": Parts(on=AcknowledgesFirst),
    "trims before the confirm": Parts(relay=TrimsBeforeTheConfirm),
    "forgets what it handled": Parts(store=ForgetsWhatItHandled),
    "saves whatever the version": Parts(collection=SavesBlindly),
    "forgets what was under way": Parts(relay=ForgetsWhatWasUnderWay),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    with pytest.raises(AssertionError):
        look_at(BUGS[bug], HUNT)
