"""What a draft is advised on: what is missing, what would be refused, what would be looked at."""

from typing import Any

import pytest

from services.projects.domain.hints import FULL, HINTS, advice
from services.projects.schemas.briefs import BriefSchema
from services.projects.schemas.inputs import load
from tests.unit.projects.samples import DAY, NOW, POLICY, brief_input

CRITERIA = ["One row per person.", "Every merge is listed."]
GOOD = brief_input(
    objective="Sales mails the list without an apology from now on.",
    summary="We keep contacts in three systems. " * 4 + "You get the exports and an afternoon.",
    deliverables=[{"title": "Clean CSV", "acceptance_criteria": CRITERIA}],
    questions=[{"text": "How would you find duplicates?"}],
    apply_by=(NOW + 20 * DAY).isoformat(),
    time_zone="America/Chicago",
    ai_note="Scripts are welcome; hand them in.",
)
WORSE: dict[str, Any] = {
    "objective-missing": {"objective": "Clean."},
    "summary-short": {"summary": "Clean our list of contacts."},
    "deliverables-missing": {"deliverables": None},
    "criteria-few": {"deliverables": [{"title": "CSV", "acceptance_criteria": ["Sorted."]}]},
    "criteria-vague": {
        "deliverables": [{"title": "CSV", "acceptance_criteria": ["Sorted.", "Good, etc."]}]
    },
    "supervisor-missing": {"supervisor": None},
    "skills-all-required": {
        "skills": [{"skill_id": f"s{n}", "label": f"skill {n}"} for n in range(6)]
    },
    "questions-missing": {"questions": []},
    "week-too-full": {"hours": 21, "fee_amount": 50_000},
    "deadline-missing": {"apply_by": None},
    "time-zone-missing": {"time_zone": None},
    "ai-note-missing": {"ai_note": None},
}


def advised(**changes: Any) -> dict[str, Any]:
    values = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return advice(load(BriefSchema(), values, partial=True), POLICY, NOW)


def test_a_good_brief_lacks_nothing() -> None:
    assert advised() == {"score": 100, "missing": [], "hints": [], "faults": [], "findings": []}


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: hint.code)
def test_each_hint_names_what_is_missing_and_costs_its_weight(hint: Any) -> None:
    told = advised(**WORSE[hint.code])
    assert [(one["code"], one["field"]) for one in told["hints"]] == [(hint.code, hint.field)]
    assert told["score"] == FULL - hint.weight
    assert hint.sentence.endswith(".")


def test_an_empty_draft_is_told_every_required_field_and_never_scores_below_0() -> None:
    told = advice({}, POLICY, NOW)
    assert set(told["missing"]) == {
        *("title", "summary", "deliverables", "skills", "hours", "weeks"),
    }
    assert 0 <= told["score"] < 40
    assert sum(hint.weight for hint in HINTS) == FULL


def test_it_says_beforehand_what_would_be_refused_or_looked_at() -> None:
    told = advised(fee_amount=100, objective=GOOD["objective"] + " It lists casinos.")
    assert [fault["field"] for fault in told["faults"]] == ["fee_amount"]
    assert [finding["code"] for finding in told["findings"]] == ["words:gambling"]
