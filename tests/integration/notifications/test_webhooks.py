"""Webhooks over real sockets and the wire protocol of the database, on a clock of their own."""

import ssl as plain_ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import orjson
import pytest
from eventlet.green import ssl
from standardwebhooks import Webhook

from deploy.embedded.database import Database
from services.notifications.config import Settings
from services.notifications.partners.courier import Courier
from services.notifications.partners.domain.partner import Endpoint, Partner, Status, new_secret
from services.notifications.partners.sender import LEASE, RATE
from services.notifications.partners.service import ERASED, Office
from services.notifications.partners.store.public_events import PublicEvents
from services.notifications.partners.usecases import keeping, reading, running
from shared.envelope import Event
from shared.platform import Platform
from tests.examples import example_of
from tests.integration.notifications.receiver import SECRET_TEXT, Receiver, end
from tests.integration.store.test_indexes import stages

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TYPE = "engagement.started.v1"
LIMIT = 0.5  # seconds, in place of twelve


class World:
    """A process of the service, as far as partners are concerned; `again` makes a second one."""

    def __init__(self, database: Database, prefix: str) -> None:
        self.time = NOW
        settings = Settings(
            environment="development",
            amqp_uri="amqp://nobody.invalid/",
            mongo_uri=database.uri,
            database_prefix=prefix,
            smtp_host="",
            smtp_port=25,
            smtp_user="",
            smtp_password="",
            smtp_security="none",
            mail_from="a@example.com",
            web_url="",
            mail_lease=timedelta(seconds=60),
            webhooks_to_private=True,
        )
        self.platform = Platform(settings, "notifications", now=lambda: self.time)
        self.office = self.again()
        self.platform.prepare()
        self.told = 0

    def again(self) -> Office:
        office = Office(self.platform)
        office.sender.courier = Courier(private=True, limit=LIMIT)
        office.sender.chance = lambda: 0.5
        return office

    def partner(self, *urls: str, id: str = "par-1") -> Partner:
        endpoints = [
            Endpoint(f"{id}-end-{n}", url, NOW, NOW, secrets=[new_secret("1", b"1" * 32, NOW)])
            for n, url in enumerate(urls)
        ]
        partner = Partner(id, "Tracking", NOW, org_id=f"org-{id}", endpoints=endpoints)
        return self.office.partners.create(None, partner)

    def tell(self, count: int = 1, partner_id: str = "par-1") -> list[Event]:
        events = []
        for _ in range(count):
            self.told += 1
            data = {**example_of(TYPE), "org_id": f"org-{partner_id}"}
            event = Event(f"evt-{self.told}", TYPE, "test", "thing:1", self.time, data)
            self.office.hear(event)
            events.append(event)
        return events

    def round(self, office: Office | None = None) -> None:
        """What one look at the queues sends, waited for."""
        sender = (office or self.office).sender
        sender.round()
        sender.turns.waitall()

    def pass_time(self, seconds: float, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.time += timedelta(seconds=seconds)
            self.round()

    def log(self, number: int = 0, partner_id: str = "par-1") -> list[dict[str, Any]]:
        return self.office.deliveries.page(f"{partner_id}-end-{number}", 100, None, None)


@pytest.fixture
def world(database: Database, database_prefix: str) -> Iterator[World]:
    made = World(database, database_prefix)
    yield made
    made.platform.client.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def ids(receiver: Receiver, path: str) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.got(path)]


def test_an_event_is_posted_once_signed_and_logged(world: World, receiver: Receiver) -> None:
    partner = world.partner(receiver.url("/good?key=1"))
    (event,) = world.tell()
    world.office.hear(event)
    world.round()
    world.round()
    (request,) = receiver.requests
    (kept,) = reading.events_page(world.office.events, partner, None, 10, [])["items"]
    assert orjson.loads(request.body) == kept
    assert (kept["sequence"], kept["data"]["org_id"]) == ("000000000001", "org-par-1")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/cloudevents+json"
    signer = Webhook(partner.endpoints[0].secrets[0].value)
    wanted = signer.sign(kept["id"], world.time, request.body.decode())
    assert request.headers["webhook-signature"] == wanted
    (line,) = world.log()
    assert (line["status"], line["attempts"], "due_at" in line) == ("delivered", 1, False)
    assert (line["log"][0]["status"], line["log"][0]["answer"]) == (200, "ok")


