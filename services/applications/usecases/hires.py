"""From the yes to a job: its start, its end, how it lasts, and what each side reads of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from services.applications.domain import CONVERSION_FEE, CheckInAnswer, HireOffer, Side
from services.applications.usecases.hire_offers import person
from services.applications.usecases.ports import HireOffers, State
from shared.envelope import Call
from shared.principal import Principal
from shared.sweep import each

_OFFER = [
    "id",
    "version",
    "engagement_id",
    "project_id",
    "org_id",
    "candidate_id",
    "status",
    "created_at",
    "expires_at",
    "decline_reason",
    "rescind_reason",
    "accepted_at",
    "started_at",
    "ended_at",
    "end_reason",
]


def start_hire(offers: HireOffers, call: Call, offer_id: str, on: date, now: datetime) -> HireOffer:
    """Either side tells that the job has begun."""
    return _act(offers, call, "start_hire", offer_id, lambda one, side: one.start(side, on, now))


def end_hire(
    offers: HireOffers, call: Call, offer_id: str, reason: str, now: datetime
) -> HireOffer:
    """Either side tells that it is over, or that it never began."""
    return _act(offers, call, "end_hire", offer_id, lambda one, side: one.end(side, reason, now))


def answer_check_in(
    offers: HireOffers, call: Call, offer_id: str, day: int, answer: CheckInAnswer, now: datetime
) -> HireOffer:
    def answer_(offer: HireOffer, side: Side) -> None:
        offer.answer_check_in(side, day, answer, now)

    return _act(offers, call, "answer_check_in", offer_id, answer_)


def sweep_hire_offers(offers: HireOffers, now: datetime) -> None:
    """Let silence have its meaning: for offers, for starts that nobody told of, for check-ins."""
    each(offers.due(now), lambda id_: offers.change(id_, None, lambda one: one.pass_time(now)))


def side_of(by: Principal) -> Side:
    return Side.CANDIDATE if by.role == "candidate" else Side.COMPANY


def view(one: HireOffer, by: Principal) -> State:
    return offer_row(asdict(one), by)


def offer_row(state: Mapping[str, Any], by: Principal) -> State:
    """Nothing is owed for a conversion, and each side reads its own answers alone."""
    return {
        **{name: state.get(name) for name in _OFFER},
        **state["terms"],
        "waits_for_release": bool(state.get("waits_for_release")),
        "conversion_fee_amount": CONVERSION_FEE,
        "check_ins": [_check_in(one, by) for one in state.get("check_ins", ())],
    }


def _check_in(asked: Mapping[str, Any], by: Principal) -> State:
    own = asked.get(side_of(by)) if by.role != "operator" else None
    return {
        **{name: asked[name] for name in ("day", "asked_at", "closes_at")},
        "answered": [side.value for side in Side if asked.get(side)],
        "own": own and dict(own),
    }


def _act(
    offers: HireOffers,
    call: Call,
    operation: str,
    offer_id: str,
    use_case: Callable[[HireOffer, Side], None],
) -> HireOffer:
    def act(offer: HireOffer) -> None:
        call.principal.require(operation, org_id=offer.org_id, person_id=person(offer))
        use_case(offer, side_of(call.principal))

    return offers.change(offer_id, call, act)
