"""The main job and its side roads, over real HTTP into six running services."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import EVALUATION, PASSWORD, Journey, Json, People, Problem, status
from tests.waiting import wait_until

DAY = 24 * 3600
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def test_a_brief_becomes_paid_work_a_credential_and_a_hire(people: People) -> None:
    journey = Journey.of(people).publish().apply()
    page = journey.owner.until(
        f"/v1/projects/{journey.project_id}/applications",
        lambda page: page["items"] and page["items"][0].get("score") is not None,
        "the score",
    )
    (seen,) = page["items"]
    assert "candidate_id" not in seen
    assert sum(point["points"] for point in seen["points"]) == seen["score"]

    journey.select().accept().funded().started().submit()
    criteria = {"criteria": ["One row per person"], "comment": "Two rows for Ada."}
    journey.owner.post(f"{journey.engagement}/revisions", criteria)
    journey.submit(b"name,email\nAda,ada@example.com\nBen,ben@example.com\n").evaluate()

    payment = journey.paid()
    fee = int((Decimal(26405) * Decimal("0.1")).quantize(Decimal(1), "ROUND_HALF_UP"))
    assert (payment["platform_fee_amount"], payment["paid_amount"]) == (fee, 26405 - fee)
    assert payment["held_amount"] == 0
    (credential,) = journey.candidate.until(
        "/v1/credentials", lambda page: page["items"], "the credential"
    )["items"]
    assert credential["scores"] is None, "hidden until both have rated"
    (held,) = journey.owner.until("/v1/hire-offers", lambda page: page["items"], "the offer")[
        "items"
    ]
    assert (held["status"], held["waits_for_release"]) == ("drafted", True)
    assert journey.candidate.get("/v1/hire-offers")["items"] == [], "it would tell the rating"
    journey.rate()
    path = f"/v1/credentials/{credential['id']}"
    scored = journey.candidate.until(path, lambda view: view["scores"], "the release")
    assert scored["scores"] == EVALUATION["scores"]
    offer = journey.offer()
    assert offer["status"] == "extended"
    journey.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
    owner_view = journey.owner.get(f"/v1/hire-offers/{offer['id']}")
    assert owner_view["status"] == "accepted"
    done = journey.owner.until(journey.engagement, status("completed"), "completion")
    assert [item["version"] for item in done["deliverables"]] == [1, 2]


def test_a_drafted_offer_waits_for_approval_and_can_be_declined(people: People) -> None:
    terms = {"policy": "draft", "minimum_score": 50, "kind": "part-time", "title": "Analyst"}
    pay = {"pay_amount": 168000, "pay_currency": "USD", "pay_period": "month", "valid_days": 7}
    journey = Journey.of(people, hire_offer={**terms, **pay}).to_submitted().evaluate()
    page = journey.owner.until("/v1/hire-offers", lambda page: page["items"], "the draft")
    (draft,) = page["items"]
    assert draft["status"] == "drafted"
    with pytest.raises(Problem, match="not-found"):
        journey.candidate.get(f"/v1/hire-offers/{draft['id']}")
    journey.owner.post(f"/v1/hire-offers/{draft['id']}/extend")
    path = f"/v1/hire-offers/{draft['id']}"
    journey.candidate.post(f"{path}/decline", {"reason": "other-offer"})
    assert journey.owner.get(path)["status"] == "declined"


def test_a_declined_applicant_is_told_and_the_chosen_one_fills_the_project(people: People) -> None:
    journey = Journey.of(people).publish().apply()
    other, third = people.candidate(), people.candidate()
    declined, late = journey.apply_as(other), journey.apply_as(third)
    journey.owner.post(f"/v1/applications/{declined}/decline", {"reason": "requirements"})
    assert other.get(f"/v1/applications/{declined}")["decline_reason"] == "requirements"
    journey.select().accept()
    third.until(f"/v1/applications/{late}", status("declined"), "declining the rest")
    closed = journey.owner.until(
        f"/v1/projects/{journey.project_id}", status("closed"), "closing when filled"
    )
    assert closed["close_reason"] == "filled"
    other.until(
        "/v1/notifications",
        lambda page: any("declined" in item["kind"] for item in page["items"]),
        "telling the declined",
    )


def test_a_withdrawn_selection_frees_the_place_for_the_next(people: People) -> None:
    journey = Journey.of(people).publish().apply()
    second = people.candidate()
    next_application = journey.apply_as(second)
    journey.select()
    journey.candidate.post(f"{journey.application}/withdraw")

    def selected(_: object) -> bool:
        try:
            journey.owner.post(f"/v1/applications/{next_application}/select")
        except Problem as problem:
            if problem.status != 409:
                raise
            return False
        return True

    path = f"/v1/applications/{next_application}"
    journey.owner.until(path, selected, "freeing the place")
    second.until(path, status("selected"), "the second selection")


def test_a_selection_that_nobody_answers_expires(people: People, travel: Travel) -> None:
    journey = Journey.of(people, selection_hours=24).publish().apply().select()
    travel(2 * DAY)
    journey = _again(journey)
    view = journey.candidate.until(journey.application, status("expired"), "expiry")
    assert view["status"] == "expired"
    with pytest.raises(Problem) as refused:
        journey.candidate.post(f"{journey.application}/accept")
    assert refused.value.status == 409


def test_a_hire_offer_that_nobody_answers_expires(people: People, travel: Travel) -> None:
    journey = Journey.of(people).to_submitted().evaluate()
    offer = journey.offer()
    travel(8 * DAY)
    journey = _again(journey)
    journey.candidate.until(f"/v1/hire-offers/{offer['id']}", status("expired"), "expiry")


def test_silence_after_the_review_window_accepts_and_pays(people: People, travel: Travel) -> None:
    journey = Journey.of(people, review_days=2).to_submitted()
    travel(3 * DAY)
    journey = _again(journey)
    journey.paid()
    done = journey.owner.until(journey.engagement, status("completed"), "completion")
    assert done["automatic"] is True
    page = journey.candidate.until("/v1/credentials", lambda page: page["items"], "the credential")
    assert page["items"][0].get("scores") is None
    assert journey.candidate.get("/v1/hire-offers")["items"] == []


def test_a_declined_card_is_seen_by_both_sides_and_a_new_card_heals_it(people: People) -> None:
    journey = Journey.of(people, token="tok_chargeDeclined").publish().apply().select().accept()
    for api in (journey.owner, journey.candidate):
        view = api.until(
            journey.engagement, lambda view: view.get("payment_problem"), "the payment problem"
        )
        assert view["status"] == "awaiting_funding"
        api.until(
            "/v1/notifications",
            lambda page: any("payment.failed" in item["kind"] for item in page["items"]),
            "telling of the failed charge",
        )
    journey.owner.until(
        "/v1/todo", lambda page: any("pay" in item["kind"] for item in page["items"]), "a to-do"
    )
    journey.owner.put("/v1/payment-method", {"token": "tok_visa"})
    journey.owner.post(f"{journey.engagement}/payment/retry")
    view = journey.funded().owner.get(journey.engagement)
    assert view.get("payment_problem") is None


def test_money_waits_for_a_payout_account_and_flows_once_it_is_open(people: People) -> None:
    journey = Journey(people, people.owner(), people.candidate(account=False))
    journey.to_submitted().evaluate()
    path = f"{journey.engagement}/payment"
    journey.candidate.until(path, status("released"), "the release")
    journey.candidate.post("/v1/payout-account", {"country": "US"})
    journey.paid()


def test_a_cancelled_engagement_gives_the_money_back(people: People) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    journey.owner.post(f"{journey.engagement}/cancel", {"reason": "plans-changed"})
    view = journey.owner.until(f"{journey.engagement}/payment", status("refunded"), "the refund")
    assert (view["held_amount"], view["refunded_amount"]) == (0, 26405)


def test_unpaid_credit_work_takes_the_same_road_without_money(people: People) -> None:
    terms = {"organisation_kind": "nonprofit", "institution": "Lakeside College"}
    policy = {"fee_amount": 0, "unpaid_basis": "course-credit", "unpaid_terms": terms}
    journey = Journey.of(people, **policy).to_submitted().evaluate()
    assert journey.paid()["paid_amount"] == 0


def test_each_person_gets_one_mail_per_event(stack: Stack, people: People) -> None:
    journey = Journey.of(people).to_submitted().evaluate()
    journey.paid()
    last = {"payout.paid": journey.candidate, "deliverable.submitted": journey.owner}
    for kind, api in last.items():
        page = api.until(
            "/v1/notifications", partial(_tells, kind), f"telling of {kind}", limit=100
        )
        told, email = len(page["items"]), api.account["email"]
        arrived = partial(stack.mail.messages, email)
        wait_until(lambda: len(arrived()) >= told, 30, "a mail per notification")
        ids = [mail["message_id"] for mail in stack.mail.messages(email)]
        assert len(ids) == len(set(ids)) >= told >= 2


def _tells(kind: str, page: Json) -> bool:
    return any(item["kind"] == kind for item in page["items"])


def _again(journey: Journey) -> Journey:
    """Access tokens do not live for days: sign in again."""
    for api in (journey.owner, journey.candidate):
        api.sign_in(api.account["email"], PASSWORD)
    return journey