def test_numbers_have_no_gaps_however_many_write_and_a_replay_adds_nothing(
    world: World,
) -> None:
    partners = [world.partner(id=f"par-{n}") for n in range(2)]
    world.office.events.add(keeping.entry(partners[0], _public("first"), NOW))

    def write(start: int) -> None:
        events = PublicEvents(world.platform)
        for n in range(start, start + 25):
            for partner in partners:
                events.add(keeping.entry(partner, _public(f"e{n}"), NOW))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write(0)
    for partner, first in zip(partners, (1, 0), strict=True):
        rows = world.office.events.page(partner.id, 0, 200)
        assert [row["sequence"] for row in rows] == list(range(1, 45 + first + 1))
        assert len({row["_id"] for row in rows}) == len(rows)
    assert world.office.events.forget([one.id for one in partners], NOW + timedelta(days=1)) == 89
    after = keeping.entry(partners[1], _public("new"), NOW)
    assert world.office.events.add(after) == 46


def _public(origin: str) -> Any:
    event = Event(origin, TYPE, "test", "thing:1", NOW, example_of(TYPE))
    return keeping.translate(event)


def test_what_fails_comes_again_under_the_same_id_until_it_is_taken(
    world: World, receiver: Receiver
) -> None:
    partner = world.partner(receiver.url("/error"))
    world.tell()
    world.round()
    world.pass_time(1)
    assert len(receiver.requests) == 1
    world.pass_time(5)
    assert len(receiver.requests) == 2
    (line,) = world.log()
    assert line["due_at"] == world.time + timedelta(minutes=5)
    assert [one["status"] for one in line["log"]] == [500, 500]
    assert SECRET_TEXT.decode()[8:20] not in str(line)
    change = {"url": receiver.url("/good"), "kinds": None, "status": None}
    world.office.partners.change(
        partner.id, None, lambda one: one.change_endpoint("par-1-end-0", world.time, **change)
    )
    world.pass_time(301)
    assert {request.headers["webhook-id"] for request in receiver.requests} == set(
        ids(receiver, "/good")
    )
    assert world.log()[0]["status"] == "delivered"
    assert world.office.partners.load(partner.id).endpoints[0].is_healthy()


def test_an_endpoint_that_asks_for_time_is_given_it(world: World, receiver: Receiver) -> None:
    world.partner(receiver.url("/later"))
    world.tell()
    world.round()
    assert world.log()[0]["due_at"] == world.time + timedelta(minutes=10)
    world.pass_time(60, rounds=3)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/inwards", 302, None),
        ("/huge", 200, None),
        ("/never", None, "timeout"),
        ("/drip", None, "timeout"),
        ("/close", None, "connection-failed"),
        ("/noise", None, "connection-failed"),
    ],
)
def test_a_bad_answer_is_an_answer(
    receiver: Receiver, path: str, status: int | None, code: str | None
) -> None:
    answer = Courier(private=True, limit=LIMIT).post(receiver.url(path), b"{}", {})
    assert (answer.status, answer.code or None) == (status, code)
    assert len(answer.text) <= 4096
    assert answer.ms < 2000
    assert receiver.got("/good") == []


def test_nobody_listening_is_an_answer_too(receiver: Receiver) -> None:
    receiver.close()
    answer = Courier(private=True, limit=LIMIT).post(receiver.url("/good"), b"{}", {})
    assert answer.code == "connection-failed"


def test_an_endpoint_that_is_gone_is_turned_off_at_once_and_its_owner_told(
    world: World, receiver: Receiver
) -> None:
    partner = world.partner(receiver.url("/gone"))
    world.tell(6)
    world.round()
    found = world.office.partners.load(partner.id)
    assert (found.endpoints[0].status, found.endpoints[0].reason) == (Status.DISABLED, "gone")
    stored = world.office.partners.collection.find_one({"_id": partner.id})
    assert [one["type"] for one in stored["outbox"]] == ["endpoint.disabled.v1"]
    assert len(receiver.requests) <= 4
    world.pass_time(100, rounds=3)
    assert {line["status"] for line in world.log()} == {"failed", "skipped"}
    world.tell()
    assert len(world.log()) == 6


