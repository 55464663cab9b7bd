"""One flush after a batch, and what it proves."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from bson import encode
from pymongo import UpdateOne
from pymongo.errors import AutoReconnect

from shared import records
from shared.batches import Batches
from shared.clock import now
from shared.records import LostRace, Record, Records
from tests.chaos.model.memory import Collection, decode_


class Table(Collection):
    """Remembers with which durability each bulk came, and may crash before the flush."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.bulks: list[tuple[str, int]] = []
        self.crash: Callable[[], object] = lambda: None
        self.durability = "flushed"

    def with_options(self, codec_options: Any = records.OPTIONS, write_concern: Any = None) -> Any:
        other = super().with_options(codec_options, write_concern)
        other.bulks = self.bulks
        other.durability = "visible" if write_concern is records.VISIBLE else self.durability
        return other

    def bulk_write(self, writes: Sequence[Any], *, ordered: bool = True) -> Any:
        if isinstance(writes[0], UpdateOne):
            self.crash()
        self.bulks.append((self.durability, len(writes)))
        return super().bulk_write(writes, ordered=ordered)


class Announcer:
    """Writes batches down and publishes nothing."""

    def __init__(self) -> None:
        self.batches = Batches("things", Collection({}), now)  # type: ignore[arg-type]
        self.saves: list[str] = []

    def learn(self, _documents: object) -> None: ...

    def begin(self, found: Sequence[Record]) -> Any:
        return self.batches.begin((each.id, each.version, {"event"}, True) for each in found)

    def end(self, batch: Any, failed: Any) -> None:
        self.batches.end(batch, [batch.entries[at] for at in failed])

    def saved(self, record: Record) -> None:
        self.saves.append(record.id)


def record(number: int, version: int) -> Record:
    raw = encode({"_id": f"a{number}", "version": version})
    return Record(f"a{number}", version, raw, [{"id": "event"}])


@pytest.fixture
def world() -> SimpleNamespace:
    rows = {f"a{n}": encode({"_id": f"a{n}", "version": 1}) for n in range(5)}
    table, announcer = Table(rows), Announcer()
    store = Records(table, announcer, lambda: world.one_log)  # type: ignore[arg-type]
    world = SimpleNamespace(table=table, announcer=announcer, store=store, one_log=True)
    return world


def save(world: SimpleNamespace, *found: Record) -> list[Any]:
    """All in one batch; what became of each."""

    def one(each: Record) -> Any:
        try:
            world.store.save(each)
        except (LostRace, AutoReconnect) as exc:
            return type(exc)
        return None

    return list(eventlet.GreenPool().imap(one, found))


def test_one_flush_follows_a_batch_of_replacements(world: SimpleNamespace) -> None:
    assert save(world, *(record(n, 2) for n in range(5))) == [None] * 5

    assert world.table.bulks == [("visible", 5), ("flushed", 1)]
    assert decode_(world.table.rows["a4"])["flushed"]
    assert world.announcer.saves == [f"a{n}" for n in range(5)]


@pytest.mark.parametrize("found", [[record(0, 2)], [record(n, 1) for n in (7, 8, 9)]])
def test_few_replacements_or_first_versions_are_flushed_as_they_come(
    world: SimpleNamespace, found: list[Record]
) -> None:
    assert save(world, *found) == [None] * len(found)

    assert world.table.bulks == [("flushed", len(found))]


def test_where_there_are_several_logs_every_write_is_flushed(world: SimpleNamespace) -> None:
    world.one_log = False
    save(world, *(record(n, 2) for n in range(5)))

    assert world.table.bulks == [("flushed", 5)]


def test_a_server_that_forgot_the_batch_before_its_flush_is_noticed(
    world: SimpleNamespace,
) -> None:
    before = dict(world.table.rows)
    world.table.crash = lambda: world.table.rows.update(before)

    assert save(world, *(record(n, 2) for n in range(5))) == [AutoReconnect] * 5
    assert world.announcer.saves == []


def test_a_server_that_forgot_only_the_last_document_is_noticed(world: SimpleNamespace) -> None:
    before = world.table.rows["a4"]
    world.table.crash = lambda: world.table.rows.update(a4=before)

    assert save(world, *(record(n, 2) for n in range(5))) == [AutoReconnect] * 5


def test_another_save_of_the_same_version_is_not_taken_for_it(world: SimpleNamespace) -> None:
    other = encode({"_id": "a4", "version": 2, "saved_in": ["other", 1, 2]})
    world.table.crash = lambda: world.table.rows.update(a4=other)

    assert save(world, *(record(n, 2) for n in range(5))) == [AutoReconnect] * 5


def test_a_lost_race_is_not_what_the_flush_rests_on(world: SimpleNamespace) -> None:
    ends = save(world, *(record(n, 2) for n in range(4)), record(4, 7))

    assert ends == [None] * 4 + [LostRace]
    assert "flushed" in decode_(world.table.rows["a3"])


def test_a_batch_that_lost_every_race_needs_no_flush(world: SimpleNamespace) -> None:
    assert save(world, *(record(n, 7) for n in range(4))) == [LostRace] * 4
    assert world.table.bulks == [("visible", 4)]
