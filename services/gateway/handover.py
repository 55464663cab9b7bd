"""Hands a browser that has signed in at a provider over to the frontend.

It is sent to an address of the list that the operator has configured, to no other, with a code
behind `#`: that reaches no server, no log and no `Referer`. Tokens come for the code by POST,
once, within a minute, to whom has the verifier of the challenge that the sign-in began with.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlencode

from services.gateway.domain import Account
from services.gateway.store import Fields
from services.gateway.tokens import fingerprint
from shared.clock import Clock
from shared.errors import Conflict, Invalid

CODE_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class Landing:
    """Where a browser ends, and the S256 challenge that its code is bound to."""

    url: str
    challenge: str

    def at(self, **told: str) -> str:
        return f"{self.url}#{urlencode({name: value for name, value in told.items() if value})}"


class Once(Protocol):
    """Where something is kept under a hash until it is taken, once, or too old."""

    def keep(self, id: str, fields: Fields, expires_at: datetime) -> None: ...
    def take(self, id: str, now: datetime) -> Fields | None: ...


class Handover:
    """`allowed` are the addresses of frontends, the first for who names none."""

    def __init__(self, codes: Once, allowed: tuple[str, ...], now: Clock) -> None:
        self._codes, self._allowed, self._now = codes, allowed, now

    def landing(self, return_to: str, challenge: str) -> Landing:
        """The one that was asked for, letter by letter; raises Invalid."""
        if not self._allowed or (return_to and return_to not in self._allowed):
            at = {"return_to": "Not one of SSO_RETURN_URLS."}
            raise Invalid("return-refused", "Nobody is sent back to this address.", at)
        if not challenge:
            at = {"code_challenge": "Send the S256 challenge of a verifier that you keep."}
            raise Invalid("challenge-missing", "A browser's sign-in begins with a challenge.", at)
        return Landing(return_to or self._allowed[0], challenge)

    def somewhere(self) -> Landing | None:
        """Where a browser ends of which nothing is known."""
        return Landing(self._allowed[0], "") if self._allowed else None

    def issue(self, account: Account, landing: Landing) -> str:
        """A code for whom the provider has signed in."""
        code = secrets.token_urlsafe(32)
        kept = {"account_id": account.id, "epoch": account.epoch, "challenge": landing.challenge}
        self._codes.keep(_key(code), kept, self._now() + CODE_LIFE)
        return code

    def redeem(self, code: str, verifier: str) -> tuple[str, int]:
        """Whose code it is, and the epoch of their sessions then; raises Conflict. Wrong or right,
        it is used up: nobody tries verifiers."""
        kept = self._codes.take(_key(code), self._now())
        if kept is None or not hmac.compare_digest(kept["challenge"], challenge_of(verifier)):
            raise refused()
        return kept["account_id"], kept["epoch"]


def challenge_of(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def refused() -> Conflict:
    """Of a code that is used up, too old, another's or none of ours; nobody is told which."""
    return Conflict("sso-code-refused", "This code has been used, is too old, or is another's.")


def _key(code: str) -> str:
    """Not the key of a sign-in that is under way, should somebody send its state as a code."""
    return fingerprint(f"code:{code}")
