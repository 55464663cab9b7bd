"""The real process on a real broker: killed while money moves, it moves it once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pika
import pymongo
import pytest

from deploy.embedded.database import Database
from shared import topology
from shared.caller import Caller
from shared.envelope import CONTENT_TYPE, Call, parse
from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import Principal
from tests.integration.conftest import StartService
from tests.servers import Vhost
from tests.unit.payments.story import CANDIDATE, KIM, OPERATOR, ORG, OWNER, PRICE, TRIO
from tests.waiting import wait_until

LADDER = {"200ms": 0.2, "500ms": 0.5, "1s": 1.0}
FEE, NET = 2641, 23764
STAGE = "tests.integration.payments.stage"


@dataclass
class Around:
    """The rest of the platform: it tells, it asks and it listens."""

    channel: Any
    listening: str
    caller: Caller
    bank: Any
    engagement_id: str = field(default_factory=lambda: f"eng-{uuid4().hex[:10]}")
    told: dict[str, str] = field(default_factory=dict)

    def tell(self, type_: str, **data: Any) -> None:
        about = {"engagement_id": self.engagement_id, "application_id": "app-1", **TRIO, **data}
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "test",
            "type": type_,
            "subject": "thing:1",
            "time": "2026-03-02T09:30:00.000+00:00",
            "data": about,
        }
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE, message_id=event["id"], delivery_mode=2
        )
        self.channel.basic_publish(topology.EVENTS, type_, orjson.dumps(event), properties)

    def accept_application(self) -> None:
        self.tell("application.accepted.v1", fee_amount=PRICE, fee_currency="USD")

    def accept_deliverable(self) -> None:
        about = {"deliverable_id": "d1", "automatic": False}
        self.tell("deliverable.accepted.v1", **about, accepted_at="2026-03-05T09:30:00+00:00")

    def cancel(self) -> None:
        self.tell("engagement.cancelled.v1", reason="plans-changed", fault="company")

    def ask(self, by: Principal, method: str, **arguments: Any) -> Any:
        return self.caller.call("payments", method, Call(principal=by), **arguments)

    def payment(self, by: Principal = OPERATOR) -> Any:
        return self.ask(by, "get_escrow", engagement_id=self.engagement_id)

    def until(self, status: str) -> Any:
        return wait_until(lambda: self._if(status), 30, f"the payment to be {status}")

    def _if(self, status: str) -> Any:
        try:
            view = self.payment()
        except NotFound:
            return None
        return view if view["status"] == status else None

    def announced(self) -> list[str]:
        """The types of the service's events, each event once however often it came."""
        while (got := self.channel.basic_get(self.listening, auto_ack=True))[0]:
            event = parse(got[2])
            if event.source == "payments" and event.data.get("engagement_id"):
                self.told.setdefault(event.id, event.type.removesuffix(".v1"))
        return list(self.told.values())

    def until_announced(self, *types: str) -> None:
        wait_until(lambda: self.announced() == list(types), 15, lambda: str(self.announced()))

    def moves(self) -> list[tuple[str, int]]:
        """What the bank has really done for this engagement, by kind."""
        (charge,) = self.bank.find({"engagement_id": self.engagement_id})
        return [(done["kind"], done["amount"]) for done in (charge, *charge["moves"])]


@pytest.fixture
def around(
    vhost: Vhost, database: Database, database_prefix: str, service_env: dict[str, str]
) -> Iterator[Around]:
    topology.apply(vhost.amqp_uri, topology.plan(topology.read_handlers(), LADDER))
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_uri))
    channel = connection.channel()
    listening = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(listening, topology.EVENTS, "#")
    caller = Caller(vhost.amqp_uri, limit=10)
    caller.start()
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(database.uri)
    bank = client[f"{database_prefix}_payments"]["bank_charges"]
    yield Around(channel, listening, caller, bank)
    client.close()
    caller.stop()
    connection.close()


def prepare(around: Around) -> None:
    around.ask(OWNER, "put_payment_method", token="tok_visa")
    around.ask(KIM, "open_payout_account", country="US")


def assert_books(around: Around, view: Any) -> None:
    """The journal sums to zero, and its bank account is what the bank says it holds."""
    balance = around.ask(OPERATOR, "trial_balance")
    assert all(row["total"] == 0 for row in balance["sums"])
    assert all(sum(p["amount"] for p in entry["postings"]) == 0 for entry in view["entries"])
    (ours,) = [r["balance"] for r in balance["accounts"] if r["account"] == "processor_balance"]
    assert ours == sum(charge["net"] for charge in around.bank.find())


