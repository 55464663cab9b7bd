"""Selection: a slot is given once, and comes back when its application ends."""

from dataclasses import replace
from typing import Any

import pytest

from shared.envelope import Call
from shared.errors import Conflict, Forbidden, NotFound
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OWNER,
    RECRUITER,
    STRANGER,
    World,
    about,
)


@pytest.fixture
def id_(world: World) -> str:
    world.publish()
    return world.apply()


def test_a_selected_candidate_accepts_and_the_engagement_has_its_id(world: World, id_: str) -> None:
    selected = world.select(id_)
    assert selected["status"] == "selected"
    accepted = world.accept(id_)
    world.settle()
    assert accepted["status"] == "accepted"
    assert accepted["engagement_id"] == "eng-" + id_.removeprefix("app-")
    event = world.announced[-1]
    assert event.type == "application.accepted.v1"
    assert event.data == {**about(id_), "fee_amount": 26400, "fee_currency": "USD"}
    assert world.card().slots[id_].filled


def test_the_offer_stands_for_the_hours_that_the_project_says(world: World, id_: str) -> None:
    world.select(id_)
    world.now.pass_(hours=72)
    with pytest.raises(Conflict) as failure:
        world.accept(id_)
    assert failure.value.code == "selection-expired"


def test_the_last_millisecond_is_in_time(world: World, id_: str) -> None:
    world.select(id_)
    world.now.pass_(hours=72, milliseconds=-1)
    assert world.accept(id_)["status"] == "accepted"


def test_a_second_select_of_the_same_application_changes_nothing(world: World, id_: str) -> None:
    first = world.select(id_)
    world.now.pass_(hours=1)
    assert world.select(id_) == first
    assert world.types().count("application.selected") == 1


def test_a_slot_is_given_once(world: World, id_: str) -> None:
    other = world.apply(LEE)
    world.select(id_)
    with pytest.raises(Conflict) as failure:
        world.select(other)
    assert failure.value.code == "position-taken"
    assert world.application(other).status == "submitted"


def test_an_accepted_application_cannot_be_selected_again(world: World, id_: str) -> None:
    world.select(id_)
    world.accept(id_)
    with pytest.raises(Conflict) as failure:
        world.select(id_)
    assert failure.value.code == "application-accepted"


def test_an_application_that_nobody_selected_cannot_be_accepted(world: World, id_: str) -> None:
    with pytest.raises(Conflict) as failure:
        world.accept(id_)
    assert failure.value.code == "application-submitted"


def test_accepting_twice_is_accepting_once(world: World, id_: str) -> None:
    world.select(id_)
    assert world.accept(id_) == world.accept(id_)
    assert world.types().count("application.accepted") == 1


def test_an_unanswered_selection_expires_and_frees_its_slot(world: World, id_: str) -> None:
    other = world.apply(LEE)
    world.select(id_)
    world.settle()
    world.now.pass_(hours=71)
    world.sweep()
    assert world.application(id_).status == "selected"
    world.now.pass_(hours=1)
    world.sweep()
    world.sweep()
    world.settle()
    assert world.application(id_).status == "expired"
    (withdrawn,) = (e for e in world.announced if e.type == "application.withdrawn.v1")
    assert withdrawn.data["reason"] == "expired"
    assert withdrawn.data["previous_status"] == "selected"
    assert withdrawn.data["engagement_id"] is None
    assert world.select(other)["status"] == "selected"


def test_a_sweep_that_comes_after_the_answer_does_nothing(world: World, id_: str) -> None:
    world.select(id_)
    world.accept(id_)
    world.now.pass_(days=30)
    world.service.applications.change(id_, None, lambda one: one.pass_time(world.now()))
    assert world.application(id_).status == "accepted"


@pytest.mark.parametrize("status", ["submitted", "shortlisted", "selected", "accepted"])
def test_a_candidate_withdraws_from_every_open_state_and_frees_the_slot(
    world: World, id_: str, status: str
) -> None:
    if status == "shortlisted":
        world.call("shortlist_application", OWNER, application_id=id_)
    if status in ("selected", "accepted"):
        world.select(id_)
    if status == "accepted":
        world.accept(id_)
    view = world.call("withdraw_application", KIM, application_id=id_, reason="A new job.")
    assert view == world.call("withdraw_application", KIM, application_id=id_)
    world.settle()
    assert (view["status"], view["withdraw_reason"]) == ("withdrawn", "A new job.")
    (event,) = (e for e in world.announced if e.type == "application.withdrawn.v1")
    assert event.data["previous_status"] == status
    assert event.data["engagement_id"] == (
        about(id_)["engagement_id"] if status == "accepted" else None
    )
    assert "A new job." not in str(event.data)
    assert world.card().slots == {}


def test_once_the_engagement_started_the_application_cannot_be_withdrawn(world: World) -> None:
    id_ = world.accepted()
    world.tell("engagement.started.v1", started(id_))
    with pytest.raises(Conflict) as failure:
        world.call("withdraw_application", KIM, application_id=id_)
    assert failure.value.code == "engagement-started"


def test_a_declined_application_cannot_be_withdrawn(world: World, id_: str) -> None:
    world.call("decline_application", OWNER, application_id=id_, reason="not-a-fit")
    with pytest.raises(Conflict):
        world.call("withdraw_application", KIM, application_id=id_)


