"""Hire offers: what a good result leads to, and how it is answered."""

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.applications.world import (
    EVALUATOR,
    HIRE_OFFER,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    STRANGER,
    World,
)

DRAFTED = {**HIRE_OFFER, "policy": "draft"}


@pytest.fixture
def extended(world: World) -> str:
    return world.evaluate(world.accepted())


@pytest.fixture
def drafted(world: World) -> str:
    world.publish(hire_offer=DRAFTED)
    return world.evaluate(world.apply())


def test_a_good_result_is_offered_the_job_at_once_where_the_project_said_so(
    world: World, extended: str
) -> None:
    view = world.call("get_hire_offer", KIM, offer_id=extended)
    assert (view["status"], view["title"], view["pay_amount"]) == ("extended", "Data intern", 2400)
    assert (view["expires_at"] - world.now()).days == 7
    assert world.types()[-1] == "hire-offer.extended"
    assert world.announced[-1].data["pay_period"] == "hour"


def test_an_offer_that_the_project_promised_waits_until_both_may_read_the_evaluations(
    world: World,
) -> None:
    id_ = world.accepted()
    offer_id = world.evaluate(id_, released=False)
    assert world.types()[-1] == "application.accepted"
    held = world.call("get_hire_offer", OWNER, offer_id=offer_id)
    assert (held["status"], held["waits_for_release"]) == ("drafted", True)
    with pytest.raises(NotFound):
        world.call("get_hire_offer", KIM, offer_id=offer_id)
    assert world.call("list_hire_offers", KIM)["items"] == []
    assert world.call("list_todo", OWNER)["items"] == []
    world.release(id_, 82)
    assert world.call("get_hire_offer", KIM, offer_id=offer_id)["status"] == "extended"
    assert world.types()[-1] == "hire-offer.extended"


def test_the_release_that_comes_first_is_remembered(world: World) -> None:
    id_ = world.accepted()
    world.release(id_, 82)
    offer_id = world.evaluate(id_, released=False)
    assert world.call("get_hire_offer", KIM, offer_id=offer_id)["status"] == "extended"


def test_a_held_offer_is_the_companys_to_extend_or_drop_before(world: World) -> None:
    id_ = world.accepted()
    offer_id = world.evaluate(id_, released=False)
    world.call("rescind_hire_offer", OWNER, offer_id=offer_id, reason="budget")
    world.release(id_, 82)
    assert world.call("get_hire_offer", OWNER, offer_id=offer_id)["status"] == "dropped"
    other = World()
    offer_id = other.evaluate(other.accepted(), released=False)
    extended = other.call("extend_hire_offer", OWNER, offer_id=offer_id)
    assert (extended["status"], extended["waits_for_release"]) == ("extended", False)


def test_a_release_that_never_comes_holds_an_offer_for_30_days_at_most(world: World) -> None:
    offer_id = world.evaluate(world.accepted(), released=False)
    world.now.pass_(days=30)
    world.sweep()
    assert world.call("get_hire_offer", KIM, offer_id=offer_id)["status"] == "extended"


def test_a_draft_is_announced_but_not_seen_by_the_candidate(world: World, drafted: str) -> None:
    assert world.types()[-1] == "hire-offer.drafted"
    assert world.call("get_hire_offer", OWNER, offer_id=drafted)["status"] == "drafted"
    with pytest.raises(NotFound):
        world.call("get_hire_offer", KIM, offer_id=drafted)
    with pytest.raises(NotFound):
        world.call("accept_hire_offer", KIM, offer_id=drafted)


@pytest.mark.parametrize(
    ("policy", "score", "would_hire"),
    [(None, 99, True), (HIRE_OFFER, 74, True), (HIRE_OFFER, 99, False)],
)
def test_no_offer_without_policy_score_and_wish(
    world: World, policy: object, score: int, would_hire: bool
) -> None:
    world.publish(hire_offer=policy)
    offer_id = world.evaluate(world.apply(), score, would_hire)
    with pytest.raises(NotFound):
        world.call("get_hire_offer", OWNER, offer_id=offer_id)


def test_the_minimum_score_is_enough(world: World) -> None:
    world.publish()
    offer_id = world.evaluate(world.apply(), 75)
    assert world.call("get_hire_offer", OWNER, offer_id=offer_id)["status"] == "extended"


def test_an_evaluation_heard_again_offers_nothing_new(world: World) -> None:
    id_ = world.accepted()
    offer_id = world.evaluate(id_)
    world.call("decline_hire_offer", KIM, offer_id=offer_id, reason="pay")
    world.evaluate(id_)
    assert world.call("get_hire_offer", KIM, offer_id=offer_id)["status"] == "declined"
    assert world.types().count("hire-offer.extended") == 1


