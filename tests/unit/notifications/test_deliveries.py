"""When a webhook is tried again, when it is given up, and what its log keeps."""

from datetime import timedelta

import pytest

from services.notifications.partners.courier import sign
from services.notifications.partners.domain.delivery import (
    ATTEMPTS,
    LOGGED,
    LONGEST_WAIT,
    SHOWN,
    WAITS,
    Answer,
    Outcome,
    asked_wait,
    judge,
    logged,
    shortened,
)
from services.notifications.partners.domain.partner import new_secret
from tests.unit.notifications.world import NOW

BUSY = Answer(503, 12)


def middle() -> float:
    return 0.5


def test_it_is_tried_for_three_days_with_growing_waits() -> None:
    now, waits = NOW, []
    for attempt in range(1, ATTEMPTS):
        verdict = judge(attempt, BUSY, now, middle, once=False)
        assert verdict.due_at is not None
        waits.append(verdict.due_at - now)
        now = verdict.due_at
    assert tuple(waits) == WAITS
    assert sorted(waits) == waits
    assert timedelta(days=3) < now - NOW < timedelta(days=4)
    assert judge(ATTEMPTS, BUSY, now, middle, once=False).status is Outcome.FAILED


def test_chance_spreads_the_repeats_a_fifth_to_both_sides() -> None:
    found = [judge(2, BUSY, NOW, lambda c=c: c, once=False).due_at for c in (0.0, 1.0)]
    assert found == [NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)]


@pytest.mark.parametrize(("status", "end"), [(200, "delivered"), (299, "delivered")])
def test_any_success_is_an_end(status: int, end: str) -> None:
    assert judge(1, Answer(status, 1), NOW, middle, once=False).status == end


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again_redirects_included(status: int | None) -> None:
    assert judge(1, Answer(status, 1), NOW, middle, once=False).status is Outcome.PENDING


def test_gone_is_an_end_and_so_is_the_first_answer_to_a_test() -> None:
    assert judge(1, Answer(410, 1), NOW, middle, once=False).status is Outcome.FAILED
    assert judge(1, BUSY, NOW, middle, once=True).status is Outcome.FAILED


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 7 ", timedelta(seconds=7)),
        ("Mon, 02 Mar 2026 09:40:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 09:40:00", timedelta(minutes=10)),
        ("99999999999999999999", LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Sun, 01 Mar 2026 09:30:00 GMT", timedelta()),
        *((text, timedelta()) for text in ("", "soon", "-5", "1e9", "٣", "Mon, 99 Mar 2026")),
    ],
)
def test_an_endpoint_may_ask_for_time_within_bounds(header: str, wait: timedelta) -> None:
    assert asked_wait(header, NOW) == wait
    due_at = judge(1, Answer(429, 1, retry_after=header), NOW, middle, once=False).due_at
    assert due_at == NOW + max(WAITS[0], wait)


def test_the_log_keeps_the_last_attempts_without_their_secrets() -> None:
    log: list = []
    for attempt in range(LOGGED + 3):
        log = logged(log, Answer(500, 7, "Oh\r\nno"), attempt, NOW)
    assert len(log) == LOGGED
    assert log[-1] == {
        "at": NOW,
        "attempt": LOGGED + 2,
        "status": 500,
        "code": None,
        "ms": 7,
        "answer": "Oh no",
    }


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "Bearer abc.def",
        "Authorization: Basic dXNlcjpwYXNz",
        'password="hunter2"',
        "api_key=12345",
        "stk_Zm9yIGV4YW1wbGUgb25seSwg",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.sig",
    ],
)
def test_an_answer_is_shortened_and_what_looks_like_a_secret_is_removed(secret: str) -> None:
    text = shortened(f"Denied: {secret} is wrong. " + "x" * 5000)
    assert len(text) == SHOWN
    assert "[removed]" in text
    for part in ("MfKQ9r8", "g0hM9SsE", "abc.def", "hunter2", "12345", "Zm9yIGV4", "eyJhbG"):
        assert part not in text


def test_what_is_posted_is_signed_by_every_secret_in_use() -> None:
    from standardwebhooks import Webhook

    secrets = [new_secret(str(n), bytes([n]) * 32, NOW).value for n in (1, 2)]
    headers = sign(secrets, "msg-1", NOW, b'{"a":1}')
    assert headers["webhook-id"] == "msg-1"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signatures = headers["webhook-signature"].split(" ")
    assert signatures == [Webhook(one).sign("msg-1", NOW, '{"a":1}') for one in secrets]
