"""A second factor: six digits of an authenticator (RFC 6238), or a recovery code. pyotp's door."""

import base64
import hmac
import os
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc.errors import JoseError

from services.gateway.accounts import Accounts, step
from services.gateway.auth import Passwords
from services.gateway.domain import Account
from services.gateway.post import Rpc
from services.gateway.problems import TooMany, Unauthenticated
from services.gateway.proofs import LOCKED_FOR, SecondFactor
from services.gateway.recovery import password_wrong
from services.gateway.tokens import Tokens, fingerprint, seal, unseal
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid, StintError, Unavailable

ISSUER = "Stint"
SECONDS, EITHER_SIDE = (
    30,
    1,
)  # A code is good for its half minute, the one before and the one after.
CODES = 10


class Seals:
    """Seals with the first of these secrets, opens with every one: so they can be rotated."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = [sha256(f"seal:{secret}".encode()).digest() for secret in secrets]

    def seal(self, text: str) -> str:
        return seal(text.encode(), self._keys[0])

    def open(self, sealed: str) -> str:
        """Raises Unavailable where the secret it was sealed with is gone."""
        for key in self._keys:
            try:
                return unseal(sealed, key).decode()
            except JoseError:
                continue
        raise Unavailable("sealed-with-another-key", "A secret cannot be opened just now.")


def sealing_secrets(given: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Those of the settings, or one in `folder` that is made at first."""
    if given:
        return given
    path = folder / "sealing-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_suffix(f".{uuid4().hex}")
        mine.touch(mode=0o600)
        mine.write_text(os.urandom(32).hex())
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return (path.read_text(),)


class SecondFactors:
    """Enrol, confirm, ask, remove; each change of it is told by mail."""

    def __init__(
        self, accounts: Accounts, passwords: Passwords, tokens: Tokens, seals: Seals, now: Clock
    ) -> None:
        self._accounts, self._passwords, self._tokens = accounts, passwords, tokens
        self._seals, self._now = seals, now

    def enrol(self, call: Call, password: str) -> dict[str, str]:
        """A secret, shown this once; it counts when `confirm` has seen a code of it."""
        account = self._with_password(call, password)
        secret = base64.b32encode(os.urandom(20)).decode()
        factor = SecondFactor(self._seals.seal(secret), self._now())
        saved = self._accounts.accounts.change(account.id, call, partial(_begin, factor=factor))
        if saved.second_factor is None or saved.second_factor.on:
            raise _is_on()
        secret = self._seals.open(saved.second_factor.sealed)
        return {"secret": secret, "otpauth_uri": _uri(secret, account.email)}

    def confirm(self, call: Call, code: str, rpc: Rpc) -> dict[str, list[str]]:
        """From now on signing in takes a code; these recovery codes are shown this once."""
        account = self._accounts.accounts.load(call.principal.id)
        if account.second_factor is None:
            raise Conflict("no-second-factor", "Enrol an authenticator first.")
        codes = self._recovery_codes(call)
        hashes = [fingerprint(each) for each in codes]
        matched = self._step(account.second_factor, code)
        changed = self._accounts.accounts.change(
            account.id, call, lambda it: self._confirm(it, matched, hashes, call)
        )
        _require(changed, call, Invalid("code-wrong", WRONG, {"code": WRONG}), self._now())
        self._accounts.catch_up(changed, rpc)
        return {"recovery_codes": codes}

    def _confirm(
        self, account: Account, matched: int | None, hashes: list[str], call: Call
    ) -> None:
        factor = _factor(account)
        factor.confirm(matched, hashes, call.id, self._now())
        if factor.on:
            account.factor_changed(f"let-{call.id}", self._now())

    def check(self, call: Call, account: Account, code: str) -> Account:
        """Take this code of the account; raises Unauthenticated, or TooMany after many failures."""
        refusal = Unauthenticated("code-refused", "The code is wrong, old, or was used before.")
        return self._use(step(call, "code"), account, code, refusal)

    def remove(self, call: Call, password: str, code: str, rpc: Rpc) -> None:
        """Signing in takes the password alone again; takes both, for one of them may be stolen."""
        account = self._with_password(call, password)
        if not account.second_factor_on:
            raise Conflict("no-second-factor", "There is no second factor.")
        refusal = Invalid("code-wrong", WRONG, {"code": WRONG})
        self._use(step(call, "code"), account, code, refusal)
        changed = self._accounts.accounts.change(
            account.id, call, lambda it: _remove(it, f"let-{call.id}", self._now())
        )
        self._accounts.catch_up(changed, rpc)

    def _use(self, call: Call, account: Account, code: str, refusal: StintError) -> Account:
        if account.second_factor is None:
            raise refusal
        matched = self._step(account.second_factor, code)
        recovery = "" if matched is not None else fingerprint(_spelt(code))
        changed = self._accounts.accounts.change(
            account.id,
            call,
            lambda it: _factor(it).use(matched, recovery, call.id, self._now()),
        )
        _require(changed, call, refusal, self._now())
        return changed

    def _step(self, factor: SecondFactor, code: str) -> int | None:
        """The time step whose code this is, around now."""
        from pyotp import TOTP  # Here, since a process starts without it in half the time.

        digits = "".join(code.split()).encode()
        totp, now = TOTP(self._seals.open(factor.sealed), interval=SECONDS), self._now()
        current = int(now.timestamp()) // SECONDS
        for at in range(current - EITHER_SIDE, current + EITHER_SIDE + 1):
            if hmac.compare_digest(totp.generate_otp(at).encode(), digits):
                return at
        return None

    def _recovery_codes(self, call: Call) -> list[str]:
        """The same for a repeat of the call; 60 bits each, in letters that nobody mixes up."""
        raw = [self._tokens.derived(f"recovery|{call.id}|{at}") for at in range(CODES)]
        texts = [base64.b32encode(sha256(each.encode()).digest()).decode().lower() for each in raw]
        return [f"{text[:4]}-{text[4:8]}-{text[8:12]}" for text in texts]

    def _with_password(self, call: Call, password: str) -> Account:
        account = self._accounts.accounts.load(call.principal.id)
        if not self._passwords.verify(account.password_hash or None, password):
            raise password_wrong("password")
        return account


