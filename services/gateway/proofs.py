"""What an account proves itself with besides its password: links by mail, codes of a second factor.

Plain Python, as `domain.py`, whose parts these are. Secrets are here as hashes, or sealed.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.errors import Conflict

VERIFY, RESET, INVITE = "verify-email", "reset-password", "invite-member"
PASSWORD_CHANGED, EMAIL_CHANGED = "password-changed", "email-changed"
FACTOR_CHANGED = "second-factor-changed"
LIVES = {VERIFY: timedelta(days=2), RESET: timedelta(minutes=30), INVITE: timedelta(days=7)}
# Who asks again so soon gets no second letter: the first is on its way.
AGAIN_AFTER = timedelta(minutes=1)
# Somebody who guesses codes knows the password already: after so many, the account's codes rest.
MOST_FAILURES, LOCKED_FOR = 5, timedelta(minutes=15)


@dataclass
class Letter:
    """A mail that notifications has yet to be told of; its secret is derived anew from its id."""

    id: str
    kind: str
    to: str
    expires_at: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass
class Proof:
    """What a link in a mail has to match, once: for this address, until then."""

    hash: str
    email: str
    asked_at: datetime
    expires_at: datetime

    def fits(self, hash: str, now: datetime) -> bool:
        return now < self.expires_at and hmac.compare_digest(self.hash, hash)


def link_refused() -> Conflict:
    """Of a link that is used up, too old, superseded or none of ours; nobody is told which."""
    return Conflict("link-refused", "This link has been used, is too old, or is none of ours.")


@dataclass
class SecondFactor:
    """A secret that an authenticator shares; it counts from `confirmed_at` on.

    `last_step` is the time step of the last code that was taken: neither it nor an older one is
    taken again. `accepted` is the call whose code was taken, so that a repeat of it is, too.
    """

    sealed: str
    begun_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    recovery: list[str] = field(default_factory=list)
    failures: int = 0
    locked_until: datetime | None = None
    accepted: str = ""

    @property
    def on(self) -> bool:
        return self.confirmed_at is not None

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def confirm(self, step: int | None, recovery: list[str], call_id: str, now: datetime) -> None:
        """The authenticator has shown that it knows the secret: from now on it is asked."""
        if self.on:
            raise Conflict("second-factor-on", "The second factor is on already.")
        self.use(step, "", call_id, now)
        if self.accepted == call_id:
            self.confirmed_at, self.recovery = now, recovery

    def use(self, step: int | None, recovery: str, call_id: str, now: datetime) -> None:
        """Take a code (its step, or None) or a recovery code (its hash), or count the failure."""
        if self.locked(now):
            return
        if step is not None and step > self.last_step:
            self.last_step = step
        elif recovery and recovery in self.recovery:
            self.recovery = [hash for hash in self.recovery if hash != recovery]
        else:
            self._fail(now)
            return
        self.accepted, self.failures, self.locked_until = call_id, 0, None

    def _fail(self, now: datetime) -> None:
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            self.failures, self.locked_until = 0, now + LOCKED_FOR


def shortened(device: str) -> str:
    """A User-Agent as its owner recognises it: printable, and no longer than a line."""
    return " ".join("".join(_printable(device)).split())[:80]


def _printable(text: str) -> Iterator[str]:
    return (char if char.isprintable() else " " for char in text)
