"""Any interleaving of saves, crashes, redeliveries, duplicates and reordering ends the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared import records
from shared.messaging import On
from shared.store import Store
from tests.chaos.model.machine import Interleaving
from tests.chaos.model.memory import Collection
from tests.chaos.model.replica import Parts

pytestmark = pytest.mark.usefixtures("no_waiting")

LOOK = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# A planted bug need not be found in its shortest form.
HUNT = settings(LOOK, max_examples=1_000, phases=[Phase.generate], report_multiple_bugs=False)


def look_at(parts: Parts, how: settings = LOOK) -> None:
    class Machine(Interleaving):
        pass

    Machine.parts = parts
    run_state_machine_as_test(Machine, settings=how)


def test_any_interleaving_ends_as_if_nothing_had_gone_wrong() -> None:
    look_at(Parts())


def test_any_interleaving_ends_so_where_one_flush_follows_each_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "FLUSHED_ONCE", 0)
    look_at(Parts())


class AcknowledgesFirst(On):
    def receive(self, message: Any) -> None:
        message.ack()
        super().receive(message)


class ForgetsWhatItHandled(Store[Any]):
    def _apply(self, id: str, document: Any, *others: Any) -> Any:
        if document:
            document = {**document, "handled": []}
        return super()._apply(id, document, *others)


class SavesBlindly(Collection):
    def _replace(self, at: int, wanted: Any, new: Any) -> Iterator[dict[str, Any]]:
        self.rows.pop(wanted["_id"], None)
        yield from super()._replace(at, wanted, new)

    def _insert(self, at: int, id_: str, new: Any) -> Iterator[dict[str, Any]]:
        self.rows.pop(id_, None)
        yield from super()._insert(at, id_, new)


BUGS = {
    "acknowledges before the save": Parts(on=AcknowledgesFirst),
    "forgets what it handled": Parts(store=ForgetsWhatItHandled),
    "saves whatever the version": Parts(collection=SavesBlindly),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    with pytest.raises(AssertionError):
        look_at(BUGS[bug], HUNT)
