"""The permission table, row by row: every operation as every role, as a stranger, and anonymous.

The rows come from `shared/permissions.yml`; what is written here is only how each operation is
called. An operation without a sample fails the first test.
"""

import io
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import requests

from deploy.embedded.stack import Stack
from shared.principal import permissions
from tests.e2e.journey import COMPANY_EVALUATION, EVALUATION, JOB, PASSWORD, Api, address
from tests.e2e.world import World, build

OPERATIONS = {name: row for name, row in permissions().items() if "http" in row}
Body = dict[str, Any]
READ = {"version": 1, "sha256": "0" * 64}


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


def _registration() -> Body:
    return {
        "role": "candidate",
        "email": address("new"),
        "password": PASSWORD,
        "name": "New Person",
    }


def _member() -> Body:
    return {
        "email": address("member"),
        "password": PASSWORD,
        "name": "New Member",
        "role": "recruiter",
    }


def _profile(world: World) -> Body:
    return {
        "headline": "Still a student",
        "skills": [{"skill_id": world.journey.people.skill(), "label": "x", "level": 3}],
        "weekly_hours": 10,
        "portfolio": [],
        "open_to_work": True,
    }


def _session(api: Api) -> Body:
    credentials = {"email": api.account["email"], "password": PASSWORD}
    return requests.post(f"{api.base}/v1/sessions", json=credentials, timeout=30).json()


def _delivery(world: World, api: Api) -> Body:
    """Files that are one's own, where one may have any: the engagement is what is asked for."""
    file_id = world.ids["file_id"]
    if api.account["role"] in OPERATIONS["upload_file"]["allow"]:
        file_id = api.upload_bytes("again.csv", "text/csv", io.BytesIO(b"a,b\n"))["file_id"]
    return {"file_ids": [file_id], "note": "Again."}


def bodies(world: World) -> dict[str, Callable[[], Body]]:
    """A valid body for each operation that takes one."""
    journey = world.journey
    answers = [{"question_id": journey.question_id, "text": "OpenRefine"}]
    return {
        "create_project": journey.brief,
        "update_project": lambda: {"title": "Another title"},
        "accept_agreement": lambda: READ,
        "propose_kickoff": lambda: {"based_on": READ, "changes": {"channel": "Phone"}},
        "declare_conflict": lambda: {"declared": False},
        "acknowledge_conflict": lambda: {"declaration_id": "dcl-9"},
        "sign_kickoff": lambda: {"checklist": READ},
        "create_from_template": lambda: {"template_id": "crm-cleaning"},
        "ask_inquiry": lambda: {"text": "May I use a script of my own?"},
        "answer_inquiry": lambda: {"text": "Yes, if you hand it in."},
        "advise_brief": dict,
        "request_project_changes": lambda: {"reasons": [{"field": "title", "reason": "Say more."}]},
        "grant_pay_exception": lambda: {"reason": "A charity of the town."},
        "request_revision": lambda: {"criteria": ["One row per person"], "comment": "Again."},
        "evaluate_engagement": lambda: EVALUATION,
        "rate_company": lambda: COMPANY_EVALUATION,
        "reply_to_evaluation": lambda: {"text": "Thank you."},
        "report_evaluation": lambda: {"reason": "untrue"},
        "judge_evaluation": lambda: {"side": "company", "outcome": "upheld"},
        "answer_midpoint": lambda: {"on_track": True},
        "share_credential": lambda: {"public": True},
        "allow_sharing": lambda: {"organisation": True},
        "request_reference": lambda: {"message": "Please."},
        "give_reference": lambda: {"role": "Operations", "text": "Done with great care."},
        "revoke_credential": lambda: {"reason": "issued-in-error"},
        "put_portfolio": lambda: {"public": True},
        "cancel_engagement": lambda: {"reason": "plans-changed"},
        "terminate_engagement": lambda: {
            "reason": "other",
            "fault": "nobody",
            "comment": "Both asked for it.",
        },
        "post_message": lambda: {"text": "Hello."},
        "plan_milestone": lambda: {"title": "Half of it", "due_at": "2030-01-01T00:00:00Z"},
        "change_milestone": lambda: {"title": "A third of it"},
        "propose_change_order": lambda: {"why": "More to do.", "hours": 4},
        "decline_change_order": dict,
        "raise_flag": lambda: {"kind": "other", "text": "Something is odd here."},
        "resolve_flag": lambda: {"resolution": "We looked at it."},
        "put_time_note": lambda: {"hours": 12.5},
        "put_reflection": lambda: {"learned": "To ask before I merge."},
        "put_profile": partial(_profile, world),
        "submit_application": lambda: {"answers": answers},
        "decline_application": lambda: {"reason": "requirements"},
        "decline_applications": lambda: {
            "application_ids": [world.ids["application_id"]],
            "reason": "requirements",
        },
        "decline_selection": lambda: {"reason": "timing"},
        "put_scorecard": lambda: {"scores": {"skills": 4}},
        "invite_candidate": lambda: {"candidate_id": journey.candidate.account["id"]},
        "decline_invitation": lambda: {"reason": "timing"},
        "make_hire_offer": lambda: JOB,
        "rescind_hire_offer": lambda: {"reason": "budget"},
        "start_hire": lambda: {"started_on": "2026-01-05"},
        "end_hire": lambda: {"reason": "resigned"},
        "answer_check_in": lambda: {"day": 30, "employed": True, "rating": 4},
        "reengage_candidate": lambda: {"engagement_id": world.ids["engagement_id"]},
        "decline_reengagement": lambda: {"reason": "timing"},
        "ask_talent": lambda: {"lists": ["analysts"]},
        "put_talent_lists": lambda: {"lists": ["analysts"]},
        "decline_hire_offer": lambda: {"reason": "other-offer"},
        "put_payment_method": lambda: {"token": "tok_visa"},
        "open_payout_account": lambda: {"country": "US"},
        "refund_engagement": lambda: {"reason": "goodwill"},
        "add_payment_method": lambda: {"token": "tok_visa"},
        "release_part": lambda: {"amount": 1},
        "grant_bonus": lambda: {"amount": 100},
        "add_to_fee": lambda: {"amount": 100, "reason": "One more table."},
        "ask_repayment": lambda: {"amount": 1, "reason": "Rounding."},
        "answer_repayment": lambda: {"agreed": False},
        "propose_funding": lambda: {"currency": "USD"},
        "answer_funding": lambda: {"agreed": True},
        "open_dispute": lambda: {"reason": "quality", "detail": "Not as agreed."},
        "confirm_sandbox_charge": lambda: {"confirmed": True},
        "play_chargeback": lambda: {"status": "inquiry"},
        "change_sandbox_account": lambda: {"status": "active"},
        "play_payout": lambda: {"amount": 1, "failure_code": "account_closed"},
        "play_adjustment": lambda: {"kind": "payout", "amount": -1, "currency": "USD"},
        "add_dispute_statement": lambda: {"text": "It is all there."},
        "offer_split": lambda: {"released_amount": 1, "refunded_amount": 0},
        "accept_split": lambda: {"offer_id": "pst-0199"},
        "decide_dispute": lambda: {"released_amount": 1, "refunded_amount": 0, "reasons": "Fair."},
        "appeal_dispute": lambda: {"text": "Look again."},
        "freeze_funds": lambda: {"reason": "A stolen card."},
        "unfreeze_funds": lambda: {"reason": "It was not."},
        "reject_movement": lambda: {"reason": "Too much."},
        "answer_chargeback": lambda: {"evidence": "The work was accepted."},
        "put_preferences": lambda: {"preferences": {}},
        "register_account": _registration,
        "create_session": lambda: {
            "email": journey.owner.account["email"],
            "password": PASSWORD,
        },
        "refresh_session": lambda: {"refresh_token": _session(journey.owner)["refresh_token"]},
        "update_me": lambda: {"locale": "en"},
        "add_member": _member,
        "create_upload": lambda: {"name": "later.csv", "size": 4, "sha256": "0" * 64},
        "create_api_key": lambda: {"name": "Export", "scopes": ["list_projects"]},
        "verify_organisation": lambda: {"level": "verified"},
    }


