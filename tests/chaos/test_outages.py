"""A dependency is down: consumption pauses, queues grow, nothing is parked, everything drains.

Seconds here, minutes with `CHAOS_OUTAGE_SECONDS=300`.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pika
import pytest

from shared.config import PREFETCH
from shared.envelope import CONTENT_TYPE
from shared.principal import Principal
from shared.topology import EVENTS
from tests.chaos.faults import pause
from tests.chaos.findings import Findings, databases, gather, parked, queues, unsent
from tests.chaos.play import Players
from tests.chaos.run import come_to_rest
from tests.chaos.stack import ChaosStack
from tests.chaos.verdict import verdict
from tests.integration.conftest import StartService
from tests.integration.surroundings import Surroundings, surroundings
from tests.servers import Vhost
from tests.waiting import wait_until

OUTAGE = float(os.environ.get("CHAOS_OUTAGE_SECONDS", "6"))
DRAIN = 120.0  # seconds, most of them for a busy machine
COUNT = 4 * PREFETCH
TAP = "notifications.on_event"
NEWS = "payout-account.updated.v1"  # Nobody but the tap of all events hears of it.
OWNER = Principal("acc-owner", "owner", "org-acme")


def announce(stack: ChaosStack) -> set[str]:
    """More events than one process may hold; their ids."""
    ids = {str(uuid4()) for _ in range(COUNT)}
    with pika.BlockingConnection(pika.URLParameters(stack.broker.amqp_uri())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for id_ in ids:
            event = {
                "specversion": "1.0",
                "id": id_,
                "source": "payments",
                "type": NEWS,
                "subject": "payout-account:acc-nobody",
                "time": "2030-01-02T03:04:05.678+00:00",
                "data": {"candidate_id": "acc-nobody", "status": "active"},
            }
            about = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
            channel.basic_publish(EVENTS, NEWS, json.dumps(event).encode(), about, mandatory=True)
    return ids


def waiting(stack: ChaosStack) -> int:
    """Messages that nobody has taken yet."""
    with pika.BlockingConnection(pika.URLParameters(stack.broker.amqp_uri())) as connection:
        answer = connection.channel().queue_declare(TAP, passive=True)
        return int(answer.method.message_count)


def heard(stack: ChaosStack, ids: set[str]) -> int:
    with databases(stack) as of:
        found = of["notifications"]["events"].count_documents({"_id": {"$in": list(ids)}})
        return int(found)


def attempts(stack: ChaosStack, ids: set[str]) -> set[int]:
    """In which attempts these events were handled."""
    lines = (stack.services.logs / "notifications.log").read_text().splitlines()
    told = [json.loads(line) for line in lines if '"handled"' in line]
    return {line["attempt"] for line in told if line.get("event_id") in ids}


@pytest.fixture(params=["killed", "out of reach"])
def lose_database(
    request: pytest.FixtureRequest, chaos_stack: ChaosStack
) -> Iterator[Callable[[], Callable[[], None]]]:
    """Takes it away; what it returns brings it back."""
    kill, come_back = chaos_stack.database.kill, chaos_stack.database.restart
    if request.param == "out of reach":
        kill = lambda: chaos_stack.network.stall("database")  # noqa: E731
        come_back = lambda: chaos_stack.network.heal("database")  # noqa: E731
    left: list[Callable[[], None]] = []

    def lose() -> Callable[[], None]:
        kill()
        left.append(come_back)
        return lambda: left.pop()()

    yield lose
    for each in left:
        each()


@pytest.mark.timeout(900 + OUTAGE)
def test_while_the_database_is_away_events_wait_and_cost_no_attempt(
    chaos_stack: ChaosStack, lose_database: Callable[[], Callable[[], None]]
) -> None:
    bring_back = lose_database()
    ids = announce(chaos_stack)
    pause(OUTAGE)
    assert waiting(chaos_stack) == COUNT - PREFETCH
    assert list(parked(chaos_stack)) == []

    bring_back()

    wait_until(lambda: heard(chaos_stack, ids) == COUNT, DRAIN, "all that was announced")
    assert come_to_rest(chaos_stack) == ""
    assert attempts(chaos_stack, ids) == {1}
    assert list(parked(chaos_stack)) == []


@pytest.mark.timeout(900 + OUTAGE)
def test_while_the_mail_server_is_away_journeys_go_on_and_each_mail_comes_once_afterwards(
    chaos_stack: ChaosStack,
) -> None:
    chaos_stack.mail.kill()
    players = Players(chaos_stack.url, 2)
    players.start()
    pause(OUTAGE)
    wait_until(lambda: players.played, 180, "a journey without mails")
    played = players.finish()
    with databases(chaos_stack) as of:
        assert unsent(of) >= 10 * len(played)
    assert sum(queues(chaos_stack)[name] for name in queues(chaos_stack) if "parked" in name) == 0

    chaos_stack.mail.start()

    found = Findings(played=played, relayed=Counter(confirmed=1), unrest=come_to_rest(chaos_stack))
    assert verdict(gather(chaos_stack, found)) == {}


@pytest.fixture
def around(vhost: Vhost) -> Iterator[Surroundings]:
    with surroundings("payments", vhost) as around:
        yield around


@pytest.mark.timeout(300 + OUTAGE * 5)
def test_while_the_bank_is_away_charges_wait_and_are_made_once_afterwards(
    around: Surroundings, start_service: StartService, tmp_path: Path, service_env: dict[str, str]
) -> None:
    away = tmp_path / "bank-away"
    start_service("tests.chaos.bankless", BANK_AWAY=str(away))
    around.ask(OWNER, "put_payment_method", token="tok_visa")
    away.touch()
    engagements = [f"eng-{number}" for number in range(10)]
    for id_ in engagements:
        facts = {"engagement_id": id_, "application_id": f"app-{id_}", "org_id": OWNER.org_id}
        around.tell("application.accepted", **facts)
    pause(OUTAGE)
    assert around.hear("payment.funded", 0) == around.hear("payment.failed", 0) == []
    assert sum(n for name, n in around.vhost.queues().items() if name.endswith("parked")) == 0

    away.unlink()
    offset = Path(service_env["CLOCK_OFFSET_FILE"])
    offset.write_text("3600")  # The wait for the next look may have grown to minutes.

    funded = around.hear("payment.funded", 10, seconds=DRAIN)
    assert sorted(each["engagement_id"] for each in funded) == sorted(engagements)
    assert around.hear("payment.failed", 0) == []
    assert sum(n for name, n in around.vhost.queues().items() if name.endswith("parked")) == 0
