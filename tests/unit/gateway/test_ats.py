"""Recruiting systems at the door: how they sign in, what they send, and what goes inwards."""

from base64 import b64encode
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.errors import Unavailable
from tests.unit.gateway.conftest import World, kim, sign_in_all

BASE = "/v1/ats/greenhouse"
ID = "asm-mfrggzdfmztwq2lknnwg23tpoa"
CALLBACK = "https://app.greenhouse.io/integrations/testing_partners/take_home_tests/12345"
BODY: dict[str, Any] = {
    "partner_test_id": "prj-1",
    "candidate": {
        "first_name": "Harry",
        "last_name": "Potter",
        "resume_url": "https://hogwarts.example/resume",
        "phone_number": "123-456-7890",
        "email": "hpotter@hogwarts.example",
        "greenhouse_profile_url": "https://app.greenhouse.io/people/17681532?application_id=26",
    },
    "url": CALLBACK,
}
SENT = {
    "partner_interview_id": ID,
    "letter_id": f"{ID}-1",
    "project_title": "Clean contacts",
    "expires_at": "2026-09-28T12:00:00+00:00",
}


def key_of(world: World, **changes: Any) -> str:
    if not world.accounts.documents:
        sign_in_all(world)
    body = {"name": "Greenhouse", "scopes": ["ats"], **changes}
    return str(world.client("recruiter").post("/v1/api-keys", body).get_json()["key"])


def basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def ask(world: World, headers: dict[str, str], method: str, path: str, **more: Any) -> TestResponse:
    return world.client()(method, f"{BASE}/{path}", headers=headers, **more)


def test_the_scope_ats_is_what_a_recruiting_system_needs_and_no_more(world: World) -> None:
    sign_in_all(world)
    made = world.client("owner").post("/v1/api-keys", {"name": "ATS", "scopes": ["ats"]})
    assert made.get_json()["scopes"] == [
        "get_assessment_status",
        "list_assessments",
        "report_assessment_error",
        "send_assessment",
    ]
    key = made.get_json()["key"]
    refused = world.client().get("/v1/events", headers={"Authorization": f"Bearer {key}"})
    assert refused.get_json()["code"] == "scope-missing"
    refused = world.client("evaluator").post("/v1/api-keys", {"name": "ATS", "scopes": ["ats"]})
    assert refused.get_json()["code"] == "scope-refused"


def test_tests_are_a_bare_list(world: World) -> None:
    tests = [{"partner_test_id": "prj-1", "partner_test_name": "Clean contacts"}]
    world.rpc.answers["list_assessments"] = tests
    answer = ask(world, basic(key_of(world)), "GET", "list_tests")
    assert (answer.status_code, answer.get_json()) == (200, tests)
    [(call, _)] = world.rpc.calls("list_assessments")
    assert call.principal.org_id == "org-north"


def test_a_test_goes_inwards_with_the_address_and_the_letter_to_notifications(
    world: World,
) -> None:
    world.rpc.answers["send_assessment"] = SENT
    key = key_of(world)
    answer = ask(world, basic(key), "POST", "send_test", json=BODY)
    assert (answer.status_code, answer.get_json()) == (200, {"partner_interview_id": ID})
    [(_, sent)] = world.rpc.calls("send_assessment")
    assert sent == {
        "project_id": "prj-1",
        "email": "hpotter@hogwarts.example",
        "url": CALLBACK,
        "key": key,
    }
    [(call, letter)] = world.rpc.calls("send_letter")
    assert call.principal.role == "system"
    assert (letter["letter_id"], letter["name"]) == (f"{ID}-1", "Harry Potter")
    assert (letter["to"], letter["kind"]) == ("hpotter@hogwarts.example", "assessment")
    assert letter["facts"] == {"project": "Clean contacts"}


def test_no_letter_goes_out_for_what_was_taken_up_already(world: World) -> None:
    world.rpc.answers["send_assessment"] = {**SENT, "expires_at": None}
    ask(world, basic(key_of(world)), "POST", "send_test", json=BODY)
    assert world.rpc.calls("send_letter") == []


def test_without_a_letter_nothing_was_sent_and_the_ats_tries_again(world: World) -> None:
    world.rpc.answers["send_assessment"] = SENT
    world.rpc.answers["send_letter"] = Unavailable("no-answer", "Away.")
    headers = basic(key_of(world))
    assert ask(world, headers, "POST", "send_test", json=BODY).status_code == 503
    world.rpc.answers["send_letter"] = {}
    assert ask(world, headers, "POST", "send_test", json=BODY).status_code == 200
    first, second = world.rpc.calls("send_letter")
    assert first[0].id == second[0].id


