"""Who may apply: rules as data, checked when it matters, and nothing personal leaves."""

import logging
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain import COUNTRIES, Eligibility, Personal
from services.applications.domain.eligibility import hours_problem, unmet
from shared.errors import Conflict, Invalid
from tests.unit.applications.test_following import cancelled
from tests.unit.applications.world import ANSWERS, KIM, OPERATOR, OWNER, PROFILE, World

TODAY = date(2026, 3, 2)
ME: dict[str, Any] = {
    "date_of_birth": "2004-03-02",
    "country": "PL",
    "work_authorisation": ["PL", "DE"],
}


def apply_as(world: World, eligibility: dict[str, Any], project_id: str = "prj-1") -> Any:
    world.call("put_profile", KIM, profile={**PROFILE, "eligibility": eligibility})
    return world.call("submit_application", KIM, project_id=project_id, answers=ANSWERS)


@pytest.mark.parametrize(
    ("rules", "told", "problems"),
    [
        ({"minimum_age": 22}, {}, []),
        ({"minimum_age": 23}, {}, ["minimum_age"]),
        ({"minimum_age": 18}, {"date_of_birth": None}, ["minimum_age"]),
        ({"minimum_age": 18}, {"date_of_birth": None, "adult": True}, []),
        ({"minimum_age": 19}, {"date_of_birth": None, "adult": True}, ["minimum_age"]),
        ({"minimum_age": 18}, {"date_of_birth": "2008-03-03", "adult": True}, ["minimum_age"]),
        ({"countries": ["DE", "PL"]}, {}, []),
        ({"countries": ["DE"]}, {}, ["countries"]),
        ({"countries": ["DE"]}, {"country": None}, ["countries"]),
        ({"work_authorisation": ["DE", "FR"]}, {}, []),
        ({"work_authorisation": ["FR"]}, {}, ["work_authorisation"]),
        ({"work_authorisation": ["FR"]}, {"work_authorisation": []}, ["work_authorisation"]),
        ({"weekly_hours_cap": 12}, {}, []),
        ({"weekly_hours_cap": 11}, {}, ["weekly_hours_cap"]),
        ({}, {"weekly_hours_cap": 11}, ["weekly_hours_cap"]),
        (
            {"minimum_age": 30, "countries": ["US"], "work_authorisation": ["US"]},
            {},
            ["minimum_age", "countries", "work_authorisation"],
        ),
        ({}, {"date_of_birth": None, "country": None, "work_authorisation": []}, []),
    ],
)
def test_each_rule_that_is_not_met_is_named_and_only_those(
    world: World, rules: dict[str, Any], told: dict[str, Any], problems: list[str]
) -> None:
    world.publish(eligibility=rules)
    if not problems:
        assert apply_as(world, {**ME, **told})["status"] == "submitted"
        return
    with pytest.raises(Conflict) as failure:
        apply_as(world, {**ME, **told})
    assert failure.value.code == "not-eligible"
    assert list(failure.value.errors) == problems
    assert world.service.applications.documents == {}


@given(born=st.dates(date(1920, 1, 1), TODAY), years=st.integers(13, 99), today=st.dates(TODAY))
def test_an_age_is_reached_on_the_birthday(born: date, years: int, today: date) -> None:
    problems = unmet(Eligibility(minimum_age=years), Personal(born.isoformat()), today)
    reached = (today.year - years, today.month, today.day) >= (born.year, born.month, born.day)
    assert (problems == {}) is reached


def test_an_unsaid_fact_asks_for_it_and_a_said_one_does_not() -> None:
    rules = Eligibility(minimum_age=18, countries=["PL"], work_authorisation=["PL"])
    assert all("profile" in text for text in unmet(rules, Personal(), TODAY).values())
    said = Personal("2020-01-01", country="DE", work_authorisation=["DE"])
    assert not any("profile" in text for text in unmet(rules, said, TODAY).values())


def test_work_that_runs_counts_towards_the_weekly_hours_and_ended_work_does_not(
    world: World,
) -> None:
    running = world.accepted()
    world.publish(project_id="prj-2", eligibility={"weekly_hours_cap": 20})
    with pytest.raises(Conflict, match="weekly_hours_cap"):
        apply_as(world, ME, "prj-2")
    world.tell("engagement.cancelled.v1", cancelled(running))
    assert apply_as(world, ME, "prj-2")["status"] == "submitted"


def test_hours_are_counted_again_when_a_position_is_accepted(world: World) -> None:
    cap = {"weekly_hours_cap": 20}
    for number in (1, 2):
        world.publish(project_id=f"prj-{number}", eligibility=cap)
    ids = [apply_as(world, ME, f"prj-{number}")["id"] for number in (1, 2)]
    for id_ in ids:
        world.select(id_)
    world.accept(ids[0])
    assert world.accept(ids[0])["status"] == "accepted"
    with pytest.raises(Conflict, match="weekly_hours_cap"):
        world.accept(ids[1])
    assert world.application(ids[1]).status == "selected"


def test_hours_of_a_week_are_rounded_up(world: World) -> None:
    world.publish(hours=25, weeks=3, eligibility={"weekly_hours_cap": 9})
    assert world.card().terms.weekly_hours == 9
    rules = Eligibility(weekly_hours_cap=20)
    assert hours_problem(rules, Personal(weekly_hours_cap=30), 10, 10) == {}
    assert hours_problem(rules, Personal(weekly_hours_cap=30), 10, 11) != {}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"date_of_birth": "2030-01-01"}, "eligibility.date_of_birth"),
        ({"date_of_birth": "1850-01-01"}, "eligibility.date_of_birth"),
        ({"date_of_birth": "yesterday"}, "eligibility.date_of_birth"),
        ({"country": "XX"}, "eligibility.country"),
        ({"work_authorisation": ["pl"]}, "eligibility.work_authorisation.0"),
        ({"weekly_hours_cap": 0}, "eligibility.weekly_hours_cap"),
        ({"religion": "x"}, "eligibility.religion"),
    ],
)
def test_personal_facts_are_checked_field_by_field(
    world: World, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as failure:
        world.call("put_profile", KIM, profile={**PROFILE, "eligibility": wrong})
    assert list(failure.value.errors) == [field]


def test_personal_facts_are_read_back_by_their_owner_and_leave_nowhere(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.publish(blind_review=False, eligibility={"minimum_age": 18, "countries": ["PL"]})
    secret = {**ME, "date_of_birth": "1999-07-31"}
    id_ = apply_as(world, secret)["id"]
    own = world.call("get_profile", KIM)["eligibility"]
    assert (own["date_of_birth"], own["country"]) == ("1999-07-31", "PL")
    views = [world.call("get_application", by, application_id=id_) for by in (OWNER, OPERATOR)]
    told = str([views, [event.data for event in world.announced], caplog.text])
    candidate = world.service.candidates.load(KIM.id)
    reprs = repr(candidate) + repr(candidate.profile.eligibility)
    for text in (told, reprs, str(asdict(world.application(id_)))):
        assert "1999-07-31" not in text
        assert "work_authorisation" not in text


def test_rules_and_codes_are_data_of_the_world() -> None:
    assert len(COUNTRIES) == 249
    assert {"PL", "US", "GB", "IN", "ZA"} <= COUNTRIES


def test_a_project_published_without_rules_takes_everybody(world: World) -> None:
    world.publish()
    terms = world.card().terms
    assert (terms.visibility, terms.eligibility, terms.decision_days) == (
        "public",
        Eligibility(),
        14,
    )
