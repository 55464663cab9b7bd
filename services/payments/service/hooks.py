"""The door of the bank's own notices, and the round over those that are not done."""

from base64 import b64decode
from typing import Any

import structlog

from services.payments import schemas, usecases
from shared.envelope import Call
from shared.messaging import every
from shared.rpc import rpc
from shared.sweep import each

log = structlog.get_logger(__name__)


class Hooks:
    """Part of the service. Whoever calls is nobody: the signature is what counts."""

    desk: Any

    @rpc
    def receive_hook(
        self, call: Call, processor: str, body_base64: str, signature: str
    ) -> dict[str, Any]:
        sent = {"processor": processor, "body_base64": body_base64, "signature": signature}
        asked = schemas.read(schemas.ReceiveHook, **sent)
        body = b64decode(asked["body_base64"])
        hook = usecases.receive_hook(self.desk, call, asked["processor"], body, asked["signature"])
        return {"id": hook.id, "received": True}

    @every(10)
    def sweep_hooks(self) -> None:
        """Act on the notices that a crash, or a bank without an answer, has left."""
        due = self.desk.hooks.due(self.desk.now())
        each(due, self._tend)

    def _tend(self, id_: str) -> None:
        hook = usecases.tend_hook(self.desk, id_)
        if hook.given_up:
            log.error("hook-given-up", hook=id_, kind=hook.notice.kind, code=hook.note)
