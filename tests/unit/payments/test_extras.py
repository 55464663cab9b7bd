"""Parts in advance, bonuses, changes of the fee, early ends and security holds."""

from datetime import timedelta

import pytest

from services.payments import library, usecases
from services.payments.domain import Kind, Status
from services.payments.domain.policies import Policies
from services.payments.usecases import cards, extras
from shared.errors import Conflict, Invalid
from tests.unit.payments.fakes import World, effects
from tests.unit.payments.story import ORG, OWNER, PRICE, E, Story, call, heard

FEE = 2641  # 10 % of 264.05, half up.
POLICIES = library.policies(0)


@pytest.fixture
def world() -> World:
    return World(policies=POLICIES)


@pytest.fixture
def story(world: World) -> Story:
    story = Story(world)
    story.account()
    story.fund()
    return story


def end(story: Story, fault: str, hours: int | None) -> None:
    usecases.close_escrow(story.desk, E, "engagement-cancelled", heard("m-end"), fault, hours)


def test_a_part_is_paid_in_advance_and_the_rest_follows_the_acceptance(
    world: World, story: Story
) -> None:
    for _ in range(2):  # The same click twice.
        escrow = extras.release_part(story.desk, call("c-part", OWNER), E, 10_000, "First half")
    assert (escrow.status, escrow.paid, escrow.free) == (Status.FUNDED, 9_000, PRICE - 10_000)
    assert world.event("part.released")["note"] == "First half"
    assert world.event("payout.paid")["complete"] is False
    escrow = story.accept()
    assert (escrow.status, escrow.held) == (Status.PAID, 0)
    assert escrow.paid + escrow.fee_taken == PRICE
    assert escrow.fee_taken in (FEE, FEE - 1)  # A cent that does not divide is the candidate's.
    assert world.event("payout.paid")["complete"] is True
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]


def test_no_more_is_released_than_is_held_and_nothing_while_disputed(story: Story) -> None:
    with pytest.raises(Invalid, match="between 1 and"):
        extras.release_part(story.desk, call("c-1", OWNER), E, PRICE + 1)
    story.dispute()
    with pytest.raises(Conflict, match="frozen"):
        extras.release_part(story.desk, call("c-2", OWNER), E, 1)


def test_what_was_released_in_parts_is_not_released_again(world: World, story: Story) -> None:
    extras.release_part(story.desk, call("c-part", OWNER), E, PRICE)
    assert story.accept().status is Status.PAID
    assert sum(effects(world, Kind.TRANSFER)) == PRICE - FEE
    assert world.event("payout.released")["amount"] == 0


def test_a_bonus_is_all_the_candidates(world: World, story: Story) -> None:
    story.accept()
    for _ in range(2):
        escrow = extras.grant_bonus(story.desk, call("c-bonus", OWNER), E, 5_000, "Thank you")
    assert (escrow.paid, escrow.fee_taken) == (PRICE - FEE + 5_000, FEE)
    assert effects(world, Kind.CHARGE) == [PRICE, 5_000]
    assert world.event("part.released") | {"held_amount": 0} == {
        "engagement_id": E,
        "project_id": "prj-1",
        "org_id": ORG,
        "candidate_id": "acc-kim",
        "purpose": "bonus",
        "note": "Thank you",
        "currency": "USD",
        "amount": 5_000,
        "fee_amount": 0,
        "held_amount": 0,
    }


def test_bonuses_have_a_limit_and_come_after_the_acceptance(story: Story) -> None:
    with pytest.raises(Conflict, match="for accepted work"):
        extras.grant_bonus(story.desk, call("c-early", OWNER), E, 5_000)
    story.accept()
    limit = POLICIES.bonus_limit(PRICE)
    extras.grant_bonus(story.desk, call("c-1", OWNER), E, limit - 10)
    with pytest.raises(Invalid, match="between 1 and 10"):
        extras.grant_bonus(story.desk, call("c-2", OWNER), E, 11)


def test_a_declined_bonus_changes_nothing_but_is_told(world: World, story: Story) -> None:
    story.accept()
    story.card("tok_chargeDeclined", "bad-card")
    escrow = extras.grant_bonus(story.desk, call("c-bonus", OWNER), E, 5_000)
    assert (escrow.status, escrow.funded) == (Status.PAID, PRICE)
    assert world.event("extra.failed")["code"] == "card-declined"


def test_a_bonus_may_be_charged_to_another_saved_card(world: World, story: Story) -> None:
    story.accept()
    saved = cards.add_payment_method(story.desk, call("c-card", OWNER), "tok_visa", default=False)
    other = saved.cards[-1].id
    extras.grant_bonus(story.desk, call("c-bonus", OWNER), E, 100, "", other)
    assert story.escrow.operations[-3].party == other


