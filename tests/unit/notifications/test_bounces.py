"""Mails that come back: who is told by what, once, and nobody can be silenced by a stranger."""

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from services.notifications import schemas
from services.notifications.domain.bounces import Outcome, Report, outcome, reports
from services.notifications.domain.channels import REQUIRED
from services.notifications.domain.notices import KINDS
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import SOFT_LIMIT
from services.notifications.usecases.bounces import Returns, require_secret, take_back
from shared.envelope import Call
from shared.errors import Invalid
from tests.unit.notifications.world import NOW, Box, People, contact

ADDRESS = "acc-kim@example.com"
DSN = """From: MAILER-DAEMON@mx.example
To: hello@stint.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry to have to inform you ...
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Original-Recipient: rfc822;{address}
Final-Recipient: rfc822; elsewhere@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b1
Content-Type: {original}

From: Stint <hello@stint.example>
Message-ID: <ntf-1@stint.example>
Subject: Hello

--b1--
"""
COMPLAINT = """From: fbl@provider.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

Somebody clicked on spam.
--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Original-Rcpt-To: <acc-kim@example.com>

--b1
Content-Type: message/rfc822

Message-ID: <ntf-1@stint.example>

Hello
--b1--
"""


def dsn(**changes: str) -> bytes:
    known = {"address": ADDRESS, "action": "failed", "status": "5.1.1"}
    return DSN.format(**{"original": "message/rfc822", **known, **changes}).encode()


class World:
    def __init__(self) -> None:
        self.people, self.choices, self.at = People(contact(), contact("acc-lee")), Box(), NOW
        sent = {"ntf-1": "acc-kim"}
        self.returns = Returns(self.people, self.choices, sent.get, self._holders, lambda: self.at)

    def _holders(self, address: str) -> list[str]:
        return [one.id for one in self.people.stored.values() if one.email == address]

    def take(self, *told: Report, trusted: bool = True) -> None:
        for one in told:
            take_back(self.returns, one, Call(), trusted=trusted)

    @property
    def kim(self) -> Any:
        return self.people.find("acc-kim")


HARD = Report(Outcome.HARD, ADDRESS, "ntf-1", "5.1.1")


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("5.1.1 no such user", 550, Outcome.HARD),
        ("5.1.10 null MX", 556, Outcome.HARD),
        ("5.2.1 disabled", 550, Outcome.HARD),
        ("5.2.2 over quota", 552, Outcome.SOFT),
        ("5.7.1 relaying denied", 550, Outcome.SOFT),
        ("5.4.4 no route", 554, Outcome.SOFT),
        ("4.2.2 full", 452, Outcome.SOFT),
        ("no such user", 550, Outcome.HARD),
        ("mailbox name not allowed", 553, Outcome.HARD),
        ("transaction failed", 554, Outcome.SOFT),
    ],
)
def test_what_a_refusal_says_of_the_address(text: str, code: int, expected: Outcome) -> None:
    assert outcome(text, code) is expected


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_a_delivery_report_names_address_mail_and_status(original: str) -> None:
    assert reports(dsn(original=original)) == [HARD]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_nothing_failed_is_none(action: str) -> None:
    assert reports(dsn(action=action)) == []


def test_a_complaint_names_the_mail_that_was_complained_about() -> None:
    assert reports(COMPLAINT.encode()) == [Report(Outcome.COMPLAINT, ADDRESS, "ntf-1", "abuse")]


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe\x00", dsn()[200:]])
def test_what_is_no_report_says_nothing(body: bytes) -> None:
    assert reports(body) is None
    with pytest.raises(Invalid):
        schemas.reports(b64encode(body).decode())


def test_a_provider_tells_it_in_json() -> None:
    told = [
        {"type": "bounce", "hard": True, "address": "Acc-Kim@Example.com", "provider": "x"},
        {"type": "bounce", "message_id": "<ntf-1@stint.example>", "code": "4.2.2", "id": "e-2"},
        {"type": "complaint", "address": ADDRESS},
    ]
    found, trusted = schemas.reports(b64encode(json.dumps({"events": told}).encode()).decode())
    assert trusted
    assert found == [
        Report(Outcome.HARD, ADDRESS),
        Report(Outcome.SOFT, "", "ntf-1", "4.2.2", "e-2"),
        Report(Outcome.COMPLAINT, ADDRESS),
    ]
    assert schemas.reports(b64encode(dsn()).decode()) == ([HARD], False)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"events": []}',
        b'{"events": [{"type": "bounce"}]}',
        b'{"events": [{"type": "open", "address": "a@b.c"}]}',
        b'{"events": 1, "schema": 2}',
    ],
)
def test_json_that_says_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        schemas.reports(b64encode(body).decode())
    with pytest.raises(Invalid):
        schemas.reports("no base64")