WRONG = "The code is wrong, old, or was used before."


def view(account: Account) -> dict[str, Any]:
    """Whether it is on, since when, and how many recovery codes are left."""
    factor = account.second_factor
    shown = factor if factor is not None and factor.on else None
    return {
        "on": shown is not None,
        "confirmed_at": shown and shown.confirmed_at,
        "recovery_codes_left": len(shown.recovery) if shown else 0,
    }


def _begin(account: Account, factor: SecondFactor) -> None:
    """One that is not confirmed is replaced; what it has seen of failures stays."""
    before = account.second_factor
    if before is not None and before.on:
        raise _is_on()
    if before is not None:
        factor.failures, factor.locked_until = before.failures, before.locked_until
    account.second_factor = factor


def _remove(account: Account, letter_id: str, now: Any) -> None:
    account.second_factor = None
    account.factor_changed(letter_id, now)


def _factor(account: Account) -> SecondFactor:
    if account.second_factor is None:
        raise Conflict("no-second-factor", "There is no second factor.")
    return account.second_factor


def _require(account: Account, call: Call, refusal: StintError, now: Any) -> None:
    factor = _factor(account)
    if factor.accepted == call.id:
        return
    if factor.locked(now):
        seconds = str(int(LOCKED_FOR.total_seconds()))
        raise TooMany("codes-locked", "Too many wrong codes: wait.", {"Retry-After": seconds})
    raise refusal


def _uri(secret: str, email: str) -> str:
    from pyotp import TOTP  # As above.

    return str(TOTP(secret, interval=SECONDS).provisioning_uri(name=email, issuer_name=ISSUER))


def _spelt(code: str) -> str:
    """A recovery code as it was shown, however it was typed."""
    letters = "".join(char for char in code.lower() if char.isalnum())
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _is_on() -> Conflict:
    return Conflict("second-factor-on", "The second factor is on: remove it first.")
