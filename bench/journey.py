"""The durable flow that every side plays: work is evaluated, then paid, and an offer follows.

Only what it is about, in plain Python: the documents that are stored beforehand, and the rules that
read them. Each side brings its own way to load, save, announce and acknowledge.
"""

from collections.abc import Iterator, Mapping
from typing import Any

SHARE = 10  # Per cent of the fee that the platform keeps.
CRITERIA = ("correct", "complete", "clear", "tested", "on time")

Facts = dict[str, Any]


def engagement(number: int) -> Facts:
    """Delivered work, with what its evaluator has given for each criterion."""
    rubric = [
        {"criterion": name, "weight": 20, "points": 60 + (number * 7 + at * 11) % 40, "note": "x"}
        for at, name in enumerate(CRITERIA)
    ]
    return {"_id": f"e{number}", "status": "submitted", "candidate_id": f"c{number}"} | {
        "project_id": f"p{number % 50}",
        "title": "Write a parser for the export of the weather station" + " and its tests" * 4,
        "rubric": rubric,
    }


def escrow(number: int) -> Facts:
    """The fee of an engagement, held until the work is evaluated."""
    return {"_id": f"escrow-e{number}", "status": "held", "engagement_id": f"e{number}"} | {
        "candidate_id": f"c{number}",
        "amount": 40_000 + number % 1_000,
        "currency": "EUR",
    }


def stored(numbers: range) -> Iterator[tuple[str, list[Facts]]]:
    """The documents that are there before the flow begins, by collection."""
    yield "engagements", [engagement(number) for number in numbers]
    yield "escrows", [escrow(number) for number in numbers]


def submitted(number: int) -> Facts:
    """What the first message says."""
    return {"engagement_id": f"e{number}"}


def score(rubric: list[Mapping[str, Any]]) -> int:
    """0 to 100."""
    return sum(row["weight"] * row["points"] for row in rubric) // 100


def earned(amount: int) -> int:
    """What the candidate gets of a fee, in minor units."""
    return amount - amount * SHARE // 100
