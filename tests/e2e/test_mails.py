"""What reaches a person: chosen, collected, ended by one click, and stopped where it came back."""

from functools import partial
from typing import Any

import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.conftest import MAIL_SECRET, Travel
from tests.e2e.journey import PASSWORD, Api, Journey, People
from tests.waiting import wait_until

DAY, DIGEST = 86_400, "Your day on Stint"


@pytest.fixture(scope="module")
def journey(stack: Stack) -> Journey:
    people = People(stack.url)
    owner = people.owner()
    return Journey(people, owner, people.candidate()).publish()


def mails(stack: Stack, person: Api) -> list[dict[str, Any]]:
    return stack.mail.messages(to=person.account["email"])


def test_from_the_choice_over_the_digest_to_the_last_bounce(
    stack: Stack, journey: Journey, travel: Travel
) -> None:
    kim = journey.candidate
    kim.put("/v1/preferences", {"preferences": _chosen("application.submitted", "daily")})
    journey.ask().apply()
    told = kim.until("/v1/notifications", partial(_told, "application.submitted"), "the notice")
    assert told["items"]
    before = {mail["message_id"] for mail in mails(stack, kim)}
    travel(DAY)
    wait_until(lambda: _digest(stack, kim), 30, "the digest")
    digest = _digest(stack, kim)
    assert digest["message_id"] not in before
    read = stack.mail.read(digest)
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(read["List-Unsubscribe"]).strip("<>")
    page = requests.get(url, headers={"Accept": "text/html"}, timeout=10)
    assert "<form" in page.text
    kim.sign_in(kim.account["email"], PASSWORD)
    assert _frequency(kim, "application.submitted") == "daily"  # Nothing has changed yet.
    one_click = {"List-Unsubscribe": "One-Click"}
    assert requests.post(url, data=one_click, timeout=10).json()["on"] is False
    assert _frequency(kim, "application.submitted") == "never"
    report = {"type": "bounce", "hard": True, "message_id": digest["message_id"], "code": "5.1.1"}
    hook = f"{stack.url}/v1/hooks/mail"
    refused = requests.post(hook, json={"events": [report]}, auth=("x", "wrong"), timeout=10)
    assert refused.status_code == 422
    for _ in range(2):
        taken = requests.post(hook, json={"events": [report]}, auth=("x", MAIL_SECRET), timeout=10)
        assert taken.json() == {"received": 1}
    email = kim.get("/v1/preferences")["channels"]["email"]
    assert (email["available"], email["reason"]) == (False, "hard-bounce")
    kim.until("/v1/notifications", partial(_told, "address.suspended"), "the notice in the inbox")
    assert len([one for one in mails(stack, kim) if DIGEST in one["subject"]]) == 1


def _chosen(kind: str, frequency: str) -> dict[str, Any]:
    return {kind: {"email": True, "in_app": True, "frequency": frequency}}


def _told(kind: str, page: dict[str, Any]) -> bool:
    return any(item["kind"] == kind for item in page["items"])


def _frequency(person: Api, kind: str) -> str:
    return str(person.get("/v1/preferences")["preferences"][kind]["frequency"])


def _digest(stack: Stack, person: Api) -> dict[str, Any]:
    found = [one for one in mails(stack, person) if DIGEST in one["subject"]]
    return found[0] if found else {}
