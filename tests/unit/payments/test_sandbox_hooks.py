"""The sandbox's webhooks: signed, at least once, in any order; and what they say."""

import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

import pytest

from services.payments.domain import AccountStatus, Kind, Notice
from services.payments.sandbox_bank import SandboxBank, Sender, hooks
from services.payments.sandbox_bank.lines import News
from shared.errors import Invalid
from tests.unit.payments.bank_cases import PRICE, E, Faults, Rig, order
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import START, Time

SIGNATURE = hooks.SIGNATURE


class Listener:
    """Takes webhooks as our own door does; `deaf` for so many times."""

    def __init__(self, bank: SandboxBank) -> None:
        self.bank, self.deaf = bank, 0
        self.notices: list[Notice] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert url == "http://gateway/v1/hooks/sandbox"
        notice = self.bank.read_hook(body, headers[SIGNATURE])
        if self.deaf:
            self.deaf -= 1
            return 503
        self.notices.append(notice)
        return 202

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(notice.kind, notice.code) for notice in self.notices]


@pytest.fixture
def rig() -> Rig:
    platform = fake_platform(Time(), sandbox_url="http://gateway")
    return Rig(SandboxBank(platform), Faults())


@pytest.fixture
def listener(rig: Rig) -> Listener:
    return Listener(rig.bank)


def test_each_effect_is_told_once_it_was_taken(rig: Rig, listener: Listener) -> None:
    operation, outcome = rig.charge()
    out = order(Kind.TRANSFER, 100, party=rig.account(), charge_id=outcome.bank_id)
    rig.bank.transfer(E, out)
    sender = Sender(rig.bank, listener)
    sender.round()
    sender.round()
    assert listener.told == [("charge", ""), ("transfer", "")]
    first = listener.notices[0]
    assert (first.engagement_id, first.operation_key) == (E, operation.key)
    assert (first.object_id, first.amount, first.currency) == (outcome.bank_id, PRICE, "USD")
    assert listener.notices[1].operation_key == out.key


def test_what_nobody_takes_is_sent_again_with_growing_waits(rig: Rig, listener: Listener) -> None:
    rig.charge()
    listener.deaf = 4
    sender = Sender(rig.bank, listener)
    waits = []
    while listener.deaf:
        due_at = rig.bank.charges.find(rig.bank.charge(E, rig.charge()[0]).bank_id).due_at
        rig.bank.now.now = max(due_at, rig.bank.now.now)
        waits.append(rig.bank.now.now)
        sender.round()
    assert [late - early for early, late in pairwise(waits)] == [
        timedelta(seconds=seconds) for seconds in (5, 10, 20)
    ]
    rig.later(minutes=5)
    sender.round()
    assert listener.told == [("charge", "")]


def test_what_nobody_takes_for_three_days_is_dropped(rig: Rig, listener: Listener) -> None:
    rig.charge()
    listener.deaf = 1000
    sender = Sender(rig.bank, listener)
    for _ in range(100):
        rig.later(hours=1)
        sender.round()
    assert rig.bank.charges.due(rig.bank.now()) == []


def test_webhooks_may_come_shuffled_and_doubled(rig: Rig, listener: Listener) -> None:
    dice = random.Random(5)

    def mix(news: list[News]) -> list[News]:
        return dice.sample(news * 2, 2 * len(news))

    _, outcome = rig.charge(token="tok_createDispute")
    rig.bank.answer_chargeback(outcome.bank_id.replace("ch_", "dp_"), "winning_evidence")
    Sender(rig.bank, listener, mix).round()
    ids = [notice.id for notice in listener.notices]
    assert len(ids) == 2 * len(set(ids)) == 10
    assert set(listener.told) == {("charge", ""), ("chargeback", "opened"), ("chargeback", "won")}
    Sender(rig.bank, listener, mix).round()
    assert len(listener.notices) == 10


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("tok_chargeDeclined", [("charge", "card-declined")]),
        ("tok_threeDSecureRequired", [("charge", "")]),
        ("tok_createDisputeInquiry", [("charge", ""), ("other", "")]),
        ("tok_createDispute", [("charge", ""), ("chargeback", "opened"), ("chargeback", "opened")]),
    ],
)
def test_what_becomes_of_a_charge_is_told(
    rig: Rig, listener: Listener, token: str, told: list[tuple[str, str]]
) -> None:
    rig.charge(token=token)
    Sender(rig.bank, listener).round()
    assert listener.told == told


