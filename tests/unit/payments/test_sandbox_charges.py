"""What becomes of the sandbox's charges: late refunds, reversals, chargebacks, inquiries."""

from dataclasses import replace

import pytest

from services.payments.config import from_env
from services.payments.domain import Kind, Operation, Outcome, State
from services.payments.sandbox_bank import CARDS, FaultPlan, NoAnswer, SandboxBank
from shared.errors import Conflict
from tests.unit.payments.bank_cases import PRICE, E, Faults, Rig, assert_sums_up, order
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import Time


@pytest.fixture
def rig() -> Rig:
    faults = Faults()
    return Rig(SandboxBank(fake_platform(Time()), faults), faults)


def transferred(rig: Rig, amount: int = 1000) -> tuple[str, Outcome]:
    """The charge's id, and the transfer."""
    charge_id = rig.charge()[1].bank_id
    out = order(Kind.TRANSFER, amount, party=rig.account(), charge_id=charge_id)
    return charge_id, rig.bank.transfer(E, out)


def test_a_refund_may_be_pending_for_a_minute(rig: Rig) -> None:
    charge_id = rig.charge(token="tok_pendingRefund")[1].bank_id
    refund = order(Kind.REFUND, 405, charge_id=charge_id)
    pending = rig.bank.refund(E, refund)
    assert (pending.state, pending.code) == (State.UNKNOWN, "refund-pending")
    assert rig.bank.lookup(E, refund).state is State.UNKNOWN
    rig.later(minutes=2)
    assert rig.bank.lookup(E, refund) == Outcome(State.SUCCEEDED, pending.bank_id)
    assert rig.effects()[1:] == [(refund.key, 405)]
    assert_sums_up(rig)


def test_a_refund_may_fail_after_it_succeeded_and_the_money_is_back(rig: Rig) -> None:
    charged = rig.charge(token="tok_refundFail")[1]
    refund = order(Kind.REFUND, 405, charge_id=charged.bank_id)
    assert rig.bank.refund(E, refund).state is State.SUCCEEDED
    rig.later(minutes=2)
    found = rig.bank.lookup(E, refund)
    assert (found.state, found.code) == (State.FAILED, "refund-failed")
    assert [line.amount for line in rig.activity() if line.kind == "refund_failure"] == [405]
    assert rig.net() == {"USD": PRICE - charged.fee_amount}
    assert_sums_up(rig)


def reversal(amount: int, number: int, transfer: Outcome, **more: str) -> Operation:
    return order(Kind.REVERSAL, amount, number, source_id=transfer.bank_id, **more)


@pytest.mark.parametrize("named", [True, False])
def test_no_more_is_taken_back_than_was_transferred(rig: Rig, named: bool) -> None:
    charge_id, transfer = transferred(rig)
    before = rig.net()["USD"]
    more = {"charge_id": charge_id} if named else {}
    for number, amount, state in ((1, 600, "succeeded"), (2, 401, "failed"), (3, 400, "succeeded")):
        operation = reversal(amount, number, transfer, **more)
        outcome = rig.bank.reverse(E, operation)
        assert outcome.state.value == state
        assert rig.bank.lookup(E, operation) == outcome
    assert rig.net() == {"USD": before + 1000}
    assert {line.kind for line in rig.activity()} == {"charge", "transfer", "transfer_reversal"}
    assert_sums_up(rig)


def test_what_was_paid_out_is_not_taken_back_until_more_comes_in(rig: Rig) -> None:
    charge_id, transfer = transferred(rig)
    now = rig.bank.now()
    rig.bank.accounts.change(rig.account(), lambda account: account.pay_out(1000, "", now))
    refused = rig.bank.reverse(E, reversal(1, 1, transfer))
    assert (refused.state, refused.code) == (State.FAILED, "account-balance-insufficient")
    more = order(Kind.TRANSFER, 5, 2, party=rig.account(), charge_id=charge_id)
    assert rig.bank.transfer(E, more).state is State.SUCCEEDED
    assert rig.bank.reverse(E, reversal(1, 2, transfer)).state is State.SUCCEEDED


def test_a_payment_that_was_confirmed_late_is_pending_from_then_on(rig: Rig) -> None:
    operation, _ = rig.charge(token="tok_threeDSecureRequired")
    rig.later(hours=20)
    rig.confirm(operation, True)
    rig.later(hours=47)
    assert rig.bank.balance()["USD"].available == 0
    rig.later(hours=2)
    assert rig.bank.balance()["USD"].pending == 0


