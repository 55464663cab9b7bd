"""How each side rates the other: dimensions from 1 to 5, with a behaviour for each step.

The company's dimensions, weights and the anchors of 1, 3 and 5 are the field's (Parker Dewey,
Riipen and internship evaluation forms, as gathered in the project's field research): 25, 25, 25 and
15. The fifth of their rows, "deliverable against acceptance criteria" (10), is a gate here: work
that misses its criteria gets a revision, not a score. So the weights are normalised by their sum.
The candidate's dimensions are the field's too (brief, preparedness, responsiveness, fairness).
"""

from collections.abc import Mapping, Sequence
from typing import Any

VERSION = 1  # Counts up with each change of dimensions, weights or anchors.
LOWEST, HIGHEST = 1, 5
SPREAD = 2  # Raters of one side who are so far apart disagree.
SCALE = {
    "1": "does not meet",
    "2": "needs improvement",
    "3": "meets",
    "4": "exceeds",
    "5": "outstanding",
}

RUBRIC: list[dict[str, Any]] = [
    {
        "dimension": "work_ethic",
        "label": "Work ethic and professionalism",
        "weight": 25,
        "anchors": {
            "1": "Misses dates and falls silent.",
            "2": "Meets dates only after several reminders; replies late.",
            "3": "Meets dates with reminders; replies within two business days.",
            "4": "Meets dates unasked; says early when something slips.",
            "5": "Early and proactive; owns mistakes.",
        },
    },
    {
        "dimension": "problem_solving",
        "label": "Problem-solving and creativity",
        "weight": 25,
        "anchors": {
            "1": "Waits for instructions; errors repeat.",
            "2": "Solves parts of the problem; needs a hand with each next step.",
            "3": "Solves the stated problem with minor rework.",
            "4": "Solves it without rework and checks the result.",
            "5": "Reframes the problem and offers options backed by evidence.",
        },
    },
    {
        "dimension": "communication",
        "label": "Teamwork and communication",
        "weight": 25,
        "anchors": {
            "1": "Unclear; defensive about feedback.",
            "2": "Understood only after questions; applies some feedback.",
            "3": "Clear when asked; applies feedback.",
            "4": "Clear unasked; asks for feedback and uses it.",
            "5": "Concise; anticipates questions and improves the work of others.",
        },
    },
    {
        "dimension": "culture",
        "label": "Working style, as observed against the agreed norms",
        "weight": 15,
        "anchors": {
            "1": "Conflicts with the agreed norms.",
            "2": "Keeps the agreed norms when reminded.",
            "3": "Fits the agreed norms.",
            "4": "Keeps the norms when it is hard, too.",
            "5": "Strengthens the agreed norms.",
        },
    },
]
COMPANY_RUBRIC: list[dict[str, Any]] = [
    {
        "dimension": "brief_clarity",
        "label": "Clarity of the brief",
        "weight": 25,
        "anchors": {
            "1": "What was wanted became clear only after the work was handed in.",
            "2": "Important parts had to be asked for.",
            "3": "The brief said what was wanted; a question or two remained.",
            "4": "Nothing had to be asked; the criteria were the ones applied.",
            "5": "Examples and data were ready, and the purpose was explained.",
        },
    },
    {
        "dimension": "preparedness",
        "label": "Preparedness and access",
        "weight": 25,
        "anchors": {
            "1": "Data or access came too late to do the work well.",
            "2": "Access came only after reminders.",
            "3": "Access was there within two business days.",
            "4": "Everything was there at the start.",
            "5": "Everything was there, and somebody walked me through it.",
        },
    },
    {
        "dimension": "responsiveness",
        "label": "Responsiveness and feedback",
        "weight": 25,
        "anchors": {
            "1": "Questions stayed without an answer.",
            "2": "Answers came late or said little.",
            "3": "Answers within two business days; usable feedback.",
            "4": "Answers within a day; feedback on the criteria.",
            "5": "Quick answers, and feedback that taught me something.",
        },
    },
    {
        "dimension": "fairness",
        "label": "Fairness of scope and conduct",
        "weight": 25,
        "anchors": {
            "1": "More work was asked for than agreed, or I was treated badly.",
            "2": "The scope grew and had to be argued back.",
            "3": "The scope was as agreed; respectful conduct.",
            "4": "Changes were offered with time or pay for them.",
            "5": "My interest was looked after unasked.",
        },
    },
]
WEIGHTS: dict[str, int] = {item["dimension"]: item["weight"] for item in RUBRIC}
COMPANY_WEIGHTS: dict[str, int] = {item["dimension"]: item["weight"] for item in COMPANY_RUBRIC}


def weighted_score(scores: Mapping[str, int], weights: Mapping[str, int] = WEIGHTS) -> int:
    """0 (all ones) to 100 (all fives): the weighted mean of (score - 1) / 4, rounded half up."""
    points = sum(weight * (scores[name] - LOWEST) for name, weight in weights.items())
    return half_up(100 * points, sum(weights.values()) * (HIGHEST - LOWEST))


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two counts, rounded to the next whole number, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def combined(ratings: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Each dimension's mean over the raters, rounded half up."""
    names = ratings[0] if ratings else ()
    return {name: half_up(sum(one[name] for one in ratings), len(ratings)) for name in names}


def disagreement(ratings: Sequence[Mapping[str, int]]) -> list[str]:
    """The dimensions on which raters are two steps apart or more."""
    names = ratings[0] if ratings else ()
    seen = {name: [one[name] for one in ratings] for name in names}
    return [name for name, values in seen.items() if max(values) - min(values) >= SPREAD]
