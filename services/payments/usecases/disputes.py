"""What the sides and operators do in a dispute; its money waits until it has come to its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.payments.domain import Escrow
from services.payments.domain.dispute_parts import (
    CANDIDATE,
    COMPANY,
    OPERATOR,
    Act,
    Evidence,
    Post,
    Split,
)
from services.payments.domain.disputes import Dispute
from services.payments.usecases.engagements import permitted
from services.payments.usecases.ports import Desk
from services.payments.usecases.settling import settle
from shared.envelope import Call
from shared.principal import Principal


@dataclass(frozen=True)
class Said:
    """What comes with a post: words, uploaded files, and amounts that are asked for."""

    text: str = ""
    files: Sequence[Evidence] = ()
    split: Split | None = None


def open_dispute(desk: Desk, call: Call, engagement_id: str, reason: str, said: Said) -> Escrow:
    """Freeze what is held, and ask the other side to answer."""
    permitted(desk, call.principal, "open_dispute", engagement_id)
    by, now = side_of(call.principal), desk.now()

    def open_(escrow: Escrow) -> None:
        split = said.split or all_to(by, escrow.free)
        post = _post(call, Act.OPENED, by, now, Said(said.text, said.files, split))
        dispute = Dispute(f"dsp-{call.id}", by, reason, said.text, 0, now, rules=desk.rules)
        escrow.open_dispute(dispute, post)

    return desk.escrows.change(engagement_id, call, open_)


def post_to_dispute(
    desk: Desk, call: Call, operation: str, act: Act, engagement_id: str, said: Said = Said()
) -> Escrow:
    """Add to the record of the open dispute what this operation of the table allows."""
    permitted(desk, call.principal, operation, engagement_id)
    added = _post(call, act, side_of(call.principal), desk.now(), said)
    escrow = desk.escrows.change(engagement_id, call, lambda escrow: escrow.post(added))
    return settle(desk, escrow, call)


def accept_split(desk: Desk, call: Call, engagement_id: str, offer_id: str) -> Escrow:
    """Agree to the other side's newest offer, which is carried out."""
    permitted(desk, call.principal, "accept_split", engagement_id)
    added = _post(call, Act.ACCEPTANCE, side_of(call.principal), desk.now())
    escrow = desk.escrows.change(engagement_id, call, lambda escrow: escrow.post(added, offer_id))
    return settle(desk, escrow, call)


def decide_dispute(desk: Desk, call: Call, engagement_id: str, said: Said) -> Escrow:
    """An operator's decision with written reasons, which may need a second operator."""
    permitted(desk, call.principal, "decide_dispute", engagement_id)
    added = _post(call, Act.DECISION, OPERATOR, desk.now(), said)
    escrow = desk.escrows.change(
        engagement_id, call, lambda escrow: escrow.decide_dispute(added, desk.limits)
    )
    return settle(desk, escrow, call)


def read_disputes(desk: Desk, by: Principal, engagement_id: str) -> Escrow:
    """The escrow with the whole record of its disputes, for both sides and operators."""
    return permitted(desk, by, "read_disputes", engagement_id)


def tend_escrow(desk: Desk, engagement_id: str) -> Escrow:
    """What the clock does to a dispute, then to whatever else was left open."""
    escrow = desk.escrows.load(engagement_id)
    dispute, now = escrow.dispute, desk.now()
    if dispute and dispute.due_at and dispute.due_at <= now:
        escrow = desk.escrows.change(engagement_id, None, lambda escrow: escrow.tick(now))
    return settle(desk, escrow)


def side_of(by: Principal) -> str:
    if by.role == "operator":
        return OPERATOR
    return CANDIDATE if by.role == "candidate" else COMPANY


def all_to(side: str, amount: int) -> Split:
    return Split(amount, 0) if side == CANDIDATE else Split(0, amount)


def _post(call: Call, act: Act, by: str, now: datetime, said: Said = Said()) -> Post:
    person_id, files = call.principal.id, list(said.files)
    return Post(f"pst-{call.id}", act, by, person_id, now, said.text, files, said.split)