def test_a_reversal_makes_no_room_for_another_transfer(rig: Rig) -> None:
    charge_id, transfer = transferred(rig, PRICE)
    rig.bank.reverse(E, reversal(PRICE, 1, transfer))
    again = order(Kind.TRANSFER, 1, 2, party=rig.account(), charge_id=charge_id)
    assert rig.bank.transfer(E, again).code == "not-transferable"


def test_what_was_never_transferred_is_not_taken_back(rig: Rig) -> None:
    charge_id, transfer = transferred(rig)
    unknown = replace(transfer, bank_id="tr_none_1")
    outcome = rig.bank.reverse(E, reversal(1, 1, unknown, charge_id=charge_id))
    assert (outcome.state, outcome.code) == (State.FAILED, "transfer-unknown")


def test_a_refusal_is_kept_under_its_key(rig: Rig) -> None:
    charge_id = rig.charge()[1].bank_id
    refused = order(Kind.REFUND, PRICE + 1, charge_id=charge_id)
    outcome = rig.bank.refund(E, refused)
    assert outcome == Outcome(State.FAILED, outcome.bank_id, "not-refundable", retryable=False)
    assert rig.bank.refund(E, refused) == rig.bank.lookup(E, refused) == outcome
    with pytest.raises(Conflict):
        rig.bank.refund(E, replace(refused, amount=1))


@pytest.mark.parametrize(("hours", "effects"), [(23, 1), (25, 2)])
@pytest.mark.parametrize("kind", [Kind.CHARGE, Kind.REFUND, Kind.TRANSFER])
def test_a_key_is_forgotten_after_a_day_but_not_what_it_did(
    rig: Rig, kind: Kind, hours: int, effects: int
) -> None:
    charge, outcome = rig.charge()
    about = {"charge_id": outcome.bank_id}
    operation, send = {
        Kind.CHARGE: (charge, rig.bank.charge),
        Kind.REFUND: (order(Kind.REFUND, 5, **about), rig.bank.refund),
        Kind.TRANSFER: (
            order(Kind.TRANSFER, 5, party=rig.account(), **about),
            rig.bank.transfer,
        ),
    }[kind]
    first = send(E, operation)
    rig.later(hours=hours)
    assert rig.bank.lookup(E, operation) == first
    assert (send(E, operation) == first) is (effects == 1)
    assert [key for key, _ in rig.effects()].count(operation.key) == effects
    assert rig.bank.lookup(E, operation) == first
    assert_sums_up(rig)


def test_what_is_in_another_currency_draws_on_no_charge(rig: Rig) -> None:
    about = {"charge_id": rig.charge()[1].bank_id, "party": rig.account()}
    other = replace(order(Kind.TRANSFER, 5, **about), currency="EUR")
    assert rig.bank.transfer(E, other).code == "currency-mismatch"


def test_a_cards_key_with_another_token_is_an_error(rig: Rig) -> None:
    rig.bank.attach_card("org:card:1", "tok_visa")
    assert rig.bank.attach_card("org:card:1", "tok_visa").last4 == "4242"
    with pytest.raises(Conflict):
        rig.bank.attach_card("org:card:1", "tok_mastercard")


def test_an_inquiry_moves_nothing_until_it_becomes_a_chargeback(rig: Rig) -> None:
    _, outcome = rig.charge(token="tok_createDisputeInquiry")
    held = {"USD": PRICE - outcome.fee_amount}
    assert rig.net() == held
    chargeback_id = outcome.bank_id.replace("ch_", "dp_")
    assert rig.bank.answer_chargeback(chargeback_id, "losing_evidence")
    assert rig.net() == {"USD": -outcome.fee_amount - 1500}
    assert rig.bank.answer_chargeback(chargeback_id, "winning_evidence")
    assert rig.net() == {"USD": held["USD"] - 1500}
    assert_sums_up(rig)


def test_an_inquiry_that_is_answered_well_ends_there(rig: Rig) -> None:
    _, outcome = rig.charge(token="tok_createDisputeInquiry")
    chargeback_id = outcome.bank_id.replace("ch_", "dp_")
    assert rig.bank.answer_chargeback(chargeback_id, "winning_evidence")
    assert not rig.bank.answer_chargeback(chargeback_id, "losing_evidence")
    assert [line.kind for line in rig.activity()] == ["charge"]


def test_other_evidence_is_under_review_until_it_is_decided(rig: Rig) -> None:
    _, outcome = rig.charge(token="tok_createDispute")
    chargeback_id = outcome.bank_id.replace("ch_", "dp_")
    assert rig.bank.answer_chargeback(chargeback_id, "See the signed kick-off.")
    assert rig.net() == {"USD": -outcome.fee_amount - 1500}
    rig.bank.charges.change(outcome.bank_id, lambda charge: charge.decide(True, rig.bank.now()))
    assert rig.net() == {"USD": PRICE - outcome.fee_amount - 1500}
    assert_sums_up(rig)


