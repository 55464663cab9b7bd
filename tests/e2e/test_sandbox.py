"""The world outside, played at the sandbox's door: payers confirm, or do not."""

import pymongo
import pytest

from deploy.embedded.stack import Stack
from services.payments.sandbox_bank.lines import id_of
from tests.e2e.journey import Journey, People, Problem, status
from tests.waiting import wait_until

PAGE = "/v1/sandbox/"


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    return People(stack.url)


def to_confirm(people: People) -> tuple[Journey, str]:
    """A charge that waits for its payer, and the page where they answer."""
    journey = Journey.of(people, token="tok_threeDSecureRequired").publish().apply()
    journey.select().accept()
    path = f"{journey.engagement}/payment"
    view = journey.owner.until(path, lambda view: view.get("action_url"), "the charge's page")
    _, _, page = view["action_url"].partition(PAGE)
    return journey, PAGE + page


def test_a_payer_confirms_and_the_work_can_begin(people: People) -> None:
    journey, page = to_confirm(people)
    assert journey.owner.get(page)["status"] == "requires-action"
    with pytest.raises(Problem) as refused:
        journey.candidate.post(f"{page}/confirm", {"confirmed": True})
    assert refused.value.status == 403
    shown = journey.owner.post(f"{page}/confirm", {"confirmed": True})
    assert (shown["status"], shown["simulated"]) == ("succeeded", True)
    journey.funded()


def test_a_payer_refuses_and_pays_with_another_card(people: People) -> None:
    journey, page = to_confirm(people)
    journey.owner.post(f"{page}/confirm", {"confirmed": False})
    journey.owner.until(f"{journey.engagement}/payment", status("failed"), "the refusal")
    journey.owner.put("/v1/payment-method", {"token": "tok_visa"})
    journey.owner.post(f"{journey.engagement}/payment/retry")
    journey.funded()


def test_what_the_bank_did_comes_back_as_a_webhook_through_the_gateway(
    stack: Stack, people: People
) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    key = f"{journey.engagement_id}:charge:1"
    with pymongo.MongoClient(stack.database.uri) as client:
        hooks = client["stint_payments"]["hooks"]

        def acted_on() -> bool:
            found = hooks.find_one({"notice.operation_key": key})
            return found is not None and "due_at" not in found

        wait_until(acted_on, 60, f"the webhook about {key}")


def test_a_chargeback_freezes_the_money_until_it_is_won(people: People) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    operator, payment = people.operator(), f"{journey.engagement}/payment"
    page = f"{PAGE}charges/{id_of('ch', f'{journey.engagement_id}:charge:1')}"
    shown = operator.post(f"{page}/chargeback", {"status": "opened"})
    assert shown["chargeback_status"] == "needs_response"
    journey.owner.until(payment, status("frozen"), "hearing of the chargeback")
    operator.post(f"{page}/chargeback", {"status": "won"})
    journey.owner.until(payment, status("funded"), "hearing that it was won")