def test_a_change_of_the_work_adds_to_the_fee_what_is_then_released(
    world: World, story: Story
) -> None:
    escrow = extras.add_to_fee(story.desk, call("c-more", OWNER), E, 2_000, "One more table")
    assert (escrow.amount, escrow.free) == (PRICE + 2_000, PRICE + 2_000)
    changed = world.event("fee.changed")
    assert (changed["fee_amount"], changed["difference"]) == (PRICE + 2_000, 2_000)
    assert story.accept().paid == PRICE + 2_000 - 2_841


def test_a_change_order_lowers_a_fee_and_the_difference_goes_back(
    world: World, story: Story
) -> None:
    for id_ in ("m-1", "m-2"):
        escrow = extras.amend_fee(story.desk, E, "cor-1", -5_000, heard(id_))
    assert (escrow.amount, escrow.refunded, escrow.status) == (PRICE - 5_000, 5_000, Status.FUNDED)
    assert world.event("fee.changed")["difference"] == -5_000
    escrow = story.accept()
    assert escrow.status is Status.PAID
    assert escrow.paid + escrow.fee_taken == PRICE - 5_000
    assert extras.amend_fee(story.desk, E, "cor-2", 1_000, heard("m-late")).funded == PRICE


def test_a_change_order_raises_a_fee_and_tells_where_that_fails(world: World, story: Story) -> None:
    assert extras.amend_fee(story.desk, E, "cor-1", 2_000, heard("m-1")).amount == PRICE + 2_000
    story.card("tok_chargeDeclined", "bad-card")
    escrow = extras.amend_fee(story.desk, E, "cor-2", 1_000, heard("m-2"))
    assert (escrow.amount, escrow.status) == (PRICE + 2_000, Status.FUNDED)
    assert world.event("extra.failed")["purpose"] == "top-up"
    for card in world.payers.load(ORG).cards:
        cards.remove_payment_method(story.desk, call(f"c-{card.id}", OWNER), card.id)
    extras.amend_fee(story.desk, E, "cor-3", 1_000, heard("m-3"))
    assert world.event("extra.failed")["code"] == "no-payment-method"


def test_a_top_up_that_comes_after_an_early_end_goes_back(world: World, story: Story) -> None:
    world.bank.away = True
    extras.add_to_fee(story.desk, call("c-more", OWNER), E, 2_000, "One more table")
    story.cancel()
    world.bank.away = False
    story.sweep_until_quiet(40)
    escrow = story.escrow
    assert (escrow.status, escrow.held) == (Status.REFUNDED, 0)
    assert escrow.refunded == escrow.funded


@pytest.mark.parametrize(
    ("fault", "hours", "gross"),
    [
        ("company", 40, PRICE // 4),  # A quarter is more than four hours of forty.
        ("company", 8, PRICE // 2),  # Four hours of eight are more than a quarter.
        ("company", 3, PRICE),
        ("company", None, 0),  # Nobody had started.
        ("candidate", 8, 0),
        ("nobody", 8, 0),
    ],
)
def test_who_ends_it_early_decides_who_gets_what(
    world: World, story: Story, fault: str, hours: int | None, gross: int
) -> None:
    end(story, fault, hours)
    escrow = story.escrow
    assert escrow.released == gross
    assert escrow.refunded == PRICE - gross
    assert escrow.paid == gross - escrow.fee_taken
    assert (escrow.held, escrow.owed) == (0, 0)
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]


def test_what_was_released_before_counts_towards_the_minimum_pay(story: Story) -> None:
    extras.release_part(story.desk, call("c-part", OWNER), E, 10_000)
    end(story, "company", 40)
    assert story.escrow.released == 10_000


def test_a_release_is_kept_for_the_days_of_its_tier_and_then_sent() -> None:
    world = World(policies=library.policies(5))
    story = Story(world)
    story.account()
    story.fund()
    escrow = story.accept()
    assert (escrow.status, escrow.owed, escrow.paid) == (Status.RELEASED, PRICE - FEE, 0)
    assert escrow.waits_for is None  # Nobody has anything to do.
    assert escrow.due_at == escrow.released_at + timedelta(days=10)  # Nobody has verified it.
    world.now.pass_(days=9, hours=23)
    story.sweep()
    assert story.escrow.paid == 0
    world.now.pass_(hours=1)
    story.sweep()
    assert story.escrow.status is Status.PAID


@pytest.mark.parametrize(
    ("organisation", "paid_before", "days"),
    [("unverified", True, 10), ("verified", False, 7), ("verified", True, 5), ("trusted", True, 2)],
)
def test_the_riskiest_tier_counts(organisation: str, paid_before: bool, days: int) -> None:
    policies = library.policies(5)
    assert policies.hold_days(organisation=organisation, paid_before=paid_before) == days
    assert library.policies(0).hold_days(organisation=organisation, paid_before=False) == 0
    assert Policies().hold_days(organisation=organisation, paid_before=False) == 0


def test_a_verified_organisation_pays_sooner() -> None:
    world = World(policies=library.policies(5))
    cards.note_verification(world.desk, ORG, "verified", heard("m-verified"))
    story = Story(world)
    story.fund()
    assert story.escrow.security_days == 7
