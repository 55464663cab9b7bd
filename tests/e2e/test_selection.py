"""Fair selection over the gateway: who may apply, who answers by when, who is next in line."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, SKILL, Api, Journey, Json, People, Problem, status

DAY = 24 * 3600
Travel = Callable[[float], None]
RULES = {"minimum_age": 18, "countries": ["PL"], "work_authorisation": ["PL", "DE"]}
FITTING = {"date_of_birth": "2004-05-17", "country": "PL", "work_authorisation": ["DE"]}
FOURS = {"skills": 4, "problem_solving": 4, "communication": 4, "motivation": 4}


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def describe(people: People, candidate: Api, **more: Any) -> None:
    skills = [{"skill_id": people.skill(), "label": SKILL, "level": 4}]
    profile = {"headline": "Statistics student", "skills": skills, "weekly_hours": 15}
    candidate.put("/v1/profile", {**profile, **more})


def heard(api: Api, kind: str) -> None:
    """Wait until this person has been told so."""

    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)


def again(*people: Api) -> None:
    """Access tokens do not live for days: sign in again."""
    for api in people:
        api.sign_in(api.account["email"], PASSWORD)


def refused(api: Api, path: str, body: Json) -> Problem:
    with pytest.raises(Problem) as failure:
        api.post(path, body)
    return failure.value


def test_only_who_is_invited_and_eligible_applies_and_files_follow_the_acceptance(
    people: People,
) -> None:
    journey = Journey.of(people, visibility="invite_only", eligibility=RULES).publish()
    owner, candidate = journey.owner, journey.candidate
    project = f"/v1/projects/{journey.project_id}"
    resume = candidate.upload_bytes("kim.txt", "text/plain", io.BytesIO(b"Kim Candidate\n"))
    answers = [{"question_id": journey.question_id, "text": "OpenRefine"}]
    sent = {"answers": answers, "resume_file_id": resume["file_id"], "portfolio": [0]}

    whom = {"candidate_id": candidate.account["id"], "message": "Your survey is what we need."}
    invitation = owner.until_posted(f"{project}/invitations", whom)
    heard(candidate, "invitation.sent")
    assert candidate.get("/v1/invitations")["items"][0]["message"] == whom["message"]
    assert (
        refused(people.candidate(), f"{project}/applications", {"answers": answers}).status == 403
    )

    item = {"title": "Survey of 300 students", "description": "Done."}
    describe(people, candidate, portfolio=[item])
    problem = refused(candidate, f"{project}/applications", sent)
    assert (problem.status, problem.code) == (409, "not-eligible")
    assert all(rule in str(problem) for rule in RULES)
    describe(people, candidate, portfolio=[item], eligibility=FITTING)
    view = candidate.post(f"{project}/applications", sent)
    journey.application_id = view["id"]
    assert (view["resume"]["name"], view["portfolio"][0]["title"]) == ("kim.txt", item["title"])
    assert view["next"]["by"] == view["decide_by"]
    assert candidate.get("/v1/invitations")["items"][0]["status"] == "applied"

    file = f"/v1/files/{resume['file_id']}"
    seen = [owner.get(journey.application), owner.get(f"{project}/invitations")["items"][0]]
    assert "kim.txt" not in str(seen)
    assert seen[1] == invitation
    with pytest.raises(Problem, match="not-found"):
        owner.get(file)
    journey.select().accept()
    assert owner.get(journey.application)["resume"]["file_id"] == resume["file_id"]
    assert owner.fetch(file) == b"Kim Candidate\n"
    with pytest.raises(Problem, match="not-found"):
        people.owner().get(file)


def test_a_project_behind_a_link_takes_applications_by_its_token_alone(people: People) -> None:
    journey = Journey.of(people, visibility="link_only").publish()
    path = f"/v1/projects/{journey.project_id}"
    token = journey.owner.get(path)["link_token"]
    answers = [{"question_id": journey.question_id, "text": "OpenRefine"}]
    sent = {"answers": answers, "link_token": token}
    assert journey.candidate.until_posted(f"{path}/applications", sent)["status"] == "submitted"
    guess = {"answers": answers, "link_token": token[::-1]}
    assert refused(people.candidate(), f"{path}/applications", guess).code == "link-needed"


def test_suggested_candidates_are_invited_without_being_named(people: People) -> None:
    journey = Journey.of(people).publish()
    path = f"/v1/projects/{journey.project_id}"
    page = journey.owner.until(f"{path}/suggestions", lambda page: page["items"], "suggestions")
    first = page["items"][0]
    sent = journey.owner.post(f"{path}/invitations", {"suggestion_id": first["id"]})
    assert sent["id"] == first["id"]
    assert "acc-" not in str([page, sent])
    again_ = journey.owner.get(f"{path}/suggestions")["items"]
    assert [item["invited"] for item in again_ if item["id"] == first["id"]] == [True]


def test_silence_is_answered_by_the_clock_and_counted_in_public(
    people: People, travel: Travel
) -> None:
    journey = Journey.of(people, decision_days=5).publish().apply()
    other = people.candidate()
    declined = journey.apply_as(other)
    remark = {"criterion": "skills", "level": "below", "comment": "Name a tool."}
    said = {"reason": "requirements", "feedback": [remark]}
    journey.owner.post(f"/v1/applications/{declined}/decline", said)
    assert other.get(f"/v1/applications/{declined}")["feedback"] == [remark]

    travel(4 * DAY)
    again(journey.owner, journey.candidate)
    heard(journey.owner, "decision.due")
    assert journey.candidate.get(journey.application)["status"] == "submitted"
    travel(3 * DAY)
    again(journey.owner, journey.candidate)
    view = journey.candidate.until(journey.application, status("declined"), "the day of decision")
    assert view["decline_reason"] == "no-decision"
    assert [step["status"] for step in view["history"]] == ["submitted", "declined"]
    heard(journey.candidate, "application.declined")
    rate = Api(people.base).get(f"/v1/organisations/{view['org_id']}/response-rate")
    assert (rate["answered"], rate["unanswered"], rate["rate"]) == (1, 1, 50.0)


def test_reviewers_judge_alone_and_the_next_alternate_is_one_click_away(people: People) -> None:
    journey = Journey.of(people).publish().apply()
    second, third = people.candidate(), people.candidate()
    last, first = journey.apply_as(second), journey.apply_as(third)
    owner, evaluator = journey.owner, people.member(journey.owner, "evaluator")

    cards = f"{journey.application}/scorecards"
    for api, score in ((evaluator, 2), (owner, 4)):
        scores = {**FOURS, "skills": score}
        api.put(f"{journey.application}/scorecard", {"scores": scores, "comment": "Noted."})
        assert api.get(cards)["items"] == []
        api.post(f"{journey.application}/scorecard/lock")
    assert owner.get(cards)["spread"]["skills"]["spread"] == 2

    owner.post(f"/v1/applications/{last}/reserve", {"rank": 2})
    owner.post(f"/v1/applications/{first}/reserve", {"rank": 1})
    heard(third, "application.reserved")
    journey.select().accept().funded()
    closed = f"/v1/projects/{journey.project_id}"
    owner.until(closed, status("closed"), "closing when filled")
    assert second.get(f"/v1/applications/{last}")["status"] == "alternate"

    journey.candidate.post(f"{journey.application}/withdraw")
    owner.until(f"{journey.engagement}/payment", status("refunded"), "giving the fee back")
    todo = owner.until("/v1/todo", _offers_next, "the free place")
    (item,) = [item for item in todo["items"] if item["kind"] == "offer-to-next-alternate"]
    offered = owner.post(f"/v1/projects/{item['id']}/alternates/offer")
    assert (offered["id"], offered["status"]) == (first, "selected")
    refusal = {"reason": "timing"}
    third.post(f"/v1/applications/{first}/decline-selection", refusal)
    owner.until("/v1/todo", _offers_next, "the free place again")
    assert owner.post(f"/v1/projects/{item['id']}/alternates/offer")["id"] == last
    engagement = second.post(f"/v1/applications/{last}/accept")["engagement_id"]
    path = f"/v1/engagements/{engagement}/payment"
    held = owner.until(path, status("funded"), "holding the fee of the alternate")
    given_back = owner.get(f"{journey.engagement}/payment")
    assert (held["held_amount"], given_back["held_amount"]) == (26405, 0)
    assert given_back["refunded_amount"] == given_back["amount"]


def _offers_next(page: Json) -> bool:
    return any(item["kind"] == "offer-to-next-alternate" for item in page["items"])
