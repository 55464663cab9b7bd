"""Partners' streams get every public event, in order, from one process at a time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.notifications.partners.domain.streams import LEASE, LONGEST_PAUSE, Progress, Stream
from services.notifications.partners.streams import Streams
from shared.relay import Pending

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Shelf:
    """Streams as a store has them."""

    def __init__(self, *streams: Stream) -> None:
        self.streams = {stream.id: stream for stream in streams}

    def change(self, id: str, _message: None, use_case: Callable[[Stream], object]) -> Stream:
        use_case(self.streams[id])
        return self.streams[id]


class Kept:
    """Public events by partner: numbers from 1."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts

    def page(self, partner_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        last = min(self.counts[partner_id], after + limit)
        return [row(partner_id, number) for number in range(after + 1, last + 1)]


class Broker:
    """A relay that confirms when it is told to."""

    def __init__(self) -> None:
        self.connected, self.starts = True, 0
        self.sent: list[tuple[str, Pending]] = []

    def attach(self, source: Streams) -> None:
        self.source = source

    def start(self) -> None:
        self.starts += 1

    def offer(self, _source: Streams, id_: str, events: Sequence[Pending]) -> None:
        self.sent += [(id_, event) for event in events]

    def confirm(self, *places: int) -> None:
        for place in places:
            id_, event = self.sent[place]
            self.source.settle(id_, event["id"])
        self.source.trim()

    @property
    def ids(self) -> list[str]:
        return [event["id"] for _, event in self.sent]


def row(partner_id: str, number: int) -> dict[str, Any]:
    event = {"id": f"{partner_id}-{number}", "type": "engagement.opened.v1", "data": {}}
    return {
        "_id": event["id"],
        "partner_id": partner_id,
        "type": event["type"],
        "sequence": number,
        "event": event,
        "at": NOW,
    }


def stream(id_: str = "p", **changes: Any) -> Stream:
    return Stream(id_, NOW, **changes)


class Side:
    """One process that sends."""

    def __init__(self, shelf: Shelf, kept: Kept, holder: str = "one") -> None:
        self.shelf, self.broker, self.at = shelf, Broker(), NOW
        given: Any = (shelf, kept, self.broker, lambda: self.at, holder)
        self.streams = Streams(*given)

    def round(self, later: timedelta = SECOND) -> None:
        self.at += later
        self.streams.bring([one for one in self.shelf.streams.values() if one.open])


def test_a_stream_is_brought_what_it_lacks_and_the_position_follows_the_confirm() -> None:
    side = Side(Shelf(stream()), Kept(p=3))

    side.round()
    assert side.broker.ids == ["p-1", "p-2", "p-3"]
    assert side.shelf.streams["p"].position == 0

    side.broker.confirm(0, 1)
    assert side.shelf.streams["p"].position == 2
    side.broker.confirm(2)
    side.round()
    assert side.shelf.streams["p"].position == 3
    assert len(side.broker.sent) == 3


def test_a_message_is_the_stored_event_under_the_partner_s_own_key() -> None:
    side = Side(Shelf(stream()), Kept(p=1))
    side.round()

    ((_, pending),) = side.broker.sent

    assert pending["key"] == "p.engagement.opened.v1"
    assert pending["type"] == "engagement.opened.v1"
    told = orjson.loads(pending["body"])
    assert told["id"] == pending["id"] == "p-1"
    assert told["sequence"] == "000000000001"


def test_confirms_in_any_order_move_the_position_over_no_gap() -> None:
    side = Side(Shelf(stream()), Kept(p=3))
    side.round()

    side.broker.confirm(2, 1)
    assert side.shelf.streams["p"].position == 0
    side.broker.confirm(0)
    assert side.shelf.streams["p"].position == 3


def test_after_a_crash_before_the_record_the_same_ids_go_out_again() -> None:
    shelf, kept = Shelf(stream()), Kept(p=2)
    first = Side(shelf, kept)
    first.round()  # Sent, perhaps confirmed, and never recorded: it dies here.

    second = Side(shelf, kept, "two")
    second.round(LEASE / 2)
    assert second.broker.ids == []
    second.round(LEASE)
    assert second.broker.ids == first.broker.ids


def test_one_process_sends_while_it_is_well() -> None:
    shelf, kept = Shelf(stream()), Kept(p=1)
    one, two = Side(shelf, kept, "one"), Side(shelf, kept, "two")
    one.round()
    for number in range(2, 40):
        one.broker.confirm(-1)
        kept.counts["p"] = number
        one.round()
        two.round()
    assert len(one.broker.sent) == 39
    assert two.broker.sent == []


def test_nothing_is_asked_of_the_broker_while_no_partner_reads_there() -> None:
    side = Side(Shelf(stream(open=False)), Kept(p=1))
    side.round()
    assert side.broker.starts == 0


def test_a_broker_that_is_away_is_waited_for() -> None:
    side = Side(Shelf(stream()), Kept(p=1))
    side.broker.connected = False
    side.round()
    side.broker.connected = True
    side.round()
    assert (side.broker.ids, side.broker.starts) == (["p-1"], 1)


def test_what_no_queue_takes_is_offered_ever_more_seldom_and_holds_up_nobody_else() -> None:
    side = Side(Shelf(stream("p"), stream("q")), Kept(p=1, q=1))
    for _ in range(300):
        side.round()
        side.streams.settle("q", "q-1")
    assert side.broker.ids.count("q-1") == 1
    assert 6 < side.broker.ids.count("p-1") < 15

    side.broker.confirm(0)
    side.round()
    assert side.shelf.streams["p"].position == 1


def test_a_closed_stream_is_brought_nothing_and_goes_on_where_it_ended() -> None:
    one = stream(position=1)
    side = Side(Shelf(one), Kept(p=2))
    one.close()
    side.round()
    assert side.broker.sent == []
    one.reopen()
    side.round()
    assert side.broker.ids == ["p-2"]


def test_a_position_never_goes_back() -> None:
    one = stream(position=7)
    one.advance(5)
    assert one.position == 7


@pytest.mark.parametrize("in_vain", [1, 3, 9, 20])
def test_the_pause_doubles_and_has_an_end(in_vain: int) -> None:
    progress = Progress()
    for _ in range(in_vain + 1):
        progress.offer([(1, "a")], NOW)
    pause = min(timedelta(seconds=2**in_vain - 1), LONGEST_PAUSE)
    assert not progress.may_offer(NOW + pause - timedelta(milliseconds=1))
    assert progress.may_offer(NOW + pause)
    progress.settle("a")
    assert progress.may_offer(NOW)
