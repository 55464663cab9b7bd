"""Accounts over the real database: registration, sessions, members, contacts, the command."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.integration.gateway.conftest import PASSWORD, Databases, Gateway, House
from tests.servers import ServiceProcess
from tests.waiting import wait_until


def registration(email: str) -> dict[str, Any]:
    return {"role": "candidate", "email": email, "password": PASSWORD, "name": "Ada"}


def test_people_register_are_announced_and_sign_in(gateway: Gateway, house: House) -> None:
    owner, candidate = gateway.client().owner(), gateway.client().register()
    me = owner.get("/v1/me").json()
    assert (me["role"], me["organisation"]["name"]) == ("owner", "Northwind")
    assert candidate.get("/v1/me").json()["org_id"] is None
    people = {me["id"], candidate.get("/v1/me").json()["id"]}
    wait_until(lambda: people <= {e["account_id"] for e in house.around.hear("account.registered")})
    heard = {event["account_id"]: event for event in house.around.hear("account.registered")}
    assert heard[me["id"]] == {"account_id": me["id"], "role": "owner", "org_id": me["org_id"]}


def test_of_many_who_want_an_address_at_once_one_gets_it(gateway: Gateway) -> None:
    body = registration(f"{uuid4().hex}@example.com")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gateway.client().post("/v1/accounts", body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert gateway.client().sign_in(body["email"]).get("/v1/me").status_code == 200


def test_a_session_is_refreshed_and_ended(gateway: Gateway) -> None:
    client = gateway.client().register()
    signed_in = client.post("/v1/sessions", {"email": client.email, "password": PASSWORD}).json()
    first = {"refresh_token": signed_in["refresh_token"]}
    second = client.post("/v1/sessions/refresh", first)
    assert second.status_code == 200
    following = {"refresh_token": second.json()["refresh_token"]}
    assert client.post("/v1/sessions/refresh", first).json()["code"] == "session-over"
    assert client.post("/v1/sessions/refresh", following).status_code == 401
    assert client("DELETE", "/v1/sessions/current").status_code == 204


def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(gateway: Gateway) -> None:
    client = gateway.client().register()
    signed_in = client.post("/v1/sessions", {"email": client.email, "password": PASSWORD}).json()
    body = {"refresh_token": signed_in["refresh_token"]}
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: gateway.client().post("/v1/sessions/refresh", body), range(2))
        )
    assert [answer.status_code for answer in answers].count(200) <= 1


def test_an_owner_pages_through_the_members(gateway: Gateway) -> None:
    owner, stranger = gateway.client().owner(), gateway.client().owner()
    for number in range(3):
        body = {"email": f"m{number}-{uuid4().hex}@example.com", "password": PASSWORD}
        made = owner.post(
            "/v1/organisation/members", {**body, "name": f"M{number}", "role": "evaluator"}
        )
        assert made.status_code == 201, made.text
    page = owner.get("/v1/organisation/members?limit=3")
    rest = owner.get(f"/v1/organisation/members?limit=3&after={page.json()['next']}").json()
    assert len(page.json()["items"]) == 3
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert "password_hash" not in page.text
    assert len(stranger.get("/v1/organisation/members").json()["items"]) == 1


def test_a_contact_reaches_notifications_when_they_come_back(
    fresh_gateway: Gateway, start_stub: Callable[[str], ServiceProcess], databases: Databases
) -> None:
    client = fresh_gateway.client().register()
    account_id = client.get("/v1/me").json()["id"]
    start_stub("notifications")
    contacts = databases(fresh_gateway, "notifications")["contacts"]
    contact = wait_until(lambda: contacts.find_one({"_id": account_id}), 20, "the contact")
    assert contact["email"] == client.email
    assert contact["time_zone"] == "UTC"


def test_a_machine_signs_in_with_a_key_until_it_is_revoked(gateway: Gateway) -> None:
    owner, machine = gateway.client().owner(), gateway.client()
    wanted = {"name": "Export", "scopes": ["list_members"]}
    made = owner.post("/v1/api-keys", wanted).json()
    machine.session.headers["Authorization"] = f"Bearer {made['key']}"
    assert len(machine.get("/v1/organisation/members").json()["items"]) == 1
    assert machine.get("/v1/me").json()["code"] == "scope-missing"
    owner.post("/v1/api-keys", wanted)
    page = owner.get("/v1/api-keys?limit=1").json()
    rest = owner.get(f"/v1/api-keys?limit=1&after={page['next']}").json()
    used = {each["id"]: each["last_used_at"] for each in (*page["items"], *rest["items"])}
    assert [each is None for each in used.values()].count(True) == 1
    assert used[made["id"]] is not None
    assert gateway.client().owner()("DELETE", f"/v1/api-keys/{made['id']}").status_code == 404
    assert owner("DELETE", f"/v1/api-keys/{made['id']}").status_code == 204
    assert machine.get("/v1/organisation/members").json()["code"] == "key-refused"
    assert owner.get("/v1/api-keys").json()["items"][0]["revoked_at"]


def test_what_is_forgotten_after_a_while_is_indexed_for_it(
    gateway: Gateway, databases: Databases
) -> None:
    for collection in ("sessions", "idempotency_keys"):
        indexes = databases(gateway, "gateway")[collection].index_information().values()
        expiring = [index for index in indexes if "expireAfterSeconds" in index]
        assert [index["key"] for index in expiring] == [[("expires_at", 1)]]


def add_account(env: dict[str, str], *arguments: str, **run: Any) -> Any:
    return subprocess.run(
        [Path(sys.executable).with_name("stint"), "account", "add", *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        **run,
    )


def test_the_command_makes_an_operator_who_can_verify(gateway: Gateway, house: House) -> None:
    arguments = ("--role", "operator", "--email", "op@example.com")
    made = add_account(gateway.env, *arguments, input=f"{PASSWORD}\n")
    assert (made.returncode, made.stdout[:4]) == (0, "acc-"), made.stderr
    org_id = gateway.client().owner().get("/v1/me").json()["org_id"]
    operator = gateway.client().sign_in("op@example.com")
    answer = operator.post(f"/v1/organisations/{org_id}/verify", {"level": "trusted"})
    assert answer.json()["level"] == "trusted"
    assert house.around.hear("organisation.verified") == [{"org_id": org_id, "level": "trusted"}]
    again = add_account(gateway.env, *arguments, input=f"{PASSWORD}\n")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    weak = add_account({**gateway.env, "STINT_ACCOUNT_PASSWORD": "short"}, *arguments)
    assert (weak.returncode, "password" in weak.stderr) == (2, True)
