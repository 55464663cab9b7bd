"""Hands letters to notifications, the only service that sends mail; safe to be repeated.

A link's secret is derived from the letter's id, so that nothing here keeps it: not the account, not
an event, not a log. It travels in a call, and notifications forgets it with the sending.
"""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

import structlog

from services.gateway.domain import Account
from services.gateway.proofs import INVITE, RESET, VERIFY, Letter
from services.gateway.tokens import Tokens, fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Invalid
from shared.principal import SYSTEM

log = structlog.get_logger(__name__)


class Rpc(Protocol):
    """Asks another service."""

    def call(self, service: str, method: str, call: Call, /, **arguments: Any) -> Any: ...


class Post:
    """Writes the letters of accounts and invitations."""

    def __init__(self, tokens: Tokens, now: Clock) -> None:
        self._tokens, self._now = tokens, now

    def hash(self, owner_id: str, letter_id: str) -> str:
        """What is kept of the secret that this letter will carry."""
        return fingerprint(self._tokens.link(owner_id, letter_id))

    def of_account(self, account: Account, rpc: Rpc) -> set[str]:
        """Send what the account has to send; the ids of what need not be sent again.

        Raises Unavailable while notifications is away.
        """
        for letter in account.letters:
            secret = self._tokens.link(account.id, letter.id)
            if letter.kind in (VERIFY, RESET):
                proof = account.proofs.get(letter.kind)
                if proof is None or not proof.fits(fingerprint(secret), self._now()):
                    continue  # Superseded, used, too old, or of a key that is gone.
            person = {
                "name": account.name,
                "locale": account.locale,
                "time_zone": account.time_zone,
            }
            self.send(letter, secret, person, rpc)
        return _ids(account.letters)

    def send(self, letter: Letter, secret: str, person: dict[str, str], rpc: Rpc) -> None:
        """Raises Unavailable; what notifications refuses is logged, and not sent again."""
        id_ = uuid5(NAMESPACE_URL, f"letter:{letter.id}")
        facts: dict[str, str] = dict(letter.facts)
        if letter.kind in (VERIFY, RESET, INVITE):
            facts["secret"] = secret
        try:
            rpc.call(
                "notifications",
                "send_letter",
                Call(id=str(id_), principal=SYSTEM, correlation_id=str(id_)),
                letter_id=letter.id,
                kind=letter.kind,
                to=letter.to,
                facts=facts,
                expires_at=letter.expires_at.isoformat() if letter.expires_at else None,
                **person,
            )
        except Invalid as exc:
            log.error("letter-refused", letter=letter.id, code=exc.code, fields=list(exc.errors))


def _ids(letters: Iterable[Letter]) -> set[str]:
    return {letter.id for letter in letters}
