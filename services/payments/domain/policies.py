"""Rules about money that are data: who gets what when work ends early, for how long a release is
kept back, how large a bonus may be, from which sums a tax form is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.payments.domain.earnings import Threshold
from shared.money import BASIS_POINTS

COMPANY = "company"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the candidate gets where an engagement ends without accepted work by this side's doing.

    `share_bps` of the fee, and at least the pay of `least_hours` of the agreed hours.
    """

    fault: str
    share_bps: int = 0
    least_hours: int = 0

    def pay(self, fee: int, hours: int | None) -> int:
        """In minor units, before the platform's share, and never more than the fee."""
        if not hours:
            return 0  # Nobody had started.
        share = fee * self.share_bps // BASIS_POINTS
        return min(fee, max(share, fee * self.least_hours // hours))


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How much longer (days, may be negative) than usual what is released is kept back."""

    name: str
    days: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All of them; without any nothing is kept back and nothing is due."""

    endings: tuple[Ending, ...] = ()
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    security_days: int = 0
    bonus_bps: int = BASIS_POINTS  # All bonuses of an engagement, of its fee.
    bonus_floor: int = 50_000  # Minor units that a bonus may reach whatever the fee.
    thresholds: Mapping[tuple[int, str], Threshold] = field(default_factory=dict)

    def pay_on_ending(self, fault: str, fee: int, hours: int | None) -> int:
        """What the candidate gets of the fee; nothing where no row says otherwise."""
        return next((one.pay(fee, hours) for one in self.endings if one.fault == fault), 0)

    def hold_days(self, *, organisation: str, paid_before: bool) -> int:
        """For how many days a release is kept back; none at all where the setting is 0."""
        if not self.security_days:
            return 0
        tier = self.tiers.get(self.tier(organisation=organisation, paid_before=paid_before))
        return max(0, self.security_days + (tier.days if tier else 0))

    @staticmethod
    def tier(*, organisation: str, paid_before: bool) -> str:
        """The riskiest that applies: who pays is unknown, who is paid is new, or neither."""
        if organisation == "unverified":
            return "new-organisation"
        if not paid_before:
            return "first-payout"
        return "trusted" if organisation == "trusted" else "verified"

    def bonus_limit(self, fee: int) -> int:
        """The most that all bonuses of an engagement may sum up to."""
        return max(self.bonus_floor, fee * self.bonus_bps // BASIS_POINTS)


REFUND_WITHIN = timedelta(days=180)  # After the release; a company that waits longer asks in vain.
ANSWER_WITHIN = timedelta(days=7)


def too_late(released_at: datetime, now: datetime) -> bool:
    """Whether a refund of what was released can no longer be asked for."""
    return now > released_at + REFUND_WITHIN