def test_a_fee_is_charged_held_released_and_paid(
    around: Around, start_service: StartService
) -> None:
    start_service("payments")
    prepare(around)
    around.accept_application()
    assert around.until("funded")["held_amount"] == PRICE
    around.accept_deliverable()
    view = around.until("paid")
    assert (view["platform_fee_amount"], view["paid_amount"], view["held_amount"]) == (FEE, NET, 0)
    around.until_announced("payment.funded", "payout.released", "payout.paid")
    assert around.moves() == [("charge", PRICE), ("transfer", NET)]
    wait_until(lambda: len(around.payment()["entries"]) == 3, 10, "the journal")
    assert_books(around, around.payment())


@pytest.mark.parametrize("point", ["request:transfer", "answer:transfer"])
def test_killed_between_acceptance_and_payout_it_pays_once(
    around: Around, start_service: StartService, tmp_path: Path, point: str
) -> None:
    marker = tmp_path / "stalled"
    staged = start_service(STAGE, STALL=point, STALLED_FILE=str(marker))
    prepare(around)
    around.accept_application()
    around.until("funded")
    around.accept_deliverable()
    wait_until(marker.exists, 15, "the service to stand still")
    staged.kill()
    start_service("payments")
    around.until("paid")
    around.until_announced("payment.funded", "payout.released", "payout.paid")
    assert around.moves() == [("charge", PRICE), ("transfer", NET)]
    view = wait_until(
        lambda: view if len((view := around.payment())["entries"]) == 3 else None, 10, "entries"
    )
    assert [entry["kind"] for entry in view["entries"]] == ["charge", "release", "transfer"]
    assert_books(around, view)


@pytest.mark.parametrize("point", ["request:charge", "answer:charge"])
def test_killed_while_it_charges_it_charges_once(
    around: Around, start_service: StartService, tmp_path: Path, point: str
) -> None:
    marker = tmp_path / "stalled"
    staged = start_service(STAGE, STALL=point, STALLED_FILE=str(marker))
    prepare(around)
    around.accept_application()
    wait_until(marker.exists, 15, "the service to stand still")
    staged.kill()
    start_service("payments")
    around.until("funded")
    around.until_announced("payment.funded")
    assert around.moves() == [("charge", PRICE)]


def test_killed_while_it_gives_back_it_gives_back_once(
    around: Around, start_service: StartService, tmp_path: Path
) -> None:
    marker = tmp_path / "stalled"
    staged = start_service(STAGE, STALL="answer:refund", STALLED_FILE=str(marker))
    prepare(around)
    around.accept_application()
    around.until("funded")
    around.cancel()
    wait_until(marker.exists, 15, "the service to stand still")
    staged.kill()
    start_service("payments")
    around.until("refunded")
    around.until_announced("payment.funded", "payment.refunded")
    assert around.moves() == [("charge", PRICE), ("refund", PRICE)]


def test_people_and_the_service_understand_each_other(
    around: Around, start_service: StartService
) -> None:
    start_service("payments")
    around.ask(OWNER, "put_payment_method", token="tok_chargeDeclined")
    around.accept_application()
    assert around.until("failed")["failure_code"] == "card-declined"
    (todo,) = around.ask(OWNER, "list_todo")["items"]
    assert (todo["kind"], todo["id"]) == ("payment-failed", around.engagement_id)
    around.ask(OWNER, "put_payment_method", token="tok_visa")
    retried = around.ask(OWNER, "retry_payment", engagement_id=around.engagement_id)
    assert retried["status"] == "funded"
    about = {"engagement_id": around.engagement_id}
    frozen = around.ask(KIM, "open_dispute", **about, reason="non-payment", detail="Late.")
    assert frozen["status"] == "disputed"
    with pytest.raises(Conflict):
        around.ask(OPERATOR, "refund_engagement", **about, reason="No.")
    with pytest.raises(Forbidden):
        around.ask(
            KIM, "decide_dispute", **about, released_amount=1, refunded_amount=1, reasons="I"
        )
    (todo,) = around.ask(OWNER, "list_todo")["items"]
    assert todo["kind"] == "dispute-answer-needed"
    split = {"released_amount": 15843, "refunded_amount": 10562}
    offered = around.ask(OWNER, "offer_split", **about, **split)
    agreed = {"offer_id": offered["items"][0]["offer_id"]}
    assert around.ask(KIM, "accept_split", **about, **agreed)["status"] == "released"
    assert around.payment()["refunded_amount"] == 10562
    (todo,) = around.ask(KIM, "list_todo")["items"]
    assert todo["kind"] == "payout-account-needed"
    account = around.ask(KIM, "open_payout_account", country="US")
    assert (account["id"], account["status"]) == (CANDIDATE, "active")
    assert around.payment()["status"] == "paid"
    assert around.ask(OWNER, "get_payment_method")["id"] == ORG
    assert_books(around, around.payment())
