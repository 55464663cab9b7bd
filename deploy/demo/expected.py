"""The figures that must come out, computed from the input files alone."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PLATFORM_SHARE = Decimal("0.10")


@dataclass(frozen=True)
class Expected:
    """What one brief must lead to; amounts in minor units."""

    charged: int
    fee: int
    paid: int
    currency: str
    offer_status: str | None
    best: frozenset[str]


def expected(brief: dict[str, Any], place: int, candidates: list[dict[str, Any]]) -> Expected:
    """The outcome of the brief at this place (from 1) of the file."""
    charged = Decimal(brief["fee_amount"])
    fee = (charged * PLATFORM_SHARE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Expected(
        charged=int(charged),
        fee=int(fee),
        paid=int(charged - fee),
        currency=brief["fee_currency"],
        offer_status=_offer(brief),
        best=frozenset(_best(brief, place, candidates)),
    )


def _offer(brief: dict[str, Any]) -> str | None:
    terms = brief["hire_offer"]
    score = 100 * _mean_share(brief["scores"])
    if not terms or not brief["would_hire"] or score < terms["minimum_score"]:
        return None
    return {"accept": "accepted", "decline": "declined"}[str(brief["offer_answer"])]


def _mean_share(scores: dict[str, int]) -> Decimal:
    """How far between all ones and all fives, with the rubric's weights."""
    weights = {"work_ethic": 25, "problem_solving": 25, "communication": 25, "culture": 15}
    shares = (Decimal(weights[name]) * (score - 1) / 4 for name, score in scores.items())
    return sum(shares, Decimal()) / sum(weights.values())


def _best(brief: dict[str, Any], place: int, candidates: list[dict[str, Any]]) -> list[str]:
    """Those applicants who cover the most required skills."""
    required = {skill["label"] for skill in brief["skills"] if skill["required"]}
    covered = {
        person["email"]: len(required & set(person["skills"]))
        for person in candidates
        if place in person["applies"]
    }
    return [email for email, count in covered.items() if count == max(covered.values())]
