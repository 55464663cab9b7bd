"""Saved cards, parts of fees, bonuses, changes, repayments, and who else pays."""

from marshmallow import fields

from services.gateway.schemas.base import (
    INT32,
    Paged,
    Request,
    View,
    choice,
    flag,
    identifier,
    iso_currency,
    listed,
    many,
    moment,
    money,
    number,
    string,
)


class NewCard(Request):
    """A card as the processor's form hands it out; the first one is the default."""

    token = string(3, 200, "tok_visa", required=True)
    default = flag(True, load_default=False)


class SavedCard(View):
    id = identifier("pm_0199", required=True)
    brand = string(0, 60, "visa")
    last4 = string(0, 4, "4242")
    default = flag(True, required=True)


class SavedCards(View):
    """An organisation's cards, the default one first."""

    id = identifier("org-0199", required=True)
    version = number(0, 10**9, 1)
    items = listed(SavedCard, required=True)
    simulated = flag(True)


class PayoutLink(View):
    """Where to go on at the bank: good once, and for a few minutes."""

    url = string(1, 2000, "https://connect.example/setup/0199", required=True)
    expires_at = moment(required=True)


def _card() -> fields.String:
    return identifier("pm_0199", allow_none=True, description="Without one, the default card.")


class PartRelease(Request):
    """A part of what is held; the platform takes its part of its share."""

    amount = number(1, INT32, 10_000, required=True)
    milestone = string(0, 200, "First half", load_default="")


class Bonus(Request):
    """Charged now, and all of it the candidate's: the platform takes no share."""

    amount = number(1, INT32, 5_000, required=True)
    note = string(0, 200, "Beyond what we hoped for.", load_default="")
    payment_method_id = _card()


class FeeAddition(Request):
    """Charged now, and a part of the fee from then on; only a change order takes anything off."""

    amount = number(1, INT32, 2_000, required=True)
    reason = string(1, 200, "One more table.", required=True)
    payment_method_id = _card()


class RepaymentWish(Request):
    """The platform gives back its part of its share along with what the candidate gives."""

    amount = number(1, INT32, 5_000, required=True)
    reason = string(1, 200, "A part was done by somebody else.", required=True)


class RepaymentAnswer(Request):
    agreed = flag(False, required=True)


class SponsorOffer(Request):
    """Another organisation, its share of each fee and the most that all of it may sum up to."""

    org_id = identifier("org-0200", required=True)
    cap_amount = money(50_000, required=True)
    share_percent = number(0, 100, 50, required=True)


class FundingProposal(Request):
    """In force for who is selected after it; a sponsor pays nothing before it has agreed."""

    currency = iso_currency(required=True)
    payment_method_id = _card()
    sponsors = many(SponsorOffer, 0, 5, load_default=list)


class FundingAnswer(Request):
    agreed = flag(True, required=True)


class Sponsor(View):
    org_id = identifier("org-0200", required=True)
    cap_amount = money(50_000, required=True)
    share_percent = number(0, 100, 50, required=True)
    used_amount = money(13_200)
    status = choice(["proposed", "agreed", "declined"], required=True)


class Contribution(View):
    """What a sponsor is charged for an engagement; where it confirms that, it alone reads."""

    engagement_id = identifier("eng-0199", required=True)
    org_id = identifier("org-0200", required=True)
    amount = money(13_200, required=True)
    returned_amount = money(0)
    status = choice(["under-way", "requires-confirmation", "charged", "failed"], required=True)
    failure_code = string(0, 100, "card-declined", allow_none=True)
    action_url = string(0, 2000, "https://pay.example/confirm/0199", allow_none=True)
    confirm_by = moment(allow_none=True)
    what = string(0, 200, "It is held, or was paid out, as a part of the fee.")


class FundingPlan(View):
    """Who pays for a project's engagements; a sponsor sees its own part alone."""

    id = identifier("fnd-0199", required=True)
    version = number(1, 10**9, 1)
    project_id = identifier("prj-0199", required=True)
    org_id = identifier("org-0199", required=True)
    currency = iso_currency(required=True)
    payment_method_id = identifier("pm_0199", allow_none=True)
    sponsors = listed(Sponsor, required=True)
    charges = listed(Contribution)


class FundingPlans(Paged):
    items = listed(FundingPlan, required=True)
