"""Cards, payout accounts, and what each person may see and do."""

import pytest

from services.payments import usecases
from services.payments.domain.dispute_parts import Split
from services.payments.usecases import Said
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import ANONYMOUS, Principal
from tests.unit.payments.fakes import World
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, ORG, OWNER, PRICE, E, Story, call

STRANGERS = [Principal("acc-sid", "owner", "org-umbra"), Principal("acc-lee", "candidate")]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def story(world: World) -> Story:
    return Story(world, token=None)


def test_a_card_is_kept_as_the_bank_knows_it(world: World, story: Story) -> None:
    with pytest.raises(NotFound) as caught:
        usecases.get_payment_method(world.desk, OWNER)
    assert caught.value.code == "payment-method-not-found"
    story.card("tok_visa")
    payer = usecases.get_payment_method(world.desk, OWNER)
    assert payer.id == ORG
    assert payer.card is not None
    assert payer.card.last4 == "4242"


def test_a_token_that_the_bank_does_not_know_is_refused(story: Story) -> None:
    with pytest.raises(Invalid):
        story.card("4242424242424242")


def test_an_owner_without_an_organisation_has_no_card(world: World) -> None:
    nobody = Principal("acc-x", "owner")
    with pytest.raises(Forbidden):
        usecases.put_payment_method(world.desk, call("c", nobody), "tok_visa")
    assert usecases.list_todo(world.desk, nobody) == []


def test_a_candidate_has_one_payout_account(world: World, story: Story) -> None:
    with pytest.raises(NotFound):
        usecases.get_payout_account(world.desk, KIM)
    story.account()
    story.account(id_="again")
    account = usecases.get_payout_account(world.desk, KIM)
    assert (account.id, account.status.value, account.currency) == (CANDIDATE, "active", "USD")
    with pytest.raises(Conflict, match="in US already"):
        story.account("DE", "elsewhere")
    assert len(world.accounts.announced) == 2  # Pending, then active.


def test_payouts_reach_only_some_countries(story: Story) -> None:
    with pytest.raises(Invalid) as caught:
        story.account("AQ")
    assert "country" in caught.value.errors


def test_the_bank_saying_the_same_again_changes_nothing(world: World, story: Story) -> None:
    story.account()
    version = world.accounts.load(CANDIDATE).version
    usecases.tend_account(world.desk, CANDIDATE)
    assert world.accounts.load(CANDIDATE).version == version


def test_an_account_that_is_not_active_stays_due(world: World, story: Story) -> None:
    world.bank.away = True
    story.account()
    account = world.accounts.load(CANDIDATE)
    due_at = account.due_at
    account.rest()
    assert account.due_at == due_at is not None


def test_each_sees_what_waits_for_them(world: World, story: Story) -> None:
    story.fund()
    (failed,) = usecases.list_todo(world.desk, OWNER)
    assert (failed.id, failed.failure_code, failed.amount) == (E, "no-payment-method", PRICE)
    story.card("tok_visa")
    story.retry()
    story.accept()
    (owed,) = usecases.list_todo(world.desk, KIM)
    assert (owed.failure_code, owed.amount) == (None, 23764)
    assert usecases.list_todo(world.desk, OWNER) == usecases.list_todo(world.desk, OPERATOR) == []


def test_the_journal_is_shown_to_company_and_operator_only(world: World, story: Story) -> None:
    story.card("tok_visa")
    story.fund()
    for by in (OWNER, OPERATOR):
        assert [entry.kind for entry in usecases.get_escrow(world.desk, by, E)[1] or ()] == [
            "charge"
        ]
    assert usecases.get_escrow(world.desk, KIM, E)[1] is None


@pytest.mark.parametrize("by", STRANGERS)
def test_a_stranger_is_told_that_there_is_no_such_thing(
    world: World, story: Story, by: Principal
) -> None:
    story.fund()
    with pytest.raises(NotFound):
        usecases.get_escrow(world.desk, by, E)
    with pytest.raises(NotFound):
        usecases.open_dispute(world.desk, call("c", by), E, "quality", "")


def test_roles_do_only_what_the_table_says(world: World, story: Story) -> None:
    story.fund()
    with pytest.raises(Forbidden):
        usecases.refund_engagement(world.desk, call("c", OWNER), E, None, "Please.")
    with pytest.raises(Forbidden):
        usecases.decide_dispute(world.desk, call("c", KIM), E, Said("No.", split=Split(1, 1)))
    with pytest.raises(Forbidden):
        usecases.retry_payment(world.desk, call("c", KIM), E)
    with pytest.raises(Forbidden):
        usecases.trial_balance(world.desk, OWNER)
    with pytest.raises(Forbidden):
        usecases.list_todo(world.desk, ANONYMOUS)
    with pytest.raises(Forbidden):
        usecases.get_payout_account(world.desk, OWNER)


def test_a_payout_is_sent_to_nobody_but_the_candidate_of_the_engagement(
    world: World, story: Story
) -> None:
    """An event that names another candidate must not redirect money."""
    story.card("tok_visa")
    story.fund()
    other = Principal("acc-lee", "candidate")
    usecases.open_payout_account(world.desk, call("c", other), "US")
    message = call("m", OPERATOR)
    escrow = usecases.release_funds(world.desk, E, other.id, message)
    assert escrow.waits_for == CANDIDATE
    assert escrow.paid == 0
