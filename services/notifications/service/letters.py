"""Letters of accounts, which the gateway alone has sent."""

from typing import Any

from services.notifications import schemas
from services.notifications.service.desk import Desk
from shared.envelope import Call
from shared.messaging import every
from shared.rpc import rpc


class LettersDesk:
    """The sending by the clock, and the taking in."""

    desk: Desk

    @every(1)
    def send_letters(self) -> None:
        self.desk.send_letters(self.desk.letters.due())

    @rpc
    def send_letter(
        self,
        call: Call,
        letter_id: str,
        kind: str,
        to: str,
        name: str,
        facts: dict[str, Any] | None = None,
        expires_at: str | None = None,
        locale: str | None = None,
        time_zone: str | None = None,
    ) -> dict[str, Any]:
        """Recorded when this returns. `facts["secret"]` is kept until the letter has been sent."""
        call.principal.require("send_letter")
        given = schemas.read(
            schemas.LetterInput(),
            letter_id=letter_id,
            kind=kind,
            to=to,
            name=name,
            facts=facts,
            expires_at=expires_at,
            locale=locale,
            time_zone=time_zone,
        )
        self.desk.letters.record(given)
        return {"id": letter_id}
