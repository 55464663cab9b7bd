"""What others tell: scores, payments, engagements, and projects that close."""

from datetime import timedelta
from typing import Any

import pytest

from services.applications.domain import ProjectCard
from shared.envelope import Event
from shared.errors import NotFound, NotYet
from shared.principal import Principal
from tests.unit.applications.test_applying import closed
from tests.unit.applications.test_selection import hold, started
from tests.unit.applications.world import ANSWERS, KIM, LEE, OWNER, PROFILE, World, about

POINTS = [{"skill_id": "s1", "label": "manage data", "points": 87, "evidence": 2}]
MAX = Principal("acc-max", "candidate")


def scored(application_id: str, score: int = 87) -> dict[str, Any]:
    ids = about(application_id)
    del ids["engagement_id"]
    versions = {"model_version": "coverage-1", "taxonomy_version": "esco-1.2.0"}
    return {**ids, "score": score, "points": POINTS, **versions}


def failed(application_id: str) -> dict[str, Any]:
    money = {"amount": 26400, "currency": "USD"}
    return {**about(application_id), **money, "code": "card-declined", "retryable": True}


def funded(application_id: str) -> dict[str, Any]:
    return {**about(application_id), "amount": 26400, "currency": "USD"}


def cancelled(application_id: str) -> dict[str, Any]:
    return {**about(application_id), "reason": "kickoff-overdue", "fault": "nobody"}


# Scores


def test_a_score_is_kept_with_its_points_and_a_newer_one_replaces_it(world: World) -> None:
    world.publish()
    id_ = world.apply()
    world.tell("match.scored.v1", scored(id_, 40))
    world.now.pass_(seconds=1)
    world.tell("match.scored.v1", scored(id_, 87))
    view = world.call("get_application", KIM, application_id=id_)
    assert (view["score"], view["points"]) == (87, POINTS)


def test_a_score_that_comes_late_does_not_replace_a_newer_one(world: World) -> None:
    world.publish()
    id_ = world.apply()
    world.tell("match.scored.v1", scored(id_, 87))
    old = Event(
        "old", "match.scored.v1", "matching", "x:1", world.now() - timedelta(1), scored(id_, 3)
    )
    world.handle(old)
    assert world.application(id_).score == 87


def test_a_score_of_an_application_that_is_not_here_is_tried_again_later(world: World) -> None:
    with pytest.raises(NotFound):
        world.tell("match.scored.v1", scored("app-unknown"))


# Payments


@pytest.mark.parametrize("by", [KIM, OWNER])
def test_both_sides_see_that_the_charge_failed_until_the_fee_is_held(
    world: World, by: Principal
) -> None:
    id_ = world.accepted()
    world.tell("payment.failed.v1", failed(id_))
    problem = world.call("get_application", by, application_id=id_)["payment_problem"]
    assert problem == "card-declined"
    world.now.pass_(minutes=5)
    world.tell("payment.funded.v1", funded(id_))
    assert world.call("get_application", by, application_id=id_)["payment_problem"] is None


def test_a_failure_that_comes_after_the_success_is_old_news(world: World) -> None:
    id_ = world.accepted()
    before = world.now()
    world.now.pass_(minutes=5)
    world.tell("payment.funded.v1", funded(id_))
    world.handle(Event("late", "payment.failed.v1", "payments", "escrow:1", before, failed(id_)))
    assert world.application(id_).payment_problem is None


def test_news_of_a_payment_is_too_early_before_the_acceptance_and_too_late_after_the_end(
    world: World,
) -> None:
    world.publish()
    id_ = world.apply()
    with pytest.raises(NotYet):
        world.tell("payment.failed.v1", failed(id_))
    world.select(id_)
    with pytest.raises(NotYet):
        world.tell("payment.failed.v1", failed(id_))
    world.call("withdraw_application", KIM, application_id=id_)
    world.tell("payment.failed.v1", failed(id_))
    assert world.application(id_).payment_problem is None


# Engagements


