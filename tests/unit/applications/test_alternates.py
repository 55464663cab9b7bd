"""Alternates are kept warm in rank order, and the next one is one click away."""

from typing import Any

import pytest

from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_following import cancelled, closed, scored
from tests.unit.applications.test_reading import todo
from tests.unit.applications.test_selection import hold
from tests.unit.applications.world import EVALUATOR, KIM, OWNER, STRANGER, World

PEOPLE = [Principal(f"acc-{number}", "candidate") for number in range(4)]


@pytest.fixture
def ids(world: World) -> list[str]:
    world.publish()
    return [world.apply(person) for person in PEOPLE]


def reserve(world: World, id_: str, rank: int | None = None) -> Any:
    return world.call("reserve_application", OWNER, application_id=id_, rank=rank)


def offer(world: World, by: Principal = OWNER) -> Any:
    return world.call("offer_to_next_alternate", by, project_id="prj-1")


def fill(world: World, id_: str, by: Principal) -> None:
    world.select(id_)
    world.accept(id_, by)
    world.settle()
    world.tell("project.closed.v1", closed("filled"))


def test_alternates_line_up_by_rank_then_score(world: World, ids: list[str]) -> None:
    world.tell("match.scored.v1", scored(ids[2], 90))
    reserve(world, ids[0], 3)
    reserve(world, ids[1], 2)
    reserve(world, ids[2], 2)
    assert reserve(world, ids[3])["rank"] == 4
    reserve(world, ids[3], 1)
    order = [row["id"] for row in world.service.queries.alternates("prj-1")]
    assert order == [ids[3], ids[2], ids[1], ids[0]]
    told = [event.data["rank"] for event in world.announced if "reserved" in event.type]
    assert told == [3, 2, 2, 4, 1]


def test_the_same_rank_again_is_no_news_and_keeps_the_time(world: World, ids: list[str]) -> None:
    until = reserve(world, ids[0], 1)["reserved_until"]
    world.now.pass_(days=1)
    assert reserve(world, ids[0], 1)["reserved_until"] == until
    assert reserve(world, ids[0], 2)["reserved_until"] == until
    assert world.types().count("application.reserved") == 2


def test_a_filled_project_declines_the_others_and_keeps_its_alternates(
    world: World, ids: list[str]
) -> None:
    reserve(world, ids[1])
    fill(world, ids[0], PEOPLE[0])
    statuses = [world.application(id_).status for id_ in ids]
    assert statuses == ["accepted", "alternate", "declined", "declined"]


def test_when_the_chosen_one_drops_out_the_next_alternate_is_one_click_away(
    world: World, ids: list[str]
) -> None:
    reserve(world, ids[1], 2)
    reserve(world, ids[2], 1)
    fill(world, ids[0], PEOPLE[0])
    assert todo(world, OWNER) == []
    with pytest.raises(Conflict) as failure:
        offer(world)
    assert failure.value.code == "position-taken"
    world.call("withdraw_application", PEOPLE[0], application_id=ids[0])
    world.settle()
    (item,) = todo(world, OWNER)
    assert (item["kind"], item["id"]) == ("offer-to-next-alternate", "prj-1")
    offered = offer(world)
    assert (offered["id"], offered["status"]) == (ids[2], "selected")
    assert world.accept(ids[2], PEOPLE[2])["engagement_id"] != "eng-" + ids[0][4:]


@pytest.mark.parametrize("drop", ["expires", "declines", "cancelled"])
def test_every_way_of_dropping_out_frees_the_place_for_the_next(
    world: World, ids: list[str], drop: str
) -> None:
    reserve(world, ids[1])
    world.select(ids[0])
    if drop == "expires":
        world.now.pass_(days=3)
        world.sweep()
    elif drop == "declines":
        world.call("decline_selection", PEOPLE[0], application_id=ids[0], reason="timing")
    else:
        world.accept(ids[0], PEOPLE[0])
        world.settle()
        world.tell("engagement.cancelled.v1", cancelled(ids[0]))
    world.settle()
    assert offer(world)["id"] == ids[1]


