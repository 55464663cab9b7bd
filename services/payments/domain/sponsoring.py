"""What sponsors are charged for an engagement, as they and the company read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.payments.domain.hold import Hold
from services.payments.domain.operations import Kind, Operation, State


class Standing(StrEnum):
    UNDER_WAY = "under-way"
    UNCONFIRMED = "requires-confirmation"
    CHARGED = "charged"
    FAILED = "failed"


@dataclass(frozen=True)
class Contribution:
    """A sponsor's part of a fee; `returned` is what of it went back, both in minor units.

    `action_url` is where the sponsor confirms it, until `confirm_by`; nobody else's to know.
    """

    engagement_id: str
    org_id: str
    amount: int
    currency: str
    standing: Standing
    returned: int = 0
    code: str = ""
    action_url: str = ""
    confirm_by: datetime | None = None

    @property
    def brought(self) -> int:
        """What it brought, or may still bring, less what went back."""
        return 0 if self.standing is Standing.FAILED else self.amount - self.returned


def contributions(escrow: Hold) -> Iterator[Contribution]:
    """Oldest first."""
    for charge in escrow.operations:
        if charge.kind is Kind.CHARGE and charge.payer:
            asked = charge.state is State.ACTION
            yield Contribution(
                engagement_id=escrow.id,
                org_id=charge.payer,
                amount=charge.amount,
                currency=charge.currency,
                standing=_standing(charge),
                returned=_returned(escrow, charge),
                code=charge.error_code if charge.state is State.FAILED else "",
                action_url=charge.action_url if asked else "",
                confirm_by=charge.confirm_by if asked else None,
            )


def _standing(charge: Operation) -> Standing:
    found = {
        State.ACTION: Standing.UNCONFIRMED,
        State.SUCCEEDED: Standing.CHARGED,
        State.FAILED: Standing.FAILED,
    }
    return found.get(charge.state, Standing.UNDER_WAY)


def _returned(escrow: Hold, charge: Operation) -> int:
    refunds = (one for one in escrow.operations if one.kind is Kind.REFUND)
    done = (one for one in refunds if one.state is State.SUCCEEDED and not one.failed_at)
    return sum(one.amount for one in done if one.charge_id == charge.bank_id != "")
