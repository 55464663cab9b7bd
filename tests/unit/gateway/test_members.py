"""Invitations by mail, roles, leaving: an organisation never loses its last owner."""

from typing import Any

import pytest

from services.gateway.domain import Organisation, Role, Standing
from shared.errors import Conflict, Unavailable
from tests.unit.gateway.conftest import World, sign_in_all

PASSWORD = "correct horse battery staple"
GRACE = {"name": "Grace", "password": PASSWORD}
AWAY = Unavailable("service-unavailable", "Away.")


@pytest.fixture
def north(world: World) -> World:
    """Everybody is signed in, and dana owns Northwind."""
    sign_in_all(world)
    organisation = Organisation("org-north", "Northwind", world.clock(), version=1)
    world.organisations.put(organisation)
    return world


def invite(world: World, email: str = "grace@example.com", role: str = "recruiter") -> Any:
    body = {"email": email, "role": role}
    return world.client("owner").post("/v1/organisation/invitations", body)


def token(world: World) -> str:
    found = [told for _, told in world.rpc.calls("send_letter") if told["kind"] == "invite-member"]
    return str(found[-1]["facts"]["secret"])


def accept(world: World, given: str, role: str = "", **person: str) -> Any:
    path, body = "/v1/organisation/invitations/accept", {"token": given, **person}
    return world.client(role).post(path, body)


def change(world: World, member_id: str, role: str, by: str = "owner") -> Any:
    path = f"/v1/organisation/members/{member_id}"
    return world.client(by)("PATCH", path, json={"role": role})


def remove(world: World, member_id: str, by: str = "owner") -> Any:
    return world.client(by)("DELETE", f"/v1/organisation/members/{member_id}")


def test_whoever_reads_the_mailbox_joins_with_a_new_account(north: World) -> None:
    made = invite(north).get_json()
    assert (made["status"], made["expires_at"]) == ("open", "2026-09-21T12:00:00+00:00")
    [(call, letter)] = north.rpc.calls("send_letter")
    assert (call.principal.role, letter["to"]) == ("system", "grace@example.com")
    assert letter["facts"]["organisation"] == "Northwind"
    given = token(north)
    assert given not in repr(north.invitations.documents)
    joined = accept(north, given, **GRACE)
    account = joined.get_json()
    assert (joined.status_code, account["role"], account["org_id"]) == (
        201,
        "recruiter",
        "org-north",
    )
    assert account["email_verified"]
    credentials = {"email": "grace@example.com", "password": PASSWORD}
    assert north.client().post("/v1/sessions", credentials).status_code == 201
    assert accept(north, given, **GRACE).get_json()["code"] == "link-refused"
    [item] = north.client("owner").get("/v1/organisation/invitations").get_json()["items"]
    assert (item["status"], "proof" in item) == ("accepted", False)


def test_an_invitation_ends_after_a_week_and_when_it_is_taken_back(north: World) -> None:
    first = invite(north).get_json()
    given = token(north)
    path = f"/v1/organisation/invitations/{first['id']}"
    for _ in range(2):
        assert north.client("owner")("DELETE", path).status_code == 204
    assert accept(north, given, **GRACE).status_code == 409
    invite(north)
    north.clock.forward(days=7)
    assert accept(north, token(north), **GRACE).status_code == 409
    items = north.client("owner").get("/v1/organisation/invitations").get_json()["items"]
    assert [item["status"] for item in items] == ["revoked", "expired"]


def test_a_new_account_needs_a_name_and_a_password(north: World) -> None:
    invite(north)
    assert accept(north, token(north)).get_json()["code"] == "account-needed"
    assert accept(north, token(north), **GRACE).status_code == 201


def test_an_address_with_an_account_signs_in_to_join(north: World) -> None:
    invite(north, "recruiter@example.com")
    assert accept(north, token(north), **GRACE).get_json()["code"] == "email-taken"