def test_an_evaluation_of_a_project_that_is_not_here_is_tried_again_later(world: World) -> None:
    with pytest.raises(NotFound):
        world.evaluate("app-unknown")


def test_the_company_approves_a_draft_with_changed_terms(world: World, drafted: str) -> None:
    changes = {"pay_amount": 2600, "valid_days": 14}
    view = world.call("extend_hire_offer", OWNER, offer_id=drafted, terms=changes)
    assert (view["status"], view["pay_amount"], view["kind"]) == ("extended", 2600, "internship")
    assert (view["expires_at"] - world.now()).days == 14
    assert view == world.call("extend_hire_offer", OWNER, offer_id=drafted)
    assert world.types().count("hire-offer.extended") == 1
    with pytest.raises(Conflict):
        world.call("extend_hire_offer", OWNER, offer_id=drafted, terms={"pay_amount": 1})


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"pay_amount": -1}, "pay_amount"),
        ({"pay_amount": 24.5}, "pay_amount"),
        ({"pay_currency": "usd"}, "pay_currency"),
        ({"pay_period": "week"}, "pay_period"),
        ({"valid_days": 0}, "valid_days"),
        ({"title": " "}, "title"),
        ({"minimum_score": 1}, "minimum_score"),
    ],
)
def test_terms_that_do_not_fit_are_named(
    world: World, drafted: str, terms: object, field: str
) -> None:
    with pytest.raises(Invalid) as failure:
        world.call("extend_hire_offer", OWNER, offer_id=drafted, terms=terms)
    assert list(failure.value.errors) == [field]


def test_the_candidate_accepts_once(world: World, extended: str) -> None:
    first = world.call("accept_hire_offer", KIM, offer_id=extended)
    assert first == world.call("accept_hire_offer", KIM, offer_id=extended)
    assert first["status"] == "accepted"
    assert world.types().count("hire-offer.accepted") == 1
    with pytest.raises(Conflict):
        world.call("decline_hire_offer", KIM, offer_id=extended, reason="pay")


def test_the_candidate_declines_with_a_code(world: World, extended: str) -> None:
    with pytest.raises(Invalid):
        world.call("decline_hire_offer", KIM, offer_id=extended, reason="My boss is Jane Doe.")
    for _ in range(2):
        view = world.call("decline_hire_offer", KIM, offer_id=extended, reason="other-offer")
    assert (view["status"], view["decline_reason"]) == ("declined", "other-offer")
    assert world.types().count("hire-offer.declined") == 1


def test_an_unanswered_offer_expires(world: World, extended: str) -> None:
    world.now.pass_(days=7)
    with pytest.raises(Conflict) as failure:
        world.call("accept_hire_offer", KIM, offer_id=extended)
    assert failure.value.code == "hire-offer-expired"
    world.sweep()
    world.sweep()
    assert world.call("get_hire_offer", KIM, offer_id=extended)["status"] == "expired"
    assert world.types().count("hire-offer.expired") == 1


def test_a_sweep_leaves_offers_that_still_stand_or_are_answered(
    world: World, extended: str
) -> None:
    def expire() -> None:
        world.service.hire_offers.change(extended, None, lambda offer: offer.pass_time(world.now()))

    expire()
    world.call("accept_hire_offer", KIM, offer_id=extended)
    world.now.pass_(days=30)
    expire()
    assert world.call("get_hire_offer", KIM, offer_id=extended)["status"] == "accepted"


def test_only_the_company_extends_and_only_the_candidate_answers(
    world: World, drafted: str
) -> None:
    for by in (KIM, EVALUATOR, OPERATOR):
        with pytest.raises(Forbidden):
            world.call("extend_hire_offer", by, offer_id=drafted)
    with pytest.raises(NotFound):
        world.call("extend_hire_offer", STRANGER, offer_id=drafted)
    world.call("extend_hire_offer", OWNER, offer_id=drafted)
    with pytest.raises(Forbidden):
        world.call("accept_hire_offer", OWNER, offer_id=drafted)
    for method, more in (("accept_hire_offer", {}), ("decline_hire_offer", {"reason": "pay"})):
        with pytest.raises(NotFound):
            world.call(method, LEE, offer_id=drafted, **more)


def test_each_side_lists_its_own_offers(world: World, drafted: str) -> None:
    def ids(by: object) -> list[str]:
        return [item["id"] for item in world.call("list_hire_offers", by)["items"]]  # type: ignore[arg-type]

    assert (ids(KIM), ids(OWNER), ids(OPERATOR), ids(STRANGER)) == ([], [drafted], [drafted], [])
    world.call("extend_hire_offer", OWNER, offer_id=drafted)
    assert (ids(KIM), ids(LEE)) == ([drafted], [])
    with pytest.raises(Forbidden):
        world.call("list_hire_offers", EVALUATOR)
