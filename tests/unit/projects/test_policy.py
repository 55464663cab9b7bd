"""What a brief is held to before candidates see it, by the rules of the data files."""

from dataclasses import replace
from typing import Any

import pytest

from services.projects.domain.parts import FACTORS
from services.projects.domain.policy import PayException
from tests.unit.projects.samples import DAY, NOW, POLICY, brief

REFUSED = [category.id for category in POLICY.categories if category.refused]
REVIEWED = [category.id for category in POLICY.categories if not category.refused]
SCHOOL = {"organisation_kind": "nonprofit", "institution": "Lakeside College"}


def faults(**changes: Any) -> dict[str, str]:
    return POLICY.faults(brief(**changes), None, NOW)


def concerns(**changes: Any) -> list[str]:
    return [finding.code for finding in POLICY.concerns(brief(**changes))]


def unpaid(**changes: Any) -> dict[str, str]:
    given = {"fee_amount": None, "unpaid_basis": "course-credit", "unpaid_terms": SCHOOL, **changes}
    return faults(**given)


def test_a_usual_brief_has_no_faults_and_raises_no_concerns() -> None:
    assert faults() == {}
    assert concerns() == []


@pytest.mark.parametrize(
    ("currency", "country", "least"),
    [("USD", None, 2000), ("EUR", "DE", 1500), ("EUR", "LU", 1600), ("GBP", None, 1300)],
)
def test_the_fee_is_at_least_the_floor_for_the_hours(
    currency: str, country: str | None, least: int
) -> None:
    where = {"place": {"country": country, "city": "There"}} if country else {}
    terms = {"fee_currency": currency, "hours": 10, **where}
    assert faults(fee_amount=least * 10, **terms) == {}
    told = faults(fee_amount=least * 10 - 1, **terms)
    assert set(told) == {"fee_amount"}
    assert str(least * 10) in told["fee_amount"]


def test_every_floor_names_its_source_and_every_country_s_currency_has_one_of_its_own() -> None:
    assert all(floor.source for floor in POLICY.floors)
    of_all = {floor.currency for floor in POLICY.floors if floor.country is None}
    assert {floor.currency for floor in POLICY.floors} == of_all
    assert all(floor.per_hour > 0 for floor in POLICY.floors)


def test_a_currency_without_a_floor_is_looked_at_and_not_refused() -> None:
    assert faults(fee_currency="JPY", fee_amount=1) == {}
    assert concerns(fee_currency="JPY") == ["pay-floor-unknown"]


def test_an_exception_covers_its_own_fee_and_better_ones() -> None:
    low = brief(fee_amount=18_000)
    granted = PayException(
        fee_amount=18_000, fee_currency="USD", hours=12, reason="A charity.", granted_at=NOW
    )
    assert POLICY.faults(low, granted, NOW) == {}
    assert POLICY.faults(replace(low, fee_amount=20_000), granted, NOW) == {}
    for worse in ({"fee_amount": 17_999}, {"hours": 13}, {"fee_currency": "CAD"}):
        assert set(POLICY.faults(replace(low, **worse), granted, NOW)) == {"fee_amount"}


def test_unpaid_work_names_what_it_rests_on() -> None:
    assert unpaid() == {}
    assert set(unpaid(unpaid_terms=None)) == {"unpaid_terms"}
    assert set(unpaid(unpaid_terms={"organisation_kind": "nonprofit"})) == {"unpaid_terms"}


def test_a_for_profit_confirms_all_seven_factors_for_unpaid_work() -> None:
    company = {**SCHOOL, "organisation_kind": "for_profit"}
    assert unpaid(unpaid_terms={**company, "confirmed": list(FACTORS)}) == {}
    for missing in FACTORS:
        rest = [factor for factor in FACTORS if factor != missing]
        assert missing in unpaid(unpaid_terms={**company, "confirmed": rest})["unpaid_terms"]


@pytest.mark.parametrize(("basis", "most"), POLICY.unpaid_hours.items())
def test_unpaid_work_has_a_cap_of_hours(basis: str, most: int) -> None:
    assert unpaid(unpaid_basis=basis, hours=most) == {}
    if most < 40:
        assert set(unpaid(unpaid_basis=basis, hours=most + 1)) == {"hours"}


@pytest.mark.parametrize("category", REFUSED)
def test_what_is_prohibited_and_declared_is_refused(category: str) -> None:
    assert set(faults(declared=[category])) == {"declared"}


@pytest.mark.parametrize("category", REVIEWED)
def test_what_is_risky_and_declared_is_looked_at(category: str) -> None:
    assert faults(declared=[category]) == {}
    assert concerns(declared=[category]) == [f"declared:{category}"]


def test_an_unknown_category_is_named() -> None:
    assert "ufology" in faults(declared=["ufology"])["declared"]


@pytest.mark.parametrize("category", POLICY.categories, ids=lambda category: category.id)
def test_words_send_a_brief_to_a_review_and_never_refuse_it(category: Any) -> None:
    for word in category.words:
        summary = f"We want somebody who knows {word.rstrip('*').upper()}, for our own list."
        assert faults(summary=summary) == {}
        (finding,) = POLICY.concerns(brief(summary=summary))
        assert (finding.code, finding.field) == (f"words:{category.id}", "summary")
        assert word.rstrip("*") in finding.sentence


def test_words_are_found_wherever_people_read_and_only_whole() -> None:
    criteria = [{"title": "Report", "acceptance_criteria": ["Names each firearm."]}]
    assert concerns(deliverables=criteria) == ["words:weapons"]
    assert concerns(questions=[{"text": "Would you write my essay?"}]) != []
    assert concerns(objective="Our alphabetting tool needs a test.") == []


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"supervisor": None}, {"supervisor"}),
        ({"location_mode": "on_site"}, {"place", "time_zone"}),
        (
            {"location_mode": "hybrid", "place": {"country": "US", "city": "Chicago"}},
            {"time_zone"},
        ),
        ({"apply_by": NOW.isoformat()}, {"apply_by"}),
        ({"apply_by": (NOW + DAY).isoformat()}, set()),
    ],
)
def test_what_a_published_brief_cannot_be_without(changes: Any, missing: set[str]) -> None:
    assert set(faults(**changes)) == missing
