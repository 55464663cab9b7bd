"""The service as its callers and the events of others see it, on stores in memory."""

import random
from typing import Any

import pytest

from services.projects.domain.work import Status
from shared.envelope import Call, Event
from shared.errors import Conflict, Forbidden, Invalid, NotFound, NotYet
from shared.principal import Principal
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    CRITERIA,
    DAY,
    EVA,
    FILE,
    OTTO,
    SCORES,
    brief_input,
)

TRIO = {"org_id": "org-acme", "candidate_id": "acc-carla"}
IDS = {"engagement_id": "eng-1", "application_id": "app-1"}
READ_WRONG = {"kind", "version", "sha256"}
SIGNED = [*["agreement.accepted"] * 3, "conflict.declared", "kickoff.signed"]
ANSWERS = {"scores": SCORES, "would_engage_again": True, "would_hire": True}


def call(by: Principal, **options: Any) -> Call:
    return Call(principal=by, **options)


def publish(world: World, **changes: Any) -> dict[str, str]:
    """A published project; returns the ids that events about its engagement carry."""
    created = world.service.create_project(call(ANNA), brief_input(**changes))
    world.service.publish_project(call(ANNA), created["id"])
    return {**TRIO, "project_id": created["id"]}


def submit(world: World) -> Any:
    return world.service.submit_deliverable(call(CARLA), "eng-1", [FILE])


def sign(world: World, by: Principal) -> Any:
    """Read all that there is, and sign it."""
    read = world.service.get_kickoff(call(by), "eng-1")["to_sign"]
    return world.service.sign_kickoff(call(by), "eng-1", **read, conflict={"declared": False})


def start(world: World, **changes: Any) -> dict[str, str]:
    trio = publish(world, **changes)
    world.hear("application.accepted", **IDS, **trio)
    world.hear("payment.funded", **IDS, **trio)
    sign(world, ANNA)
    sign(world, CARLA)
    return trio


def test_a_repeated_create_finds_the_project_it_made() -> None:
    world = World()
    request = call(ANNA, id="0195")
    first = world.service.create_project(request, brief_input())
    again = world.service.create_project(request, brief_input())
    assert first == again
    assert (first["id"], first["version"], first["status"]) == ("prj-0195", 1, "draft")
    assert first["deliverables"][0]["deliverable_id"] == "d1"
    assert first["positions_filled"] == 0


def test_a_change_must_name_the_version_it_is_about_where_it_names_one() -> None:
    world = World()
    project_id = world.service.create_project(call(ANNA), brief_input())["id"]
    changed = world.service.update_project(
        call(ANNA, expected_version=1), project_id, {"hours": 20}
    )
    assert (changed["hours"], changed["version"]) == (20, 2)
    with pytest.raises(Conflict) as caught:
        world.service.update_project(call(ANNA, expected_version=1), project_id, {"hours": 30})
    assert caught.value.code == "version-changed"


def test_a_project_is_published_once_and_closed_by_its_company() -> None:
    world = World()
    trio = publish(world)
    world.service.publish_project(call(ANNA), trio["project_id"])
    closed = world.service.close_project(call(ANNA), trio["project_id"])
    assert (closed["status"], closed["close_reason"]) == ("closed", "company")
    assert world.service.get_project(call(CARLA), trio["project_id"])["status"] == "closed"
    assert world.told() == ["project.published", "project.closed"]


def test_the_whole_way_from_acceptance_to_payout() -> None:
    world = World()
    trio = start(world)
    assert submit(world)["status"] == "submitted"
    revised = world.service.request_revision(call(EVA), "eng-1", CRITERIA, "By name, please.")
    assert (revised["status"], revised["rounds_left"]) == ("revision_requested", 1)
    submit(world)
    done = world.service.evaluate_engagement(call(ANNA), "eng-1", **ANSWERS)
    assert [one["weighted_score"] for one in done["ratings"]] == [82]
    world.hear("payout.released", engagement_id="eng-1", **trio)
    world.hear("payout.paid", engagement_id="eng-1", **trio)
    seen = world.service.get_engagement(call(CARLA), "eng-1")
    assert (seen["payment_status"], seen["due_at"]) == ("paid", None)
    assert seen["rights_assigned_at"] == world.now
    assert [version["version"] for version in seen["deliverables"]] == [1, 2]
    assert [item["weight"] for item in seen["rubric"]] == [25, 25, 25, 15]
    assert world.told() == [
        "project.published",
        "project.closed",
        "engagement.opened",
        *SIGNED,
        *SIGNED,
        "engagement.started",
        "deliverable.submitted",
        "revision.requested",
        "deliverable.submitted",
        "deliverable.accepted",
        "engagement.completed",
        "rights.assigned",
        "evaluation.submitted",
        "evaluation.completed",
    ]
    assert world.service.get_project(call(ANNA), trio["project_id"])["close_reason"] == "filled"