def test_a_process_that_dies_before_it_noted_the_answer_sends_it_again_under_the_same_id(
    world: World, receiver: Receiver
) -> None:
    world.partner(receiver.url("/good"))
    world.tell()
    dying = world.again()
    dying.deliveries.record = _dies  # type: ignore[method-assign]
    dying.sender.queues.release = _dies  # type: ignore[method-assign]
    world.round(dying)
    assert len(receiver.requests) == 1
    world.round()
    assert len(receiver.requests) == 1
    world.pass_time(LEASE.total_seconds() + 1)
    assert len(set(ids(receiver, "/good"))) == 1
    assert (len(receiver.requests), world.log()[0]["status"]) == (2, "delivered")


def _dies(*_: Any, **__: Any) -> None:
    raise RuntimeError("died")


def test_two_processes_send_each_event_once(world: World, receiver: Receiver) -> None:
    world.partner(receiver.url("/good"), receiver.url("/good2"))
    world.tell(12)
    other = world.again()
    world.office.sender.round()
    other.sender.round()
    for office in (world.office, other):
        office.sender.turns.waitall()
    for path in ("/good", "/good2"):
        assert len(ids(receiver, path)) == len(set(ids(receiver, path))) == 12


def test_hostile_endpoints_hold_up_nobody(world: World, receiver: Receiver) -> None:
    for n, path in enumerate(("/never", "/huge", "/drip", "/close", "/never")):
        world.partner(receiver.url(path), id=f"par-bad{n}")
        world.tell(4, f"par-bad{n}")
    world.partner(receiver.url("/good"))
    world.tell(RATE // 2)
    sender = world.office.sender
    sender.courier = Courier(private=True, limit=10)
    sender.round()
    with eventlet.Timeout(9):
        while len(receiver.got("/good")) < RATE // 2:
            eventlet.sleep(0.01)
    assert sender.turns.running() >= 3  # They are still waiting for theirs.
    assert len(receiver.got("/never")) <= 2 * 4
    end(sender.turns)


def test_a_bad_endpoint_is_left_alone_for_a_while_and_then_tried_once(
    world: World, receiver: Receiver
) -> None:
    world.partner(receiver.url("/never"))
    world.tell(10)
    world.round()
    assert len(receiver.requests) == 4
    world.tell()
    world.pass_time(2)
    assert len(receiver.requests) == 4
    world.pass_time(4)
    assert len(receiver.requests) == 5


def test_an_endpoint_gets_no_more_than_its_share_at_a_time(
    world: World, receiver: Receiver
) -> None:
    world.partner(receiver.url("/good"))
    world.tell(RATE + 5)
    world.round()
    world.round()
    assert len(receiver.requests) == RATE
    world.pass_time(1)
    assert len(receiver.requests) == RATE + 5
    ended = world.office.queues.find("par-1-end-0")
    assert ended is not None
    assert "due_at" not in ended


def test_tests_replays_and_single_events_can_be_sent_again(
    world: World, receiver: Receiver
) -> None:
    partner = world.partner(receiver.url("/good"))
    world.tell(5)
    world.round()
    office, endpoint = world.office, partner.endpoints[0]
    range_ = {"from_sequence": 2, "to_sequence": 3, "since": None, "until": None}
    kept, following = running.to_replay(office.events, partner, endpoint, range_)
    assert ([one["sequence"] for one in kept], following) == ([2, 3], None)
    again = [keeping.delivery(partner.id, endpoint.id, one, world.time) for one in kept]
    office.make_due([keeping.renewed(one, world.time) for one in again])
    test = keeping.ping(partner.id, endpoint.id, "call-1", world.time)
    office.deliveries.add([test])
    world.pass_time(2)
    replayed = [one for one in receiver.requests if "webhook-replay" in one.headers]
    numbers = sorted(orjson.loads(one.body)["sequence"] for one in replayed)
    assert numbers == ["000000000002", "000000000003"]
    types = [orjson.loads(one.body)["type"] for one in receiver.requests]
    assert types.count("endpoint.pinged.v1") == 1
    by_time = {"from_sequence": None, "to_sequence": None, "since": NOW, "until": world.time}
    kept, _ = running.to_replay(office.events, partner, endpoint, by_time)
    assert len(kept) == 5
    assert office.deliveries.forget(world.time) == 6


def test_the_partner_of_an_account_that_is_erased_keeps_no_secret_and_no_address(
    world: World,
) -> None:
    partner = world.partner("https://hooks.example.com/")
    world.office.partners.change(partner.id, None, _belong_to_an_account)
    world.office.hear(Event("evt-e", ERASED, "test", "a:1", NOW, {"account_id": "acc-par"}))
    left = world.office.partners.load(partner.id)
    assert (left.status, left.name) == (Status.DISABLED, "erased")
    assert (left.endpoints[0].url, left.endpoints[0].secrets) == ("", [])


def _belong_to_an_account(partner: Partner) -> None:
    partner.org_id, partner.account_id = None, "acc-par"


def test_the_searches_for_what_is_due_use_their_indexes(world: World) -> None:
    office = world.office
    office.deliveries.add(
        [{**keeping.ping("par-1", f"end-{n % 9}", str(n), NOW)} for n in range(300)]
    )
    for n in range(50):
        office.queues.wake(f"end-{n}", "par-1", NOW)
    database = world.platform.database
    range_ = {"$gt": NOW - timedelta(days=9), "$lte": NOW}
    due = database["deliveries"].find({"endpoint_id": "end-1", "due_at": range_})
    turns = database["endpoint_queues"].find({"due_at": range_})
    mine = {"endpoint_id": "end-1", "place": {"$gt": "", "$lt": "9"}}
    page = database["deliveries"].find(mine).sort("place", -1)
    office.events.add(keeping.entry(world.partner(), _public("e"), NOW))
    numbers = {"partner_id": "par-1", "sequence": {"$gt": 0, "$lt": 9}}
    kept = database["public_events"].find(numbers).sort("sequence", -1)
    for plan in (due.sort("due_at", 1), turns.sort("due_at", 1), page, kept):
        assert stages(plan.explain()) == {"IXSCAN"}


def test_a_name_that_leads_inwards_is_not_called_whatever_it_said_before(
    receiver: Receiver,
) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"]

    url = f"https://rebound.example.com:{receiver.port}/good"
    answer = Courier(resolve=resolve, limit=LIMIT).post(url, b"{}", {})
    assert (answer.code, receiver.connections, len(asked)) == ("address-refused", 0, 1)
    for literal in ("http://127.0.0.1:1/", f"https://127.0.0.1:{receiver.port}/"):
        assert Courier(limit=LIMIT).post(literal, b"{}", {}).code == "address-refused"
    assert receiver.connections == 0


def test_the_connection_goes_to_the_checked_address_under_the_name_s_certificate(
    tmp_path: Path,
) -> None:
    name = "hooks.partner.example"
    certificate = _certificate(name, tmp_path)
    asked: list[str | None] = []
    context = ssl.SSLContext(plain_ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _line, sni, _context: asked.append(sni)
    receiver = Receiver(
        partial(context.wrap_socket, server_side=True, do_handshake_on_connect=False)
    )
    trust = ssl.create_default_context(cafile=certificate)
    courier = Courier(True, resolve=lambda *_: ["127.0.0.1"], limit=5, trust=trust)
    answer = courier.post(f"https://{name}:{receiver.port}/good", b"{}", {})
    assert (answer.status, answer.code) == (200, "")
    assert asked == [name]
    assert receiver.requests[0].headers["host"] == f"{name}:{receiver.port}"
    other = courier.post(f"https://other.example:{receiver.port}/good", b"{}", {})
    assert other.code == "tls-failed"
    receiver.close()


def _certificate(name: str, folder: Path) -> Path:
    """A key and a certificate of its own for this name, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    made = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return file
