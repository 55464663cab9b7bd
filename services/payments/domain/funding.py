"""Who pays for the engagements of a project: a chosen card, and sponsors up to what they agreed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from services.payments.events import Event
from services.payments.events.extras import SponsorshipAnswered, SponsorshipProposed
from shared.errors import Conflict, Invalid, NotFound

MOST_SPONSORS = 5


@dataclass(frozen=True)
class Offer:
    """What a company asks of a sponsor: this share of each fee, all together up to the cap."""

    org_id: str
    cap_amount: int
    share_percent: int


@dataclass
class Use:
    """What a sponsor was asked to bring for an engagement, less what came back to it."""

    engagement_id: str
    amount: int


@dataclass
class Sponsor:
    """Pays nothing before it has agreed, and never more than the cap."""

    org_id: str
    cap_amount: int
    share_percent: int
    agreed: bool | None = None
    answered_at: datetime | None = None
    uses: list[Use] = field(default_factory=list)

    @property
    def used(self) -> int:
        return sum(use.amount for use in self.uses)

    def same(self, offer: Offer) -> bool:
        return (self.cap_amount, self.share_percent) == (offer.cap_amount, offer.share_percent)

    def part(self, fee: int) -> int:
        """What it brings of this fee now."""
        return max(0, min(fee * self.share_percent // 100, self.cap_amount - self.used))


@dataclass
class FundingPlan:
    """Made by the company (`org_id`) before it selects anybody; in force for what follows."""

    id: str
    project_id: str
    org_id: str
    currency: str
    card_id: str | None = None
    sponsors: list[Sponsor] = field(default_factory=list)
    sponsor_ids: list[str] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def engagement_ids(self) -> list[str]:
        """Those to whose fees a sponsor was asked to bring a part, in order."""
        return sorted({use.engagement_id for one in self.sponsors for use in one.uses})

    def propose(self, currency: str, card_id: str | None, offers: Iterable[Offer]) -> None:
        """Change the plan; whoever's part is another than it was is asked anew."""
        offers = list(offers)
        self._require_sound(offers, currency)
        known = {one.org_id: one for one in self.sponsors}
        self.currency, self.card_id = currency, card_id
        self.sponsors = [self._sponsor(offer, known.get(offer.org_id)) for offer in offers]
        self.sponsor_ids = [one.org_id for one in self.sponsors]

    def answer(self, org_id: str, agreed: bool, now: datetime) -> None:
        """A sponsor's word; it may be taken back for what is not charged yet. Raises NotFound."""
        sponsor = next((one for one in self.sponsors if one.org_id == org_id), None)
        if sponsor is None:
            raise NotFound("funding-plan-not-found", "There is no such funding plan.")
        if sponsor.agreed is agreed:
            return
        sponsor.agreed, sponsor.answered_at = agreed, now
        about = {"plan_id": self.id, "project_id": self.project_id, "org_id": self.org_id}
        self.events.append(SponsorshipAnswered(**about, sponsor_org_id=org_id, agreed=agreed))

    def reserve(self, engagement_id: str, fee: int, currency: str, able: Collection[str]) -> None:
        """Put aside what each sponsor brings of a fee, once; those without a card bring nothing."""
        if currency != self.currency:
            return
        for one in self.sponsors:
            known = any(use.engagement_id == engagement_id for use in one.uses)
            part = one.part(fee) if one.agreed and one.org_id in able and not known else 0
            if part:
                one.uses.append(Use(engagement_id, part))

    def parts(self, engagement_id: str) -> list[tuple[str, int]]:
        """Which sponsor brings how much of this engagement's fee."""
        return [
            (one.org_id, use.amount)
            for one in self.sponsors
            for use in one.uses
            if use.engagement_id == engagement_id
        ]

    def settle(self, engagement_id: str, brought: Mapping[str, int]) -> None:
        """Free the caps of what came back, or was never charged."""
        for one in self.sponsors:
            for use in one.uses:
                if use.engagement_id == engagement_id:
                    use.amount = brought.get(one.org_id, 0)

    def _require_sound(self, offers: list[Offer], currency: str) -> None:
        if len(offers) > MOST_SPONSORS:
            raise _unsound(f"There are at most {MOST_SPONSORS} sponsors.")
        if sum(offer.share_percent for offer in offers) > 100:
            raise _unsound("All shares together are at most 100 percent.")
        if len({offer.org_id for offer in offers} - {self.org_id}) != len(offers):
            raise _unsound("Name other organisations, each of them once.")
        if currency != self.currency and any(one.uses for one in self.sponsors):
            raise Conflict("currency-fixed", f"Sponsors have paid in {self.currency} already.")
        missing = {one.org_id for one in self.sponsors if one.used} - {o.org_id for o in offers}
        if missing:
            raise Conflict("sponsor-has-paid", f"{missing.pop()} has paid: set its share to 0.")

    def _sponsor(self, offer: Offer, known: Sponsor | None) -> Sponsor:
        if known and known.same(offer):
            return known
        self.events.append(
            SponsorshipProposed(
                plan_id=self.id,
                project_id=self.project_id,
                org_id=offer.org_id,
                company_org_id=self.org_id,
                cap_amount=offer.cap_amount,
                share_percent=offer.share_percent,
                currency=self.currency,
            )
        )
        uses = known.uses if known else []
        return Sponsor(offer.org_id, offer.cap_amount, offer.share_percent, uses=uses)


def plan_id(project_id: str, org_id: str) -> str:
    """A company has one plan for a project."""
    return f"fnd-{sha256(f'{project_id}|{org_id}'.encode()).hexdigest()[:26]}"


def _unsound(sentence: str) -> Invalid:
    return Invalid("funding-plan-unsound", sentence, {"sponsors": sentence})
