"""One event on its way to one endpoint: when it is tried again, and when it is given up."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("c3a9d7e0-4a52-4f6e-8d0b-0d9f1b6a7c21")
# Standard Webhooks' own: 75 hours and a half with ten attempts.
WAITS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *(timedelta(hours=hours) for hours in (5, 10, 14, 20, 24)),
)
ATTEMPTS = len(WAITS) + 1
JITTER = 0.2  # Of a wait, to both sides.
LONGEST_WAIT = timedelta(hours=24)  # What an endpoint may ask for by Retry-After.
LOGGED = 20  # Attempts that a delivery remembers, those of earlier rounds included.
SHOWN = 500  # Characters of an answer that are kept.
SECRETS = re.compile(
    r"whsec_[A-Za-z0-9+/=_-]+|v1a?,[A-Za-z0-9+/=_-]{20,}|stk_[A-Za-z0-9_-]+"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+"
    r"|(?i:(?:\bauthorization\W{1,4})?"
    r"\b(?:bearer|basic|token|password|secret|api[_-]?key|authorization)\b\W{1,4}[^\s\",;<]+)"
)


class Outcome(StrEnum):
    """How a delivery stands; the first is on its way, the others are ends."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"  # Its endpoint was disabled or removed, or its event is forgotten.


@dataclass(frozen=True)
class Answer:
    """What an endpoint said; `code` says why there is no `status`. `ms` is how long it took."""

    status: int | None
    ms: int
    text: str = ""
    code: str = ""
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410

    @property
    def is_away(self) -> bool:
        """Whether the others that wait for this endpoint would fare no better now."""
        return self.status in (None, 429, 502, 503, 504)


@dataclass(frozen=True)
class Verdict:
    """What follows from an answer."""

    status: Outcome
    due_at: datetime | None = None


def delivery_id(endpoint_id: str, event_id: str) -> str:
    """One per endpoint and event."""
    return str(uuid5(NAMESPACE, f"{endpoint_id}|{event_id}"))


def judge(
    attempts: int, answer: Answer, now: datetime, chance: Callable[[], float], once: bool
) -> Verdict:
    """After so many attempts; `chance` is a number from 0 to 1, `once` allows no second attempt."""
    if answer.is_success:
        return Verdict(Outcome.DELIVERED)
    if once or answer.is_gone or attempts >= ATTEMPTS:
        return Verdict(Outcome.FAILED)
    wait = WAITS[attempts - 1] * (1 + JITTER * (2 * chance() - 1))
    return Verdict(Outcome.PENDING, now + max(wait, asked_wait(answer.retry_after, now)))


def asked_wait(retry_after: str, now: datetime) -> timedelta:
    """What Retry-After asks for, seconds or a date, within bounds; nothing where it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text[:9]))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return timedelta()
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    return max(timedelta(), min(wait, LONGEST_WAIT))


def logged(
    log: Sequence[Mapping[str, Any]], answer: Answer, attempt: int, at: datetime
) -> list[dict[str, Any]]:
    """The log of a delivery with this attempt in it."""
    line = {
        "at": at,
        "attempt": attempt,
        "status": answer.status,
        "code": answer.code or None,
        "ms": answer.ms,
        "answer": shortened(answer.text),
    }
    return [*map(dict, log), line][-LOGGED:]


def shortened(text: str) -> str:
    """The beginning of an answer on one line, without what looks like a secret."""
    plain = "".join(char if char.isprintable() else " " for char in text[: 4 * SHOWN])
    return SECRETS.sub("[removed]", " ".join(plain.split()))[:SHOWN]
