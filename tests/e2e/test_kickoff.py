"""From held money to signed expectations, or back to the company: over the gateway."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, Api, Journey, Json, People, Problem, status

DAY = 24 * 3600
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def text_of(api: Api, path: str) -> requests.Response:
    headers = {"Accept": "text/markdown"}
    return api.session.get(api.base + path, headers=headers, timeout=30)


def told(api: Api, kind: str) -> None:
    """Wait until this person has been told so."""

    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)


def all_read_the_same(journey: Journey, agreements: list[Json], *readers: Api) -> None:
    """Each text by its hash, as JSON and as Markdown."""
    for agreement in agreements:
        path = f"{journey.engagement}/agreements/{agreement['kind']}"
        for reader in readers:
            assert reader.get(path)["agreement"]["sha256"] == agreement["sha256"]
        text = text_of(journey.owner, path)
        assert text.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert sha256(text.content).hexdigest() == agreement["sha256"]
        assert journey.engagement_id in text.text


def test_both_read_change_declare_and_sign_before_the_work_starts(people: People) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    owner, candidate = journey.owner, journey.candidate
    evaluator = people.member(owner, "evaluator")
    kickoff = f"{journey.engagement}/kickoff"

    first = candidate.get(kickoff)
    assert first["waiting_for"] == ["company", "candidate"]
    all_read_the_same(journey, first["agreements"], candidate, evaluator)

    owner.sign_kickoff(journey.engagement)
    told(candidate, "kickoff.signed")
    due_at = datetime.fromisoformat(first["due_at"]) + timedelta(days=15)
    wish = {"due_at": due_at.isoformat(), "time_zone": "Europe/Warsaw", "ai_policy": "none"}
    change = {"based_on": first["to_sign"]["checklist"], "changes": wish}
    changed = candidate.post(f"{kickoff}/proposals", change)
    assert changed["checklist"]["version"] == 2
    assert changed["signatures"] == []
    told(owner, "kickoff.proposed")

    none = {"declared": False}
    with pytest.raises(Problem) as stale:
        owner.post(kickoff, {**first["to_sign"], "conflict": none})
    assert (stale.value.status, stale.value.code) == (409, "kickoff-changed")
    assert changed["checklist"]["sha256"] in str(stale.value)

    cousins = {"declared": True, "text": "Kim is my cousin, as we both found out."}
    declared = evaluator.post(f"{kickoff}/declarations", cousins)["declarations"]
    told(candidate, "conflict.declared")
    owner.sign_kickoff(journey.engagement)
    view = candidate.sign_kickoff(journey.engagement)
    assert view["status"] == "kickoff_pending"
    assert view["kickoff"]["waiting_for"] == ["candidate"]
    (conflict,) = [one for one in declared if one["declared"]]
    known = {"declaration_id": conflict["declaration_id"]}
    settled = candidate.post(f"{kickoff}/acknowledgements", known)
    assert (settled["status"], settled["waiting_for"]) == ("active", [])
    told(owner, "conflict.acknowledged")

    started = owner.get(journey.engagement)
    assert datetime.fromisoformat(started["due_at"]) == due_at
    for agreement in settled["agreements"]:
        assert {one["by"] for one in agreement["acceptances"]} == {"company", "candidate"}
        assert {one["sha256"] for one in agreement["acceptances"]} == {agreement["sha256"]}


def test_an_unsigned_kickoff_is_nudged_then_cancelled_with_the_fee_given_back(
    people: People, travel: Travel
) -> None:
    journey = Journey.of(people).publish().apply().select().accept().funded()
    journey.candidate.sign_kickoff(journey.engagement)
    travel(4 * DAY)
    _sign_in(journey)
    told(journey.owner, "kickoff.reminded")
    page = journey.candidate.get("/v1/notifications", limit=100)
    assert all(item["kind"] != "kickoff.reminded" for item in page["items"])
    travel(2 * DAY)
    _sign_in(journey)
    view = journey.owner.until(journey.engagement, status("cancelled"), "giving up")
    assert view["status"] == "cancelled"
    told(journey.candidate, "engagement.cancelled")
    payment = journey.owner.until(f"{journey.engagement}/payment", status("refunded"), "the refund")
    assert (payment["held_amount"], payment["refunded_amount"]) == (0, 26405)


def test_the_rights_in_the_work_pass_when_the_fee_is_released(people: People) -> None:
    journey = Journey.of(people).to_submitted()
    assert journey.owner.get(journey.engagement)["rights_assigned_at"] is None
    journey.evaluate()
    for api in (journey.owner, journey.candidate):
        api.until(journey.engagement, lambda view: view["rights_assigned_at"], "the assignment")
        told(api, "rights.assigned")


def _sign_in(journey: Journey) -> None:
    """Access tokens do not live for days."""
    for api in (journey.owner, journey.candidate):
        api.sign_in(api.account["email"], PASSWORD)
