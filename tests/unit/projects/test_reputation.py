"""The published formula, against figures that were worked out by hand."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.projects.domain.evaluation import WINDOW, Evaluation
from services.projects.domain.reputation import (
    FAULT,
    MINIMUM,
    RATING,
    Input,
    reputation,
    weight,
)
from services.projects.domain.work import Party
from services.projects.schemas import evaluation_views as views
from services.projects.usecases.evaluations import reputation_inputs
from tests.unit.projects.samples import ANNA, CARLA, DAY, NOW, completed, of_company, opinion

YEAR = timedelta(days=365)


def rated(value: int, age: timedelta = timedelta(), name: str = "eng-1", **more: bool) -> Input:
    return Input(engagement_id=name, kind=RATING, value=value, at=NOW - age, **more)


def score(*inputs: Input) -> int | None:
    return reputation(inputs, NOW).score


def test_three_of_today_are_their_mean() -> None:
    assert score(rated(80), rated(90), rated(70)) == 80
    assert score(rated(80), rated(81), rated(80)) == 80  # 80.33
    assert score(rated(80), rated(81), rated(81), rated(80)) == 81  # 80.5, halves upwards


def test_a_year_halves_what_it_counts() -> None:
    assert [weight(age) for age in (timedelta(), YEAR, 2 * YEAR)] == [
        1,
        Decimal("0.5"),
        Decimal("0.25"),
    ]
    # (1 * 100 + 0.5 * 40 + 0.25 * 40) / 1.75 = 130 / 1.75 = 74.29
    assert score(rated(100), rated(40, YEAR), rated(40, 2 * YEAR)) == 74


def test_below_three_there_is_no_score() -> None:
    assert MINIMUM == 3
    assert score() is None
    assert score(rated(90), rated(80)) is None


def test_one_s_own_fault_counts_as_nothing_and_as_an_input() -> None:
    fault = Input(engagement_id="eng-4", kind=FAULT, value=0, at=NOW)
    assert score(rated(80), rated(80), rated(80), fault) == 60
    assert score(rated(80), rated(80), fault) == 53  # 160 / 3


def test_what_was_removed_on_appeal_is_shown_and_does_not_count() -> None:
    inputs = [rated(80), rated(80), rated(80), rated(0, excluded=True)]
    found = reputation(inputs, NOW)
    assert (found.score, found.counted, len(found.inputs)) == (80, 3, 4)


def test_what_is_under_appeal_counts_until_it_is_decided() -> None:
    assert score(rated(90), rated(90), rated(0, appealed=True)) == 60


def test_the_silence_of_the_other_side_counts_for_nothing() -> None:
    """Accepted and never rated: neither side's record has anything in it."""
    silent = Evaluation.of(completed(), NOW)
    silent.settle(NOW + WINDOW + 2 * DAY)
    one_sided = Evaluation.of(completed(), NOW)
    one_sided.rate(Party.CANDIDATE, CARLA.id, of_company(), NOW + DAY)
    one_sided.settle(NOW + 2 * DAY + WINDOW)
    assert reputation_inputs("candidate_id", [silent], []) == []
    assert reputation_inputs("org_id", [silent], []) == []
    assert reputation_inputs("candidate_id", [one_sided], []) == []
    (counted,) = reputation_inputs("org_id", [one_sided], [])
    assert counted.value == 88


def test_a_rating_that_is_not_released_counts_for_nothing() -> None:
    hidden = Evaluation.of(completed(), NOW)
    hidden.rate(Party.COMPANY, ANNA.id, opinion(), NOW + DAY)
    assert reputation_inputs("candidate_id", [hidden], []) == []


def test_a_cancellation_counts_for_whose_fault_it_was() -> None:
    ended = {"id": "eng-9", "cancellation": {"fault": "candidate", "cancelled_at": NOW}}
    (counted,) = reputation_inputs("candidate_id", [], [ended])
    assert (counted.kind, counted.value) == (FAULT, 0)
    assert reputation_inputs("org_id", [], [ended]) == []


def test_every_input_is_shown_with_its_weight_and_strangers_read_no_ids() -> None:
    inputs = [rated(80, YEAR, "eng-1"), rated(90, name="eng-2"), rated(70, name="eng-3")]
    whole = views.reputation("acc-1", reputation(inputs, NOW), whole=True)
    assert [(one["value"], one["weight"]) for one in whole["inputs"]] == [
        (70, "1.0000"), (90, "1.0000"), (80, "0.5000"),
    ]  # fmt: skip
    assert (whole["minimum"], whole["half_life_days"], whole["formula_version"]) == (3, 365, "1")
    for_strangers = views.reputation("acc-1", reputation(inputs, NOW), whole=False)
    assert "eng-" not in str(for_strangers)
    few = views.reputation("acc-1", reputation(inputs[:2], NOW), whole=False)
    assert (few["score"], few["inputs"]) == (None, [])


INPUTS = st.lists(
    st.builds(rated, st.integers(0, 100), st.timedeltas(timedelta(), 3 * YEAR)), min_size=3,
    max_size=8,
)  # fmt: skip


@settings(max_examples=60)
@given(INPUTS, st.integers(0, 7))
def test_a_better_rating_never_lowers_the_score(inputs: list[Input], which: int) -> None:
    place = which % len(inputs)
    one = inputs[place]
    better = Input(engagement_id="eng-1", kind=RATING, value=100, at=one.at)
    before, after = score(*inputs), score(*inputs[:place], better, *inputs[place + 1 :])
    assert before is not None
    assert after is not None
    assert after >= before


@settings(max_examples=60)
@given(INPUTS, st.timedeltas(timedelta(), 3 * YEAR))
def test_time_alone_moves_nothing_but_weights(inputs: list[Input], later: timedelta) -> None:
    """All inputs age together: with nothing new the score stays, but for rounding of weights."""
    then: datetime = NOW + later
    before, after = reputation(inputs, NOW).score, reputation(inputs, then).score
    assert before is not None
    assert after is not None
    assert abs(before - after) <= 1


@pytest.mark.parametrize("words", ["half-life", "minimum", "silence", "appeal"])
def test_the_formula_is_published(words: str) -> None:
    assert words in (Path(__file__).parents[3] / "docs" / "reputation.md").read_text().lower()
