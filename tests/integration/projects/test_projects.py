"""The projects service over a real broker and a real database protocol."""

from datetime import timedelta
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound, StintError
from shared.principal import ANONYMOUS, Principal, permissions
from tests.integration.projects.conftest import Around
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    COMPANY_SCORES,
    CRITERIA,
    EVA,
    FILE,
    OTTO,
    RUBEN,
    SCORES,
    STRANGERS,
    brief_input,
)
from tests.waiting import wait_until

TEACHER, PARTNER = Principal("acc-tim", "educator"), Principal("acc-pat", "partner")
SIGNED = [*["agreement.accepted"] * 3, "conflict.declared", "kickoff.signed"]
READ = {"version": 1, "sha256": "0" * 64}
ANSWERS = {"scores": SCORES, "would_engage_again": True, "would_hire": True}
OF_COMPANY = {
    "scores": COMPANY_SCORES,
    "would_engage_again": True,
    "would_recommend": True,
}


OF_READERS = ("get_project", "list_brief_versions", "list_inquiries", "ask_inquiry")
OWN_OR_ALL = ("create_project", "create_from_template", "list_projects", "list_engagements")
HYBRID = {
    "location_mode": "hybrid",
    "place": {"country": "US", "city": "Chicago"},
    "time_zone": "America/Chicago",
}
WISH = {"why": "More to do.", "hours": 9}


def publish(around: Around, **changes: Any) -> str:
    around.verify()
    project = around.ask(ANNA, "create_project", brief=brief_input(**changes))
    around.ask(ANNA, "publish_project", project_id=project["id"])
    return str(project["id"])


def engage(around: Around, project_id: str, suffix: str = "1") -> dict[str, str]:
    """An accepted application; the fee is held."""
    ids = {
        "engagement_id": around.own(f"eng-{suffix}"),
        "application_id": around.own(f"app-{suffix}"),
        "project_id": project_id,
        "org_id": around.own("org-acme"),
        "candidate_id": around.own("acc-carla"),
    }
    around.tell("payment.funded", **ids)
    around.tell("application.accepted", **ids)
    return ids


def start(around: Around, **changes: Any) -> dict[str, str]:
    ids = engage(around, publish(around, **changes))
    around.hear("engagement.opened")
    for by in (ANNA, CARLA):
        sign(around, by, ids["engagement_id"])
    return ids


def sign(around: Around, by: Principal, engagement_id: str) -> None:
    """Read all that there is, and sign it."""
    read = around.ask(by, "get_kickoff", engagement_id=engagement_id)["to_sign"]
    said = {**read, "conflict": {"declared": False}}
    around.ask(by, "sign_kickoff", engagement_id=engagement_id, **said)


def submit(around: Around) -> Any:
    engagement_id = around.own("eng-1")
    return around.ask(CARLA, "submit_deliverable", engagement_id=engagement_id, files=[FILE])


def test_an_engagement_goes_from_acceptance_to_payout_and_a_replay_changes_nothing(
    around: Around,
) -> None:
    ids = start(around)
    this = {"engagement_id": ids["engagement_id"]}
    submit(around)
    around.ask(EVA, "request_revision", **this, criteria=CRITERIA)
    submit(around)
    done = around.ask(ANNA, "evaluate_engagement", **this, **ANSWERS)
    assert [one["weighted_score"] for one in done["ratings"]] == [82]
    around.tell("payout.released", **ids)
    assert around.hear("rights.assigned")["agreement_version"] == 1
    around.tell("payout.paid", **ids)
    completed = around.hear("engagement.completed")
    assert (completed["automatic"], len(completed["files"])) == (False, 1)
    assert around.hear("project.closed")["reason"] == "filled"

    def seen() -> Any:
        return around.ask(CARLA, "get_engagement", **this)

    wait_until(lambda: seen()["payment_status"] == "paid", 10, "the payout is seen")
    before, told = seen(), len(around.told)
    accepted = around.tell("application.accepted", **ids)  # The same again under a new id.
    funded = around.tell("payment.funded", **ids)
    for _ in range(2):
        around.publish(accepted)
    wait_until(lambda: around.handled(accepted) >= 3 and around.handled(funded) >= 1, 10)
    assert seen() == before
    assert len(around.told) == told
    assert [event["type"].removesuffix(".v1") for event in sorted_by_aggregate(around.told)] == [
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
        "project.published",
        "project.closed",
    ]


