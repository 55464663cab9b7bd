"""What dies in the middle comes back and finishes: once, and to the cent."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.accounts import add_account
from tests.e2e.journey import Api, Journey, Json, People, status

FEE = 26405
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


@pytest.fixture
def operator(stack: Stack) -> Api:
    return add_account(stack, "operator")


def assert_paid_once(journey: Journey, operator: Api) -> None:
    view = operator.get(f"{journey.engagement}/payment")
    net = FEE - view["platform_fee_amount"]
    assert (view["paid_amount"], view["held_amount"], view["refunded_amount"]) == (net, 0, 0)
    entries = [entry for entry in view["entries"] if "transfer" in entry["id"]]
    assert len(entries) == 1, view["entries"]

    def mine(page: Json) -> list[Json]:
        return [i for i in page["items"] if i["data"]["engagement_id"] == journey.engagement_id]

    asked: Json = {"types": "payout.paid.v1", "limit": 100}
    log = operator.until("/v1/events", mine, "the payout in the log", **asked)
    assert len(mine(log)) == 1
    assert all(row["total"] == 0 for row in operator.get("/v1/ledger/trial-balance")["sums"])


def test_payments_killed_again_and_again_pays_each_exactly_once(
    stack: Stack, people: People, operator: Api
) -> None:
    """SIGKILL between `deliverable.accepted` and `payout.paid`, at moments from 0 to 0.4 s."""
    owner = people.owner()
    journeys = [Journey(people, owner, people.candidate()).to_submitted() for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Journey.evaluate, journeys))
        for pause in (0, 0.05, 0.1, 0.2, 0.4):
            time.sleep(pause)
            stack.kill_service("payments")
            stack.wait_service("payments")
    for journey in journeys:
        journey.paid()
        assert_paid_once(journey, operator)


def test_projects_killed_after_its_save_still_announces_what_it_saved(
    stack: Stack, people: People, operator: Api, travel: Travel
) -> None:
    """Nothing can be published while the exchange is gone, so the events are in the outbox only."""
    journey = Journey.of(people).to_submitted()
    exchange = f"{stack.broker.management_uri}/api/exchanges/%2F/stint.events"
    requests.delete(exchange, timeout=10).raise_for_status()
    try:
        journey.evaluate()
        stack.kill_service("projects")
    finally:
        assert stack.run_command("topology", "apply").returncode == 0
    stack.wait_service("projects")
    travel(30)  # The sweep leaves events alone that are younger than ten seconds.
    journey.paid()
    assert_paid_once(journey, operator)


@pytest.mark.parametrize("service", ["applications", "matching", "notifications", "gateway"])
def test_a_service_killed_under_way_catches_up(
    stack: Stack, people: People, operator: Api, service: str
) -> None:
    journey = Journey.of(people).to_submitted()
    journey.evaluate()
    stack.kill_service(service)
    stack.wait_service(service)
    journey.paid()
    assert_paid_once(journey, operator)
    offer = journey.offer()
    journey.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
    journey.owner.until(f"/v1/hire-offers/{offer['id']}", status("accepted"), "the acceptance")
