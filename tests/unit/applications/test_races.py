"""Slots and applications under any order of commands, deliveries, crashes and repeats."""

from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.applications.domain import PENDING, Status
from shared.envelope import Call
from shared.errors import Conflict, NotYet
from shared.principal import Principal
from tests.unit.applications.test_applying import closed
from tests.unit.applications.test_credentials import completed
from tests.unit.applications.test_following import cancelled, failed, funded, scored
from tests.unit.applications.test_selection import hold, started
from tests.unit.applications.world import OWNER, World

HOLDS_A_SLOT = {Status.SELECTED, Status.ACCEPTED}
BY_THE_CANDIDATE = ("accept_selection", "decline_selection", "withdraw_application")
NUMBER = st.integers(0, 2)


class Slots(RuleBasedStateMachine):
    """Our own events wait in `world.announced` and reach us in any order, more than once."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.people: dict[str, Principal] = {}
        self.waiting: set[int] = set()
        self.ended: dict[str, Status] = {}
        self.seen = self.steps = self.positions = 0

    @initialize(positions=st.integers(1, 2))
    def publish(self, positions: int) -> None:
        self.positions = positions
        self.world.publish(positions=positions)
        for number in range(3):
            by = Principal(f"acc-{number}", "candidate")
            self.people[self.world.apply(by)] = by

    @rule(number=NUMBER)
    def select(self, number: int) -> None:
        self.attempt("select_application", number)

    @rule(number=NUMBER)
    def die_between_the_two_writes_of_a_select(self, number: int) -> None:
        with suppress(Conflict):
            hold(self.world, self.id_of(number))

    @rule(number=NUMBER)
    def accept(self, number: int) -> None:
        self.attempt("accept_selection", number)

    @rule(number=NUMBER)
    def withdraw(self, number: int) -> None:
        self.attempt("withdraw_application", number)

    @rule(number=NUMBER)
    def shortlist(self, number: int) -> None:
        self.attempt("shortlist_application", number)

    @rule(number=NUMBER)
    def decline(self, number: int) -> None:
        self.attempt("decline_application", number, reason="not-a-fit")

    @rule(number=NUMBER, rank=st.sampled_from([None, 1, 2]))
    def reserve(self, number: int, rank: int | None) -> None:
        self.attempt("reserve_application", number, rank=rank)

    @rule(number=NUMBER)
    def turn_down(self, number: int) -> None:
        self.attempt("decline_selection", number, reason="timing")

    @rule()
    def offer_to_the_next(self) -> None:
        with suppress(Conflict):
            self.world.call("offer_to_next_alternate", OWNER, project_id="prj-1")

    @rule(number=NUMBER)
    def cancel_the_engagement(self, number: int) -> None:
        if self.world.application(self.id_of(number)).status is Status.ACCEPTED:
            self.world.tell("engagement.cancelled.v1", cancelled(self.id_of(number)))

    @rule(hours=st.sampled_from([1, 40, 80, 400]))
    def wait(self, hours: int) -> None:
        self.world.now.pass_(hours=hours)
        self.world.sweep()

    @precondition(lambda self: self.steps > 12)  # Earlier, there would be little to close.
    @rule(reason=st.sampled_from(["company", "filled", "expired", "idle"]))
    def close(self, reason: str) -> None:
        self.world.tell("project.closed.v1", closed(reason))

    @rule(version=st.integers(1, 3))
    def publish_again(self, version: int) -> None:
        """As it was: a project that is published does not change its positions."""
        self.world.publish(version=version, positions=self.positions)

    @rule(data=st.data())
    def deliver_one(self, data: st.DataObject) -> None:
        self.collect()
        if self.waiting:
            number = data.draw(st.sampled_from(sorted(self.waiting)))
            self.waiting.discard(number)
            self.world.handle(self.world.announced[number])

    @rule(data=st.data(), forgotten=st.booleans())
    def deliver_again(self, data: st.DataObject, forgotten: bool) -> None:
        """As a replay brings it: days later, when the id may no longer be remembered."""
        if self.world.announced:
            event = data.draw(st.sampled_from(self.world.announced))
            self.world.handle(replace(event, id=str(uuid4())) if forgotten else event)

    @invariant()
    def never_more_accepted_than_positions(self) -> None:
        working = [one for one in self.applications() if one.status in HOLDS_A_SLOT]
        engaged = [one for one in working if one.engagement_status != "cancelled"]
        assert len(engaged) <= self.positions
        assert all(one.id in self.slots() for one in engaged)

    @invariant()
    def every_state_is_one_of_ours_and_silence_has_an_end_in_it(self) -> None:
        for one in self.applications():
            assert one.status in Status
            assert (one.due_at is not None) is (one.status in PENDING), one.status
            assert one.history[-1].status is one.status
            assert (one.decline_reason is not None) is (one.status is Status.DECLINED)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        for one in self.applications():
            assert self.ended.get(one.id, one.status) is one.status
            if one.is_over:
                self.ended[one.id] = one.status

    @invariant()
    def never_more_slots_than_positions(self) -> None:
        self.steps += 1
        assert len(self.slots()) <= self.positions

    def teardown(self) -> None:
        """Once every event has arrived, slots and applications tell the same."""
        while self.collect() or self.waiting:
            self.world.handle(self.world.announced[self.waiting.pop()])
        engaged = {
            one.id
            for one in self.applications()
            if one.status in HOLDS_A_SLOT and one.engagement_status != "cancelled"
        }
        assert set(self.slots()) == engaged
        self.replaying_everything_changes_nothing()

    def replaying_everything_changes_nothing(self) -> None:
        before, announced = self.world.states(), list(self.world.announced)
        for event in announced:
            self.world.handle(replace(event, id=str(uuid4())))
        assert self.world.states() == before
        assert self.world.announced == announced

    def collect(self) -> bool:
        fresh = range(self.seen, len(self.world.announced))
        self.waiting |= set(fresh)
        self.seen = len(self.world.announced)
        return bool(fresh)

    def attempt(self, method: str, number: int, **more: Any) -> None:
        id_ = self.id_of(number)
        by = self.people[id_] if method in BY_THE_CANDIDATE else OWNER
        with suppress(Conflict):
            self.world.call(method, by, application_id=id_, **more)

    def id_of(self, number: int) -> str:
        return list(self.people)[number]

    def applications(self) -> list[Any]:
        return [self.world.application(id_) for id_ in self.people]

    def slots(self) -> dict[str, Any]:
        return self.world.card().slots


TestSlots = Slots.TestCase
TestSlots.settings = settings(stateful_step_count=30, max_examples=200)


@pytest.mark.parametrize("remembered", [True, False])
def test_replaying_a_whole_journey_changes_nothing(world: World, remembered: bool) -> None:
    heard = []
    id_ = world.accepted()
    for type_, data in (
        ("match.scored.v1", scored(id_)),
        ("payment.failed.v1", failed(id_)),
        ("payment.funded.v1", funded(id_)),
        ("engagement.started.v1", started(id_)),
        ("engagement.completed.v1", completed(id_)),
        ("project.closed.v1", closed("filled")),
    ):
        world.now.pass_(minutes=1)
        heard.append(world.tell(type_, data))
    world.evaluate(id_)
    world.settle()
    world.now.pass_(days=1)
    before, announced = world.states(), len(world.announced)
    for event in reversed([*world.announced, *heard]):
        world.handle(event if remembered else replace(event, id=str(uuid4())))
    assert world.states() == before
    assert len(world.announced) == announced


def test_events_of_an_engagement_in_any_order_end_the_same(world: World) -> None:
    id_ = world.accepted()
    news = [("engagement.completed.v1", completed(id_)), ("engagement.started.v1", started(id_))]
    for type_, data in news:
        world.tell(type_, data)
    assert world.application(id_).engagement_status == "completed"


def test_two_calls_of_the_same_id_are_one(world: World) -> None:
    world.publish()
    id_ = world.apply()
    call = Call(principal=OWNER)
    for _ in range(2):
        world.repeat("shortlist_application", call, application_id=id_)
    world.select(id_)
    again = world.repeat("shortlist_application", call, application_id=id_)
    assert again["status"] == "selected"
    assert world.types().count("application.shortlisted") == 1


def test_news_of_an_engagement_that_nobody_accepted_is_not_yet(world: World) -> None:
    world.publish()
    id_ = world.apply()
    with pytest.raises(NotYet):
        world.tell("engagement.started.v1", started(id_))
