"""What the card network does with a charge."""

from services.payments.domain import Notice
from services.payments.usecases.ports import Desk
from shared.envelope import Message
from shared.errors import Unavailable


def learn(desk: Desk, notice: Notice, cause: Message | None) -> None:
    """Take in that a charge was charged back, or how that ended."""
    raise Unavailable("chargeback-waits", f"Nobody can take in {notice.object_id} yet.")
