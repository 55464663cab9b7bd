"""The parts of a brief that say with whom, where, for whom, and on which conditions."""

from typing import Any

import pytest

from services.projects.domain.parts import FACTORS
from services.projects.schemas.briefs import BriefSchema
from services.projects.schemas.inputs import load
from shared.errors import Invalid
from tests.unit.projects.samples import brief, brief_input
from tests.unit.projects.test_briefs import OFFER


def errors_of(**changes: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        load(BriefSchema(), brief_input(**changes))
    return set(caught.value.errors)


def test_a_short_brief_is_public_for_everybody_and_answers_within_two_weeks() -> None:
    short = brief()
    assert (short.visibility, short.eligibility, short.decision_days) == ("public", None, 14)
    assert (short.ai_policy, short.declared) == ("assist", [])


def test_a_supervisor_has_a_name_and_a_role() -> None:
    named = brief(supervisor={"name": "Dana Whitfield", "role": "Head of sales"}).supervisor
    assert named is not None
    assert (named.name, named.role) == ("Dana Whitfield", "Head of sales")
    assert errors_of(supervisor={"name": "D"}) == {"supervisor.name", "supervisor.role"}
    wrong = {"name": "Dana", "role": "Head", "email": "dana@example.com"}
    assert errors_of(supervisor=wrong) == {"supervisor.email"}


def test_a_place_is_a_town_of_a_country() -> None:
    assert errors_of(place={"country": "UK", "city": "L"}) == {"place.country", "place.city"}


@pytest.mark.parametrize("policy", ["none", "assist", "free"])
def test_the_ai_policy_is_one_of_three_and_may_be_explained(policy: str) -> None:
    stated = brief(ai_policy=policy, ai_note="Name the tool.")
    assert (stated.ai_policy, stated.ai_note) == (policy, "Name the tool.")
    assert errors_of(ai_policy="maybe", ai_note="x" * 1001) == {"ai_policy", "ai_note"}


def test_contract_to_hire_names_the_job_that_may_follow() -> None:
    statement = "From 75 points on the internship below is offered."
    assert brief(contract_to_hire=statement, hire_offer=OFFER).contract_to_hire == statement
    assert errors_of(contract_to_hire=statement) == {"contract_to_hire"}


def test_eligibility_is_asked_in_ages_countries_and_hours() -> None:
    asked = brief(eligibility={"minimum_age": 18, "countries": ["US"]}).eligibility
    assert asked is not None
    assert (asked.minimum_age, asked.countries, asked.work_authorisation) == (18, ["US"], [])
    wrong = {"minimum_age": 12, "countries": ["XX"], "weekly_hours_cap": 61}
    assert errors_of(eligibility=wrong) == {
        "eligibility.minimum_age",
        "eligibility.countries.0",
        "eligibility.weekly_hours_cap",
    }


def test_the_checklist_of_unpaid_work_knows_what_is_still_open() -> None:
    given = {"organisation_kind": "for_profit", "confirmed": list(FACTORS[:5])}
    terms = brief(unpaid_terms=given).unpaid_terms
    assert terms is not None
    assert terms.unconfirmed == list(FACTORS[5:])
    assert errors_of(unpaid_terms={"organisation_kind": "club", "confirmed": ["fun"]}) == {
        "unpaid_terms.organisation_kind",
        "unpaid_terms.confirmed.0",
    }


def test_others_hear_for_whom_a_project_is_and_nothing_of_its_inner_terms() -> None:
    announced = brief(visibility="link_only", eligibility={"minimum_age": 18}).published()
    assert (announced["visibility"], announced["decision_days"]) == ("link_only", 14)
    assert announced["eligibility"]["minimum_age"] == 18
    assert {"supervisor", "declared", "unpaid_terms", "objective"} & set(announced) == set()
    assert errors_of(visibility="secret", decision_days=0) == {"visibility", "decision_days"}
