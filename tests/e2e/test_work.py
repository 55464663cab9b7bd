"""The work itself over the gateway: planned, talked about, changed, late, and covered."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, Api, Journey, Json, People, Problem

DAY = 24 * 3600
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def told(api: Api, kind: str) -> Json:
    """The line of the inbox, once it is there."""

    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    page = api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)
    return next(item for item in page["items"] if item["kind"] == kind)


def started(people: People) -> Journey:
    return Journey.of(people).publish().apply().select().accept().funded().started()


def test_both_sides_plan_talk_and_change_the_terms_of_running_work(people: People) -> None:
    journey = started(people)
    owner, candidate, base = journey.owner, journey.candidate, journey.engagement
    evaluator = people.member(owner, "evaluator")
    due_at = datetime.fromisoformat(owner.get(base)["due_at"])

    plan = {"title": "First hundred rows", "due_at": (due_at - timedelta(days=3)).isoformat()}
    (milestone,) = owner.post(f"{base}/milestones", plan)["milestones"]
    step = f"{base}/milestones/{milestone['milestone_id']}"
    candidate.patch(step, {"state": "done"})
    with pytest.raises(Problem) as not_theirs:
        candidate.patch(step, {"state": "accepted"})
    assert not_theirs.value.status == 403
    assert evaluator.patch(step, {"state": "accepted"})["milestones"][0]["state"] == "accepted"

    sample = candidate.upload_bytes("sample.csv", "text/csv", io.BytesIO(b"a,b\n1,2\n"))
    words = {"text": "Is the second column a date?", "file_ids": [sample["file_id"]]}
    question = candidate.post(f"{base}/messages", words)
    evaluator.post(f"{base}/messages", {"text": "It is."})
    told(owner, "message.posted")
    assert owner.fetch(f"/v1/files/{sample['file_id']}") == b"a,b\n1,2\n"
    thread = owner.get(f"{base}/messages", limit=100)["items"]
    lines = [line.get("text") or line["what"] for line in thread]
    assert lines[:2] == ["It is.", "Is the second column a date?"]
    assert {"engagement-started", "milestone-accepted"} <= {*lines}
    _strangers_see_nothing(people, journey, question["id"], sample["file_id"])

    wish = {"why": "Two more systems.", "fee_amount": 33_000, "hours": 14}
    (order,) = owner.post(f"{base}/change-orders", wish)["change_orders"]
    told(candidate, "change-order.proposed")
    with pytest.raises(Problem, match="change-order-own"):
        owner.post(f"{base}/change-orders/{order['order_id']}/accept")
    agreed = candidate.post(f"{base}/change-orders/{order['order_id']}/accept")
    assert (agreed["fee_amount"], agreed["hours"]) == (33_000, 14)
    told(owner, "change-order.accepted")
    owner.until(f"{base}/payment", lambda held: held["held_amount"] == 33_000, "the difference")

    _flag_is_answered(people, journey)
    stored = candidate.upload_bytes("clean.csv", "text/csv", io.BytesIO(b"name\nAda\n"))
    declared = {"level": "assisted", "tools": ["A spelling checker"]}
    sent = {"file_ids": [stored["file_id"]], "ai_use": declared}
    (version,) = candidate.post(f"{base}/deliverables", sent)["deliverables"]
    assert version["files"][0]["sha256"] == stored["sha256"]
    assert {check["name"]: check["passed"] for check in version["checks"]}["ai-use"]
    noted = candidate.put(f"{base}/time-note", {"hours": 16.5})
    assert noted["effective_hourly_amount"] == 2000
    candidate.put(f"{base}/reflection", {"learned": "To ask before I merge.", "shared": True})
    seen = owner.get(base)
    assert seen["reflection"]["learned"] == "To ask before I merge."
    assert "time_note" not in seen


def test_a_no_show_is_asked_then_replaced_by_the_alternate(people: People, travel: Travel) -> None:
    journey = Journey.of(people).publish().apply()
    second = people.candidate()
    alternate = journey.apply_as(second)
    journey.owner.post(f"/v1/applications/{alternate}/reserve", {"rank": 1})
    journey.select().accept().funded().started()
    travel(5 * DAY + 60)
    _sign_in(journey.owner, journey.candidate, second)
    told(journey.candidate, "no-show.suspected")
    told(journey.owner, "no-show.suspected")
    travel(2 * DAY + 60)
    _sign_in(journey.owner, journey.candidate, second)
    view = journey.owner.until(
        journey.engagement, lambda one: one["status"] == "cancelled", "giving up"
    )
    assert (view["cancellation"]["reason"], view["cancellation"]["fault"]) == (
        "no-show",
        "candidate",
    )
    journey.owner.until("/v1/todo", _offers_next, "the free place")
    offered = journey.owner.post(f"/v1/projects/{journey.project_id}/alternates/offer")
    assert (offered["id"], offered["status"]) == (alternate, "selected")


def _offers_next(page: Json) -> bool:
    return any(item["kind"] == "offer-to-next-alternate" for item in page["items"])


def _strangers_see_nothing(people: People, journey: Journey, message: str, file: str) -> None:
    stranger = people.candidate(account=False)
    for path in (f"{journey.engagement}/messages", f"/v1/messages/{message}", f"/v1/files/{file}"):
        with pytest.raises(Problem) as hidden:
            stranger.get(path)
        assert hidden.value.status == 404


def _flag_is_answered(people: People, journey: Journey) -> None:
    """By an operator; the company learns nothing of it."""
    candidate, flags = journey.candidate, f"{journey.engagement}/flags"
    shot = candidate.upload_bytes("shot.txt", "text/plain", io.BytesIO(b"What was written."))
    words = {"kind": "communication", "text": "Nobody answers.", "file_ids": [shot["file_id"]]}
    flag = candidate.post(flags, words)
    operator = people.operator()
    (seen,) = operator.get(flags)["items"]
    assert operator.fetch(f"/v1/files/{seen['evidence'][0]['file_id']}") == b"What was written."
    answer = {"resolution": "We spoke to the company."}
    operator.post(f"{flags}/{flag['flag_id']}/resolve", answer)
    told(candidate, "flag.resolved")
    assert journey.owner.get(flags)["items"] == []
    with pytest.raises(Problem):
        journey.owner.fetch(f"/v1/files/{shot['file_id']}")
    kinds = {event["type"] for event in journey.owner.get("/v1/events", limit=100)["items"]}
    assert "flag.raised.v1" not in kinds


def _sign_in(*people: Api) -> None:
    """Access tokens do not live for days."""
    for api in people:
        api.sign_in(api.account["email"], PASSWORD)
