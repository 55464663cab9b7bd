"""Lists and views: blind where the project says so, in an order that tells nothing."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import pytest

from shared.errors import Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_following import scored
from tests.unit.applications.world import (
    EVALUATOR,
    HIRE_OFFER,
    KIM,
    OPERATOR,
    OWNER,
    RECRUITER,
    START,
    STRANGER,
    World,
)

COMPANY = (OWNER, RECRUITER, EVALUATOR)


def ranked(world: World, by: Principal = OWNER, **page: Any) -> Any:
    return world.call("list_project_applications", by, project_id="prj-1", **page)


def text(view: object) -> str:
    return json.dumps(view, default=datetime.isoformat)


@pytest.mark.parametrize("by", COMPANY)
def test_a_blind_company_sees_neither_the_person_nor_the_hour(world: World, by: Principal) -> None:
    world.publish()
    id_ = world.apply()
    shown = [ranked(world, by), world.call("get_application", by, application_id=id_)]
    for view in shown:
        assert KIM.id not in text(view)
        assert "candidate_id" not in text(view)
        assert START.isoformat() not in text(view)
    assert shown[1]["submitted_at"] == "2026-03-02"


@pytest.mark.parametrize("end", ["declined", "withdrawn", "expired"])
def test_who_was_never_accepted_stays_unknown(world: World, end: str) -> None:
    world.publish()
    id_ = world.apply()
    if end == "declined":
        world.call("decline_application", OWNER, application_id=id_, reason="not-a-fit")
    if end == "withdrawn":
        world.call("withdraw_application", KIM, application_id=id_)
    if end == "expired":
        world.select(id_)
        world.now.pass_(days=3)
        world.sweep()
    assert world.application(id_).status == end
    assert KIM.id not in text(ranked(world))


def test_acceptance_shows_the_company_who_it_is(world: World) -> None:
    id_ = world.accepted()
    view = world.call("get_application", OWNER, application_id=id_)
    assert (view["candidate_id"], view["submitted_at"]) == (KIM.id, START)


def test_an_open_review_shows_the_person_from_the_start(world: World) -> None:
    world.publish(blind_review=False)
    world.apply()
    (view,) = ranked(world)["items"]
    assert (view["candidate_id"], view["submitted_at"]) == (KIM.id, START)


def test_candidate_and_operator_see_everything(world: World) -> None:
    world.publish()
    id_ = world.apply()
    for by in (KIM, OPERATOR):
        view = world.call("get_application", by, application_id=id_)
        assert (view["candidate_id"], view["submitted_at"]) == (KIM.id, START)


def test_the_ranked_list_is_by_score_then_id_over_any_number_of_pages(world: World) -> None:
    world.publish()
    people = [Principal(f"acc-{n}", "candidate") for n in range(7)]
    ids = [world.apply(person) for person in people]
    for id_, score in zip(ids[:5], [50, 90, 50, 0, 50], strict=True):
        world.tell("match.scored.v1", scored(id_, score))
    seen, after = [], None
    for _ in range(4):
        page = ranked(world, limit=2, after=after)
        seen += [(item["score"], item["id"]) for item in page["items"]]
        after = page["next"]
    assert after is None
    expected = [(90, ids[1]), *sorted((50, ids[n]) for n in (0, 2, 4)), (0, ids[3])]
    assert seen == [*expected, *((None, id_) for id_ in sorted(ids[5:]))]


def test_the_last_full_page_names_no_next_one(world: World) -> None:
    world.publish()
    world.apply()
    assert ranked(world, limit=1)["next"] is None


def test_a_candidate_lists_the_own_applications_newest_first(world: World) -> None:
    for number in (1, 2, 3):
        world.publish(project_id=f"prj-{number}")
        world.now.pass_(minutes=1)
        world.apply(project_id=f"prj-{number}")
    first = world.call("list_applications", KIM, limit=2)
    rest = world.call("list_applications", KIM, limit=2, after=first["next"])
    shown = [item["project_id"] for item in first["items"] + rest["items"]]
    assert shown == ["prj-3", "prj-2", "prj-1"]
    with pytest.raises(Forbidden):
        world.call("list_applications", OWNER)


@pytest.mark.parametrize(
    "after", ["", "nonsense", "W10=", "WzEsMl0", "bnVsbA==", "WyJ4IiwgImFwcC0xIl0=", "é"]
)
def test_a_cursor_that_is_none_of_ours_is_invalid(world: World, after: str) -> None:
    world.publish()
    with pytest.raises(Invalid) as failure:
        ranked(world, after=after)
    assert failure.value.code == "cursor-invalid"


def forged(*parts: object) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "after",
    [
        forged(float("inf"), "app-1"),
        forged(10**30, "app-1"),
        forged("5", "app-1"),
        forged(5, "\ud800"),
        forged(5, {}),
    ],
)
def test_a_forged_cursor_of_scores_is_invalid(world: World, after: str) -> None:
    world.publish()
    with pytest.raises(Invalid):
        ranked(world, after=after)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 10**30, None]
)
@pytest.mark.parametrize("method", ["list_applications", "list_hire_offers", "list_credentials"])
def test_a_forged_cursor_of_times_is_invalid(world: World, method: str, moment: object) -> None:
    with pytest.raises(Invalid):
        world.call(method, KIM, after=forged(moment, "app-1"))


@pytest.mark.parametrize("limit", [0, 101, "many", None, True])
def test_a_page_has_between_one_and_a_hundred_items(world: World, limit: object) -> None:
    world.publish()
    with pytest.raises(Invalid):
        ranked(world, limit=limit)


def test_another_company_does_not_find_the_project_and_candidates_may_not_rank(
    world: World,
) -> None:
    world.publish()
    with pytest.raises(NotFound):
        ranked(world, STRANGER)
    with pytest.raises(NotFound):
        world.call("list_project_applications", OWNER, project_id="prj-unknown")
    with pytest.raises(Forbidden):
        ranked(world, KIM)
    assert ranked(world, OPERATOR)["items"] == []


# What waits for whom


def todo(world: World, by: Principal) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.call("list_todo", by)["items"]
    return items


def test_a_candidate_is_reminded_of_the_selection_and_of_the_offer(world: World) -> None:
    world.publish()
    id_ = world.apply()
    assert todo(world, KIM) == []
    expires_at = world.select(id_)["expires_at"]
    (item,) = todo(world, KIM)
    assert (item["kind"], item["id"], item["due_at"]) == ("answer-selection", id_, expires_at)
    world.accept(id_)
    offer_id = world.evaluate(id_)
    (item,) = todo(world, KIM)
    assert (item["kind"], item["id"]) == ("answer-hire-offer", offer_id)
    world.call("accept_hire_offer", KIM, offer_id=offer_id)
    assert todo(world, KIM) == []


def test_a_company_is_reminded_per_project_and_of_drafts(world: World) -> None:
    world.publish(hire_offer={**HIRE_OFFER, "policy": "draft"}, positions=3)
    world.apply(Principal("acc-1", "candidate"))
    world.now.pass_(days=1)
    id_ = world.apply()
    (item,) = todo(world, OWNER)
    assert (item["kind"], item["id"]) == ("review-applications", "prj-1")
    assert item["what"].startswith("2 application(s)")
    assert item["due_at"].hour == 0
    assert KIM.id not in text(item)
    world.select(id_)
    offer_id = world.evaluate(id_)
    kinds = {item["kind"]: item["id"] for item in todo(world, RECRUITER)}
    assert kinds == {"review-applications": "prj-1", "approve-hire-offer": offer_id}


def test_who_decides_nothing_is_reminded_of_nothing(world: World) -> None:
    world.publish()
    world.apply()
    homeless = Principal("acc-new", "owner")
    for by in (EVALUATOR, OPERATOR, STRANGER, homeless):
        assert todo(world, by) == []