def test_a_cancelled_engagement_frees_its_position_for_another(world: World) -> None:
    id_ = world.accepted()
    other = world.apply(LEE)
    world.tell("engagement.cancelled.v1", cancelled(id_))
    application = world.application(id_)
    assert (application.status, application.engagement_status) == ("accepted", "cancelled")
    assert world.card().slots == {}
    assert world.select(other)["status"] == "selected"


def test_an_engagement_never_goes_backwards(world: World) -> None:
    id_ = world.accepted()
    world.tell("engagement.cancelled.v1", cancelled(id_))
    world.tell("engagement.started.v1", started(id_))
    assert world.application(id_).engagement_status == "cancelled"


# Projects that close


def test_a_closed_project_declines_all_that_nobody_decided_on(world: World) -> None:
    world.publish()
    people = [Principal(f"acc-{n}", "candidate") for n in range(5)]
    ids = [world.apply(person) for person in people]
    world.call("shortlist_application", OWNER, application_id=ids[0])
    world.tell("project.closed.v1", closed())
    assert {world.application(id_).status for id_ in ids} == {"declined"}
    assert {world.application(id_).decline_reason for id_ in ids} == {"project-closed"}
    assert world.types().count("application.declined") == 5


def test_a_filled_project_tells_the_others_that_the_position_is_filled(world: World) -> None:
    id_ = world.accepted()
    other = world.apply(LEE)
    world.tell("project.closed.v1", closed("filled"))
    assert world.application(id_).status == "accepted"
    assert world.application(other).decline_reason == "position-filled"


def test_who_is_selected_keeps_the_offer_when_the_project_closes(world: World) -> None:
    world.publish(positions=2)
    id_, other = world.apply(), world.apply(LEE)
    world.select(id_)
    hold(world, other)  # Its application has not followed yet.
    world.tell("project.closed.v1", closed())
    world.settle()
    assert {world.application(one).status for one in (id_, other)} == {"selected"}
    assert world.accept(id_)["status"] == "accepted"


def test_a_closed_project_selects_nobody(world: World) -> None:
    world.publish(positions=2)
    id_ = world.apply()
    world.select(id_)
    world.tell("project.closed.v1", closed())
    assert world.select(id_)["status"] == "selected"  # It has its slot already.
    with pytest.raises(Exception, match="closed"):
        ProjectCard("prj-1", "org", world.card().terms, close_reason="company").select(
            "a", "c", world.now()
        )


def test_an_application_sent_in_the_moment_of_closing_is_declined_by_the_sweep(
    world: World,
) -> None:
    world.publish()
    world.call("put_profile", KIM, profile=PROFILE)
    open_card = world.card()
    world.tell("project.closed.v1", closed())
    world.service.cards.documents["prj-1"], closed_card = (
        {**world.service.cards.codec.write(open_card), "version": 1, "handled": []},
        world.service.cards.documents["prj-1"],
    )
    sent = world.call("submit_application", KIM, project_id="prj-1", answers=ANSWERS)
    world.service.cards.documents["prj-1"] = closed_card
    world.sweep()
    assert world.application(sent["id"]).status == "submitted"
    world.now.pass_(minutes=1)
    world.sweep()
    assert world.application(sent["id"]).status == "declined"
    assert world.card().due_at is None


def test_an_application_decided_while_its_project_closes_keeps_its_end(world: World) -> None:
    id_ = world.accepted()
    world.service.applications.change(
        id_, None, lambda one: one.close("project-closed", world.now())
    )
    assert world.application(id_).status == "accepted"


def test_a_project_that_closes_twice_keeps_its_first_reason(world: World) -> None:
    world.publish()
    world.tell("project.closed.v1", closed("filled"))
    world.tell("project.closed.v1", closed("company"))
    assert world.card().close_reason == "filled"


def test_a_publication_that_comes_again_does_not_reopen(world: World) -> None:
    world.publish()
    world.tell("project.closed.v1", closed())
    world.publish()
    assert world.card().close_reason == "company"


def test_a_project_that_closes_before_we_know_it_is_tried_again_later(world: World) -> None:
    with pytest.raises(NotFound):
        world.tell("project.closed.v1", closed())