def sorted_by_aggregate(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each aggregate's events are in order; between aggregates there is none."""
    once = {event["id"]: event for event in told}
    return sorted(once.values(), key=lambda event: event["subject"])


def test_silence_accepts_the_work_and_closes_the_project(around: Around) -> None:
    apply_by = around.now() + timedelta(days=10)
    start(around, positions=2, apply_by=apply_by.isoformat())
    submit(around)
    around.later(days=15)
    assert around.hear("deliverable.accepted")["automatic"] is True
    assert around.hear("engagement.completed")["automatic"] is True
    assert around.hear("project.closed")["reason"] == "expired"


def test_a_position_given_up_before_the_start_is_free_again(around: Around) -> None:
    project_id = publish(around, positions=2)
    engage(around, project_id)
    around.hear("engagement.opened")
    wait_until(lambda: filled(around, project_id) == 1, 10, "the position is filled")
    around.later(days=4)
    assert around.hear("kickoff.reminded")["waiting_for"] == ["company", "candidate"]
    around.later(days=2)
    assert around.hear("engagement.cancelled")["reason"] == "kickoff-missed"
    wait_until(lambda: filled(around, project_id) == 0, 10, "the position is free")


def filled(around: Around, project_id: str) -> int:
    return int(around.ask(ANONYMOUS, "get_project", project_id=project_id)["positions_filled"])


def test_searches_filter_and_page_without_gaps_or_repeats(around: Around) -> None:
    skill = around.own("esco")
    needs = [{"skill_id": skill, "label": "manage data"}]
    made = [
        publish(
            around,
            title=f"Project number {number}",
            skills=needs,
            hours=5 + number,
            fee_amount=10_000 * (number + 2),
            fee_currency="EUR" if number % 2 else "USD",
            **(HYBRID if number == 3 else {}),
        )
        for number in range(7)
    ]
    draft = around.ask(RUBEN, "create_project", brief=brief_input())["id"]

    def found(by: Principal = ANONYMOUS, skill: str | None = skill, **filters: Any) -> list[str]:
        wanted = {**filters, "skill": skill} if skill else filters
        return [item["id"] for item in around.ask(by, "list_projects", filters=wanted)["items"]]

    newest_first = made[::-1]
    assert found() == newest_first
    assert found(q="number 3") == [made[3]]
    assert found(q="NUMBER crm") == []
    assert found(q="  ") == newest_first
    assert found(q="3 (or") == []
    assert found(max_hours=6) == [made[1], made[0]]
    assert found(location_mode="hybrid") == [made[3]]
    assert found(currency="EUR", min_fee=60_000) == [made[5]]
    assert found(EVA, skill=None, mine=True) == [draft, *newest_first]
    assert found(STRANGERS[0], skill=None, mine=True) == []
    pages, after, wanted = [], None, {"skill": skill}
    while True:
        page = around.ask(CARLA, "list_projects", filters=wanted, limit=3, after=after)
        pages.append([item["id"] for item in page["items"]])
        if (after := page["next"]) is None:
            break
    assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]
    for cursor in ("garbage", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHxh", "é"):
        with pytest.raises(Invalid) as caught:
            around.ask(CARLA, "list_projects", after=cursor)
        assert set(caught.value.errors) == {"after"}


def test_each_lists_what_they_are_part_of_and_what_waits_for_them(around: Around) -> None:
    project_id = publish(around, positions=3)
    one, two, three = (
        engage(around, project_id, suffix)["engagement_id"] for suffix in ("1", "2", "3")
    )
    around.hear("engagement.opened", times=3)

    def listed(by: Principal, **page: Any) -> Any:
        return around.ask(by, "list_engagements", **page)

    for by in (ANNA, EVA, CARLA):
        assert {item["id"] for item in listed(by)["items"]} == {one, two, three}
    for by in STRANGERS:
        assert listed(by) == {"items": [], "next": None}
    assert {one, two, three} <= {item["id"] for item in listed(OTTO, limit=100)["items"]}
    first = listed(CARLA, limit=2)
    rest = listed(CARLA, limit=2, after=first["next"])
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert sorted(ids) == [one, two, three]
    assert rest["next"] is None
    for by in (ANNA, CARLA):
        sign(around, by, two)
    todo = {item["id"]: item["kind"] for item in around.ask(CARLA, "list_todo")["items"]}
    assert todo == {
        one: "sign-kickoff",
        two: "submit-deliverable",
        three: "sign-kickoff",
    }
    assert {item["id"] for item in around.ask(ANNA, "list_todo")["items"]} == {one, three}
    assert around.ask(OTTO, "list_todo")["items"] == []


def test_refusals_cross_as_themselves(around: Around) -> None:
    with pytest.raises(Invalid) as invalid:
        around.ask(ANNA, "create_project", brief=brief_input(hours=41, weeks=0))
    assert set(invalid.value.errors) == {"hours", "weeks"}
    with pytest.raises(Forbidden):
        around.ask(CARLA, "create_project", brief=brief_input())
    project_id = publish(around)
    with pytest.raises(Invalid) as worsened:
        around.ask(ANNA, "update_project", project_id=project_id, changes={"hours": 20})
    assert set(worsened.value.errors) == {"hours"}
    around.ask(ANNA, "close_project", project_id=project_id)
    with pytest.raises(Conflict) as conflict:
        around.ask(ANNA, "update_project", project_id=project_id, changes={"hours": 20})
    assert conflict.value.code == "project-not-draft"
    with pytest.raises(NotFound):
        around.ask(ANNA, "get_project", project_id="prj-unknown")


def test_the_permission_table_is_kept_for_every_operation_and_role(around: Around) -> None:
    draft = around.ask(ANNA, "create_project", brief=brief_input())["id"]
    on_project = {"project_id": draft}
    on_engagement = on_rated = rated(around)
    message_id = around.ask(CARLA, "post_message", **on_rated, text="Hello.")["id"]
    odd = {"kind": "other", "text": "Something is odd here."}
    flag_id = around.ask(CARLA, "raise_flag", **on_rated, **odd)["flag_id"]
    (order,) = around.ask(CARLA, "get_engagement", **on_rated)["change_orders"]
    order_id = order["order_id"]
    arguments: dict[str, dict[str, Any]] = {
        "create_project": {"brief": brief_input()},
        "update_project": {**on_project, "changes": {"hours": 9}},
        "publish_project": on_project,
        "close_project": on_project,
        "get_project": on_project,
        "list_projects": {},
        "list_templates": {},
        "get_template": {"template_id": "crm-cleaning"},
        "create_from_template": {"template_id": "crm-cleaning"},
        "confirm_project": on_project,
        "copy_project": on_project,
        "repost_project": on_project,
        "list_brief_versions": on_project,
        "list_inquiries": on_project,
        "ask_inquiry": {**on_project, "text": "May I use a script?"},
        "answer_inquiry": {**on_project, "inquiry_id": "inq-1", "text": "Yes."},
        "advise_brief": {"brief": {}},
        "list_reviews": {},
        "approve_project": on_project,
        "request_project_changes": {
            **on_project,
            "reasons": [{"field": "title", "reason": "Say more."}],
        },
        "grant_pay_exception": {**on_project, "reason": "A charity of the town."},
        "get_engagement": on_engagement,
        "list_engagements": {},
        "get_kickoff": on_engagement,
        "get_agreement": {**on_engagement, "kind": "nda"},
        "accept_agreement": {**on_engagement, "kind": "nda", **READ},
        "propose_kickoff": {**on_engagement, "based_on": READ, "changes": {"channel": "Phone"}},
        "declare_conflict": {**on_engagement, "declared": False},
        "acknowledge_conflict": {**on_engagement, "declaration_id": "dcl-9"},
        "sign_kickoff": {**on_engagement, "checklist": READ},
        "submit_deliverable": {**on_engagement, "files": [FILE]},
        "request_revision": {**on_engagement, "criteria": CRITERIA},
        "accept_deliverable": on_engagement,
        "evaluate_engagement": {**on_engagement, **ANSWERS},
        "rate_company": {**on_rated, **OF_COMPANY},
        "get_evaluation": on_rated,
        "reply_to_evaluation": {**on_rated, "text": "Thank you."},
        "report_evaluation": {**on_rated, "reason": "untrue"},
        "publish_comment": {**on_rated, "public": True},
        "judge_evaluation": {**on_rated, "side": "company", "outcome": "upheld"},
        "get_rubric": {},
        "get_midpoint": on_rated,
        "answer_midpoint": {**on_rated, "on_track": True},
        "get_candidate_reputation": {"candidate_id": around.own(CARLA.id)},
        "get_org_reputation": {"org_id": around.own("org-acme")},
        "cancel_engagement": on_engagement,
        "terminate_engagement": {
            **on_engagement,
            "reason": "other",
            "fault": "nobody",
            "comment": "Both asked for it.",
        },
        "list_messages": on_engagement,
        "post_message": {**on_engagement, "text": "Hello."},
        "get_message": {"message_id": message_id},
        "plan_milestone": {
            **on_engagement,
            "title": "Half of it",
            "due_at": "2026-01-01T00:00:00Z",
        },
        "change_milestone": {**on_engagement, "milestone_id": "mil-9", "title": "A third"},
        "propose_change_order": {**on_engagement, **WISH},
        "accept_change_order": {**on_engagement, "order_id": order_id},
        "decline_change_order": {**on_engagement, "order_id": order_id},
        "raise_flag": {**on_engagement, **odd},
        "list_flags": on_engagement,
        "list_open_flags": {},
        "resolve_flag": {**on_engagement, "flag_id": flag_id, "resolution": "We looked at it."},
        "put_time_note": {**on_engagement, "hours": 12.5},
        "put_reflection": {**on_engagement, "learned": "To ask before I merge."},
    }
    table = {name: row for name, row in permissions().items() if row["service"] == "projects"}
    assert set(arguments) == set(table)
    ours = (ANNA, RUBEN, EVA, CARLA)
    for by in (*STRANGERS, ANONYMOUS, TEACHER, PARTNER, OTTO, CARLA, EVA, RUBEN, ANNA):
        for operation, given in arguments.items():
            relation = table[operation]["allow"].get(by.role)
            wanted = "done" if by in ours or relation == "any" else "NotFound"
            if operation in OF_READERS and by is CARLA:
                wanted = "NotFound"  # It is a draft still.
            if operation in OWN_OR_ALL:
                wanted = "done"
            if relation is None:
                wanted = "Forbidden"
            assert outcome(around, by, operation, given) == wanted, (operation, by)


def rated(around: Around) -> dict[str, Any]:
    """An engagement that was evaluated, and whose check-in is planned."""
    this = {"engagement_id": start(around)["engagement_id"]}
    around.ask(CARLA, "propose_change_order", **this, **WISH)
    submit(around)
    around.ask(ANNA, "evaluate_engagement", **this, **ANSWERS)

    def planned() -> bool:
        return outcome(around, CARLA, "get_midpoint", this) == "done"

    wait_until(planned, 10, "the check-in is planned")
    return this


def outcome(around: Around, by: Principal, operation: str, given: dict[str, Any]) -> str:
    """`done` also where only the state was against it: then the permission was given."""
    try:
        around.ask(by, operation, **given)
    except Conflict:
        return "done"
    except StintError as exc:
        return type(exc).__name__
    return "done"