@pytest.mark.parametrize(
    "change",
    [
        {"partner_test_id": None},
        {"partner_test_id": 12345},
        {"partner_test_id": "a b"},
        {"candidate": None},
        {"candidate": {}},
        {"candidate": {**BODY["candidate"], "email": "no address"}},
        {"candidate": {**BODY["candidate"], "first_name": "a\u0000b"}},
        {"url": 5},
    ],
)
def test_a_malformed_body_is_refused_by_field(world: World, change: dict[str, Any]) -> None:
    body = {**BODY, **change}
    answer = ask(world, basic(key_of(world)), "POST", "send_test", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]
    assert world.rpc.calls("send_assessment") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"text"'])
def test_what_is_no_json_object_is_refused(world: World, body: bytes) -> None:
    headers = {**basic(key_of(world)), "Content-Type": "application/json"}
    assert ask(world, headers, "POST", "send_test", data=body).status_code in (400, 422)


def test_fields_that_the_ats_adds_are_let_pass_and_an_older_place_of_the_url_is_known(
    world: World,
) -> None:
    world.rpc.answers["send_assessment"] = SENT
    body = {**BODY, "new": 1, "candidate": {**BODY["candidate"], "url": CALLBACK, "new": []}}
    del body["url"]
    assert ask(world, basic(key_of(world)), "POST", "send_test", json=body).status_code == 200
    assert world.rpc.calls("send_assessment")[0][1]["url"] == CALLBACK


def test_the_status_is_asked_by_the_id_of_the_interview(world: World) -> None:
    world.rpc.answers["get_assessment_status"] = {"partner_status": "sent"}
    headers = basic(key_of(world))
    path = f"test_status?partner_interview_id={ID}"
    assert ask(world, headers, "GET", path).get_json() == {"partner_status": "sent"}
    assert world.rpc.calls("get_assessment_status")[0][1] == {"assessment_id": ID}
    assert ask(world, headers, "GET", "test_status").status_code == 422


def test_what_the_ats_did_not_understand_is_noted(world: World) -> None:
    report = {
        "api_call": "test_status",
        "errors": ["partner_status is 'complete' but partner_profile url is missing"],
        "partner_test_id": 12345,
        "partner_interview_id": ID,
        "candidate_email": "hpotter@hogwarts.example",
    }
    answer = ask(world, basic(key_of(world)), "POST", "response_error", json=report)
    assert (answer.status_code, answer.get_json()) == (200, {"status": 200})


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic c3RrXw==", "Basic /w==", "Digest"])
def test_a_wrong_key_is_refused_and_told_how_to_sign_in(world: World, header: str) -> None:
    answer = ask(world, {"Authorization": header}, "GET", "list_tests")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="stint"'
    token = world.ports.tokens.access(world.client("owner").principal, "ses-1")  # type: ignore[arg-type]
    assert ask(world, basic(token), "GET", "list_tests").status_code == 401


def test_nobody_signs_in_by_basic_elsewhere(world: World) -> None:
    headers = basic(key_of(world, scopes=["list_events"]))
    answer = world.client().get("/v1/events", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_a_confirmed_address_takes_up_what_was_sent_to_it(world: World) -> None:
    kim(world)
    assert world.client("candidate").post("/v1/assessments/claim").status_code == 200
    world.accounts.alter("acc-kim", email_verified_at=world.clock())
    assert world.client("candidate").post("/v1/assessments/claim").status_code == 200
    sent = [arguments for _, arguments in world.rpc.calls("claim_assessments")]
    assert sent == [{"email": None}, {"email": "kim@example.com"}]


def test_the_page_of_a_result_is_for_people_or_machines(world: World) -> None:
    found = {"id": ID, "project_title": "<b>", "completed_at": "2026-09-14T12:00:00Z"}
    world.rpc.answers["get_assessment_result"] = found
    path = f"/v1/ats/results/{ID}"
    assert world.client().get(path).get_json() == found
    page = world.client().get(path, headers={"Accept": "text/html"})
    assert "&lt;b&gt;" in page.get_data(as_text=True)
    assert "script" not in page.headers["Content-Security-Policy"]