def test_an_offered_position_is_turned_down_with_a_code_that_the_company_reads(
    world: World, ids: list[str]
) -> None:
    with pytest.raises(Conflict):
        world.call("decline_selection", PEOPLE[0], application_id=ids[0], reason="pay")
    world.select(ids[0])
    for _ in range(2):
        view = world.call("decline_selection", PEOPLE[0], application_id=ids[0], reason="pay")
    assert (view["status"], view["withdraw_reason"]) == ("withdrawn", "pay")
    (event,) = (one for one in world.announced if one.type == "application.withdrawn.v1")
    assert (event.data["reason"], event.data["code"]) == ("candidate", "pay")
    with pytest.raises(Invalid):
        world.call("decline_selection", PEOPLE[1], application_id=ids[1], reason="your boss")


def test_a_repeated_click_offers_to_nobody_else(world: World, ids: list[str]) -> None:
    world.publish(version=2, positions=3)
    reserve(world, ids[0], 1)
    reserve(world, ids[1], 2)
    call = Call(principal=OWNER)
    first = world.repeat("offer_to_next_alternate", call, project_id="prj-1")
    again = world.repeat("offer_to_next_alternate", call, project_id="prj-1")
    assert first == again
    assert world.application(ids[1]).status == "alternate"
    assert offer(world)["id"] == ids[1]
    with pytest.raises(Conflict) as failure:
        offer(world)
    assert failure.value.code == "no-alternate"


def test_an_alternate_whose_offer_is_on_its_way_is_not_chosen_again(
    world: World, ids: list[str]
) -> None:
    world.publish(version=2, positions=2)
    reserve(world, ids[0], 1)
    reserve(world, ids[1], 2)
    hold(world, ids[0])
    assert world.application(ids[0]).status == "alternate"
    assert offer(world)["id"] == ids[1]


def test_a_repeated_click_after_that_alternate_stepped_back_says_so(
    world: World, ids: list[str]
) -> None:
    reserve(world, ids[0])
    call = Call(principal=OWNER)
    world.repeat("offer_to_next_alternate", call, project_id="prj-1")
    world.call("withdraw_application", PEOPLE[0], application_id=ids[0])
    world.settle()
    with pytest.raises(Conflict) as failure:
        world.repeat("offer_to_next_alternate", call, project_id="prj-1")
    assert failure.value.code == "alternate-gone"


def test_an_alternate_is_released_with_courtesy_when_its_time_is_over(
    world: World, ids: list[str]
) -> None:
    until = reserve(world, ids[0])["reserved_until"]
    world.now.moment = until
    world.now.pass_(seconds=-1)
    world.sweep()
    assert world.application(ids[0]).status == "alternate"
    world.now.pass_(seconds=1)
    world.sweep()
    assert world.application(ids[0]).decline_reason == "alternate-released"


def test_a_company_that_closes_the_project_releases_its_alternates(
    world: World, ids: list[str]
) -> None:
    reserve(world, ids[0])
    world.tell("project.closed.v1", closed())
    assert world.application(ids[0]).decline_reason == "project-closed"


def test_an_alternate_may_go_back_to_the_shortlist_or_be_declined(
    world: World, ids: list[str]
) -> None:
    for id_ in ids[:2]:
        reserve(world, id_)
    view = world.call("shortlist_application", OWNER, application_id=ids[0])
    assert (view["status"], view["rank"], view["reserved_until"]) == ("shortlisted", None, None)
    world.call("decline_application", OWNER, application_id=ids[1], reason="other-candidate")
    with pytest.raises(Conflict) as failure:
        offer(world)
    assert failure.value.code == "no-alternate"


@pytest.mark.parametrize("rank", [0, 51, "first"])
def test_a_rank_is_between_one_and_fifty(world: World, ids: list[str], rank: Any) -> None:
    with pytest.raises(Invalid):
        reserve(world, ids[0], rank)


def test_only_who_decides_may_keep_and_offer(world: World, ids: list[str]) -> None:
    reserve(world, ids[0])
    for by, error in ((EVALUATOR, Forbidden), (KIM, Forbidden), (STRANGER, NotFound)):
        with pytest.raises(error):
            offer(world, by)
        with pytest.raises(error):
            world.call("reserve_application", by, application_id=ids[1])
