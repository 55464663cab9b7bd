"""What companies, sponsors and candidates do with money, over the gateway of the running stack."""

import io

import pytest
import requests
from pypdf import PdfReader

from deploy.embedded.stack import Stack
from tests.e2e.journey import Api, Journey, Json, People, Problem

PRICE = 26405


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def as_file(api: Api, path: str, media_type: str) -> bytes:
    headers = {"Authorization": str(api.session.headers["Authorization"]), "Accept": media_type}
    answer = requests.get(api.base + path, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["Content-Type"].startswith(media_type)
    return answer.content


def month_of(view: Json) -> str:
    return str(view["items"][0]["charged_at"])[:7]


def test_a_fee_of_two_payers_is_paid_in_parts_with_a_bonus_and_some_of_it_comes_back(
    people: People,
) -> None:
    journey = Journey.of(people).publish()
    owner, candidate, school = journey.owner, journey.candidate, people.owner()
    card = owner.post("/v1/payment-methods", {"token": "tok_visa"})["items"][-1]
    sponsor = {"org_id": school.account["org_id"], "cap_amount": 10_000, "share_percent": 50}
    wish = {"currency": "USD", "payment_method_id": card["id"], "sponsors": [sponsor]}
    plan = owner.put(f"/v1/projects/{journey.project_id}/funding", wish)
    answered = school.post(f"/v1/funding-plans/{plan['id']}/answer", {"agreed": True})
    assert answered["sponsors"][0]["status"] == "agreed"

    journey.apply().select().accept().funded()
    payment = f"{journey.engagement}/payment"
    paid = {one["org_id"]: one["amount"] for one in owner.get(payment)["charges"]}
    assert paid == {school.account["org_id"]: 10_000, owner.account["org_id"]: PRICE - 10_000}
    assert owner.get(f"{journey.engagement}/receipts")["items"][0]["card"] == "visa ending in 4242"

    journey.started()
    owner.post(f"{journey.engagement}/releases", {"amount": 10_000, "milestone": "Half"})
    view = candidate.until(payment, lambda view: view["paid_amount"] == 9_000, "the first part")
    assert view["status"] == "funded"
    journey.submit().evaluate()
    fee_paid = journey.paid()["paid_amount"]
    bonus = {"amount": 5_000, "note": "Thank you, Żółć"}
    owner.post(f"{journey.engagement}/bonus", bonus)
    candidate.until(payment, lambda view: view["paid_amount"] == fee_paid + 5_000, "the bonus")

    wish = {"amount": 2_000, "reason": "A table was done by somebody else."}
    asked = owner.post(f"{journey.engagement}/repayments", wish)["repayments"][0]
    path = f"{journey.engagement}/repayments/{asked['request_id']}/answer"
    candidate.post(path, {"agreed": True})
    owner.until(payment, lambda view: view["refunded_amount"] == 2_000, "what comes back")

    earnings = candidate.get("/v1/earnings")
    (year,) = earnings["years"]
    assert year["net_amount"] == earnings["currencies"][0]["paid_amount"]
    assert earnings["currencies"][0]["owed_amount"] == 0
    # The stack's clock may stand in a year whose threshold nobody has published yet.
    assert year["tax_form"]["state"] == ("below" if year["year"] == 2026 else "none")
    _require_papers(journey, school)


def sponsored(people: People, sponsor: Api) -> tuple[Journey, str]:
    """An accepted application half of whose fee this sponsor brings, and the path of the plan."""
    journey = Journey.of(people).publish()
    share = {"org_id": sponsor.account["org_id"], "cap_amount": 50_000, "share_percent": 50}
    wish = {"currency": "USD", "sponsors": [share]}
    plan = journey.owner.put(f"/v1/projects/{journey.project_id}/funding", wish)
    path = f"/v1/funding-plans/{plan['id']}"
    sponsor.post(f"{path}/answer", {"agreed": True})
    journey.apply().select().accept()
    return journey, path


def to_confirm(sponsor: Api, path: str) -> str:
    """The page where the sponsor's bank asks, as its own view of the plan names it."""

    def asked(view: Json) -> bool:
        return any(one["status"] == "requires-confirmation" for one in view["charges"])

    (charge,) = sponsor.until(path, asked, "the charge to confirm")["charges"]
    return "/v1/sandbox/" + str(charge["action_url"]).partition("/v1/sandbox/")[2]


def test_a_sponsors_bank_wants_its_charge_confirmed_and_only_the_sponsor_does(
    people: People,
) -> None:
    school = people.owner("tok_threeDSecureRequired")
    journey, path = sponsored(people, school)
    page = to_confirm(school, path)
    (todo,) = [one for one in school.get("/v1/todo")["items"] if one["id"] in journey.engagement]
    assert (todo["kind"], page in todo["what"]) == ("payment-confirmation-needed", True)

    def mailed(page: Json) -> bool:
        return any(item["kind"] == "payment.unconfirmed" for item in page["items"])

    school.until("/v1/notifications", mailed, "the notice")
    (seen,) = journey.owner.get(path)["charges"]
    assert (seen["status"], seen["action_url"]) == ("requires-confirmation", None)
    for other in (journey.owner, people.owner(), journey.candidate):
        with pytest.raises(Problem) as refused:
            other.post(f"{page}/confirm", {"confirmed": True})
        assert refused.value.status == (403 if other is journey.candidate else 404)
    payment = f"{journey.engagement}/payment"
    assert journey.owner.get(payment)["status"] == "pending"
    school.post(f"{page}/confirm", {"confirmed": True})
    journey.funded()
    assert school.get(path)["charges"][0]["status"] == "charged"


def test_a_sponsor_that_refuses_its_bank_leaves_its_part_to_the_company(people: People) -> None:
    school = people.owner("tok_threeDSecureRequired")
    journey, path = sponsored(people, school)
    school.post(f"{to_confirm(school, path)}/confirm", {"confirmed": False})
    payment = f"{journey.engagement}/payment"
    view = journey.owner.until(payment, lambda view: view["status"] == "failed", "the refusal")
    assert view["failure_code"] == "sponsor-charge-failed"
    assert school.get(path)["charges"][0]["failure_code"] == "authentication-failed"
    journey.owner.post(f"{payment}/retry")
    paid = journey.funded().owner.get(payment)["charges"]
    assert {one["org_id"] for one in paid} == {journey.owner.account["org_id"]}


def _require_papers(journey: Journey, school: Api) -> None:
    """Each payer's statement adds up, as data and as files."""
    owner = journey.owner
    receipts = owner.get(f"{journey.engagement}/receipts")
    statement = f"/v1/statements/{month_of(receipts)}"
    for api, charged in ((owner, PRICE - 10_000 + 5_000), (school, 10_000)):
        (part,) = api.get(statement)["currencies"]
        assert (part["charged_amount"], part["closing_amount"]) == (charged, 0)
    assert "Żółć" in as_file(owner, statement, "text/csv").decode("utf-8-sig")
    pages = PdfReader(io.BytesIO(as_file(owner, statement, "application/pdf"))).pages
    assert "Żółć" in "".join(page.extract_text() for page in pages)
    receipt = f"{journey.engagement}/receipts/{receipts['items'][0]['number']}"
    assert as_file(owner, receipt, "application/pdf").startswith(b"%PDF")
    assert owner.get("/v1/spend")["currencies"][0]["projects"][0]["refunded_amount"] > 0


def test_a_company_that_ends_it_early_pays_what_the_kickoff_said(people: People) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    kickoff = journey.candidate.get(f"{journey.engagement}/kickoff")
    rows = {row["fault"]: row["candidate"] for row in kickoff["ending_policy"]}
    assert "four of the agreed hours" in rows["company"]
    journey.started()
    journey.owner.post(f"{journey.engagement}/cancel", {"reason": "plans-changed"})
    payment = f"{journey.engagement}/payment"
    gross = PRICE * 4 // 12  # Four of twelve hours are more than a quarter of the fee.

    def settled(view: Json) -> bool:
        return bool(view["refunded_amount"] == PRICE - gross and not view["owed_amount"])

    view = journey.candidate.until(payment, settled, "the minimum pay")
    assert (view["released_amount"], view["held_amount"]) == (gross, 0)


def test_cards_are_kept_and_the_bank_says_what_it_misses(people: People) -> None:
    owner, candidate = people.owner(), people.candidate()
    added = owner.post("/v1/payment-methods", {"token": "tok_visa", "default": True})
    assert [one["default"] for one in added["items"]] == [True, False]
    assert candidate.get("/v1/payout-account")["situation"].startswith("The account is complete")
    assert candidate.post("/v1/payout-account/link")["url"].startswith("http")
    found = owner.put(f"/v1/payment-methods/{added['items'][1]['id']}/default", {})
    assert found["items"][0]["id"] == added["items"][1]["id"]
