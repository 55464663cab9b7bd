"""A recruiting system sends a project to somebody and reads the evaluation back.

`Greenhouse` is written from the published description of its assessment contract (docs/ats.md), not
from our code: it sends what is said there, and refuses an answer that is not as it is said there.
"""

import re
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.journey import Api, Journey, Json, People, Problem, address
from tests.waiting import wait_until

TOKEN = re.compile(r"#token=(\S+)")
HARRY = {
    "first_name": "Harry",
    "last_name": "Potter",
    "resume_url": "https://hogwarts.example/resume",
    "phone_number": "123-456-7890",
    "greenhouse_profile_url": "https://app.greenhouse.io/people/17681532?application_id=26234709",
}


class Greenhouse:
    """What it does with a partner's API, its answers checked as the description has them."""

    def __init__(self, base: str, key: str, hook: str) -> None:
        self.base, self.auth, self.hook = f"{base}/v1/ats/greenhouse", (key, ""), hook

    def list_tests(self) -> dict[str, str]:
        """Names by test id."""
        found = self._ask("GET", "list_tests").json()
        assert isinstance(found, list)
        for test in found:
            assert isinstance(test["partner_test_id"], str)
            assert isinstance(test["partner_test_name"], str)
        return {test["partner_test_id"]: test["partner_test_name"] for test in found}

    def send_test(self, test_id: str, email: str, number: int = 1) -> str:
        body = {
            "partner_test_id": test_id,
            "candidate": {**HARRY, "email": email},
            "url": f"{self.hook}/integrations/testing_partners/take_home_tests/{number}",
        }
        answer = self._ask("POST", "send_test", json=body).json()
        assert list(answer) == ["partner_interview_id"]
        assert isinstance(answer["partner_interview_id"], str)
        return str(answer["partner_interview_id"])

    def test_status(self, interview_id: str) -> Json:
        query = {"partner_interview_id": interview_id}
        answer: Json = self._ask("GET", "test_status", params=query).json()
        assert isinstance(answer["partner_status"], str)
        allowed = {"partner_status", "partner_profile_url", "partner_score", "metadata"}
        assert set(answer) <= allowed
        if answer["partner_status"] == "complete":
            page = requests.get(answer["partner_profile_url"], timeout=30)
            assert page.status_code == 200, "the page must be public"
            assert isinstance(answer["partner_score"], int | float)
            for value in answer["metadata"].values():
                assert isinstance(value, str | int | float | bool | None), "must not be nested"
        return answer

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:
        url = f"{self.base}/{path}"
        return requests.request(method, url, timeout=30, **{"auth": self.auth, **options})

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.raw(method, path, **options)
        assert answer.status_code == 200, answer.text
        return answer


class Hook:
    """Where the recruiting system listens for `PATCH`; and with what."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []  # path, user, body
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_PATCH(self) -> None:
                coded = self.headers["Authorization"].removeprefix("Basic ")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heard.append((self.path, b64decode(coded).decode(), body.decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def key_of(api: Api) -> str:
    body = {"name": "Greenhouse", "scopes": ["ats"]}
    return str(api.post("/v1/api-keys", body)["key"])


def marked(owner: Api, project_id: str) -> bool:
    """Whether the project is a test from now on; not before its publication has been heard of."""
    try:
        return bool(owner.put(f"/v1/projects/{project_id}/assessment", {"usable": True})["usable"])
    except Problem as problem:
        if problem.status != 404:
            raise
        return False


def letter(stack: Stack, to: str, subject: str) -> str:
    """The text of the mail with this in its subject to this address."""
    told = wait_until(
        lambda: [mail for mail in stack.mail.messages(to) if subject in mail["subject"]],
        30,
        f"a mail to {to}",
    )
    parts = stack.mail.read(told[-1]).walk()
    plain = next(part for part in parts if part.get_content_type() == "text/plain")
    return bytes(plain.get_payload(decode=True)).decode()  # type: ignore[arg-type]


def confirm(stack: Stack, api: Api) -> None:
    """Open the link of the mail that proves whose mailbox it is."""
    api.post("/v1/email-verifications")
    found = TOKEN.search(letter(stack, api.account["email"], "Confirm your e-mail address"))
    assert found is not None
    api.post("/v1/email-verifications/confirm", {"token": found[1]})


def test_a_project_goes_out_as_an_assessment_and_comes_back_as_a_score(
    stack: Stack, people: People, hook: Hook
) -> None:
    journey = Journey.of(people, blind_review=False).publish()
    owner, candidate = journey.owner, journey.candidate
    email, key = candidate.account["email"], key_of(owner)
    greenhouse = Greenhouse(stack.url, key, hook.url)

    # Only what the company has marked is a test, and only its own
    wait_until(lambda: marked(owner, journey.project_id), 20, "hearing of the project")
    title = owner.get(f"/v1/projects/{journey.project_id}")["title"]
    assert greenhouse.list_tests() == {journey.project_id: title}
    stranger = Greenhouse(stack.url, key_of(people.owner()), hook.url)
    assert stranger.list_tests() == {}

    # Sent twice it is one; nothing tells who has an account
    interview = greenhouse.send_test(journey.project_id, email)
    assert greenhouse.send_test(journey.project_id, email.upper()) == interview
    nobody = address("nobody")
    other = greenhouse.send_test(journey.project_id, nobody, 2)
    assert "Harry Potter" in letter(stack, nobody, "short project")
    assert greenhouse.test_status(interview) == greenhouse.test_status(other)

    # Whoever has the address, and nobody else, takes it up and does the work
    with pytest.raises(Problem, match="address-unconfirmed"):
        candidate.post("/v1/assessments/claim")
    confirm(stack, candidate)
    (taken,) = candidate.post("/v1/assessments/claim")["items"]
    (invited,) = candidate.get("/v1/invitations")["items"]
    assert (invited["id"], invited["project_id"]) == (taken["invitation_id"], journey.project_id)
    journey.apply()
    assert greenhouse.test_status(interview)["partner_status"] == "applied"
    journey.to_delivered()
    assert greenhouse.test_status(interview)["partner_status"] == "in_progress"
    assert hook.heard == []
    journey.evaluate()

    # The evaluation goes back: told once, then asked for
    wait_until(lambda: hook.heard, 60, "the PATCH")
    path = "/integrations/testing_partners/take_home_tests/1"
    assert hook.heard == [(path, f"{key}:", "")]
    result = greenhouse.test_status(interview)
    view = owner.get(f"{journey.engagement}/evaluation")
    assert result["partner_status"] == "complete"
    assert result["partner_score"] == view["ratings"][0]["weighted_score"]
    assert result["metadata"]["Would hire"] is True
    assert greenhouse.send_test(journey.project_id, email) == interview

    # Others, wrong keys and what is not as it is described
    for id_ in (interview, "asm-none"):
        unknown = stranger.raw("GET", "test_status", params={"partner_interview_id": id_})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    sent = {"partner_test_id": journey.project_id, "candidate": {**HARRY, "email": nobody}}
    assert stranger.raw("POST", "send_test", json=sent).status_code == 404
    wrong = greenhouse.raw("GET", "list_tests", auth=("stk_wrong", ""))
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    inwards = {**sent, "url": "http://169.254.169.254/latest/meta-data"}
    for body in ({}, {**sent, "candidate": {}}, inwards):
        assert greenhouse.raw("POST", "send_test", json=body).status_code == 422, body
    assert greenhouse.raw("POST", "send_test", data=b"{").status_code in (400, 415)
    assert greenhouse.raw("GET", "test_status").status_code == 422
