"""Saved cards, and what moves beside the fee: parts, bonuses, changes, repayments."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.money import (
    Bonus,
    FeeAddition,
    NewCard,
    PartRelease,
    PayoutLink,
    RepaymentAnswer,
    RepaymentWish,
    SavedCards,
)
from services.gateway.schemas.payments import Escrow

resource = Resource("money", __name__, description="Cards, parts of fees, bonuses, repayments")
CARDS, ENGAGEMENT = "/payment-methods", "/engagements/<engagement_id>"


@resource.operation("POST", CARDS, body=NewCard, answer=SavedCards, status=201)
def add_payment_method(body: dict[str, Any]) -> Any:
    return ask("payments", "add_payment_method", **body)


@resource.operation("GET", CARDS, answer=SavedCards)
def list_payment_methods() -> Any:
    return ask("payments", "list_payment_methods")


@resource.operation("PUT", f"{CARDS}/<card_id>/default", answer=SavedCards)
def choose_payment_method(card_id: str) -> Any:
    return ask("payments", "choose_payment_method", card_id=card_id)


@resource.operation("DELETE", f"{CARDS}/<card_id>", answer=SavedCards)
def remove_payment_method(card_id: str) -> Any:
    return ask("payments", "remove_payment_method", card_id=card_id)


@resource.operation("POST", "/payout-account/link", answer=PayoutLink, status=201)
def create_payout_link() -> Any:
    return ask("payments", "create_payout_link")


@resource.operation("POST", f"{ENGAGEMENT}/releases", body=PartRelease, answer=Escrow)
def release_part(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "release_part", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{ENGAGEMENT}/bonus", body=Bonus, answer=Escrow)
def grant_bonus(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "grant_bonus", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{ENGAGEMENT}/fee-additions", body=FeeAddition, answer=Escrow)
def add_to_fee(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "add_to_fee", engagement_id=engagement_id, **body)


@resource.operation("POST", f"{ENGAGEMENT}/repayments", body=RepaymentWish, answer=Escrow)
def ask_repayment(engagement_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "ask_repayment", engagement_id=engagement_id, **body)


@resource.operation(
    "POST",
    f"{ENGAGEMENT}/repayments/<request_id>/answer",
    body=RepaymentAnswer,
    answer=Escrow,
)
def answer_repayment(engagement_id: str, request_id: str, body: dict[str, Any]) -> Any:
    about = {"engagement_id": engagement_id, "request_id": request_id}
    return ask("payments", "answer_repayment", **about, **body)
