"""Signing in: passwords, sessions, and who a request acts for."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from services.gateway.domain import SESSION_LIFE, Account, Session, Standing
from services.gateway.problems import Unauthenticated
from services.gateway.tokens import LIFE, Tokens, fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.principal import ANONYMOUS, Principal
from shared.store import Claims, Store

# OWASP's argon2id floor: 19 MiB, two passes; about 30 ms, so that a burst of sign-ins is no outage.
HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)


class Passwords:
    """argon2id; `run` executes it outside the event loop, which it would hold up."""

    def __init__(self, run: Callable[..., Any] = lambda function, *args: function(*args)) -> None:
        self._run = run
        self._nobody = HASHER.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return str(self._run(HASHER.hash, password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it fits; without a hash it takes as long and is false."""
        try:
            self._run(HASHER.verify, password_hash or self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return password_hash is not None


class Finds(Protocol):
    """Accounts by id."""

    def find(self, id: str) -> Account | None: ...


class Sessions:
    """Sign in, trade refresh tokens, sign out."""

    def __init__(
        self,
        accounts: Finds,
        sessions: Store[Session],
        emails: Claims,
        passwords: Passwords,
        tokens: Tokens,
        now: Clock,
    ) -> None:
        self._accounts, self._sessions, self._emails = accounts, sessions, emails
        self._passwords, self._tokens, self._now = passwords, tokens, now

    def create(self, call: Call, email: str, password: str) -> dict[str, Any]:
        """New tokens; raises Unauthenticated in the same words and time whatever was wrong."""
        owner = self._emails.owner(email)
        account = self._accounts.find(owner) if owner else None
        usable = account is not None and account.standing is Standing.ACTIVE
        fits = self._passwords.verify(
            account.password_hash if usable and account else None, password
        )
        if account is None or not fits:
            raise Unauthenticated("sign-in-refused", "The e-mail address or the password is wrong.")
        id_ = f"ses-{call.id}"
        token, now = self._tokens.refresh(id_, call.id), self._now()
        new = Session(id_, account.id, fingerprint(token), now, now + SESSION_LIFE)
        session = self._sessions.create(call, new)
        if session.ended:  # An old Idempotency-Key, sent again after the sign-out.
            raise _over()
        return self._answer(account, session, token)

    def refresh(self, call: Call, presented: str) -> dict[str, Any]:
        """The next tokens of the session; raises Unauthenticated for a token that is spent."""
        id_ = presented.partition(".")[0]
        following = self._tokens.refresh(id_, call.id)
        if self._sessions.find(id_) is None:
            raise _over()
        session = self._sessions.change(
            id_, call, partial(_rotate, presented=presented, following=following, now=self._now())
        )
        account = self._accounts.find(session.account_id)
        if session.ended or session.token_hash != fingerprint(following) or account is None:
            raise _over()
        if account.standing is not Standing.ACTIVE:
            raise _over()
        return self._answer(account, session, following)

    def end(self, call: Call, session_id: str) -> None:
        """No refresh token of this session works again; access tokens run out by themselves."""
        if self._sessions.find(session_id) is not None:
            self._sessions.change(session_id, call, partial(Session.end, reason="signed-out"))

    def _answer(self, account: Account, session: Session, token: str) -> dict[str, Any]:
        principal = Principal(account.id, str(account.role), account.org_id)
        return {
            "access_token": self._tokens.access(principal, session.id),
            "token_type": "Bearer",
            "expires_in": int(LIFE.total_seconds()),
            "refresh_token": token,
            "account": account,
        }


def _rotate(session: Session, *, presented: str, following: str, now: Any) -> None:
    session.rotate(fingerprint(presented), fingerprint(following), now)


def _over() -> Unauthenticated:
    return Unauthenticated("session-over", "The session is over: sign in again.")


def principal_of(header: str | None, tokens: Tokens) -> tuple[Principal, str, Any]:
    """Who an `Authorization` header stands for, their session and until when."""
    if not header:
        return ANONYMOUS, "", None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token-refused", "Send the access token as: Authorization: Bearer …")
    return tokens.read(token.strip())
