"""A company's talent pool: asked, consented, taken back, and what is seen without consent."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.applications.domain import Talent, TalentStatus
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    PROFILE,
    START,
    STRANGER,
    World,
)

S = TalentStatus
PERSONAL = (KIM.id, PROFILE["headline"], PROFILE["about"], "Survey")


@pytest.fixture
def declined(world: World) -> str:
    """Blind: nobody at the company knows that it is Kim's."""
    world.publish()
    id_ = world.apply()
    world.call("decline_application", OWNER, application_id=id_, reason="position-filled")
    return id_


@pytest.fixture
def asked(world: World, declined: str) -> str:
    return str(ask(world, declined)["id"])


def ask(world: World, application_id: str, by: Principal = OWNER, **more: Any) -> Any:
    arguments = {"application_id": application_id, "lists": ["analysts", "summer"], **more}
    return world.call("ask_talent", by, **arguments)


def do(world: World, what: str, id_: str, by: Principal = KIM, **more: Any) -> Any:
    return world.call(f"{what}_talent", by, talent_id=id_, **more)


def pool(world: World, by: Principal = OWNER, **more: Any) -> list[Any]:
    items: list[Any] = world.call("list_talent", by, **more)["items"]
    return items


def told(world: World) -> str:
    """All that the company can read of it: answers, lists, and what is announced without ids."""
    return str([pool(world), pool(world, list="analysts"), world.call("list_todo", OWNER)])


def test_nothing_of_a_candidate_is_seen_before_they_consent(world: World, asked: str) -> None:
    assert not any(word in told(world) for word in PERSONAL)
    view = do(world, "get", asked, OWNER)
    assert (view["status"], view["candidate_id"], view["profile"]) == ("asked", None, None)
    do(world, "refuse", asked)
    assert not any(word in told(world) for word in PERSONAL)


def test_with_consent_the_company_sees_who_it_is_and_their_profile_of_now(
    world: World, asked: str
) -> None:
    for _ in range(2):
        do(world, "grant", asked)
    assert world.types().count("talent-consent.granted") == 1
    world.call("put_profile", KIM, profile={**PROFILE, "headline": "Data engineer"})
    (entry,) = pool(world, list="summer")
    assert (entry["candidate_id"], entry["profile"]["headline"]) == (KIM.id, "Data engineer")
    assert "eligibility" not in entry["profile"]
    assert pool(world, list="others") == []


def test_consent_is_taken_back_at_any_time_and_all_of_it_goes(world: World, asked: str) -> None:
    do(world, "grant", asked)
    world.now.pass_(days=400)
    view = do(world, "revoke", asked)
    assert (view["status"], view["lists"]) == ("revoked", [])
    assert world.types()[-1] == "talent-consent.revoked"
    assert not any(word in told(world) for word in PERSONAL)
    for what, by in (("grant", KIM), ("refuse", KIM)):
        with pytest.raises(Conflict):
            do(world, what, asked, by)
    with pytest.raises(Conflict):
        world.call("put_talent_lists", OWNER, talent_id=asked, lists=["analysts"])


def test_silence_is_no_consent(world: World, asked: str) -> None:
    world.now.pass_(days=30)
    with pytest.raises(Conflict):
        do(world, "grant", asked)
    world.sweep()
    world.sweep()
    assert do(world, "get", asked, OWNER)["status"] == "expired"
    assert world.types().count("talent-consent.expired") == 1


def test_they_are_asked_once_per_application(world: World, declined: str, asked: str) -> None:
    do(world, "refuse", asked)
    with pytest.raises(Conflict):
        ask(world, declined)
    assert world.types().count("talent-consent.asked") == 1


def test_nobody_is_asked_while_their_application_is_open(world: World) -> None:
    """A yes tells who it is, and reviewers are blind."""
    world.publish()
    with pytest.raises(Conflict):
        ask(world, world.apply())


def test_no_id_tells_that_two_applications_are_one_persons(world: World, declined: str) -> None:
    world.publish(project_id="prj-2")
    second = world.apply(KIM, "prj-2")
    world.call("decline_application", OWNER, application_id=second, reason="not-a-fit")
    ids = {ask(world, id_)["id"] for id_ in (declined, second)}
    assert ids == {id_.replace("app-", "tal-") for id_ in (declined, second)}


@pytest.mark.parametrize("lists", [["x" * 61], [" "], ["a"] * 11, "analysts", [1]])
def test_lists_have_names_and_are_few(world: World, declined: str, lists: Any) -> None:
    with pytest.raises(Invalid):
        ask(world, declined, lists=lists)


def test_the_company_names_its_lists_and_drops_whom_it_keeps_no_longer(
    world: World, asked: str
) -> None:
    world.call("put_talent_lists", OWNER, talent_id=asked, lists=["others"])
    assert [one["id"] for one in pool(world, list="others")] == [asked]
    do(world, "grant", asked)
    do(world, "drop", asked, OWNER)
    assert not any(word in told(world) for word in PERSONAL)
    assert pool(world, KIM)[0]["status"] == "dropped"


def test_only_whom_it_concerns_reads_or_answers(world: World, declined: str, asked: str) -> None:
    for by, error in ((LEE, NotFound), (OWNER, Forbidden), (OPERATOR, Forbidden)):
        for what in ("grant", "refuse", "revoke"):
            with pytest.raises(error):
                do(world, what, asked, by)
    for by, error in ((STRANGER, NotFound), (EVALUATOR, Forbidden), (KIM, Forbidden)):
        with pytest.raises(error):
            do(world, "drop", asked, by)
        with pytest.raises(error):
            ask(world, declined, by)
        with pytest.raises(error):
            world.call("put_talent_lists", by, talent_id=asked, lists=[])
    for by in (LEE, STRANGER):
        with pytest.raises(NotFound):
            do(world, "get", asked, by)
        assert pool(world, by) == []
    for by in (EVALUATOR, OPERATOR):
        with pytest.raises(Forbidden):
            pool(world, by)


def test_the_candidate_is_reminded_until_they_answer(world: World, asked: str) -> None:
    def kinds() -> list[str]:
        return [item["kind"] for item in world.call("list_todo", KIM)["items"]]

    assert kinds() == ["answer-talent-consent"]
    do(world, "refuse", asked)
    assert kinds() == []


ACTS: dict[str, Any] = {
    "grant": lambda one, now: one.grant(now),
    "refuse": lambda one, _: one.refuse(),
    "revoke": lambda one, _: one.revoke(),
    "drop": lambda one, _: one.drop(),
    "expire": lambda one, now: one.expire(now),
    "list": lambda one, _: one.put_lists(["others"]),
}
NEXT = {S.ASKED: {S.GRANTED, S.REFUSED, S.EXPIRED, S.DROPPED}, S.GRANTED: {S.REVOKED, S.DROPPED}}
DAYS = st.sampled_from([0, 1, 29, 30])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), DAYS), max_size=8))
def test_no_calls_at_any_times_keep_somebody_without_consent(calls: list[tuple[str, int]]) -> None:
    ends = START + timedelta(days=30)
    talent = Talent("tal-1", "app-1", "prj-1", "org-1", "acc-1", "Title", START, ends)
    talent.ask(["analysts"])
    now: datetime = START
    for name, days in calls:
        now += timedelta(days=days)
        before, said = talent.status, len(talent.events)
        with suppress(Conflict):
            ACTS[name](talent, now)
        after = talent.status
        assert after is before or after in NEXT.get(before, ())
        assert (len(talent.events) > said) is (after is not before)
        assert (talent.due_at is not None) is (after is S.ASKED)
        assert after in (S.ASKED, S.GRANTED) or talent.lists == []
