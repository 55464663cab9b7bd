"""From the yes to a job: starts, ends, check-ins, and what it costs."""

from pathlib import Path
from typing import Any

import pytest

from shared.data import read_yaml
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_credentials import completed
from tests.unit.applications.test_hire_offers import DRAFTED
from tests.unit.applications.world import EVALUATOR, KIM, LEE, OPERATOR, OWNER, STRANGER, World

CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
TERMS = {
    "kind": "full-time",
    "title": "Analyst",
    "pay_amount": 300000,
    "pay_currency": "EUR",
    "pay_period": "month",
    "starts_on": "2026-05-04",
    "weekly_hours": 40,
    "place": "Warsaw",
    "note": "You would join the team that you worked with.",
}


@pytest.fixture
def accepted(world: World) -> str:
    offer_id = world.evaluate(world.accepted())
    world.call("accept_hire_offer", KIM, offer_id=offer_id)
    return offer_id


@pytest.fixture
def started(world: World, accepted: str) -> str:
    begin(world, accepted)
    return accepted


def begin(world: World, offer_id: str, by: Principal = OWNER) -> Any:
    day = world.now().date().isoformat()
    return world.call("start_hire", by, offer_id=offer_id, started_on=day)


def status(world: World, offer_id: str) -> str:
    return str(world.call("get_hire_offer", OPERATOR, offer_id=offer_id)["status"])


def say(world: World, by: Principal, offer_id: str, day: int, **more: Any) -> Any:
    answer = {"employed": True, "rating": 4, **more}
    return world.call("answer_check_in", by, offer_id=offer_id, day=day, **answer)


def after(world: World, **time: float) -> None:
    world.now.pass_(**time)
    world.sweep()
    world.sweep()


def test_nobody_pays_for_a_hire(world: World, started: str) -> None:
    """Payments cannot charge for what it never hears of, and no offer names a price."""
    for by in (OWNER, KIM):
        view = world.call("get_hire_offer", by, offer_id=started)
        assert view["conversion_fee_amount"] == 0
    for file in CONTRACTS.glob("hire-*.yml"):
        contract = read_yaml(file)
        assert "payments" not in contract["consumers"]
        assert not any("fee" in name for name in contract["schema"]["properties"])