def test_a_kickoff_is_read_changed_declared_and_signed_through_the_service() -> None:
    world = World()
    trio = publish(world)
    world.hear("payment.funded", **IDS, **trio)
    seen = world.service.get_kickoff(call(EVA), "eng-1")
    assert (seen["status"], seen["waiting_for"]) == ("kickoff_pending", ["company", "candidate"])
    assert seen["due_at"] == world.now + 5 * DAY
    read = seen["to_sign"]["checklist"]
    line = {"title": "Clean CSV", "acceptance_criteria": ["Sorted."]}
    due_at = world.now + 10 * DAY
    changes = {"deliverables": [line], "due_at": due_at.isoformat(), "ai_policy": "none"}
    changed = world.service.propose_kickoff(call(CARLA), "eng-1", read, changes)
    assert changed["checklist"]["deliverables"][0]["deliverable_id"] == "d1"
    assert changed["checklist"]["due_at"] == due_at
    assert changed["proposals"][0]["by"] == "candidate"
    nda = next(one for one in seen["agreements"] if one["kind"] == "nda")
    text = world.service.get_agreement(call(CARLA), "eng-1", "nda")
    assert text["agreement"] == nda
    world.service.accept_agreement(call(CARLA), "eng-1", "nda", nda["version"], nda["sha256"])
    told = world.service.declare_conflict(call(EVA), "eng-1", True, "We are cousins.")
    (declaration,) = told["declarations"]
    known = world.service.acknowledge_conflict(call(CARLA), "eng-1", declaration["declaration_id"])
    assert known["declarations"][0]["acknowledged_by"] == CARLA.id
    sign(world, ANNA)
    assert sign(world, CARLA)["status"] == "active"
    started = world.service.get_kickoff(call(ANNA), "eng-1")
    assert (started["due_at"], started["waiting_for"]) == (None, [])
    assert started["checklist"]["check_ins"][0]["at"] == world.now + 3 * DAY
    assert world.service.get_engagement(call(ANNA), "eng-1")["due_at"] == due_at


