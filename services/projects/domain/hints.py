"""What would make a brief better: rules that name what is missing, and decide nothing."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime
from typing import Any

from services.projects.domain.brief import Brief, contradictions
from services.projects.domain.experience import Experience, warnings
from services.projects.domain.policy import Policy

BLANKS: dict[str, Any] = {
    "title": "",
    "summary": "",
    "deliverables": [],
    "skills": [],
    "hours": 0,
    "weeks": 0,
}
VAGUE = ("good", "nice", "high quality", "as needed", "etc", "professional", "and so on")
HOURS_A_WEEK = 20  # More is hard beside studies, and more than many student visas allow in term.
FULL = 100


@dataclass(frozen=True, kw_only=True)
class Hint:
    """`lacks` tells from a brief whether the hint is due; `weight` is its part of 100."""

    code: str
    field: str
    weight: int
    sentence: str
    lacks: Callable[[Brief], object]


def advice(
    values: Mapping[str, Any], policy: Policy, now: datetime, known: Experience | None = None
) -> dict[str, Any]:
    """Hints with a score of 0 to 100, what would be refused, and what would be looked at.

    What others noted of the template's work is told beside, and costs no points.
    """
    brief = Brief(**{**BLANKS, **values})
    absent = [name for name in REQUIRED if name not in values]
    due = [hint for hint in HINTS if hint.lacks(brief)]
    faults = contradictions(values) | policy.faults(brief, None, now)
    return {
        "score": FULL - sum(hint.weight for hint in due),
        "missing": absent,
        "hints": [
            {"code": code, "field": field, "sentence": sentence}
            for code, field, sentence in (
                *((hint.code, hint.field, hint.sentence) for hint in due),
                *(warnings(brief, known, policy) if known else ()),
            )
        ],
        "faults": [{"field": field, "sentence": text} for field, text in faults.items()],
        "findings": [asdict(finding) for finding in policy.concerns(brief)],
    }


def _vague(brief: Brief) -> bool:
    text = " ".join(one for item in brief.deliverables for one in item.acceptance_criteria).lower()
    return any(f" {word} " in f" {text} ".replace(",", " ").replace(".", " ") for word in VAGUE)


def _few_criteria(brief: Brief) -> bool:
    return any(len(item.acceptance_criteria) < 2 for item in brief.deliverables)


REQUIRED = tuple(
    one.name for one in fields(Brief) if one.default is MISSING and one.default_factory is MISSING
)
HINTS = (
    Hint(
        code="objective-missing",
        field="objective",
        weight=12,
        sentence="Say what the result is for: who uses it, and how you will tell that it helped.",
        lacks=lambda brief: len(brief.objective or "") < 30,
    ),
    Hint(
        code="summary-short",
        field="summary",
        weight=12,
        sentence="Say what is there today, what you need, and what the candidate gets from you.",
        lacks=lambda brief: len(brief.summary) < 120,
    ),
    Hint(
        code="deliverables-missing",
        field="deliverables",
        weight=12,
        sentence="Name what is handed in at the end, one thing at a time.",
        lacks=lambda brief: not brief.deliverables,
    ),
    Hint(
        code="criteria-few",
        field="deliverables",
        weight=12,
        sentence="Give each deliverable two criteria at least by which you will accept it.",
        lacks=_few_criteria,
    ),
    Hint(
        code="criteria-vague",
        field="deliverables",
        weight=8,
        sentence="Say in numbers or facts what `good` or `professional` means here.",
        lacks=_vague,
    ),
    Hint(
        code="supervisor-missing",
        field="supervisor",
        weight=12,
        sentence="Name who answers the candidate's questions, and their role.",
        lacks=lambda brief: brief.supervisor is None,
    ),
    Hint(
        code="skills-all-required",
        field="skills",
        weight=6,
        sentence="Require at most five skills; mark the others as welcome.",
        lacks=lambda brief: sum(skill.required for skill in brief.skills) > 5,
    ),
    Hint(
        code="questions-missing",
        field="questions",
        weight=6,
        sentence="Ask one or two questions that show how somebody would go about the work.",
        lacks=lambda brief: not brief.questions,
    ),
    Hint(
        code="week-too-full",
        field="weeks",
        weight=8,
        sentence=f"Leave more weeks: over {HOURS_A_WEEK} hours a week is hard beside studies.",
        lacks=lambda brief: brief.hours > HOURS_A_WEEK * brief.weeks,
    ),
    Hint(
        code="deadline-missing",
        field="apply_by",
        weight=4,
        sentence="Say until when people may apply, so that they hear from you sooner.",
        lacks=lambda brief: brief.apply_by is None,
    ),
    Hint(
        code="time-zone-missing",
        field="time_zone",
        weight=4,
        sentence="Say your time zone, also of remote work: it is when questions are answered.",
        lacks=lambda brief: brief.time_zone is None,
    ),
    Hint(
        code="ai-note-missing",
        field="ai_note",
        weight=4,
        sentence="Say in a sentence what tools may do, and what is to be disclosed.",
        lacks=lambda brief: not brief.ai_note,
    ),
)
