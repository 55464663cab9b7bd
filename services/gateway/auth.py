"""Signing in: passwords, sessions, and who a request acts for."""

from collections.abc import Callable
from functools import partial
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from services.gateway.domain import SESSION_LIFE, Account, Session, Standing
from services.gateway.problems import Unauthenticated
from services.gateway.proofs import shortened
from services.gateway.tokens import LIFE, Tokens, fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict
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


class Sessions:
    """Sign in, trade refresh tokens, sign out."""

    def __init__(
        self,
        accounts: Store[Account],
        sessions: Store[Session],
        emails: Claims,
        passwords: Passwords,
        tokens: Tokens,
        now: Clock,
    ) -> None:
        self._accounts, self._sessions, self._emails = accounts, sessions, emails
        self._passwords, self._tokens, self._now = passwords, tokens, now

    def create(self, call: Call, email: str, password: str, device: str = "") -> dict[str, Any]:
        """New tokens; raises Unauthenticated in the same words and time whatever was wrong."""
        owner = self._emails.owner(email)
        account = self._accounts.find(owner) if owner else None
        usable = account is not None and account.standing is Standing.ACTIVE
        # An address that the account had before is its own until it has been let go.
        hash_ = account.password_hash if usable and account and account.email == email else None
        fits = self._passwords.verify(hash_ or None, password)
        if account is None or not fits:
            raise Unauthenticated("sign-in-refused", "The e-mail address or the password is wrong.")
        return self.admit(call, account, device)

    def admit(self, call: Call, account: Account, device: str) -> dict[str, Any]:
        """New tokens for whom a password, or their organisation, has vouched.

        Raises Unauthenticated with a challenge where that is not enough.
        """
        if account.second_factor_on:
            sentence = "Send this challenge with a code of your authenticator, or a recovery code."
            refusal = Unauthenticated("second-factor-required", sentence)
            refusal.members = {"challenge": self._tokens.challenge(account.id, account.epoch)}
            raise refusal
        return self.begin(call, account, device)

    def begin(self, call: Call, account: Account, device: str) -> dict[str, Any]:
        """New tokens for whom nothing more is to be proved."""
        id_ = f"ses-{call.id}"
        token, now = self._tokens.refresh(id_, call.id), self._now()
        new = Session(
            id_,
            account.id,
            fingerprint(token),
            now,
            now + SESSION_LIFE,
            device=shortened(device),
            last_used_at=now,
            epoch=account.epoch,
        )
        session = self._sessions.create(call, new)
        if not session.live(account, now):
            raise over()  # An old Idempotency-Key, sent again after the sign-out.
        return self._answer(account, session, token)

    def challenged(self, challenge: str) -> Account:
        """Whose password was given for this challenge; raises Conflict."""
        try:
            account_id, epoch = self._tokens.challenged(challenge)
        except Unauthenticated:
            raise _challenge_refused() from None
        account = self._accounts.find(account_id)
        if account is None or account.standing is not Standing.ACTIVE or account.epoch != epoch:
            raise _challenge_refused()
        return account

    def refresh(self, call: Call, presented: str) -> dict[str, Any]:
        """The next tokens of the session; raises Unauthenticated for a token that is spent.

        Role and organisation are read anew: who lost them has them for 15 minutes at most.
        """
        id_ = presented.partition(".")[0]
        following = self._tokens.refresh(id_, call.id)
        if self._sessions.find(id_) is None:
            raise over()
        session = self._sessions.change(
            id_, call, partial(_rotate, presented=presented, following=following, now=self._now())
        )
        account = self._accounts.find(session.account_id)
        if session.token_hash != fingerprint(following) or account is None:
            raise over()
        if account.standing is not Standing.ACTIVE or not session.live(account, self._now()):
            raise over()
        return self._answer(account, session, following)

    def require_live(self, session_id: str, by: Principal) -> Account:
        """Whose account it is, where the session goes on and they are still who the token says.

        For what an access token must not do in the minutes that it outlives its session.
        """
        session, account = self._sessions.find(session_id), self._accounts.find(by.id)
        if session is None or account is None or account.standing is not Standing.ACTIVE:
            raise over()
        same = (str(account.role), account.org_id) == (by.role, by.org_id)
        if not same or not session.live(account, self._now()):
            raise over()
        return account

    def view(self, session: dict[str, Any], current: str) -> dict[str, Any]:
        """A session as its owner sees it, from the stored fields."""
        names = ("id", "device", "created_at", "last_used_at", "expires_at")
        shown = {name: session.get(name) for name in names}
        return {**shown, "current": session["id"] == current}

    def end(self, call: Call, session_id: str) -> None:
        """No refresh token of this session works again; access tokens run out by themselves."""
        if self._sessions.find(session_id) is not None:
            self._sessions.change(session_id, call, partial(Session.end, reason="signed-out"))

    def end_one(self, call: Call, session_id: str) -> None:
        """The same for one of one's own sessions; raises NotFound."""
        found = self._sessions.find(session_id)
        call.principal.require("end_one_session", person_id=found.account_id if found else None)
        self.end(call, session_id)

    def end_all(self, call: Call) -> None:
        """Sign out everywhere: in one write, so that no session can slip through."""
        self._accounts.change(call.principal.id, call, Account.end_sessions)

    def keep(self, session_id: str, account: Account) -> None:
        """Let this session outlive those that the account has just ended."""
        if self._sessions.find(session_id) is not None:
            self._sessions.change(session_id, None, lambda it: it.outlive(account.epoch))

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


def _challenge_refused() -> Conflict:
    sentence = "This challenge is too old, or none of ours: sign in with the password again."
    return Conflict("challenge-refused", sentence)


def over() -> Unauthenticated:
    return Unauthenticated("session-over", "The session is over: sign in again.")


def principal_of(header: str | None, tokens: Tokens) -> tuple[Principal, str, Any]:
    """Who an `Authorization` header stands for, their session and until when."""
    if not header:
        return ANONYMOUS, "", None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token-refused", "Send the access token as: Authorization: Bearer …")
    return tokens.read(token.strip())