def test_a_hard_bounce_suspends_the_address_once_and_tells_the_person() -> None:
    world = World()
    world.take(HARD, HARD)
    assert (world.kim.suspended.reason, world.kim.suspended.code) == ("hard-bounce", "5.1.1")
    (told,) = world.kim.events
    assert (told.type, told.account_id) == ("address.suspended.v1", "acc-kim")
    assert world.people.find("acc-lee").suspended is None


def test_soft_bounces_are_counted_each_once_and_forgotten_after_a_month() -> None:
    world = World()

    def soft(number: int) -> Report:
        return Report(Outcome.SOFT, ADDRESS, "ntf-1", "4.2.2", f"e-{number}")

    world.take(*(soft(1) for _ in range(SOFT_LIMIT)))
    assert (world.kim.soft_bounces, world.kim.suspended) == (1, None)
    world.at = NOW + timedelta(days=31)
    world.take(*(soft(number) for number in range(2, SOFT_LIMIT + 1)))
    assert (world.kim.soft_bounces, world.kim.suspended) == (SOFT_LIMIT - 1, None)
    world.take(soft(SOFT_LIMIT + 1))
    assert world.kim.suspended.reason == "soft-bounce"


def test_another_address_begins_anew_and_what_came_back_to_the_former_is_nobodys() -> None:
    world = World()
    world.take(HARD)
    kim = world.kim
    for verified_at in (None, NOW - timedelta(days=1), NOW):
        kim.change(ADDRESS, "Kim", "candidate", None, "en", "UTC", verified_at)
        assert kim.suspended is not None
    kim.change("new@example.com", "Kim", "candidate", None, "en", "UTC")
    assert (kim.suspended, kim.soft_bounces) == (None, 0)
    world.take(Report(Outcome.HARD, ADDRESS, "ntf-1", "5.1.1", "later"))
    assert kim.suspended is None


def test_an_address_that_is_confirmed_after_it_was_suspended_works_again() -> None:
    world = World()
    world.take(HARD)
    confirmed = NOW + timedelta(minutes=1)
    world.kim.change(ADDRESS, "Kim", "candidate", None, "en", "UTC", confirmed)
    assert world.kim.suspended is None
    world.take(Report(Outcome.HARD, ADDRESS, "ntf-1", "5.1.1", "another"))
    assert world.kim.suspended is not None


def test_a_complaint_turns_off_all_that_can_be() -> None:
    world = World()
    world.take(Report(Outcome.COMPLAINT, ADDRESS, "ntf-1"))
    chosen: Preferences = world.choices.find("acc-kim")
    assert {kind for kind in KINDS if chosen.of(kind).email} == REQUIRED
    assert all(chosen.of(kind).in_app for kind in KINDS)
    assert world.kim.suspended is None


def test_a_mail_from_anybody_has_to_know_a_mail_of_ours() -> None:
    world = World()
    world.take(Report(Outcome.HARD, ADDRESS, "", "5.1.1"), trusted=False)
    world.take(Report(Outcome.HARD, ADDRESS, "ntf-forged", "5.1.1"), trusted=False)
    assert world.kim.suspended is None
    world.take(HARD, trusted=False)
    assert world.kim.suspended is not None


def test_a_provider_may_name_the_address_alone() -> None:
    world = World()
    world.take(Report(Outcome.HARD, ADDRESS), Report(Outcome.HARD, "nobody@example.com"))
    assert world.kim.suspended is not None


@pytest.mark.parametrize(
    ("given", "wanted"), [("", ""), ("x", ""), ("", "secret"), ("ü", "secret")]
)
def test_without_the_secret_nothing_is_taken(given: str, wanted: str) -> None:
    with pytest.raises(Invalid):
        require_secret(given, wanted)
    require_secret("secret", "secret")