def test_a_company_takes_an_unanswered_selection_back(world: World, id_: str) -> None:
    world.select(id_)
    view = world.call(
        "decline_application", RECRUITER, application_id=id_, reason="withdrawn-project"
    )
    world.settle()
    assert (view["status"], view["decline_reason"]) == ("declined", "withdrawn-project")
    assert world.card().slots == {}
    with pytest.raises(Conflict):
        world.accept(id_)


def test_an_accepted_application_cannot_be_declined(world: World) -> None:
    id_ = world.accepted()
    with pytest.raises(Conflict):
        world.call("decline_application", OWNER, application_id=id_, reason="not-a-fit")


def test_declining_and_shortlisting_twice_announce_once(world: World, id_: str) -> None:
    for _ in range(2):
        view = world.call("shortlist_application", RECRUITER, application_id=id_)
    assert view["status"] == "shortlisted"
    for _ in range(2):
        world.call("decline_application", OWNER, application_id=id_, reason="requirements")
    assert world.types().count("application.shortlisted") == 1
    assert world.types().count("application.declined") == 1
    with pytest.raises(Conflict):
        world.call("shortlist_application", OWNER, application_id=id_)


# Races between the two documents


def test_a_crash_after_the_cards_write_is_repaired_by_the_announcement(
    world: World, id_: str
) -> None:
    hold(world, id_)
    assert world.application(id_).status == "submitted"
    world.settle()
    assert world.application(id_).status == "selected"


def test_a_candidate_can_accept_before_the_application_has_followed(world: World, id_: str) -> None:
    hold(world, id_)
    assert world.accept(id_)["status"] == "accepted"
    world.settle()
    assert world.application(id_).status == "accepted"


@pytest.mark.parametrize("late", [False, True])
def test_a_slot_given_to_an_application_that_was_just_withdrawn_comes_back(
    world: World, id_: str, late: bool
) -> None:
    world.call("withdraw_application", KIM, application_id=id_)
    if late:
        world.settle()
    hold(world, id_)
    world.settle()
    assert world.application(id_).status == "withdrawn"
    assert world.card().slots == {}


def test_the_recruiter_hears_that_the_candidate_withdrew_in_the_same_moment(
    world: World, id_: str
) -> None:
    withdrawing = WithdrawsAfterLoad(world, id_)
    world.service.applications = withdrawing
    with pytest.raises(Conflict) as failure:
        world.select(id_)
    assert failure.value.code == "application-withdrawn"
    world.settle()
    assert world.card().slots == {}


def test_a_repeated_select_after_the_slot_came_back_is_a_conflict(world: World, id_: str) -> None:
    call = Call(principal=OWNER)
    world.repeat("select_application", call, application_id=id_)
    world.call("withdraw_application", KIM, application_id=id_)
    world.settle()
    with pytest.raises(Conflict) as failure:
        world.repeat("select_application", call, application_id=id_)
    assert failure.value.code == "application-withdrawn"


def test_if_match_names_the_applications_version_not_the_cards(world: World, id_: str) -> None:
    call = Call(principal=OWNER, expected_version=world.application(id_).version)
    first = world.repeat("select_application", call, application_id=id_)
    assert first["status"] == "selected"
    assert world.repeat("select_application", call, application_id=id_) == first
    with pytest.raises(Conflict) as failure:
        world.repeat("select_application", replace(call, id="another"), application_id=id_)
    assert failure.value.code == "version-changed"


def test_an_old_acceptance_does_not_take_a_slot_back(world: World) -> None:
    id_ = world.accepted()
    (accepted,) = (e for e in world.announced if e.type == "application.accepted.v1")
    world.call("withdraw_application", KIM, application_id=id_)
    world.settle()
    world.handle(replace(accepted, id="another-delivery"))
    assert world.card().slots == {}


# Who may


def test_only_the_candidate_answers_and_only_the_company_decides(world: World, id_: str) -> None:
    for by in (KIM, EVALUATOR):
        with pytest.raises(Forbidden):
            world.call("select_application", by, application_id=id_)
    world.select(id_)
    for method in ("accept_selection", "withdraw_application"):
        with pytest.raises(Forbidden):
            world.call(method, OWNER, application_id=id_)
        with pytest.raises(NotFound):
            world.call(method, LEE, application_id=id_)


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("select_application", {}),
        ("shortlist_application", {}),
        ("decline_application", {"reason": "not-a-fit"}),
    ],
)
def test_another_company_does_not_find_it(
    world: World, id_: str, method: str, more: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        world.call(method, STRANGER, application_id=id_, **more)
    with pytest.raises(Forbidden):
        world.call(method, KIM, application_id=id_, **more)
    assert world.application(id_).status == "submitted"


def hold(world: World, application_id: str) -> None:
    """The first half of a select whose process died before the second."""
    application = world.application(application_id)
    world.service.cards.change(
        application.project_id,
        Call(principal=OWNER),
        lambda card: card.select(application_id, application.candidate_id, world.now()),
    )


class WithdrawsAfterLoad:
    """Applications whose candidate withdraws while the select is between its two writes."""

    def __init__(self, world: World, id_: str) -> None:
        self._world, self._id, self._store = world, id_, world.service.applications

    def load(self, id_: str) -> Any:
        application = self._store.load(id_)
        self._world.service.applications = self._store
        self._world.call("withdraw_application", KIM, application_id=self._id)
        return application

    def change(self, *arguments: Any, **options: Any) -> Any:
        return self._store.change(*arguments, **options)


def started(application_id: str) -> dict[str, Any]:
    data = {**about(application_id), "due_at": "2026-03-20T17:00:00.000+00:00"}
    del data["application_id"]
    return data