def call(world: World, operation: str, api: Api | None) -> requests.Response:
    """The operation as this person, or as nobody."""
    method, path = OPERATIONS[operation]["http"].split(" ")
    url = world.journey.owner.base + path.format(**world.ids)
    headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
    if operation == "update_project":
        headers["If-Match"] = '"1"'
    if api:
        headers["Authorization"] = str(api.session.headers["Authorization"])
    if operation == "upload_file":
        headers["Content-Type"] = "text/plain"
        query = {"name": "note.txt"}
        return requests.post(url, params=query, data=b"hello", headers=headers, timeout=30)
    if operation == "end_session" and api:
        headers["Authorization"] = f"Bearer {_session(api)['access_token']}"
    if operation == "append_upload":
        query = {"offset": 0}
        return requests.patch(url, params=query, data=b"a,b", headers=headers, timeout=30)
    body = None if method == "GET" else bodies(world).get(operation, dict)()
    if operation == "submit_deliverable" and api:
        body = _delivery(world, api)
    return requests.request(method, url, json=body, headers=headers, timeout=30)


def told(answer: requests.Response) -> str:
    return f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_may_do_what_the_table_does_not_say(world: World, operation: str) -> None:
    allowed = OPERATIONS[operation]["allow"]
    for role, api in {**world.ours, "anonymous": None}.items():
        answer = call(world, operation, api)
        if role not in allowed:
            assert answer.status_code == (403 if api else 401), (role, told(answer))
            assert answer.headers["Content-Type"].startswith("application/problem+json")
        else:
            assert answer.status_code not in (401, 403), (role, told(answer))
            assert answer.status_code < 500, (role, told(answer))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_not_theirs_does_not_exist_for_strangers(world: World, operation: str) -> None:
    allowed, has_subject = OPERATIONS[operation]["allow"], "{" in OPERATIONS[operation]["http"]
    for role, api in world.strangers.items():
        if has_subject and allowed.get(role) in ("org", "person"):
            answer = call(world, operation, api)
            assert answer.status_code == 404, (role, told(answer))
            assert "application/problem+json" in answer.headers["Content-Type"]


OWN = [
    (operation, role)
    for operation, row in OPERATIONS.items()
    for role, relation in row["allow"].items()
    if (relation == "person" and role == "candidate") or relation == "org"
]


@pytest.mark.parametrize(("operation", "role"), OWN)
def test_what_is_theirs_is_found(world: World, operation: str, role: str) -> None:
    answer = call(world, operation, world.ours[role])
    assert answer.status_code not in (401, 403, 404), told(answer)
    assert answer.status_code < 500, told(answer)


def test_a_draft_is_seen_by_its_organisation_only(world: World) -> None:
    draft = world.journey.owner.post("/v1/projects", world.journey.brief())
    path = f"{world.journey.owner.base}/v1/projects/{draft['id']}"
    for role, api in [*world.strangers.items(), ("anonymous", None)]:
        headers = {"Authorization": str(api.session.headers["Authorization"])} if api else {}
        assert requests.get(path, headers=headers, timeout=30).status_code == 404, role
    assert world.ours["recruiter"].get(f"/v1/projects/{draft['id']}")["status"] == "draft"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_forged_token_is_refused(world: World, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{world.journey.owner.base}/v1/me", headers=headers, timeout=30)
    assert answer.status_code == 401
