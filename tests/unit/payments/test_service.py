"""The service as others meet it: events in, requests in, views out."""

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest

from services.payments import config, schemas
from services.payments.domain.custody import Limits
from services.payments.service import PaymentsService
from services.payments.usecases import Waiter
from shared import metrics
from shared.envelope import Call, Event
from shared.errors import Conflict, Invalid
from shared.principal import Principal
from tests.unit.payments.fakes import START, World
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, ORG, OWNER, PRICE, E

TRIO = {"project_id": "prj-1", "org_id": ORG, "candidate_id": CANDIDATE}


class Service(PaymentsService):
    """The service over a world in memory."""

    def __init__(self, world: World) -> None:
        self.desk = world.desk


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


def event(id_: str, type_: str, **data: Any) -> Event:
    about = {"engagement_id": E, "application_id": "app-1", **TRIO, **data, "new_field": 1}
    return Event(id=id_, type=type_, source="test", subject="x:1", time=START, data=about)


def accepted() -> Event:
    return event("m1", "application.accepted.v1", fee_amount=PRICE, fee_currency="USD")


def by(principal: Any, id_: str = "c") -> Call:
    return Call(id=id_, principal=principal)


def test_the_journey_over_the_doors(world: World, service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.open_payout_account(by(KIM), country="US")
    service.on_application_accepted(accepted())
    service.on_deliverable_accepted(event("m2", "deliverable.accepted.v1", deliverable_id="d"))
    view = service.get_escrow(by(OWNER), engagement_id=E)
    assert view | {"entries": None} == {
        "id": E,
        "version": view["version"],
        "engagement_id": E,
        **TRIO,
        "status": "paid",
        "amount": 26405,
        "currency": "USD",
        "platform_fee_amount": 2641,
        "payout_amount": 23764,
        "held_amount": 0,
        "released_amount": 26405,
        "refunded_amount": 0,
        "paid_amount": 23764,
        "lost_amount": 0,
        "owed_amount": 0,
        "available_at": None,
        "charges": [{"org_id": ORG, "about": "fee", "amount": PRICE}],
        "repayments": [],
        "unconfirmed": [],
        "refunds": [],
        "failure_code": None,
        "action_url": None,
        "dispute": None,
        "simulated": True,
        "entries": None,
    }
    assert [entry["kind"] for entry in view["entries"]] == ["charge", "release", "transfer"]
    assert all(sum(p["amount"] for p in entry["postings"]) == 0 for entry in view["entries"])
    assert view["entries"][1]["postings"] == [
        {"account": f"held_funds:{E}", "amount": 26405, "currency": "USD"},
        {"account": f"candidate_payable:{CANDIDATE}", "amount": -23764, "currency": "USD"},
        {"account": "platform_fee", "amount": -2641, "currency": "USD"},
    ]
    assert "entries" not in service.get_escrow(by(KIM), engagement_id=E)
    assert json.loads(orjson.dumps(view))


def test_before_the_release_the_view_tells_what_the_candidate_will_get(service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.on_application_accepted(accepted())
    view = service.get_escrow(by(KIM), engagement_id=E)
    assert (view["status"], view["held_amount"]) == ("funded", PRICE)
    assert (view["platform_fee_amount"], view["payout_amount"]) == (2641, 23764)


def test_a_cancelled_engagement_and_a_withdrawn_application_give_the_money_back(
    service: Service,
) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.on_application_accepted(accepted())
    early = event("m2", "application.withdrawn.v1", reason="candidate", previous_status="submitted")
    early.data["engagement_id"] = None
    service.on_application_withdrawn(early)
    assert service.get_escrow(by(OWNER), engagement_id=E)["status"] == "funded"
    late = event("m3", "application.withdrawn.v1", reason="candidate", previous_status="accepted")
    service.on_application_withdrawn(late)
    cancelled = event("m4", "engagement.cancelled.v1", reason="candidate-withdrew", fault="nobody")
    service.on_engagement_cancelled(cancelled)
    assert service.get_escrow(by(OWNER), engagement_id=E)["refunded_amount"] == PRICE


def test_requests_answer_with_what_became_of_the_money(service: Service) -> None:
    service.on_application_accepted(accepted())
    service.put_payment_method(by(OWNER), token="tok_visa")
    assert service.retry_payment(by(OWNER, "c1"), engagement_id=E)["status"] == "funded"
    refunded = service.refund_engagement(by(OPERATOR, "c2"), E, "Agreed.", amount=405)
    assert refunded["refunded_amount"] == 405
    disputed = service.open_dispute(by(KIM, "c3"), engagement_id=E, reason="non-payment")
    assert disputed["status"] == "disputed"
    assert disputed["items"][0]["dispute_id"] == "dsp-c3"
    split = {"released_amount": 13000, "refunded_amount": 13000}
    offered = service.offer_split(by(OWNER, "c4"), engagement_id=E, **split)
    offer_id = offered["items"][0]["offer_id"]
    agreed = service.accept_split(by(KIM, "c5"), engagement_id=E, offer_id=offer_id)
    assert agreed["items"][0]["outcome"] == "split"
    assert service.get_escrow(by(KIM), engagement_id=E)["refunded_amount"] == 13405
    balance = service.trial_balance(by(OPERATOR))
    assert balance["sums"] == [{"currency": "USD", "total": 0}]
    assert {row["account"] for row in balance["accounts"]} == {
        "candidate_payable",
        "held_funds",
        "platform_fee",
        "processing_fees",
        "processor_balance",
    }


def test_a_dispute_over_the_doors_from_its_opening_to_the_appeal(service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.on_application_accepted(accepted())
    about: dict[str, Any] = {"engagement_id": E}
    file = {"name": "a.csv", "sha256": "0" * 64, "size": 1, "media_type": "text/csv"}
    evidence = [{"file_id": "fil-1", **file}]
    service.open_dispute(by(OWNER, "c1"), **about, reason="quality", detail="So.", files=evidence)
    service.add_dispute_statement(by(KIM, "c2"), **about, text="It is all there.")
    service.escalate_dispute(by(KIM, "c3"), **about)
    (todo,) = service.list_todo(by(OPERATOR))["items"]
    assert todo["kind"] == "dispute-decision"
    split = {"released_amount": 15843, "refunded_amount": 10562}
    service.decide_dispute(by(OPERATOR, "c4"), **about, **split, reasons="Most of it is there.")
    (open_,) = service.list_disputes(by(OPERATOR))["items"]
    assert (open_["step"], open_["decided"]) == ("appealable", split)
    service.appeal_dispute(by(OWNER, "c5"), **about, text="Look again.")
    other = Principal("acc-ops-2", "operator")
    service.decide_dispute(by(other, "c6"), **about, **split, reasons="I agree.")
    (over,) = service.read_disputes(by(KIM), **about)["items"]
    assert (over["outcome"], over["basis"]) == ("split", "appeal")
    assert over["posts"][0]["files"] == evidence
    assert [post["act"] for post in over["posts"]] == [
        *("opened", "statement", "escalation", "decision", "appeal", "decision")
    ]
    assert "person_id" not in over["posts"][0]
    assert [row["days"] for row in over["rules"]] == [5, 10, 5, 5, 5]
    assert json.loads(orjson.dumps(over))


def test_operators_freeze_watch_and_agree_over_the_doors(world: World, service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.on_application_accepted(accepted())
    frozen = service.freeze_funds(by(OPERATOR, "c1"), engagement_id=E, reason="A stolen card.")
    assert (frozen["status"], frozen["approvals"]) == ("frozen", [])
    (held,) = service.list_funds(by(OPERATOR))["items"]
    assert (held["held_amount"], held["freeze_reason"]) == (PRICE, "A stolen card.")
    service.unfreeze_funds(by(OPERATOR, "c2"), engagement_id=E, reason="It was not.")
    service.desk = replace(world.desk, limits=Limits({}))
    asked = service.refund_engagement(by(OPERATOR, "c3"), E, "Agreed.")
    (waiting,) = service.list_approvals(by(OPERATOR))["items"]
    assert asked["approvals"] == [waiting]
    other, which = Principal("acc-ops-2", "operator"), {"approval_id": "c3", "engagement_id": E}
    service.reject_movement(by(other, "c4"), **which, reason="Not yet.")
    service.refund_engagement(by(OPERATOR, "c5"), E, "Agreed.")
    which["approval_id"] = "c5"
    assert service.approve_movement(by(other, "c6"), **which)["refunded_amount"] == PRICE
    assert service.list_chargebacks(by(OPERATOR))["items"] == []
    world.now.pass_(days=70)
    service.sweep_ages()
    assert b'stint_oldest_seconds{what="held"} 0.0' in metrics.render()


def test_for_how_long_money_is_held_is_a_metric(world: World, service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    service.on_application_accepted(accepted())
    world.now.pass_(days=1)
    service.sweep_ages()
    assert b'stint_oldest_seconds{what="held"} 86400.0' in metrics.render()


def test_cards_and_accounts_are_shown_without_what_is_secret(service: Service) -> None:
    card = service.put_payment_method(by(OWNER), token="tok_visa")
    assert card == service.get_payment_method(by(OWNER))
    assert card == {
        "id": ORG,
        "version": 1,
        "status": "active",
        "simulated": True,
        "brand": "visa",
        "last4": "4242",
    }
    account = service.open_payout_account(by(KIM), country="US")
    assert account == service.get_payout_account(by(KIM))
    assert account.items() >= {"id": CANDIDATE, "status": "active", "currency": "USD"}.items()


def test_the_to_do_list_says_what_to_do(service: Service) -> None:
    service.on_application_accepted(accepted())
    (item,) = service.list_todo(by(OWNER))["items"]
    assert item == {
        "kind": "payment-failed",
        "id": E,
        "title": "The payment of USD 264.05 failed",
        "due_at": START.isoformat(),
        "what": "No payment method is set: set one. Then try again.",
        "simulated": True,
    }
    assert service.list_todo(by(KIM))["items"] == []


def test_an_unknown_failure_and_waiting_money_are_told_in_words() -> None:
    failed = Waiter(E, "failed", "lost-card", 100, "JPY", START)
    assert schemas.todo_view(failed)["what"] == "The payment failed. Then try again."
    owed = schemas.todo_view(Waiter(E, "released", None, 23764, "USD", START))
    assert (owed["kind"], owed["title"]) == ("payout-account-needed", "USD 237.64 waits for you")


def test_the_sweeps_take_up_what_was_left_open(world: World, service: Service) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    world.bank.away = True
    service.on_application_accepted(accepted())
    service.open_payout_account(by(KIM), country="US")
    world.bank.away = False
    world.now.pass_(minutes=1)
    service.sweep_escrows()
    service.sweep_accounts()
    assert service.get_escrow(by(OWNER), engagement_id=E)["status"] == "funded"
    assert service.get_payout_account(by(KIM))["status"] == "active"


def test_one_escrow_that_cannot_be_settled_does_not_keep_the_others(
    world: World, service: Service
) -> None:
    service.put_payment_method(by(OWNER), token="tok_visa")
    world.bank.away = True
    for number in (1, 2):
        later = accepted()
        later.data["engagement_id"] = f"eng-{number}"
        service.on_application_accepted(later)
    world.escrows.documents["eng-1"]["operations"][0]["amount"] = 7
    world.bank.away = False
    world.now.pass_(minutes=1)
    with pytest.raises(Conflict, match="is not what was decided"):
        service.sweep_escrows()
    assert service.get_escrow(by(OWNER), engagement_id="eng-2")["status"] == "funded"
    assert service.get_escrow(by(OWNER), engagement_id="eng-1")["status"] == "pending"


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("put_payment_method", {"token": ""}, "token"),
        ("put_payment_method", {"token": 7}, "token"),
        ("open_payout_account", {"country": "usa"}, "country"),
        ("get_escrow", {"engagement_id": None}, "engagement_id"),
        ("refund_engagement", {"reason": "Ok.", "amount": 1.5}, "amount"),
        ("refund_engagement", {"reason": "Ok.", "amount": "7"}, "amount"),
        ("refund_engagement", {"reason": "Ok.", "amount": True}, "amount"),
        ("refund_engagement", {"reason": "", "amount": 0}, "reason"),
        ("open_dispute", {"reason": "Not a slug", "detail": ""}, "reason"),
        ("open_dispute", {"reason": "late", "released_amount": 1}, "refunded_amount"),
        ("open_dispute", {"reason": "late", "files": [{"file_id": "f"}]}, "files.0.name"),
        ("offer_split", {"released_amount": -1, "refunded_amount": 0}, "released_amount"),
        ("decide_dispute", {"released_amount": 1, "refunded_amount": 0}, "reasons"),
        ("add_dispute_statement", {"text": ""}, "text"),
        ("freeze_funds", {"reason": ""}, "reason"),
        ("reject_movement", {"approval_id": "a", "reason": 7}, "reason"),
    ],
)
def test_wrong_input_is_refused_with_a_message_per_field(
    service: Service, method: str, arguments: dict[str, Any], field: str
) -> None:
    if method not in ("put_payment_method", "open_payout_account", "get_escrow"):
        arguments = {"engagement_id": E, **arguments}
    with pytest.raises(Invalid) as caught:
        getattr(service, method)(by(OPERATOR), **arguments)
    assert isinstance(caught.value.errors[field], str)


def test_the_share_of_the_platform_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "STINT_ENV": "development",
        "AMQP_URI": "amqp://guest:guest@localhost/",
        "MONGO_URI": "mongodb://localhost/",
    }.items():
        monkeypatch.setenv(name, value)
    assert config.from_env().platform_fee_bps == 1000
    monkeypatch.setenv("PLATFORM_FEE_BPS", "250")
    assert config.from_env().platform_fee_bps == 250
    monkeypatch.setenv("PLATFORM_FEE_BPS", "10001")
    with pytest.raises(SystemExit) as caught:
        config.from_env()
    assert caught.value.code == 2
    assert "PLATFORM_FEE_BPS" in capsys.readouterr().err
