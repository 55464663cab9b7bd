"""Several organisations pay one fee: who agreed, up to what, and who gets what back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.payments import usecases
from services.payments.domain import Kind, Payer, Status
from services.payments.domain.funding import FundingPlan, Offer, plan_id
from services.payments.schemas import escrow_view, todo_view
from services.payments.schemas.money import plan_view
from services.payments.usecases import cards, extras, funding, repayments
from services.payments.usecases.reports import get_statement, list_receipts
from shared.errors import Invalid, NotFound
from shared.principal import Principal
from tests.unit.payments.fakes import CONFIRMED, START, World, effects
from tests.unit.payments.story import KIM, ORG, OWNER, PRICE, E, Story, call

SCHOOL, GRANT = "org-school", "org-grant"
HEAD = Principal("acc-head", "owner", SCHOOL)
DONOR = Principal("acc-donor", "owner", GRANT)
PLAN = plan_id("prj-1", ORG)
HALF = Offer(SCHOOL, 100_000, 50)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    story = Story(world)
    for by in (HEAD, DONOR):
        usecases.put_payment_method(story.desk, call(f"card-{by.id}", by), "tok_visa")
    return story


def propose(story: Story, *offers: Offer, id_: str = "c-plan") -> FundingPlan:
    return funding.propose_funding(story.desk, call(id_, OWNER), "prj-1", "USD", None, offers)


def agree(story: Story, by: Principal, agreed: bool = True, id_: str = "c-yes") -> FundingPlan:
    return funding.answer_funding(story.desk, call(f"{id_}-{by.id}", by), PLAN, agreed)


def charged(story: Story) -> dict[str, int]:
    return {one.payer: one.amount for one in story.escrow.charges}


def test_a_sponsor_that_agreed_brings_its_share_and_the_company_the_rest(
    world: World, story: Story
) -> None:
    propose(story, HALF, Offer(GRANT, 1_000, 25))
    agree(story, HEAD)
    agree(story, DONOR)
    escrow = story.fund()
    assert escrow.status is Status.FUNDED
    assert charged(story) == {SCHOOL: PRICE // 2, GRANT: 1_000, "": PRICE - PRICE // 2 - 1_000}
    assert world.announced.count("payment.funded") == 1
    assert world.event("payment.funded")["amount"] == PRICE


def test_nobody_pays_who_has_not_agreed_or_has_no_card(story: Story) -> None:
    cards.remove_payment_method(
        story.desk, call("c-gone", DONOR), story.world.payers.load(GRANT).cards[0].id
    )
    propose(story, HALF, Offer(GRANT, 1_000, 25))
    agree(story, DONOR)
    story.fund()
    assert charged(story) == {"": PRICE}


def test_what_goes_back_goes_back_in_proportion_and_frees_the_cap(
    world: World, story: Story
) -> None:
    propose(story, HALF)
    agree(story, HEAD)
    story.fund()
    assert world.plans.load(PLAN).sponsors[0].used == PRICE // 2
    story.refund(10_000)
    assert sorted(effects(world, Kind.REFUND)) == [5_000, 5_000]
    story.cancel()
    assert sum(effects(world, Kind.REFUND)) == PRICE
    assert story.escrow.refunded == PRICE
    assert world.plans.load(PLAN).sponsors[0].used == 0


def test_a_sponsor_that_cannot_be_charged_is_told_and_the_company_pays_its_part(
    world: World, story: Story
) -> None:
    usecases.put_payment_method(story.desk, call("bad", HEAD), "tok_chargeDeclined")
    propose(story, HALF)
    agree(story, HEAD)
    escrow = story.fund()
    assert (escrow.status, escrow.failure_code) == (Status.FAILED, "sponsor-charge-failed")
    escrow = story.retry()
    assert escrow.status is Status.FUNDED
    assert sum(effects(world, Kind.CHARGE)) == PRICE
    assert world.plans.load(PLAN).sponsors[0].used == 0


def test_a_fee_is_reserved_once_however_often_it_is_heard(world: World, story: Story) -> None:
    propose(story, HALF)
    agree(story, HEAD)
    for id_ in ("m-1", "m-2"):
        story.fund(id_)
    assert [use.amount for use in world.plans.load(PLAN).sponsors[0].uses] == [PRICE // 2]
    assert sum(effects(world, Kind.CHARGE)) == PRICE


def test_another_share_needs_another_word(world: World, story: Story) -> None:
    propose(story, HALF)
    agree(story, HEAD)
    plan = propose(story, replace(HALF, share_percent=60), id_="c-more")
    assert plan.sponsors[0].agreed is None
    told = [event.data["org_id"] for event in world.plans.announced]
    assert told == [SCHOOL, ORG, SCHOOL]


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ((Offer(ORG, 1, 1),), "Name other organisations"),
        ((HALF, HALF), "at most 100|each of them once"),
        ((replace(HALF, share_percent=60), Offer(GRANT, 1, 41)), "at most 100 percent"),
        (tuple(Offer(f"org-{n}", 1, 1) for n in range(6)), "at most 5 sponsors"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(story: Story, offers: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        propose(story, *offers)


def test_only_its_parties_see_a_plan_and_only_sponsors_answer(story: Story) -> None:
    propose(story, HALF)
    assert funding.list_funding(story.desk, HEAD)[0][0].id == PLAN
    with pytest.raises(NotFound):
        funding.get_funding(story.desk, DONOR, PLAN)
    for by in (DONOR, OWNER):
        with pytest.raises(NotFound):
            agree(story, by)


def test_each_payer_reads_its_own_part_to_the_cent(world: World, story: Story) -> None:
    propose(story, Offer(SCHOOL, 100_000, 33))
    agree(story, HEAD)
    story.account()
    story.fund()
    story.accept()
    school = get_statement(story.desk, HEAD, "2026-03").parts[0]
    company = get_statement(story.desk, OWNER, "2026-03").parts[0]
    assert (school.closing, company.closing) == (0, 0)
    assert school.total("charged") == PRICE * 33 // 100
    assert school.total("payout") + company.total("payout") == -(PRICE - 2641)
    assert [one.org_id for one in list_receipts(story.desk, HEAD, E)] == [SCHOOL]
    assert [one.org_id for one in list_receipts(story.desk, OWNER, E)] == [ORG]
    with pytest.raises(NotFound):
        list_receipts(story.desk, DONOR, E)


def test_a_bonus_and_what_comes_back_leave_no_payer_a_cent_off(world: World, story: Story) -> None:
    propose(story, Offer(SCHOOL, 10_000, 50))
    agree(story, HEAD)
    story.account()
    story.fund()
    extras.release_part(story.desk, call("c-part", OWNER), E, 10_000)
    story.accept()
    extras.grant_bonus(story.desk, call("c-bonus", OWNER), E, 5_000)
    repayments.ask_repayment(story.desk, call("c-ask", OWNER), E, 2_000, "Agreed")
    repayments.answer_repayment(story.desk, call("c-yes", KIM), E, "rpy-c-ask", True)
    for by, charged in ((HEAD, 10_000), (OWNER, PRICE - 10_000 + 5_000)):
        part = get_statement(story.desk, by, "2026-03").parts[0]
        assert (part.total("charged"), part.closing) == (charged, 0)
        assert abs(part.total("rounding")) <= 1
    school = get_statement(story.desk, HEAD, "2026-03").parts[0]
    assert -school.total("refunded") in (757, 758)  # 2000 of 26405, of 10000.


@pytest.fixture
def confirming(story: Story) -> Story:
    """The school's bank wants each of its charges confirmed."""
    usecases.put_payment_method(story.desk, call("3ds", HEAD), CONFIRMED)
    propose(story, HALF)
    agree(story, HEAD)
    return story


