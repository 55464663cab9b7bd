"""People play the world outside at the sandbox's door, and our side hears of it."""

from dataclasses import replace

import pytest

from services.payments import usecases
from services.payments.domain import AccountStatus, Status
from services.payments.domain.funding import Offer
from services.payments.sandbox_bank import Door, SandboxBank
from services.payments.sandbox_bank.lines import id_of
from services.payments.usecases import Desk, funding
from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import Principal
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import World
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, OWNER, PRICE, E, Story, call

CHARGE = id_of("ch", f"{E}:charge:1")
ACCOUNT = id_of("acct", f"{CANDIDATE}:account")
STRANGER = Principal("acc-eve", "owner", "org-evil")


def told(token: str = "tok_visa", **settings: str) -> Story:
    """A funded engagement at the sandbox bank."""
    world = World()
    bank = SandboxBank(fake_platform(world.now, **settings))
    world.desk = replace(world.desk, bank=bank)
    story = Story(world, token=token)
    story.fund()
    return story


def door(story: Story) -> Door:
    return Door(story.desk)


def test_the_payer_confirms_a_charge_and_it_is_funded_at_once() -> None:
    story = told("tok_threeDSecureRequired")
    assert story.escrow.status is Status.PENDING
    assert story.escrow.action_url == f"http://127.0.0.1:8000/v1/sandbox/charges/{CHARGE}"
    view = door(story).confirm(call("c1", OWNER), CHARGE, True)
    assert (view["status"], view["amount"], view["simulated"]) == ("succeeded", PRICE, True)
    assert story.escrow.status is Status.FUNDED
    assert door(story).confirm(call("c2", OWNER), CHARGE, True)["status"] == "succeeded"
    with pytest.raises(Conflict):
        door(story).confirm(call("c3", OWNER), CHARGE, False)


def test_the_payer_refuses_a_charge_and_it_has_failed() -> None:
    story = told("tok_threeDSecureRequired")
    view = door(story).confirm(call("c1", OPERATOR), CHARGE, False)
    assert view["failure_code"] == "authentication-failed"
    assert story.escrow.failure_code == "authentication-failed"


@pytest.mark.parametrize(("by", "error"), [(KIM, Forbidden), (STRANGER, NotFound)])
@pytest.mark.parametrize("charge_id", [CHARGE, "ch_none"])
def test_nobody_else_plays_with_a_charge(by: Principal, error: type, charge_id: str) -> None:
    story = told("tok_threeDSecureRequired")
    with pytest.raises(error):
        door(story).confirm(call("c1", by), charge_id, True)
    assert story.escrow.status is Status.PENDING


def test_a_sponsors_charge_is_confirmed_by_the_sponsor_and_not_by_the_company() -> None:
    world = World()
    world.desk = replace(world.desk, bank=SandboxBank(fake_platform(world.now)))
    story = Story(world)
    head = Principal("acc-head", "owner", "org-school")
    usecases.put_payment_method(story.desk, call("3ds", head), "tok_threeDSecureRequired")
    offer = Offer("org-school", 10_000, 50)
    about = ("prj-1", "USD", None, [offer])
    plan = funding.propose_funding(story.desk, call("c-plan", OWNER), *about)
    funding.answer_funding(story.desk, call("c-yes", head), plan.id, True)
    story.fund()
    for by in (OWNER, STRANGER, replace(OWNER, role="recruiter")):
        with pytest.raises(NotFound):
            door(story).confirm(call("c1", by), CHARGE, True)
        with pytest.raises(NotFound):
            door(story).read_charge(by, "get_sandbox_charge", CHARGE)
    assert story.escrow.status is Status.PENDING
    assert door(story).confirm(call("c2", head), CHARGE, True)["amount"] == 10_000
    assert story.escrow.status is Status.FUNDED
    with pytest.raises(NotFound):  # The company's own part is none of the sponsor's business.
        door(story).read_charge(head, "get_sandbox_charge", id_of("ch", f"{E}:charge:2"))


def test_an_operator_plays_a_chargeback_and_its_end() -> None:
    story = told()
    for status, shown in (("inquiry", "warning_needs_response"), ("opened", "needs_response")):
        view = door(story).dispute(call("c1", OPERATOR), CHARGE, status)
        assert view["chargeback_status"] == shown
    assert door(story).dispute(call("c2", OPERATOR), CHARGE, "lost")["chargeback_status"] == "lost"
    with pytest.raises(NotFound):
        door(story).dispute(call("c3", OPERATOR), "ch_none", "opened")
    with pytest.raises(Forbidden):
        door(story).dispute(call("c4", OWNER), CHARGE, "opened")


def test_onboarding_waits_for_its_owner_where_the_sandbox_is_told_so() -> None:
    story = told(sandbox_onboarding="manual")
    story.account()
    account = story.world.accounts.load(CANDIDATE)
    assert account.status is AccountStatus.PENDING
    link = story.desk.bank.onboarding_link(account.bank_id, "https://app.example/paid")
    assert link
    assert link.url.endswith(f"/v1/sandbox/accounts/{ACCOUNT}")
    assert link.expires_at > story.world.now()
    assert door(story).read_account(KIM, "get_sandbox_account", ACCOUNT)["requirements"]
    story.accept()
    assert story.escrow.status is Status.RELEASED
    view = door(story).restate(call("c1", KIM), ACCOUNT, "active", [], "")
    assert (view["status"], view["requirements"]) == ("active", [])
    assert story.escrow.status is Status.PAID


def test_a_restricted_account_is_paid_only_when_it_is_active_again() -> None:
    story = told()
    story.account()
    view = door(story).restate(call("c1", OPERATOR), ACCOUNT, "restricted", ["tax_id"], "")
    assert view["requirements"] == ["tax_id"]
    assert view["disabled_reason"] == "requirements.past_due"
    assert story.accept().status is Status.RELEASED
    door(story).restate(call("c2", OPERATOR), ACCOUNT, "active", [], "")
    assert story.escrow.status is Status.PAID


def test_a_payout_that_the_owners_bank_refuses_is_shown_with_its_code() -> None:
    story = told()
    story.account()
    view = door(story).pay_out(call("c1", OPERATOR), ACCOUNT, 100, "account_closed")
    assert view["payouts"][0]["failure_code"] == "account_closed"
    assert (view["payouts_enabled"], view["disabled_reason"]) == (False, "account_closed")
    assert door(story).restate(call("c2", KIM), ACCOUNT, "active", [], "")["payouts_enabled"]


@pytest.mark.parametrize(
    ("by", "error"), [(OWNER, Forbidden), (Principal("acc-eve", "candidate"), NotFound)]
)
@pytest.mark.parametrize("account_id", [ACCOUNT, "acct_none"])
def test_nobody_else_plays_with_an_account(by: Principal, error: type, account_id: str) -> None:
    story = told()
    story.account()
    with pytest.raises(error):
        door(story).restate(call("c1", by), account_id, "active", [], "")


def test_an_operator_moves_the_platforms_balance_once_per_call() -> None:
    story = told()
    for _ in range(2):
        view = door(story).adjust(call("c1", OPERATOR), "payout", -5, "USD")
    assert view["simulated"] is True
    lines = story.desk.bank.activity(story.world.now(), "").items
    assert [line.amount for line in lines if line.kind == "payout"] == [-5]
    with pytest.raises(Forbidden):
        door(story).adjust(call("c2", OWNER), "payout", -5, "USD")


def test_there_is_no_door_where_money_is_real() -> None:
    desk: Desk = World().desk
    with pytest.raises(NotFound):
        Door(desk)