def test_a_late_refund_is_told_by_time_alone(rig: Rig, listener: Listener) -> None:
    charge_id = rig.charge(token="tok_refundFail")[1].bank_id
    rig.bank.refund(E, order(Kind.REFUND, 5, charge_id=charge_id))
    sender = Sender(rig.bank, listener)
    sender.round()
    rig.later(minutes=2)
    sender.round()
    assert listener.told == [("charge", ""), ("refund", ""), ("refund", "refund-failed")]


def test_what_happens_to_an_account_is_told(rig: Rig, listener: Listener) -> None:
    account_id = rig.account()
    rig.bank.set_account_status(account_id, AccountStatus.RESTRICTED)
    rig.bank.set_account_status(account_id, AccountStatus.ACTIVE)
    now = rig.bank.now()
    rig.bank.accounts.change(account_id, lambda it: it.pay_out(100, "account_closed", now))
    Sender(rig.bank, listener).round()
    assert listener.told == [
        ("account", ""),
        ("account", ""),
        ("payout", "account-closed"),
        ("account", ""),
    ]
    assert len({notice.id for notice in listener.notices}) == 4
    assert {notice.account_key for notice in listener.notices} == {"acc:account"}
    account = rig.bank.open_account("acc:account", "US")
    assert (account.status, account.payouts_enabled) == (AccountStatus.ACTIVE, False)
    assert (account.requirements, account.disabled_reason) == (
        ("external_account",),
        "account_closed",
    )


def test_without_anybody_to_be_told_nothing_is_kept(listener: Listener) -> None:
    rig = Rig(SandboxBank(fake_platform(Time())), Faults())
    rig.charge()
    assert rig.bank.charges.due(rig.bank.now()) == []


def hook(rig: Rig) -> tuple[bytes, str]:
    news = News("evt_1", "charge.succeeded", START, "ch_1", "eng-1:charge:1", 5)
    body = hooks.body_of(news, E, "USD")
    return body, hooks.sign(body, rig.bank.hook_secret(), rig.bank.now())


def test_a_webhook_with_a_wrong_signature_is_refused(rig: Rig) -> None:
    body, signature = hook(rig)
    assert rig.bank.read_hook(body, signature).object_id == "ch_1"
    assert rig.bank.read_hook(body, f"{signature},v1=0,v0=1").kind == "charge"
    time, _, digest = signature.partition(",")
    for wrong in ("", "nonsense", time, digest, f"{time},v1=", f"t=99,{digest}", f"t=x,{digest}"):
        with pytest.raises(Invalid) as caught:
            rig.bank.read_hook(body, wrong)
        assert caught.value.code == "hook-signature-wrong"
    with pytest.raises(Invalid):
        rig.bank.read_hook(body + b" ", signature)


@pytest.mark.parametrize(("seconds", "fresh"), [(299, True), (301, False), (-301, False)])
def test_an_old_webhook_is_refused(rig: Rig, seconds: int, fresh: bool) -> None:
    body, signature = hook(rig)
    rig.later(seconds=seconds)
    if fresh:
        rig.bank.read_hook(body, signature)
        return
    with pytest.raises(Invalid):
        rig.bank.read_hook(body, signature)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": "evt_1"}', b'"text"'])
def test_a_signed_webhook_that_says_nothing_is_refused(rig: Rig, body: bytes) -> None:
    signature = hooks.sign(body, rig.bank.hook_secret(), rig.bank.now())
    with pytest.raises(Invalid, match="none of the sandbox"):
        rig.bank.read_hook(body, signature)


def test_every_process_has_the_same_secret() -> None:
    platform = fake_platform(Time())
    assert SandboxBank(platform).hook_secret() == SandboxBank(platform).hook_secret()
