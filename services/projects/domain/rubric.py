"""How work is scored: four dimensions, 1 to 5, with anchors that show a 1, a 3 and a 5.

Dimensions, weights and anchors are the field's (Parker Dewey, Riipen and internship evaluation
forms, as gathered in the project's field research): 25, 25, 25 and 15. The fifth of their rows,
"deliverable against acceptance criteria" (10), is a gate here: work that misses its criteria gets a
revision, not a score. So the four weights are normalised by their sum, 90.
"""

from collections.abc import Mapping
from typing import Any

LOWEST, HIGHEST = 1, 5

RUBRIC: list[dict[str, Any]] = [
    {
        "dimension": "work_ethic",
        "label": "Work ethic and professionalism",
        "weight": 25,
        "anchors": {
            "1": "Misses dates and falls silent.",
            "3": "Meets dates with reminders; replies within two business days.",
            "5": "Early and proactive; owns mistakes.",
        },
    },
    {
        "dimension": "problem_solving",
        "label": "Problem-solving and creativity",
        "weight": 25,
        "anchors": {
            "1": "Waits for instructions; errors repeat.",
            "3": "Solves the stated problem with minor rework.",
            "5": "Reframes the problem and offers options backed by evidence.",
        },
    },
    {
        "dimension": "communication",
        "label": "Teamwork and communication",
        "weight": 25,
        "anchors": {
            "1": "Unclear; defensive about feedback.",
            "3": "Clear when asked; applies feedback.",
            "5": "Concise; anticipates questions and improves the work of others.",
        },
    },
    {
        "dimension": "culture",
        "label": "Working style, as observed against the agreed norms",
        "weight": 15,
        "anchors": {
            "1": "Conflicts with the agreed norms.",
            "3": "Fits the agreed norms.",
            "5": "Strengthens the agreed norms.",
        },
    },
]
WEIGHTS: dict[str, int] = {item["dimension"]: item["weight"] for item in RUBRIC}


def weighted_score(scores: Mapping[str, int]) -> int:
    """0 (all ones) to 100 (all fives): the weighted mean of (score - 1) / 4, rounded half up."""
    points = sum(weight * (scores[name] - LOWEST) for name, weight in WEIGHTS.items())
    best = sum(WEIGHTS.values()) * (HIGHEST - LOWEST)
    return (200 * points + best) // (2 * best)