def test_what_is_charged_back_is_what_was_not_given_back(rig: Rig) -> None:
    _, outcome = rig.charge()
    rig.bank.refund(E, order(Kind.REFUND, 405, charge_id=outcome.bank_id))
    now = rig.bank.now()
    rig.bank.charges.change(outcome.bank_id, lambda charge: charge.open_chargeback(False, now))
    assert [a.amount for a in rig.activity() if a.kind == "dispute"] == [405 - PRICE]
    with pytest.raises(Conflict, match="already"):
        rig.bank.charges.change(outcome.bank_id, lambda charge: charge.open_chargeback(False, now))


def test_a_lost_chargeback_leaves_nothing_to_give_back(rig: Rig) -> None:
    _, outcome = rig.charge(token="tok_createDispute")
    rig.bank.answer_chargeback(outcome.bank_id.replace("ch_", "dp_"), "losing_evidence")
    refused = rig.bank.refund(E, order(Kind.REFUND, 1, charge_id=outcome.bank_id))
    assert refused.code == "charge-disputed"


def test_a_payer_who_has_answered_does_not_change_their_mind(rig: Rig) -> None:
    operation, _ = rig.charge(token="tok_threeDSecureRequired")
    rig.confirm(operation, True)
    rig.confirm(operation, True)
    with pytest.raises(Conflict):
        rig.confirm(operation, False)


def test_what_is_pending_is_available_two_days_later(rig: Rig) -> None:
    charged = rig.charge()[1]
    rig.later(hours=49)
    balance = rig.bank.balance()["USD"]
    assert (balance.available, balance.pending) == (PRICE - charged.fee_amount, 0)


def test_the_statement_is_read_page_by_page_and_from_a_time_on(rig: Rig) -> None:
    for number in range(210):
        rig.later(seconds=number % 2)
        rig.bank.adjust(f"payout-{number}", "payout", -1, "USD")
    lines = rig.activity()
    assert len({line.id for line in lines}) == 210
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    half = lines[105].at
    assert rig.bank.activity(half, "").items[0].at == half
    assert_sums_up(rig)


def test_what_the_bank_does_of_itself_is_on_the_statement(rig: Rig) -> None:
    rig.charge()
    rig.bank.adjust("payout-1", "payout", -2641, "USD")
    rig.bank.adjust("payout-1", "payout", -2641, "USD")
    assert [line.amount for line in rig.activity() if line.kind == "payout"] == [-2641]
    assert_sums_up(rig)


def test_a_plan_of_faults_is_the_same_in_every_run() -> None:
    plan = FaultPlan("answer:transfer:2,request:charge:1")
    told = []
    for point, kind in [("request", "charge"), *[("answer", "transfer")] * 3, ("answer", "charge")]:
        try:
            plan(point, f"{E}:{kind}:1")
        except NoAnswer:
            told.append((point, kind))
    assert told == [("request", "charge"), ("answer", "transfer"), ("answer", "transfer")]


def test_a_plan_may_kill_the_process_after_the_bank_has_acted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr("os._exit", die)
    bank = SandboxBank(fake_platform(Time()), FaultPlan("crash:charge:1"))
    rig = Rig(bank, Faults())
    with pytest.raises(SystemExit):
        rig.charge()
    assert len(rig.effects()) == 1
    assert rig.charge()[1].state is State.SUCCEEDED
    assert len(rig.effects()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_FAULTS", "answer:transfer"),
        ("SANDBOX_FAULTS", "reply:transfer:1"),
        ("SANDBOX_ONBOARDING", "sometimes"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    given = {"STINT_ENV": "development", "AMQP_URI": "amqp://b", "MONGO_URI": "mongodb://d"}
    for setting, text in given.items():
        monkeypatch.setenv(setting, text)
    monkeypatch.setenv("SANDBOX_FAULTS", "answer:chargeback-won:2,crash:refund:1")
    assert from_env().sandbox_onboarding == "instant"
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        from_env()
    assert name in capsys.readouterr().err


def test_every_card_that_the_sandbox_knows_can_be_charged_once(rig: Rig) -> None:
    for number, token in enumerate(CARDS, 1):
        operation, outcome = rig.charge(number, token)
        assert rig.bank.charge(E, operation).state is (
            State.SUCCEEDED if token == "tok_unavailable" else outcome.state
        )
    assert_sums_up(rig)
