"""Idempotency-Key: a POST that is sent again has one effect and gets the first answer.

The key is stored before anything is done. What was done but not answered, because a process died in
between, is run again under the same call id, by which the service itself knows the repeat.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID, uuid5

import orjson
from uuid_utils.compat import uuid7
from werkzeug import Response

from services.gateway.store import Fields
from services.gateway.tokens import seal, unseal
from shared.clock import Clock
from shared.errors import Conflict, Invalid, StintError, Unavailable
from shared.principal import ANONYMOUS, Principal

LIFE = timedelta(hours=24)
NAMESPACE = UUID("0d6f7c64-7f0a-5f0b-9a35-0c1f9d5c8a11")
FORMAT = re.compile(r"^[\x21-\x7e]{1,255}$")
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
REPLAYED = "Idempotent-Replayed"


class Keys(Protocol):
    """Where keys and first answers are kept."""

    def begin(self, id: str, fingerprint: str, expires_at: datetime) -> Fields | None: ...
    def finish(self, id: str, answer: str) -> None: ...
    def forget(self, id: str) -> None: ...


@dataclass(frozen=True)
class Attempt:
    """One request under a key: what it is, as far as a repeat has to be the same."""

    key: str
    principal: Principal
    address: str
    operation: str
    request: bytes  # Method, path, query and body.

    def __post_init__(self) -> None:
        if not FORMAT.fullmatch(self.key):
            raise Invalid(
                "idempotency-key-invalid",
                "An Idempotency-Key is 1 to 255 visible ASCII characters.",
            )

    @property
    def call_id(self) -> str:
        """The same for every repeat, and no other request's: services know a call for ever, so a
        key that comes again after its day, with something else, must not be taken for the first."""
        scope = f"{self.principal.id}|{self.operation}|{self.key}|{self.fingerprint}"
        return str(uuid5(NAMESPACE, scope))

    @property
    def record_id(self) -> str:
        who = self.address if self.principal == ANONYMOUS else self.principal.id
        return sha256(f"{who}|{self.operation}|{self.key}".encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        return self._digest(b"fingerprint").hex()

    @property
    def sealing_key(self) -> bytes:
        """Answers may hold tokens: only who sends the same request again can open them."""
        return self._digest(b"seal")

    def _digest(self, purpose: bytes) -> bytes:
        return hmac.digest(self.key.encode(), purpose + b"\0" + self.request, "sha256")


def call_id(attempt: Attempt | None) -> str:
    """The id of the call that a request causes."""
    return str(uuid7()) if attempt is None else attempt.call_id


def once(attempt: Attempt, keys: Keys, now: Clock, run: Callable[[], Response]) -> Response:
    """The first answer of this key; `run` makes it where there is none yet.

    Raises Conflict where the key came with another request. A refusal had no effect and is not
    kept: what was asked for may be corrected or come true, and be sent again under the same key.
    """
    found = keys.begin(attempt.record_id, attempt.fingerprint, now() + LIFE)
    if found is not None and found["fingerprint"] != attempt.fingerprint:
        raise Conflict(
            "idempotency-key-reused", "This Idempotency-Key was sent with another request."
        )
    if found is not None and found.get("answer"):
        return _opened(found["answer"], attempt)
    answer = _run(attempt, keys, run)
    keys.finish(attempt.record_id, _sealed(answer, attempt))
    return answer


def _run(attempt: Attempt, keys: Keys, run: Callable[[], Response]) -> Response:
    try:
        return run()
    except Unavailable:
        raise  # It may have been done all the same: the key stays taken.
    except StintError:
        keys.forget(attempt.record_id)
        raise


def _sealed(answer: Response, attempt: Attempt) -> str:
    headers: Mapping[str, str] = {
        name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers
    }
    kept = {"status": answer.status_code, "headers": headers, "body": answer.get_data(as_text=True)}
    return seal(orjson.dumps(kept), attempt.sealing_key)


def _opened(sealed: str, attempt: Attempt) -> Response:
    kept = orjson.loads(unseal(sealed, attempt.sealing_key))
    answer = Response(kept["body"], status=kept["status"])
    for name, value in {**kept["headers"], REPLAYED: "true"}.items():
        answer.headers[name] = value
    return answer
