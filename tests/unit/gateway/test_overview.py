"""An engagement at one glance: parts in parallel, and what is missing by name."""

from typing import Any

import eventlet
import pytest

from services.gateway.calls import gather
from shared.errors import Forbidden, NotFound, Unavailable
from tests.unit.gateway.conftest import World, kim

PATH = "/v1/engagements/eng-1/overview"
AWAY = Unavailable("service-unavailable", "Away.")
ENGAGEMENT = {"id": "eng-1", "version": 3, "candidate_id": "acc-kim", "org_id": "org-north"}
ESCROW = {"id": "eng-1", "status": "held"}
THREAD = {"items": [{"id": "msg-1"}], "next": "later"}


@pytest.fixture
def engaged(world: World) -> World:
    kim(world)
    world.rpc.answers |= {"get_engagement": ENGAGEMENT, "get_escrow": ESCROW}
    world.rpc.answers["list_messages"] = THREAD
    return world


def test_work_money_thread_and_people_come_together(engaged: World) -> None:
    answer = engaged.client("candidate").get(PATH)
    assert answer.get_json() == {
        "engagement": ENGAGEMENT,
        "payment": ESCROW,
        "thread": THREAD,
        "people": {"candidate": {"id": "acc-kim", "name": "Kim Li"}, "organisation": None},
        "incomplete": [],
        "withheld": [],
    }
    assert {call.principal.id for _, _, call, _ in engaged.rpc.asked} == {"acc-kim"}


@pytest.mark.parametrize(
    ("method", "missing"),
    [
        ("get_engagement", ["engagement", "people"]),
        ("get_escrow", ["payment"]),
        ("list_messages", ["thread"]),
    ],
)
def test_a_part_that_is_away_is_named_and_the_others_are_there(
    engaged: World, method: str, missing: list[str]
) -> None:
    engaged.rpc.answers[method] = AWAY
    answer = engaged.client("owner").get(PATH)
    told = answer.get_json()
    assert (answer.status_code, told["incomplete"]) == (200, missing)
    parts = ("engagement", "payment", "thread", "people")
    assert [name for name in parts if told[name] is None] == sorted(missing, key=parts.index)


def test_nothing_at_all_is_a_problem_and_no_empty_answer(engaged: World) -> None:
    for method in ("get_engagement", "get_escrow", "list_messages"):
        engaged.rpc.answers[method] = AWAY
    assert engaged.client("owner").get(PATH).status_code == 503


@pytest.mark.parametrize(
    ("answer", "withheld"),
    [
        (Forbidden("operation-forbidden", "No."), ["payment"]),
        (NotFound("escrow-not-found", "None yet."), []),
    ],
)
def test_money_that_is_not_for_this_reader_or_not_there_yet_is_null(
    engaged: World, answer: Exception, withheld: list[str]
) -> None:
    engaged.rpc.answers["get_escrow"] = answer
    told = engaged.client("evaluator").get(PATH).get_json()
    assert (told["payment"], told["withheld"], told["incomplete"]) == (None, withheld, [])


def test_a_stranger_is_told_that_there_is_no_such_thing(engaged: World) -> None:
    engaged.rpc.answers["get_engagement"] = NotFound("not-found", "Not yours.")
    answer = engaged.client("owner").get(PATH)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_all_questions_share_one_deadline() -> None:
    def slow() -> Any:
        eventlet.sleep(5)

    found = gather({"slow": slow, "slower": slow, "quick": lambda: 1}, within=0.05)
    assert found["quick"] == 1
    assert [type(found[name]) for name in ("slow", "slower")] == [Unavailable, Unavailable]