def test_a_former_member_comes_back_with_the_same_account(north: World) -> None:
    assert remove(north, "acc-eve").status_code == 204
    left = north.accounts.load("acc-eve")
    assert (left.role, left.org_id) == (Role.CANDIDATE, None)
    invite(north, "evaluator@example.com", "owner")
    given = token(north)
    assert accept(north, given, "evaluator").get_json()["code"] == "session-over"
    credentials = {"email": "evaluator@example.com", "password": PASSWORD}
    tokens = north.client().post("/v1/sessions", credentials).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    path, body = "/v1/organisation/invitations/accept", {"token": given}
    joined = north.client().post(path, body, headers=headers).get_json()
    assert (joined["role"], joined["org_id"]) == ("owner", "org-north")
    assert north.organisations.load("org-north").owners == ["acc-dana", "acc-eve"]


@pytest.mark.parametrize("email", ["candidate@example.com", "somebody@example.com"])
def test_a_candidate_s_account_stays_one(north: World, email: str) -> None:
    invite(north, email)
    refused = accept(north, token(north), "candidate").get_json()
    assert refused["code"] in ("account-elsewhere", "invited-another")
    assert north.accounts.load("acc-kim").role is Role.CANDIDATE


def test_an_invitation_waits_for_notifications(north: World) -> None:
    north.rpc.answers["send_letter"] = AWAY
    assert invite(north).status_code == 201
    north.rpc.asked.clear()
    north.rpc.answers["send_letter"] = {}
    north.clock.forward(seconds=6)
    north.ports.memberships.sweep(north.rpc)
    assert accept(north, token(north), **GRACE).status_code == 201
    assert north.invitations.due(north.clock()) == []


def test_a_role_changes_for_tokens_keys_and_contact(north: World) -> None:
    key = {"name": "Export", "scopes": ["list_projects"]}
    made = north.client("recruiter").post("/v1/api-keys", key).get_json()
    changed = change(north, "acc-rae", "evaluator")
    assert (changed.status_code, changed.get_json()["role"]) == (200, "evaluator")
    assert north.rpc.calls("put_contact")[-1][1]["role"] == "evaluator"
    with_key = {"Authorization": f"Bearer {made['key']}"}
    assert north.client().get("/v1/projects", headers=with_key).status_code == 401
    again = north.client("recruiter").post("/v1/api-keys", key)
    assert again.get_json()["code"] == "session-over"


def test_there_is_always_an_owner(north: World) -> None:
    for refused in (remove(north, "acc-dana"), change(north, "acc-dana", "recruiter")):
        assert (refused.status_code, refused.get_json()["code"]) == (409, "last-owner")
    assert change(north, "acc-rae", "owner").status_code == 200
    assert change(north, "acc-dana", "recruiter").status_code == 200
    assert north.organisations.load("org-north").owners == ["acc-rae"]
    assert change(north, "acc-rae", "recruiter").get_json()["code"] == "session-over"


def test_of_two_owners_who_remove_each_other_one_stays(north: World) -> None:
    change(north, "acc-rae", "owner")
    organisation = north.organisations.load("org-north")
    # Both have read that there are two; the organisation is changed by one after the other.
    both = ["acc-dana", "acc-rae"]
    organisation.drop_owner("acc-dana", both)
    with pytest.raises(Conflict):
        organisation.drop_owner("acc-rae", both)


def test_an_owner_who_is_erased_is_none(north: World) -> None:
    change(north, "acc-rae", "owner")
    north.accounts.alter("acc-rae", standing=Standing.ERASED)
    assert remove(north, "acc-dana").get_json()["code"] == "last-owner"


def test_one_may_leave_but_not_remove_others(north: World) -> None:
    assert remove(north, "acc-eve", by="recruiter").status_code == 404
    assert remove(north, "acc-rae", by="recruiter").status_code == 204
    assert remove(north, "acc-kim").status_code == 404
    assert change(north, "acc-kim", "owner").status_code == 404


def test_who_has_left_is_a_candidate_at_the_next_refresh(north: World) -> None:
    credentials = {"email": "recruiter@example.com", "password": PASSWORD}
    tokens = north.client().post("/v1/sessions", credentials).get_json()
    remove(north, "acc-rae")
    refresh = {"refresh_token": tokens["refresh_token"]}
    following = north.client().post("/v1/sessions/refresh", refresh).get_json()
    assert (following["account"]["role"], following["account"]["org_id"]) == ("candidate", None)
