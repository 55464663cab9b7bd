"""From good work to a job, a second project and a place in the pool, over the gateway."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import JOB, PASSWORD, Api, Journey, Json, People, Problem, status

DAY = 24 * 3600
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def again(*people: Api) -> None:
    """Access tokens do not live for days: sign in again."""
    for api in people:
        api.sign_in(api.account["email"], PASSWORD)


def heard(api: Api, kind: str) -> None:
    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)


def money(payment: Json) -> Json:
    """Every amount of it; a notice of the bank may count its version up."""
    return {name: value for name, value in payment.items() if name.endswith("amount")}


def figures(api: Api, org_id: str) -> dict[str, Json]:
    page = api.get(f"/v1/organisations/{org_id}/metrics")
    return {one["name"]: one for one in page["figures"]}


def costs_are_known(page: Json) -> bool:
    known = {one["name"]: one["denominator"] for one in page["figures"]}
    return bool(known.get("cost_per_hire") and known["first_pass_acceptance"])


def test_good_work_leads_to_a_job_a_next_project_and_a_place_in_the_pool(people: People) -> None:
    journey = Journey.of(people).to_submitted().evaluate()
    owner, candidate = journey.owner, journey.candidate
    paid = journey.paid()
    org_id = candidate.get(journey.engagement)["org_id"]

    # The job, by the project's policy; nobody pays for it
    offer = f"/v1/hire-offers/{journey.offer()['id']}"
    assert candidate.get(offer)["conversion_fee_amount"] == 0
    candidate.post(f"{offer}/accept")
    heard(owner, "hire-offer.accepted")
    with pytest.raises(Problem, match="hire-offer-accepted"):
        owner.post(f"{offer}/rescind", {"reason": "budget"})
    page = owner.until(f"/v1/organisations/{org_id}/metrics", costs_are_known, "costs")
    found = {one["name"]: one for one in page["figures"]}
    assert found["cost_per_hire"]["numerator"] == 26405
    assert found["cost_per_hire"]["value"] == 26405
    assert (found["conversion"]["numerator"], found["conversion"]["denominator"]) == (1, 1)
    assert found["first_pass_acceptance"]["value"] == 100
    assert found["time_to_hire"]["denominator"] == 1
    assert "first publication" in found["time_to_hire"]["definition"]
    assert money(candidate.get(f"{journey.engagement}/payment")) == money(paid)

    # The next project, without an application
    other = Journey(people, owner, candidate).publish()
    path = f"/v1/projects/{other.project_id}/reengagements"
    asked = owner.until_posted(path, {"engagement_id": journey.engagement_id})
    heard(candidate, "reengagement.offered")
    kinds = {item["kind"] for item in candidate.get("/v1/todo")["items"]}
    assert "answer-reengagement" in kinds
    taken = candidate.post(f"/v1/reengagements/{asked['id']}/accept")
    other.engagement_id = taken["engagement_id"]
    other.funded().started()
    owner.until(f"/v1/projects/{other.project_id}", status("closed"), "closing when filled")

    # The pool, for as long as there is consent
    entry = owner.post(f"{journey.application}/talent", {"lists": ["analysts"]})
    assert (entry["status"], entry["candidate_id"], entry["profile"]) == ("asked", None, None)
    heard(candidate, "talent-consent.asked")
    candidate.post(f"/v1/talent/{entry['id']}/grant")
    (known,) = owner.get("/v1/talent", list="analysts")["items"]
    assert known["candidate_id"] == candidate.account["id"]
    assert known["profile"]["headline"] == "Statistics student"
    assert owner.get("/v1/talent", list="others")["items"] == []
    candidate.post(f"/v1/talent/{entry['id']}/revoke")
    (gone,) = owner.get("/v1/talent")["items"]
    assert (gone["status"], gone["candidate_id"], gone["profile"]) == ("revoked", None, None)
    heard(owner, "talent-consent.revoked")


def test_a_hire_is_asked_after_until_the_90_days_are_over(
    people: People, travel: Travel, clock_offset_file: Path
) -> None:
    def today() -> str:
        moved = timedelta(seconds=float(clock_offset_file.read_text()))
        return (datetime.now(UTC) + moved).date().isoformat()

    journey = Journey.of(people, hire_offer=None).to_submitted().evaluate()
    owner, candidate = journey.owner, journey.candidate
    journey.paid()
    made = owner.until_posted(f"{journey.engagement}/hire-offer", JOB)
    offer = f"/v1/hire-offers/{made['id']}"
    candidate.post(f"{offer}/accept")
    candidate.post(f"{offer}/start", {"started_on": today()})
    heard(owner, "hire-offer.started")
    answer = {"employed": True, "rating": 5, "comment": "They teach me a lot."}
    for day, wait in ((30, 30), (90, 60)):
        travel(wait * DAY)
        again(owner, candidate)
        heard(candidate, "hire-check-in.due")
        asked = candidate.until(offer, lambda view, day=day: _asked(view, day), "the check-in")
        assert _asked(asked, day)["own"] is None
        candidate.put(f"{offer}/check-in", {**answer, "day": day})
        owner.put(f"{offer}/check-in", {"employed": True, "rating": 4, "day": day})
    view = owner.get(offer)
    assert view["status"] == "retained"
    assert "teach" not in str(view)
    assert figures(owner, view["org_id"])["retention_90"]["value"] == 100
    everybody = people.operator().get("/v1/metrics")
    assert everybody["org_id"] is None
    with pytest.raises(Problem, match="operation-forbidden"):
        owner.get("/v1/metrics")


def _asked(view: Json, day: int) -> Json:
    found: Json = next((one for one in view["check_ins"] if one["day"] == day), {})
    return found