@pytest.mark.parametrize(
    ("operation", "given", "fields"),
    [
        ("sign_kickoff", {}, {"checklist"}),
        (
            "sign_kickoff",
            {"checklist": {"version": 1, "sha256": "F" * 64}, "conflict": {"declared": True}},
            {"checklist.sha256", "conflict.text"},
        ),
        ("declare_conflict", {"declared": False, "text": "None at all."}, {"text"}),
        ("accept_agreement", {"kind": "x", "version": 0, "sha256": ""}, READ_WRONG),
        (
            "propose_kickoff",
            {
                "based_on": {"version": 1, "sha256": "0" * 64},
                "changes": {
                    "time_zone": "Mars/Base",
                    "response_hours": 0,
                    "ai_policy": "some",
                    "due_at": "2026-03-05T10:00:00",
                    "check_ins": [{"after_days": 57, "about": "Us."}],
                },
            },
            {
                "changes.time_zone",
                "changes.response_hours",
                "changes.ai_policy",
                "changes.due_at",
                "changes.check_ins.0.after_days",
            },
        ),
    ],
)
def test_what_is_wrong_in_a_request_about_a_kickoff_is_named(
    operation: str, given: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        getattr(World().service, operation)(call(CARLA), "eng-1", **given)
    assert set(caught.value.errors) == fields


@pytest.mark.parametrize(
    "order",
    [
        ("application.accepted", "payment.failed", "payment.funded"),
        ("payment.failed", "payment.funded", "application.accepted"),
        ("payment.funded", "application.accepted", "payment.failed"),
    ],
)
def test_whichever_of_the_first_events_comes_first_opens_the_same_engagement(
    order: tuple[str, ...],
) -> None:
    world = World()
    trio = publish(world)
    for noun_and_verb in order:
        world.hear(noun_and_verb, **IDS, **trio)
    seen = world.service.get_engagement(call(ANNA), "eng-1")
    assert (seen["status"], seen["payment_status"]) == ("kickoff_pending", "funded")
    assert (seen["title"], seen["fee_amount"]) == (brief_input()["title"], 26400)
    assert world.told().count("engagement.opened") == 1
    assert world.service.get_project(call(ANNA), trio["project_id"])["positions_filled"] == 1


def test_a_failed_charge_is_shown_to_both_sides() -> None:
    world = World()
    trio = publish(world)
    world.hear("application.accepted", **IDS, **trio)
    world.hear("payment.failed", **IDS, **trio, code="card-declined")
    seen = world.service.get_engagement(call(CARLA), "eng-1")
    assert (seen["payment_status"], seen["payment_problem"]) == ("failed", "card-declined")


def test_an_acceptance_on_an_unknown_project_waits() -> None:
    with pytest.raises(NotYet):
        World().hear("application.accepted", **IDS, **TRIO, project_id="prj-unknown")


def test_money_and_disputes_of_an_unknown_engagement_wait() -> None:
    for noun_and_verb in ("payout.paid", "payment.refunded", "dispute.opened"):
        with pytest.raises(NotFound):
            World().hear(noun_and_verb, **TRIO)


def test_a_broken_event_is_refused_for_good() -> None:
    world = World()
    event = Event("evt-1", "payout.paid.v1", "payments", "escrow:1", world.now, {"org_id": 5})
    with pytest.raises(Invalid):
        world.deliver(event)


def test_a_withdrawal_before_an_engagement_changes_nothing() -> None:
    world = World()
    trio = publish(world)
    world.hear("application.withdrawn", **trio, engagement_id=None)
    assert world.told() == ["project.published"]


def test_a_candidate_who_leaves_frees_the_position() -> None:
    world = World()
    trio = start(world, positions=2)
    world.hear("application.withdrawn", application_id="app-1", **trio, engagement_id="eng-1")
    (cancelled,) = [e for e in world.engagements.announced if "cancelled" in e.type]
    world.deliver(cancelled)
    project = world.service.get_project(call(ANNA), trio["project_id"])
    assert (project["positions_filled"], project["status"]) == (0, "published")


def test_a_dispute_freezes_and_its_decision_goes_on() -> None:
    world = World()
    trio = start(world)
    submit(world)
    world.hear("dispute.opened", **trio, engagement_id="eng-1", dispute_id="dsp-1")
    with pytest.raises(Conflict):
        world.service.evaluate_engagement(call(ANNA), "eng-1", **ANSWERS)
    world.now += 30 * DAY
    world.service.sweep_engagements()
    facts = {**trio, "engagement_id": "eng-1", "dispute_id": "dsp-1", "outcome": "released"}
    world.hear("dispute.resolved", **facts)
    seen = world.service.get_engagement(call(CARLA), "eng-1")
    assert (seen["status"], seen["payment_status"]) == ("submitted", "released")
    assert seen["review_due_at"] == world.now + 14 * DAY


def test_cancelling_and_refunding_are_shown() -> None:
    world = World()
    trio = start(world)
    seen = world.service.cancel_engagement(call(ANNA), "eng-1", None, "Plans changed.")
    assert seen["cancellation"]["reason"] == "company-cancelled"
    world.hear("payment.refunded", **trio, engagement_id="eng-1", amount=26400)
    assert world.service.get_engagement(call(ANNA), "eng-1")["payment_status"] == "refunded"


def test_parts_that_add_up_to_the_fee_are_a_full_refund() -> None:
    world = World()
    about = {**start(world), "engagement_id": "eng-1"}
    world.hear("payment.refunded", **about, amount=400, refunded_amount=400)
    assert world.service.get_engagement(call(ANNA), "eng-1")["status"] == "active"
    world.hear("payment.refunded", **about, amount=26000, refunded_amount=26400)
    seen = world.service.get_engagement(call(ANNA), "eng-1")
    assert (seen["status"], seen["payment_status"]) == ("cancelled", "refunded")


def test_sweeps_move_what_is_overdue_and_nothing_else() -> None:
    world = World()
    start(world, apply_by=(world.now + DAY).isoformat(), positions=2)
    submit(world)
    world.service.sweep_projects()
    world.service.sweep_engagements()
    assert "project.closed" not in world.told()
    world.now += 14 * DAY
    for _ in range(2):
        world.service.sweep_projects()
        world.service.sweep_engagements()
    assert world.told().count("project.closed") == 1
    assert world.told()[-2:] == ["deliverable.accepted", "engagement.completed"]
    assert world.service.get_engagement(call(CARLA), "eng-1")["automatic"]


def test_an_engagement_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    world = World()
    start(world)
    submit(world)
    due = world.engagements.due
    world.engagements.due = lambda now: ["eng-broken", *due(now)]  # type: ignore[method-assign]
    world.now += 14 * DAY
    with pytest.raises(NotFound):
        world.service.sweep_engagements()
    assert world.engagements.load("eng-1").status is Status.COMPLETED


def archive(world: World) -> list[Event]:
    """A long story with a failed charge, a dispute and a payout; returns all that was said."""
    trio = publish(world, positions=2)
    world.hear("application.accepted", **IDS, **trio)
    world.hear("payment.failed", **IDS, **trio)
    world.hear("payment.funded", **IDS, **trio)
    sign(world, ANNA)
    sign(world, CARLA)
    submit(world)
    dispute = {**trio, "engagement_id": "eng-1", "dispute_id": "dsp-1"}
    world.hear("dispute.opened", **dispute)
    world.hear("dispute.resolved", **dispute, outcome="split")
    world.service.evaluate_engagement(call(ANNA), "eng-1", **ANSWERS)
    world.hear("payout.released", **trio, engagement_id="eng-1")
    world.hear("payout.paid", **trio, engagement_id="eng-1")
    world.hear("application.withdrawn", **trio, engagement_id="eng-1", application_id="app-1")
    second = {**trio, "engagement_id": "eng-2", "application_id": "app-2"}
    world.hear("application.accepted", **second)
    world.hear("payment.funded", **second)
    world.hear("application.withdrawn", **second)
    world.hear("payment.refunded", **second, amount=26400)
    own = [e for e in world.engagements.announced if e.type == "engagement.cancelled.v1"]
    for event in own:
        world.deliver(event)
    return [*world.heard, *own]


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_replaying_the_whole_archive_changes_nothing(forgetful: bool, seed: int) -> None:
    world = World(forgetful=forgetful)
    said = archive(world)
    assert world.engagements.load("eng-1").status is Status.COMPLETED
    before = world.everything()
    random.Random(seed).shuffle(said)
    world.now += 100 * DAY
    for event in [*said, *said]:
        world.deliver(event)
    assert world.everything() == before


def test_operators_find_what_waits_for_them_the_longest_waiting_first() -> None:
    world = World()
    start(world)
    said = {"kind": "communication", "text": "Nobody answers me here."}
    first = world.service.raise_flag(call(CARLA), "eng-1", **said)["flag_id"]
    submit(world)
    world.service.evaluate_engagement(call(ANNA), "eng-1", **ANSWERS)
    world.now += DAY * 15
    world.service.sweep_evaluations()
    world.service.report_evaluation(call(CARLA), "eng-1", reason="untrue", text="Not so.")
    world.now += DAY
    second = world.service.raise_flag(call(ANNA), "eng-1", **said)["flag_id"]
    items = world.service.list_open_flags(call(OTTO))["items"]
    assert [item["what"] for item in items] == ["flag", "report", "flag"]
    assert [item["flag_id"] for item in items] == [first, None, second]
    assert [item["by"] for item in items] == ["candidate", "candidate", "company"]
    world.service.resolve_flag(call(OTTO), "eng-1", first, "We spoke to both.")
    world.service.judge_evaluation(call(OTTO), "eng-1", side="candidate", outcome="upheld")
    (left,) = world.service.list_open_flags(call(OTTO))["items"]
    assert left["flag_id"] == second
    world.service.resolve_flag(call(OTTO), "eng-1", second, "We spoke to both.")
    assert world.service.list_open_flags(call(OTTO))["items"] == []
    with pytest.raises(Invalid):
        world.service.list_open_flags(call(OTTO), state="resolved")
    for stranger in (ANNA, CARLA):
        with pytest.raises(Forbidden):
            world.service.list_open_flags(call(stranger))
