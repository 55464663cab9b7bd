"""What a brief may say, and how a slip is answered."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projects.domain.brief import Brief, contradictions
from services.projects.domain.rubric import (
    COMPANY_RUBRIC,
    COMPANY_WEIGHTS,
    RUBRIC,
    WEIGHTS,
    weighted_score,
)
from services.projects.schemas.briefs import BriefSchema, ProjectFilters
from services.projects.schemas.evaluations import CompanyOpinionSchema, ScoresSchema
from services.projects.schemas.inputs import PageSchema, load
from services.projects.schemas.work import SubmissionSchema
from shared.errors import Invalid
from tests.unit.projects.samples import FILE, SCORES, brief, brief_input

OFFER = {
    "kind": "internship",
    "title": "Data intern",
    "pay_amount": 2400,
    "pay_currency": "USD",
    "pay_period": "hour",
}


def errors_of(data: Any, *, partial: bool = False) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        load(BriefSchema(), data, partial=partial)
    assert caught.value.code == "input-invalid"
    return caught.value.errors


def test_a_short_brief_gets_the_usual_terms() -> None:
    short = brief()
    assert (short.positions, short.review_days, short.max_revision_rounds) == (1, 14, 2)
    assert (short.selection_hours, short.blind_review, short.location_mode) == (72, True, "remote")
    assert short.questions == []
    assert short.hire_offer is None
    assert short.unpaid_basis is None


def test_questions_and_deliverables_are_numbered_by_their_place_whatever_a_client_sends_back() -> (
    None
):
    sent = brief(
        questions=[
            {"text": "Which tool would you use?", "question_id": "q9"},
            {"text": "When can you start?", "required": False},
        ],
        deliverables=[
            {"title": "CSV", "acceptance_criteria": ["No duplicates."], "deliverable_id": "x"},
            {"title": "Change log", "acceptance_criteria": ["Every merge is listed."]},
        ],
    )
    assert [(q.question_id, q.required) for q in sent.questions] == [("q1", True), ("q2", False)]
    assert [expected.deliverable_id for expected in sent.deliverables] == ["d1", "d2"]


def test_every_wrong_field_is_named_at_once_with_what_to_do() -> None:
    errors = errors_of(
        {
            "title": "CRM",
            "summary": "Too short",
            "deliverables": [{"title": "CSV", "acceptance_criteria": []}],
            "skills": [{"label": "manage data"}, "python"],
            "hours": 41,
            "weeks": 0,
            "fee_amount": 264.5,
            "fee_currency": "usd",
            "questions": [{"text": "Why do you want this?"}] * 6,
            "apply_by": "2026-03-16T17:00:00",
            "time_zone": "Madrid",
            "blind_review": "perhaps",
            "colour": "red",
        }
    )
    assert set(errors) == {
        "title",
        "summary",
        "deliverables.0.acceptance_criteria",
        "skills.0.skill_id",
        "skills.1",
        "hours",
        "weeks",
        "fee_amount",
        "fee_currency",
        "questions",
        "apply_by",
        "time_zone",
        "blind_review",
        "colour",
    }
    assert errors["hours"] == "Say the hours of work, 5 to 40."
    assert errors["colour"] == "There is no such field; remove it."
    assert all(sentence.endswith(".") for sentence in errors.values())


def test_missing_fields_are_named_and_fields_that_contradict_each_other_in_the_same_answer() -> (
    None
):
    errors = errors_of({"hours": 12})
    assert set(errors) == {"title", "summary", "deliverables", "skills", "weeks", "fee_amount"}


def test_what_is_no_object_is_refused_in_one_sentence() -> None:
    assert errors_of(["a brief"]) == {"body": "Send an object."}
    assert errors_of(brief_input(hire_offer=[]))["hire_offer"] == "Send an object."


@pytest.mark.parametrize("hours", [5, 40])
def test_the_limits_themselves_are_allowed(hours: int) -> None:
    assert brief(hours=hours, weeks=8).hours == hours


@pytest.mark.parametrize("hours", [4, 41, 12.5, 12.0, "12", True, float("nan")])
def test_hours_are_a_whole_number_from_5_to_40(hours: Any) -> None:
    assert errors_of(brief_input(hours=hours)) == {"hours": "Say the hours of work, 5 to 40."}


def test_a_paid_project_names_fee_and_currency() -> None:
    assert set(errors_of(brief_input(fee_amount=0))) == {"fee_amount"}
    assert set(errors_of(brief_input(fee_amount=None))) == {"fee_amount"}
    assert set(errors_of(brief_input(fee_amount=-1))) == {"fee_amount"}
    assert set(errors_of(brief_input(fee_currency=None))) == {"fee_currency"}
    assert set(errors_of(brief_input(fee_currency="QQQ"))) == {"fee_currency"}


def test_an_unpaid_project_says_on_which_basis_and_has_no_fee() -> None:
    unpaid = brief(fee_amount=None, fee_currency=None, unpaid_basis="course-credit")
    assert (unpaid.fee_amount, unpaid.unpaid_basis) == (0, "course-credit")
    errors = errors_of(brief_input(unpaid_basis="simulation"))
    assert errors == {
        "fee_amount": "An unpaid project has no fee: set fee_amount 0 or drop unpaid_basis."
    }
    assert set(errors_of(brief_input(fee_amount=0, unpaid_basis="fun"))) >= {"unpaid_basis"}


def test_skills_and_deliverables_are_named_once() -> None:
    twice = [{"skill_id": "esco-data", "label": "manage data"}] * 2
    errors = errors_of(brief_input(skills=twice, deliverables=brief_input()["deliverables"] * 2))
    assert errors == {
        "skills": "Name each skill once; named twice: esco-data.",
        "deliverables": "Name each deliverable once; named twice: Clean CSV.",
    }


def test_absent_fields_contradict_nothing() -> None:
    assert contradictions({}) == {}


def test_a_deadline_is_kept_as_utc_in_whole_milliseconds() -> None:
    dated = brief(apply_by="2026-03-16T17:00:00.123987+01:00")
    assert dated.apply_by == datetime(2026, 3, 16, 16, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_deadline_outside_the_calendar_is_refused(moment: str) -> None:
    assert set(errors_of(brief_input(apply_by=moment))) == {"apply_by"}


def test_blanks_around_a_text_do_not_count_and_nul_is_refused() -> None:
    assert brief(title="  Clean CRM  ").title == "Clean CRM"
    assert set(errors_of(brief_input(title="   CRM   "))) == {"title"}
    assert set(errors_of(brief_input(title="Clean\0 CRM"))) == {"title"}


def test_a_hire_offer_has_defaults_and_limits() -> None:
    offer = brief(hire_offer=OFFER).hire_offer
    assert offer is not None
    assert (offer.policy, offer.minimum_score, offer.valid_days) == ("draft", 75, 14)
    wrong = {**OFFER, "pay_amount": 0, "kind": "marriage", "valid_days": 91}
    assert set(errors_of(brief_input(hire_offer=wrong))) == {
        "hire_offer.pay_amount",
        "hire_offer.kind",
        "hire_offer.valid_days",
    }


def test_a_change_replaces_fields_and_leaves_the_rest() -> None:
    changes = load(BriefSchema(), {"hours": 20, "hire_offer": None}, partial=True)
    changed = brief(hire_offer=OFFER).changed(changes)
    assert (changed.hours, changed.hire_offer, changed.fee_amount) == (20, None, 26400)


def test_a_change_is_whole_within_what_it_changes() -> None:
    errors = errors_of({"skills": [{"label": "manage data"}]}, partial=True)
    assert set(errors) == {"skills.0.skill_id"}


def test_a_change_that_contradicts_the_rest_is_refused() -> None:
    changes = load(BriefSchema(), {"unpaid_basis": "simulation"}, partial=True)
    with pytest.raises(Invalid) as caught:
        brief().changed(changes)
    assert set(caught.value.errors) == {"fee_amount"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(BriefSchema().fields)), JSON))
def test_whatever_is_sent_is_a_brief_or_refused_in_sentences(data: dict[str, Any]) -> None:
    errors = {"": "None."}
    try:
        Brief(**load(BriefSchema(), {**brief_input(), **data}))
    except Invalid as exc:
        errors = exc.errors
    assert errors
    assert all(isinstance(text, str) and text.endswith(".") for text in errors.values())


def test_the_rubric_weighs_25_25_25_15_with_a_behaviour_for_each_step() -> None:
    assert WEIGHTS == {"work_ethic": 25, "problem_solving": 25, "communication": 25, "culture": 15}
    assert sum(COMPANY_WEIGHTS.values()) == 100
    for rubric in (RUBRIC, COMPANY_RUBRIC):
        assert all(set(item["anchors"]) == {"1", "2", "3", "4", "5"} for item in rubric)
        assert all(len(set(item["anchors"].values())) == 5 for item in rubric)
    assert set(ScoresSchema().fields) == set(WEIGHTS)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((1, 1, 1, 1), 0),
        ((5, 5, 5, 5), 100),
        ((3, 3, 3, 3), 50),
        ((4, 5, 4, 4), 82),
        ((3, 3, 2, 3), 43),
    ],
)
def test_the_weighted_score_runs_from_0_to_100(scores: tuple[int, ...], expected: int) -> None:
    assert weighted_score(dict(zip(WEIGHTS, scores, strict=True))) == expected


@given(st.tuples(*[st.integers(1, 5)] * 4), st.integers(0, 3))
def test_a_better_score_never_weighs_less(scores: tuple[int, ...], which: int) -> None:
    before = dict(zip(WEIGHTS, scores, strict=True))
    name = list(WEIGHTS)[which]
    assert weighted_score({**before, name: min(before[name] + 1, 5)}) >= weighted_score(before)


def test_an_evaluation_scores_all_four_dimensions() -> None:
    answers = {"scores": {**SCORES, "culture": 6, "charm": 5}, "would_hire": True}
    with pytest.raises(Invalid) as caught:
        load(CompanyOpinionSchema(), answers)
    assert set(caught.value.errors) == {"scores.culture", "scores.charm", "would_engage_again"}


def test_a_submission_needs_described_files() -> None:
    wrong = {**FILE, "sha256": "9F86", "size": 0}
    with pytest.raises(Invalid) as caught:
        load(SubmissionSchema(), {"files": [wrong]})
    assert set(caught.value.errors) == {"files.0.sha256", "files.0.size"}
    with pytest.raises(Invalid):
        load(SubmissionSchema(), {"files": []})


def test_searches_and_pages_take_numbers_as_addresses_write_them() -> None:
    asked = load(ProjectFilters(), {"min_fee": "20000"})
    assert asked == {"min_fee": 20000, "mine": False, "sort": "newest"}
    assert load(PageSchema(), {"limit": "5", "after": None}) == {"limit": 5, "after": None}
    with pytest.raises(Invalid):
        load(PageSchema(), {"limit": 101})
