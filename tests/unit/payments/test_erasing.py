"""What money binds somebody to, and that the books stay whole when they are erased."""

import pytest

from services.payments.usecases import people, tend_account, trial_balance
from shared.errors import Forbidden
from shared.principal import SYSTEM
from tests.unit.payments.fakes import World
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, ORG, OWNER, E, Story, heard


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def codes(world: World, org_id: str | None = None) -> list[str]:
    found = people.list_hindrances(world.desk, SYSTEM, CANDIDATE, org_id)
    assert {one["subject"] for one in found} <= {E}
    return [one["code"] for one in found]


def test_held_money_disputes_and_open_payouts_hinder(world: World, story: Story) -> None:
    assert codes(world) == []
    story.fund()
    assert codes(world) == ["money-held"]
    story.dispute()
    assert codes(world) == ["dispute-open", "money-held"]
    story.resolve(story.escrow.free, 0)
    assert codes(world) == ["payout-open"]
    story.account()
    story.sweep_until_quiet()
    assert codes(world) == []


def test_for_the_last_of_a_company_its_money_counts(world: World, story: Story) -> None:
    story.fund()
    found = people.list_hindrances(world.desk, SYSTEM, OWNER.id, ORG)
    assert [one["code"] for one in found] == ["money-held"]
    assert people.list_hindrances(world.desk, SYSTEM, OWNER.id, None) == []


def test_nobody_but_the_platform_asks(world: World) -> None:
    for by in (KIM, OPERATOR):
        with pytest.raises(Forbidden):
            people.list_hindrances(world.desk, by, CANDIDATE, None)


def test_the_account_is_closed_for_good_and_the_books_are_as_before(
    world: World, story: Story
) -> None:
    story.fund()
    story.account()
    story.accept()
    story.sweep_until_quiet()
    before = trial_balance(world.desk, OPERATOR), world.desk.journal.of(E)
    for _ in range(2):
        people.close_account(world.desk, heard("m-erased"), CANDIDATE)
        account = tend_account(world.desk, CANDIDATE)
        assert (account.closed, account.country, account.payable_id) == (True, "", None)
    assert (trial_balance(world.desk, OPERATOR), world.desk.journal.of(E)) == before