def test_a_company_offers_a_job_for_any_finished_work(world: World) -> None:
    world.publish(hire_offer=None)
    application_id = world.accepted()
    engagement_id = application_id.replace("app-", "eng-")

    def make(by: Principal = OWNER) -> Any:
        return world.call("make_hire_offer", by, engagement_id=engagement_id, terms=TERMS)

    with pytest.raises(Conflict, match="finished"):
        make()
    world.tell("engagement.completed.v1", completed(application_id))
    view = make()
    assert view["status"] == "extended"
    assert view["starts_on"] == "2026-05-04"
    assert world.call("get_hire_offer", KIM, offer_id=view["id"])["place"] == "Warsaw"
    assert world.types()[-1] == "hire-offer.extended"
    with pytest.raises(Conflict, match="There is a hire offer"):
        make()
    with pytest.raises(NotFound):
        make(STRANGER)
    for by in (KIM, EVALUATOR, OPERATOR):
        with pytest.raises(Forbidden):
            make(by)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "slavery"}, "kind"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "2026-03-01"}, "starts_on"),
        ({"weekly_hours": 90}, "weekly_hours"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_terms_are_of_known_types_and_bounds(world: World, changes: Any, field: str) -> None:
    application_id = world.accepted()
    world.tell("engagement.completed.v1", completed(application_id))
    arguments = {"engagement_id": application_id.replace("app-", "eng-")}
    with pytest.raises(Invalid) as failure:
        world.call("make_hire_offer", OWNER, **arguments, terms={**TERMS, **changes})
    assert list(failure.value.errors) == [field]


def test_an_offer_is_taken_back_only_before_its_answer(world: World) -> None:
    offer_id = world.evaluate(world.accepted())
    with pytest.raises(Invalid):
        world.call("rescind_hire_offer", OWNER, offer_id=offer_id, reason="We met Kim's boss.")
    for _ in range(2):
        view = world.call("rescind_hire_offer", OWNER, offer_id=offer_id, reason="budget")
    assert (view["status"], view["rescind_reason"]) == ("rescinded", "budget")
    assert world.types().count("hire-offer.rescinded") == 1
    with pytest.raises(Conflict):
        world.call("accept_hire_offer", KIM, offer_id=offer_id)


def test_an_accepted_or_expired_offer_is_not_taken_back(world: World, accepted: str) -> None:
    with pytest.raises(Conflict):
        world.call("rescind_hire_offer", OWNER, offer_id=accepted, reason="budget")


def test_a_draft_that_nobody_approves_lapses_and_its_candidate_never_hears_of_it(
    world: World,
) -> None:
    world.publish(hire_offer=DRAFTED)
    offer_id = world.evaluate(world.apply())
    after(world, days=29)
    assert status(world, offer_id) == "drafted"
    after(world, days=1)
    assert status(world, offer_id) == "dropped"
    assert world.types()[-1] == "hire-offer.dropped"
    assert world.call("list_hire_offers", KIM)["items"] == []
    with pytest.raises(NotFound):
        world.call("get_hire_offer", KIM, offer_id=offer_id)


def test_either_side_tells_of_the_start_once(world: World, accepted: str) -> None:
    assert begin(world, accepted, KIM)["status"] == "started"
    begin(world, accepted)
    assert world.types().count("hire-offer.started") == 1
    assert world.announced[-1].data["by"] == "candidate"


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-03"])
def test_a_start_lies_between_the_offer_and_today(world: World, accepted: str, day: str) -> None:
    with pytest.raises(Invalid):
        world.call("start_hire", OWNER, offer_id=accepted, started_on=day)


def test_who_starts_a_job_that_nobody_took_is_told_so(world: World) -> None:
    offer_id = world.evaluate(world.accepted())
    with pytest.raises(Conflict):
        begin(world, offer_id)


def test_without_a_word_of_a_start_both_are_reminded_and_then_it_did_not_happen(
    world: World, accepted: str
) -> None:
    after(world, days=29)
    assert "hire-offer.reminded" not in world.types()
    after(world, days=1)
    assert world.types().count("hire-offer.reminded") == 1
    after(world, days=59)
    assert status(world, accepted) == "accepted"
    after(world, days=1)
    assert status(world, accepted) == "not_started"
    assert world.announced[-1].data["by"] == "clock"
    assert world.announced[-1].data["began"] is False


def test_a_start_that_the_terms_name_is_asked_for_on_its_day(world: World) -> None:
    world.publish(hire_offer=DRAFTED)
    offer_id = world.evaluate(world.apply())
    changes = {"starts_on": "2026-03-20"}
    world.call("extend_hire_offer", OWNER, offer_id=offer_id, terms=changes)
    world.call("accept_hire_offer", KIM, offer_id=offer_id)
    after(world, days=17)
    assert "hire-offer.reminded" not in world.types()
    after(world, days=1)
    assert "hire-offer.reminded" in world.types()


def test_both_are_asked_after_30_and_90_days_and_who_stays_is_retained(
    world: World, started: str
) -> None:
    after(world, days=29)
    assert "hire-check-in.due" not in world.types()
    after(world, days=1)
    assert world.types().count("hire-check-in.due") == 1
    say(world, KIM, started, 30)
    say(world, OWNER, started, 30)
    after(world, days=59)
    assert world.types().count("hire-check-in.due") == 1
    after(world, days=1)
    assert [e.data["day"] for e in world.announced if e.type == "hire-check-in.due.v1"] == [30, 90]
    say(world, OWNER, started, 90)
    assert status(world, started) == "started"
    after(world, days=14)
    assert status(world, started) == "retained"
    assert world.types().count("hire-offer.retained") == 1


def test_two_answers_end_a_check_in_at_once(world: World, started: str) -> None:
    after(world, days=90)
    assert [e.data["day"] for e in world.announced if e.type == "hire-check-in.due.v1"] == [90]
    say(world, KIM, started, 90)
    say(world, OWNER, started, 90)
    assert status(world, started) == "retained"


def test_silence_of_both_says_nothing(world: World, started: str) -> None:
    after(world, days=90)
    after(world, days=14)
    after(world, days=365)
    assert status(world, started) == "started"
    assert "hire-offer.retained" not in world.types()


def test_a_side_that_says_it_is_over_has_ended_it(world: World, started: str) -> None:
    after(world, days=30)
    say(world, KIM, started, 30, employed=False)
    assert status(world, started) == "left"
    assert world.announced[-1].data["reason"] == "check-in"
    say(world, OWNER, started, 30)
    assert status(world, started) == "left"
    after(world, days=60)
    assert world.types().count("hire-check-in.due") == 1


def test_a_check_in_is_answered_in_its_fourteen_days_only(world: World, started: str) -> None:
    with pytest.raises(Conflict):
        say(world, KIM, started, 30)
    after(world, days=30)
    for rating in (2, 3):
        say(world, KIM, started, 30, rating=rating)
    assert world.types().count("hire-check-in.answered") == 1
    world.now.pass_(days=14)
    with pytest.raises(Conflict):
        say(world, OWNER, started, 30)


def test_an_answer_is_read_by_its_own_side_alone(world: World, started: str) -> None:
    after(world, days=30)
    say(world, KIM, started, 30, rating=1, comment="My lead shouts.")
    assert "shouts" in str(world.call("get_hire_offer", KIM, offer_id=started))
    for by in (OWNER, OPERATOR):
        view = world.call("get_hire_offer", by, offer_id=started)
        assert view["check_ins"][0]["answered"] == ["candidate"]
        assert view["check_ins"][0]["own"] is None
        assert "shouts" not in str([view, world.call("list_hire_offers", by)])
    assert "shouts" not in str(world.announced)


def test_the_end_is_told_with_a_code_and_stays(world: World, started: str) -> None:
    for _ in range(2):
        view = world.call("end_hire", KIM, offer_id=started, reason="resigned")
    assert (view["status"], view["end_reason"]) == ("left", "resigned")
    assert world.types().count("hire-offer.ended") == 1
    with pytest.raises(Conflict):
        begin(world, started)


def test_only_the_two_sides_tell_of_a_hire(world: World, started: str) -> None:
    after(world, days=30)
    for by, error in ((LEE, NotFound), (STRANGER, NotFound), (EVALUATOR, Forbidden)):
        with pytest.raises(error):
            say(world, by, started, 30)
        with pytest.raises(error):
            world.call("end_hire", by, offer_id=started, reason="other")
        with pytest.raises(error):
            begin(world, started, by)
    for by in (KIM, OPERATOR):
        with pytest.raises(Forbidden):
            world.call("rescind_hire_offer", by, offer_id=started, reason="budget")


def test_what_a_side_has_to_tell_is_on_its_list(world: World, accepted: str) -> None:
    def kinds(by: Principal) -> list[str]:
        return [item["kind"] for item in world.call("list_todo", by)["items"]]

    assert (kinds(KIM), kinds(OWNER)) == ([], [])
    after(world, days=30)
    assert (kinds(KIM), kinds(OWNER)) == (["confirm-start"], ["confirm-start"])
    begin(world, accepted)
    assert kinds(KIM) == []
    after(world, days=30)
    say(world, KIM, accepted, 30)
    assert (kinds(KIM), kinds(OWNER)) == ([], ["answer-check-in"])
