"""Profiles: written by their candidate, announced when they change."""

import pytest

from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.applications.world import KIM, LEE, OWNER, PROFILE, World


def test_a_profile_is_read_back_as_it_was_written(world: World) -> None:
    written = world.call("put_profile", KIM, profile=PROFILE)
    assert written == world.call("get_profile", KIM)
    assert (written["id"], written["version"]) == (KIM.id, 1)
    assert written["portfolio"][0]["file_id"] is None
    told = {**written, "portfolio": 0}
    assert told.pop("eligibility")["work_authorisation"] == []
    assert told == {**PROFILE, "portfolio": 0, "schools": [], "id": KIM.id, "version": 1}


def test_a_changed_profile_is_announced_and_the_same_one_is_no_news(world: World) -> None:
    world.call("put_profile", KIM, profile=PROFILE)
    world.call("put_profile", KIM, profile=PROFILE)
    world.call("put_profile", KIM, profile={**PROFILE, "weekly_hours": 20})
    assert world.types() == ["candidate.updated"] * 2
    assert world.announced[1].data == {
        "candidate_id": KIM.id,
        "skills": PROFILE["skills"],
        "weekly_hours": 20,
        "open_to_work": True,
    }


def test_the_announcement_holds_no_words_of_the_candidate(world: World) -> None:
    world.call("put_profile", KIM, profile=PROFILE)
    text = str(world.announced[0].data)
    assert PROFILE["headline"] not in text
    assert PROFILE["about"] not in text


def test_nobody_reads_anothers_profile_and_who_has_none_is_told_so(world: World) -> None:
    world.call("put_profile", KIM, profile=PROFILE)
    with pytest.raises(NotFound) as failure:
        world.call("get_profile", LEE)
    assert failure.value.code == "profile-not-found"


def test_a_company_has_no_profile(world: World) -> None:
    with pytest.raises(Forbidden):
        world.call("put_profile", OWNER, profile=PROFILE)
    with pytest.raises(Forbidden):
        world.call("get_profile", OWNER)


def test_a_profile_that_has_changed_since_it_was_read_is_not_overwritten(world: World) -> None:
    world.call("put_profile", KIM, profile=PROFILE)
    stale = Call(principal=KIM, expected_version=7)
    with pytest.raises(Conflict):
        world.repeat("put_profile", stale, profile={**PROFILE, "headline": "Other"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headline": ""}, "headline"),
        ({"headline": " \n "}, "headline"),
        ({"weekly_hours": 81}, "weekly_hours"),
        ({"weekly_hours": "ten"}, "weekly_hours"),
        ({"skills": [{"skill_id": "s1", "label": "x", "level": 6}]}, "skills.0.level"),
        ({"skills": [*PROFILE["skills"], *PROFILE["skills"]]}, "skills"),
        ({"portfolio": [{"title": "x", "url": "javascript:alert(1)"}]}, "portfolio.0.url"),
        ({"portfolio": [{"title": "x"}] * 11}, "portfolio"),
        ({"email": "kim@example.org"}, "email"),
    ],
)
def test_a_field_that_does_not_fit_is_named(world: World, change: object, field: str) -> None:
    with pytest.raises(Invalid) as failure:
        world.call("put_profile", KIM, profile={**PROFILE, **change})  # type: ignore[dict-item]
    assert list(failure.value.errors) == [field]


@pytest.mark.parametrize("nonsense", [None, [], "text", 7])
def test_what_is_no_profile_at_all_is_invalid(world: World, nonsense: object) -> None:
    with pytest.raises(Invalid):
        world.call("put_profile", KIM, profile=nonsense)
