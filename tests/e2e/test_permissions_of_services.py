"""The permission table against each service's RPC, as if the gateway had checked nothing."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.stack import Stack
from shared.caller import Caller
from shared.envelope import Call
from shared.errors import Forbidden, NotFound, StintError, Unavailable
from shared.principal import Principal, permissions
from tests.e2e.journey import COMPANY_EVALUATION, EVALUATION, JOB
from tests.e2e.world import World, build, principal

OPERATIONS = {name: row for name, row in permissions().items() if row["service"] != "gateway"}
STRANGERS = [
    (operation, role)
    for operation, row in OPERATIONS.items()
    for role, relation in row["allow"].items()
    if relation in ("org", "person")
    and role in ("candidate", "owner", "recruiter", "evaluator")
    and "{" in row.get("http", "")
]
ROLES = ("anonymous", "candidate", "owner", "recruiter", "evaluator", "educator", "partner")
ROLES += ("operator",)
Arguments = dict[str, Any]
READ = {"version": 1, "sha256": "0" * 64}


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.broker.amqp_uri(), limit=10)
    caller.start()
    yield caller
    caller.stop()


def arguments(world: World, operation: str) -> Arguments:
    """What the gateway would send for a valid request."""
    journey = world.journey
    file = journey.candidate.get(journey.engagement)["deliverables"][0]["files"][0]
    skills = [{"skill_id": journey.people.skill(), "label": "x", "level": 3}]
    contact = {"email": "a@example.com", "name": "A", "role": "candidate", "org_id": None}
    profile = {"headline": "Still a student", "skills": skills, "weekly_hours": 10}
    own: dict[str, Arguments] = {
        "create_project": {"brief": journey.brief()},
        "update_project": {"changes": {"title": "Another title"}},
        "create_from_template": {"template_id": "crm-cleaning"},
        "ask_inquiry": {"text": "May I use a script of my own?"},
        "answer_inquiry": {"text": "Yes, if you hand it in."},
        "advise_brief": {"brief": {}},
        "request_project_changes": {"reasons": [{"field": "title", "reason": "Say more."}]},
        "grant_pay_exception": {"reason": "A charity of the town."},
        "submit_deliverable": {"files": [file], "note": "Again."},
        "accept_agreement": READ,
        "propose_kickoff": {"based_on": READ, "changes": {"channel": "Phone"}},
        "declare_conflict": {"declared": False},
        "acknowledge_conflict": {"declaration_id": "dcl-9"},
        "sign_kickoff": {"checklist": READ},
        "request_revision": {"criteria": ["One row per person"], "comment": "Again."},
        "evaluate_engagement": EVALUATION,
        "rate_company": COMPANY_EVALUATION,
        "reply_to_evaluation": {"text": "Thank you."},
        "report_evaluation": {"reason": "untrue"},
        "judge_evaluation": {"side": "company", "outcome": "upheld"},
        "answer_midpoint": {"on_track": True},
        "share_credential": {"public": True},
        "allow_sharing": {"organisation": True},
        "request_reference": {"message": "Please."},
        "give_reference": {"person": "D", "role": "Operations", "text": "Done with great care."},
        "revoke_credential": {"reason": "issued-in-error"},
        "put_portfolio": {"public": True},
        "cancel_engagement": {"reason": "plans-changed"},
        "terminate_engagement": {
            "reason": "other",
            "fault": "nobody",
            "comment": "Both asked for it.",
        },
        "post_message": {"text": "Hello."},
        "plan_milestone": {"title": "Half of it", "due_at": "2030-01-01T00:00:00Z"},
        "change_milestone": {"title": "A third of it"},
        "propose_change_order": {"why": "More to do.", "hours": 4},
        "raise_flag": {"kind": "other", "text": "Something is odd here."},
        "resolve_flag": {"resolution": "We looked at it."},
        "put_time_note": {"hours": 12.5},
        "put_reflection": {"learned": "To ask before I merge."},
        "put_profile": {"profile": {**profile, "portfolio": [], "open_to_work": True}},
        "submit_application": {
            "answers": [{"question_id": journey.question_id, "text": "OpenRefine"}]
        },
        "decline_application": {"reason": "requirements"},
        "decline_applications": {
            "application_ids": [world.ids["application_id"]],
            "reason": "requirements",
        },
        "decline_selection": {"reason": "timing"},
        "put_scorecard": {"scores": {"skills": 4}},
        "invite_candidate": {"candidate_id": journey.candidate.account["id"]},
        "decline_invitation": {"reason": "timing"},
        "make_hire_offer": {"terms": JOB},
        "rescind_hire_offer": {"reason": "budget"},
        "start_hire": {"started_on": "2026-01-05"},
        "end_hire": {"reason": "resigned"},
        "answer_check_in": {"day": 30, "employed": True, "rating": 4},
        "reengage_candidate": {"engagement_id": world.ids["engagement_id"]},
        "decline_reengagement": {"reason": "timing"},
        "ask_talent": {"lists": ["analysts"]},
        "put_talent_lists": {"lists": ["analysts"]},
        "decline_hire_offer": {"reason": "other-offer"},
        "search_skills": {"query": "data", "limit": 5},
        "put_payment_method": {"token": "tok_visa"},
        "open_payout_account": {"country": "US"},
        "refund_engagement": {"reason": "goodwill"},
        "add_payment_method": {"token": "tok_visa"},
        "release_part": {"amount": 1},
        "grant_bonus": {"amount": 100},
        "add_to_fee": {"amount": 100, "reason": "One more table."},
        "ask_repayment": {"amount": 1, "reason": "Rounding."},
        "answer_repayment": {"agreed": False},
        "propose_funding": {"currency": "USD", "sponsors": []},
        "answer_funding": {"agreed": True},
        "open_dispute": {"reason": "quality", "detail": "Not as agreed."},
        "confirm_sandbox_charge": {"confirmed": True},
        "play_chargeback": {"status": "inquiry"},
        "change_sandbox_account": {"status": "active"},
        "play_payout": {"amount": 1, "failure_code": "account_closed"},
        "play_adjustment": {"kind": "payout", "amount": -1, "currency": "USD"},
        "receive_hook": {"body_base64": "e30=", "signature": "t=1,v1=0"},
        "add_dispute_statement": {"text": "It is all there."},
        "offer_split": {"released_amount": 1, "refunded_amount": 0},
        "accept_split": {"offer_id": "pst-0199"},
        "decide_dispute": {"released_amount": 1, "refunded_amount": 0, "reasons": "Fair."},
        "appeal_dispute": {"text": "Look again."},
        "freeze_funds": {"reason": "A stolen card."},
        "unfreeze_funds": {"reason": "It was not."},
        "reject_movement": {"reason": "Too much."},
        "answer_chargeback": {"evidence": "The work was accepted."},
        "put_contact": {"person_id": "acc-x", **contact, "locale": "en", "time_zone": "UTC"},
        "put_preferences": {"preferences": {}},
    }
    path = OPERATIONS[operation].get("http", "")
    named = {name: id_ for name, id_ in world.ids.items() if f"{{{name}}}" in path}
    return {**named, **own.get(operation, {})}


def refusal(caller: Caller, world: World, operation: str, by: Principal) -> type[StintError] | None:
    """The kind of error that the service answers, if any; that it is away is no answer."""
    call = Call(id=str(uuid4()), principal=by)
    try:
        caller.call(
            OPERATIONS[operation]["service"], operation, call, **arguments(world, operation)
        )
    except Unavailable as exc:
        raise AssertionError(f"{operation} as {by.role}: {exc!r}") from exc
    except StintError as exc:
        if exc.code in ("unknown-method", "wrong-arguments"):
            raise
        return type(exc)
    return None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_service_refuses_every_role_that_the_table_does_not_name(
    caller: Caller, world: World, operation: str
) -> None:
    people = {role: principal(world.ours.get(role)) for role in ROLES}
    for role, by in people.items():
        refused = refusal(caller, world, operation, by)
        named = role in OPERATIONS[operation]["allow"]
        assert (refused is Forbidden) is not named, (role, refused)


@pytest.mark.parametrize(("operation", "role"), STRANGERS)
def test_a_service_hides_what_belongs_to_others(
    caller: Caller, world: World, operation: str, role: str
) -> None:
    assert refusal(caller, world, operation, principal(world.strangers[role])) is NotFound


def test_a_principal_cannot_claim_a_role_that_does_not_exist(caller: Caller, world: World) -> None:
    nobody = Principal("acc-x", "superuser", world.ids["org_id"])
    assert refusal(caller, world, "get_engagement", nobody) is Forbidden