def shown(story: Story, by: Principal) -> list[dict[str, Any]]:
    """The charges in the plan, as this party reads them."""
    plan = funding.get_funding(story.desk, by, PLAN)
    parts = funding.list_contributions(story.desk, by, [plan])[PLAN]
    return plan_view(plan, by.org_id, parts)["charges"]


def told(world: World, type_: str) -> list[tuple[str, int]]:
    """To which organisation these events belong, and about how much."""
    found = [one.data for one in world.escrows.announced if one.type == f"{type_}.v1"]
    return [(data["org_id"], data["amount"]) for data in found]


def test_a_sponsor_confirms_its_charge_and_only_it_learns_where(
    world: World, confirming: Story
) -> None:
    escrow = confirming.fund()
    half, url = PRICE // 2, f"https://bank.example/{E}:charge:1"
    assert (escrow.status, escrow.funded, escrow.action_url) == (Status.PENDING, PRICE - half, None)
    (todo,) = usecases.list_todo(confirming.desk, HEAD)
    assert (todo.action_url, todo.amount) == (url, half)
    assert todo_view(todo)["title"].endswith("132.02 of a fee that you sponsor")
    assert usecases.list_todo(confirming.desk, OWNER) == []
    assert usecases.list_todo(confirming.desk, DONOR) == []
    (mine,), (theirs,) = shown(confirming, HEAD), shown(confirming, OWNER)
    assert (mine["status"], mine["action_url"]) == ("requires-confirmation", url)
    assert theirs == mine | {"action_url": None}
    assert mine["confirm_by"] == (START + timedelta(hours=24)).isoformat()
    (waits,) = escrow_view(escrow, simulated=True)["unconfirmed"]
    assert (waits["org_id"], waits["amount"], "action_url" in waits) == (SCHOOL, half, False)
    assert told(world, "payment.unconfirmed") == [(SCHOOL, half)]
    for _ in range(3):
        world.now.pass_(minutes=30)
        confirming.sweep()
    assert told(world, "payment.unconfirmed") == [(SCHOOL, half)]

    world.bank.confirm(confirming.escrow.operations[0])
    world.now.pass_(hours=1)
    confirming.sweep()
    assert confirming.escrow.status is Status.FUNDED
    assert charged(confirming) == {SCHOOL: half, "": PRICE - half}
    assert usecases.list_todo(confirming.desk, HEAD) == []
    (mine,) = shown(confirming, HEAD)
    assert (mine["status"], mine["action_url"], mine["confirm_by"]) == ("charged", None, None)


