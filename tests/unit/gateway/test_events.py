"""The event log as pages and as a stream."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.resources.events import (
    BATCH,
    EAGER,
    HEARTBEAT,
    POLL,
    QUIET,
    SCATTER,
    SETTLE,
    Page,
    Waiting,
    _frames,
)
from services.gateway.throttle import MOST_STREAMS
from shared.errors import Forbidden, Invalid, Unavailable
from shared.hints import ALL, Bell, Hints
from tests.unit.gateway.conftest import World
from tests.unit.gateway.fakes import FakeClock

STREAM = {"Accept": "text/event-stream"}


def event(number: int) -> dict[str, Any]:
    return {"sequence": number, "type": "payout.paid.v1", "id": f"e-{number}", "data": {}}


def test_a_page_is_json_unless_a_stream_is_asked_for(world: World) -> None:
    answer = world.client("candidate").get(
        "/v1/events?types=payout.paid.v1,match.scored.v1&limit=3"
    )
    assert answer.mimetype == "application/json"
    [(_, arguments)] = world.rpc.calls("list_events")
    assert arguments == {
        "types": ["payout.paid.v1", "match.scored.v1"],
        "limit": 3,
        "after": None,
    }
    anything = world.client("candidate").get("/v1/events", headers={"Accept": "*/*"})
    assert anything.mimetype == "application/json"


def test_a_stream_goes_on_after_the_last_event_that_the_client_has(world: World) -> None:
    world.rpc.answers["list_events"] = {"items": [event(8), event(9)], "next": None}
    answer = world.client("candidate").get(
        "/v1/events?after=e-3", headers={**STREAM, "Last-Event-ID": "e-7"}
    )
    assert answer.mimetype == "text/event-stream"
    assert answer.text.startswith("retry: 2000\n\nid: e-8\nevent: payout.paid.v1\ndata: {")
    assert "\n\nid: e-9\n" in answer.text
    [(call, arguments)] = world.rpc.calls("list_events")
    assert (arguments["after"], call.principal.id) == ("e-7", "acc-kim")


def test_head_opens_no_stream(world: World) -> None:
    answer = world.client("candidate")("HEAD", "/v1/events", headers=STREAM)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert world.rpc.asked == []
    assert world.hints._bells == {}


def test_a_stream_needs_a_sign_in(world: World) -> None:
    assert world.client().get("/v1/events", headers=STREAM).status_code == 401


def test_nobody_holds_more_than_so_many_streams_at_once(world: World) -> None:
    kim = world.client("candidate")
    open_ = [world.ports.throttle.stream("acc-kim") for _ in range(MOST_STREAMS)]
    refused = kim.get("/v1/events", headers=STREAM)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too-many-streams")
    assert refused.headers["Retry-After"] == "15"
    assert world.client("owner").get("/v1/events", headers=STREAM).status_code == 200
    open_.pop()()
    for _ in range(3):  # Each one ends before the next begins.
        assert kim.get("/v1/events", headers=STREAM).status_code == 200


def frames(
    pages: list[Any], rounds: int, clock: FakeClock | None = None, heard: bool = False
) -> Iterator[bytes]:
    """What a stream writes within so many pauses."""
    clock, asked, left = clock or FakeClock(), iter(pages), iter(range(rounds - 1))

    def page(after: str | None) -> Page:
        found = next(asked, [])
        if isinstance(found, Exception):
            raise found
        return list(found), after

    def pause(seconds: float, bell: Bell | None = None) -> bool:
        clock.forward(seconds=seconds)
        return next(left, None) is None

    until = clock() + timedelta(minutes=15)
    yield from _frames(page, page(None), Waiting(until, clock, pause, Bell(), lambda: heard))


@pytest.mark.parametrize("heard", [True, False])
def test_a_quiet_line_shows_now_and_then_that_it_is_alive(heard: bool) -> None:
    clock, written = FakeClock(), []
    started = clock()
    for part in frames([], 10_000, clock, heard):
        if part.startswith(b":"):
            written.append((clock() - started).total_seconds())
    gaps = [after - before for before, after in itertools.pairwise([0.0, *written])]
    assert len(written) == 15 * 60 / HEARTBEAT
    assert {round(gap) for gap in gaps} == {HEARTBEAT}


def test_streams_that_began_together_look_at_different_moments_and_seldom_while_hints_come() -> (
    None
):
    def looks(heard: bool) -> list[float]:
        clock = FakeClock()
        started, seen = clock(), []

        def page(after: str | None) -> Page:
            seen.append((clock() - started).total_seconds())
            return [], after

        def pause(seconds: float, bell: Bell | None = None) -> bool:
            clock.forward(seconds=seconds)
            return False

        until = clock() + timedelta(minutes=15)
        list(_frames(page, ([], None), Waiting(until, clock, pause, Bell(), lambda: heard)))
        return seen

    assert len(looks(heard=True)) < 15 * 60 / QUIET * 1.4
    assert len(looks(heard=False)) > 15 * 60 / POLL / 1.4
    assert looks(heard=True)[0] != looks(heard=True)[0]


def test_a_full_page_is_followed_at_once() -> None:
    full = [event(number) for number in range(BATCH)]
    assert len(list(frames([full, full, [event(1)]], 1))) == 1 + 2 * BATCH + 1


def test_a_log_that_is_away_for_a_while_costs_no_stream() -> None:
    away = Unavailable("service-unavailable", "Away.")
    assert list(frames([[], away, [event(1)]], 3))[-1].startswith(b"id: e-1\n")


@pytest.mark.parametrize("rounds", [5000])
def test_a_stream_ends_with_its_token(rounds: int) -> None:
    clock = FakeClock()
    started = clock()
    list(frames([], rounds, clock))
    assert timedelta(0) <= clock() - started - timedelta(minutes=15) < timedelta(seconds=POLL * 2)


def test_a_stream_ends_when_the_log_is_no_longer_theirs() -> None:
    refused = Forbidden("operation-forbidden", "No.")
    assert list(frames([[], refused], 5)) == [b"retry: 2000\n\n"]


def test_a_stream_from_a_cursor_that_is_none_is_a_problem_and_holds_no_place(world: World) -> None:
    world.rpc.answers["list_events"] = Invalid("cursor-invalid", "This is no cursor.")
    for _ in range(MOST_STREAMS + 1):
        refused = world.client("candidate").get(
            "/v1/events", headers={**STREAM, "Last-Event-ID": "42"}
        )
        assert (refused.status_code, refused.get_json()["code"]) == (422, "cursor-invalid")
        assert refused.mimetype == "application/problem+json"


def test_a_stream_begins_although_the_log_is_away(world: World) -> None:
    world.rpc.answers["list_events"] = Unavailable("service-unavailable", "Away.")
    assert world.client("candidate").get("/v1/events", headers=STREAM).status_code == 200


def test_a_stream_of_what_is_to_come_goes_on_from_the_cursor_that_newest_gives(
    world: World,
) -> None:
    asked: list[str | None] = []

    def answer(after: str | None, **_: Any) -> dict[str, Any]:
        asked.append(after)
        return {"items": [event(9)] if after == "e-8" else [], "next": "e-8"}

    world.rpc.answers["list_events"] = answer
    rounds = iter([False, False])
    world.pause = lambda *_: next(rounds, True)
    got = world.client("candidate").get("/v1/events?after=newest", headers=STREAM)
    assert "id: e-9\n" in got.text
    assert asked == ["newest", "e-8", "e-9"]


def test_a_hint_makes_a_stream_look_at_once_and_then_for_a_while_more_often() -> None:
    bell, clock, waited = Bell(), FakeClock(), []

    def pause(seconds: float, _bell: Bell | None = None) -> bool:
        waited.append(seconds)
        return False

    wait = Waiting(clock() + timedelta(hours=1), clock, pause, bell)

    def next_look() -> float:
        waited.clear()
        wait.spoken()
        list(wait.quietly())
        assert not wait.ended
        return sum(waited)

    usual = [next_look()]
    bell.ring()
    usual.append(next_look() - SETTLE)
    assert [next_look() for _ in EAGER] == list(EAGER)
    usual.append(next_look())
    for seconds in usual:
        assert POLL * (1 - SCATTER) <= seconds <= POLL * (1 + SCATTER)


def test_a_hint_rings_for_those_whom_the_event_names_until_they_hang_up() -> None:
    hints = Hints()
    bells, ends = zip(*(hints.listen({name}) for name in ("acc-kim", "org-a", ALL)), strict=True)
    hints.heard(b'{"data": {"org_id": "org-b", "candidates": [{"candidate_id": "acc-kim"}]}}')
    assert [bell.taken() for bell in bells] == [True, False, True]
    assert not bells[0].taken()
    ends[0]()
    hints.heard(b'{"data": {"candidate_id": "acc-kim", "org_id": "org-a"}}')
    assert [bell.taken() for bell in bells] == [False, True, True]
    for nonsense in (b"", b"[]", b"{", b'"x"', b'{"data": null}', b"\xff"):
        hints.heard(nonsense)
    for end in ends:
        end()
        end()
    assert hints._bells == {}


def test_a_stream_that_ends_or_never_began_leaves_no_bell(world: World) -> None:
    world.client("owner").get("/v1/events", headers=STREAM)
    world.rpc.answers["list_events"] = Invalid("cursor-invalid", "This is no cursor.")
    world.client("operator").get("/v1/events", headers=STREAM)
    assert world.hints._bells == {}
