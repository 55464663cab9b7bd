"""What a link by mail is good for: a verified address, another address, a new password."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from services.gateway.accounts import Accounts, taken
from services.gateway.auth import Passwords, Sessions
from services.gateway.domain import Account, Standing
from services.gateway.post import Post, Rpc
from services.gateway.proofs import RESET, VERIFY, Letter, link_refused
from services.gateway.tokens import fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid

Step = Callable[[Account, dict[str, str]], None]  # With the facts of the letter.


class Resets(Protocol):
    """Who has asked for a new password, by address, whether or not anybody has it."""

    def ask(self, email: str, now: datetime) -> None: ...
    def waiting(self) -> Iterable[tuple[str, datetime]]: ...
    def done(self, email: str, at: datetime) -> None: ...


class Keys(Protocol):
    """The API keys of a person, which work without a session."""

    def live(self, account_id: str) -> list[str]: ...
    def revoke_all(self, account_id: str) -> None: ...


class Recovery:
    """Each step can be repeated; what a crash leaves open the sweep of accounts finishes."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        resets: Resets,
        passwords: Passwords,
        keys: Keys,
        post: Post,
        now: Clock,
    ) -> None:
        self._accounts, self._sessions, self._resets = accounts, sessions, resets
        self._passwords, self._keys, self._post, self._now = passwords, keys, post, now

    def ask_verification(self, call: Call, rpc: Rpc) -> None:
        """Another link for one's own address, or for the one that is to become it."""
        changed = self._accounts.accounts.change(
            call.principal.id, call, lambda it: self._verify_again(it, call)
        )
        self._accounts.catch_up(changed, rpc)

    def _verify_again(self, account: Account, call: Call) -> None:
        waiting = account.proofs.get(VERIFY)
        email = waiting.email if waiting else account.email
        if email != account.email or account.email_verified_at is None:
            self._accounts.ask_verification(account, email, f"let-{call.id}")

    def change_email(self, call: Call, password: str, email: str, rpc: Rpc) -> None:
        """Send a link to the new address, which counts once it has been opened."""
        account = self._with_password(call, password, "password")
        if email == account.email:
            raise Conflict("email-unchanged", "This is your address already.")
        self._accounts.check_free(email, account.id)
        asked = self._accounts.accounts.change(
            account.id,
            call,
            lambda it: self._accounts.ask_verification(it, email, f"let-{call.id}"),
        )
        self._accounts.catch_up(asked, rpc)

    def confirm_email(self, call: Call, token: str, rpc: Rpc) -> None:
        """The address is verified; the one before hears of it where it is another."""
        account, hash_ = self._bearer(token), fingerprint(token)
        proof = account.proofs.get(VERIFY)
        if proof is None or not proof.fits(hash_, self._now()):
            raise link_refused()
        if proof.email != account.email:
            self._claim(proof.email, account.id)
        letter_id = f"let-{call.id}"
        changed = self._accounts.accounts.change(
            account.id, call, lambda it: it.confirm_email(hash_, letter_id, self._now())
        )
        self._accounts.catch_up(changed, rpc)

    def _claim(self, email: str, account_id: str) -> None:
        try:
            self._accounts.emails.take(email, account_id)
        except Conflict:
            raise taken() from None

    def ask_reset(self, email: str) -> None:
        """Note it and nothing else: an address that nobody has takes exactly as long."""
        self._resets.ask(email, self._now())

    def sweep(self, rpc: Rpc) -> None:
        """Write to those who have asked for a new password."""
        for email, at in self._resets.waiting():
            owner = self._accounts.emails.owner(email)
            account = self._accounts.accounts.find(owner) if owner else None
            if account and account.standing is Standing.ACTIVE and account.email == email:
                self._send_reset(account, f"let-{uuid5(NAMESPACE_URL, f'{email}|{at}')}", rpc)
            self._resets.done(email, at)

    def _send_reset(self, account: Account, letter_id: str, rpc: Rpc) -> None:
        letter = Letter(letter_id, RESET, account.email)
        hash_ = self._post.hash(account.id, letter_id)
        asked = self._accounts.accounts.change(
            account.id, None, lambda it: it.ask(letter, hash_, self._now())
        )
        self._accounts.catch_up(asked, rpc)

    def reset_password(
        self, call: Call, token: str, password: str, revoke_keys: bool, rpc: Rpc
    ) -> None:
        """The link, once, for a new password: all sessions are over. A second factor stays.

        API keys stay as well, where they are not to be revoked: the person is told which work. Of
        an address that was never verified they go: somebody else may have made them.
        """
        account, hash_ = self._bearer(token), fingerprint(token)
        proof = account.proofs.get(RESET)
        if proof is None or not proof.fits(hash_, self._now()):
            raise link_refused()
        new_hash = self._passwords.hash(_other(password, account))
        revoke_keys = revoke_keys or account.email_verified_at is None

        def reset(it: Account, facts: dict[str, str]) -> None:
            it.redeem(RESET, hash_, self._now())
            it.take_over(self._now())  # Whoever opened the link reads the mailbox.
            it.set_password(new_hash, f"let-{call.id}", self._now(), facts)

        self._accounts.catch_up(self._replace(account, call, reset, revoke_keys), rpc)

    def change_password(
        self, call: Call, session_id: str, current: str, new: str, revoke_keys: bool, rpc: Rpc
    ) -> None:
        """Every other session is over."""
        account = self._with_password(call, current, "current_password")
        new_hash = self._passwords.hash(_other(new, account))

        def change(it: Account, facts: dict[str, str]) -> None:
            it.set_password(new_hash, f"let-{call.id}", self._now(), facts)

        changed = self._replace(account, call, change, revoke_keys)
        self._sessions.keep(session_id, changed)
        self._accounts.catch_up(changed, rpc)

    def _replace(self, account: Account, call: Call, step: Step, revoke_keys: bool) -> Account:
        """The change, with the word to its person about the keys.

        Revoked before the link is used up, so that a crash leaves none alive that should not be;
        and after the sessions are over, of which one may have made another key meanwhile.
        """
        working = self._keys.live(account.id)
        if revoke_keys:
            self._keys.revoke_all(account.id)
        told = {
            "keys": "" if revoke_keys else ", ".join(working),
            "revoked": "yes" if revoke_keys and working else "",
        }
        changed = self._accounts.accounts.change(account.id, call, lambda it: step(it, told))
        if revoke_keys:
            self._keys.revoke_all(account.id)
        return changed

    def _with_password(self, call: Call, password: str, field: str) -> Account:
        account = self._accounts.accounts.load(call.principal.id)
        if not self._passwords.verify(account.password_hash or None, password):
            raise password_wrong(field)
        return account

    def _bearer(self, token: str) -> Account:
        """Whom a link was written to; raises Conflict."""
        account = self._accounts.accounts.find(token.partition(".")[0])
        if account is None or account.standing is not Standing.ACTIVE:
            raise link_refused()
        return account


def password_wrong(field: str) -> Invalid:
    """Of a password that is asked for again, of somebody who is signed in."""
    return Invalid("password-wrong", "This is not your password.", {field: "Not your password."})


def _other(password: str, account: Account) -> str:
    if password.casefold() == account.email.casefold():
        at: dict[str, Any] = {"password": "The password is the e-mail address."}
        raise Invalid("password-weak", "Choose another password.", at)
    return password