def test_what_a_sponsor_does_not_confirm_in_time_the_company_is_asked_to_pay(
    world: World, confirming: Story
) -> None:
    confirming.fund()
    world.now.pass_(hours=25)
    confirming.sweep()
    escrow, half = confirming.escrow, PRICE // 2
    assert (escrow.status, escrow.failure_code) == (Status.FAILED, "sponsor-charge-failed")
    assert told(world, "sponsorship.failed") == [(SCHOOL, half)]
    assert told(world, "payment.failed") == [(ORG, PRICE)]
    assert world.plans.load(PLAN).sponsors[0].used == 0
    (mine,) = shown(confirming, HEAD)
    assert (mine["status"], mine["failure_code"]) == ("failed", "authentication-required")
    assert usecases.list_todo(confirming.desk, HEAD) == []
    assert "sponsor" in todo_view(usecases.list_todo(confirming.desk, OWNER)[0])["what"]
    assert confirming.retry().status is Status.FUNDED
    assert {one.payer for one in confirming.escrow.charges} == {""}
    assert [one.amount for one in confirming.escrow.charges] == [PRICE - half, half]


def test_where_the_company_ends_it_the_other_payers_get_their_money_back(
    world: World, confirming: Story
) -> None:
    confirming.fund()
    confirming.cancel()
    confirming.sweep_until_quiet(60)
    assert confirming.escrow.status is Status.REFUNDED
    assert effects(world, Kind.CHARGE) == effects(world, Kind.REFUND) == [PRICE - PRICE // 2]
    assert shown(confirming, HEAD)[0]["status"] == "failed"
    assert told(world, "sponsorship.failed") == []  # The work ended; no part is missing.


def test_a_company_tries_its_own_part_again_while_a_sponsor_has_yet_to_confirm(
    world: World, confirming: Story
) -> None:
    confirming.card("tok_chargeDeclined", "bad")
    assert confirming.fund().failure_code == "card-declined"
    confirming.card("tok_visa", "good")
    assert confirming.retry().status is Status.PENDING
    assert charged(confirming) == {"": PRICE - PRICE // 2}
    world.bank.confirm(confirming.escrow.operations[0])
    world.now.pass_(hours=1)
    confirming.sweep()
    assert (confirming.escrow.status, sum(charged(confirming).values())) == (Status.FUNDED, PRICE)


def test_what_came_back_is_shown_with_the_charge_it_came_from(story: Story) -> None:
    propose(story, HALF)
    agree(story, HEAD)
    story.fund()
    story.refund(10_000)
    (mine,) = shown(story, HEAD)
    assert (mine["amount"], mine["returned_amount"]) == (PRICE // 2, 5_000)


def test_an_organisation_without_a_plan_or_card_has_an_empty_list(story: Story) -> None:
    assert funding.list_funding(story.desk, OWNER) == ([], None)
    assert cards.list_payment_methods(
        story.desk, Principal("acc-new", "owner", "org-new")
    ) == Payer("org-new")
