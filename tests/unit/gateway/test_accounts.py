"""Registering, signing in and out, members, contacts."""

from typing import Any
from uuid import uuid4

import pytest

from services.gateway.auth import Passwords
from services.gateway.domain import Standing
from shared.envelope import Call
from shared.errors import Invalid, Unavailable
from tests.unit.gateway.conftest import World

PASSWORD = "correct horse battery staple"
ADA = {"role": "candidate", "email": "Ada@Example.com", "password": PASSWORD, "name": "Ada"}
DANA = {
    "role": "owner",
    "email": "dana@example.com",
    "password": PASSWORD,
    "name": "Dana",
    "organisation_name": "Northwind",
}
AWAY = Unavailable("service-unavailable", "Away.")


def sign_in(world: World, email: str = "ada@example.com", password: str = PASSWORD) -> Any:
    return world.client().post("/v1/sessions", {"email": email, "password": password})


def signed_in(world: World, body: dict[str, Any]) -> dict[str, str]:
    world.client().post("/v1/accounts", body)
    token = sign_in(world, body["email"]).get_json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_a_candidate_registers_and_is_announced_without_name_or_address(world: World) -> None:
    answer = world.client().post("/v1/accounts", ADA)
    account = answer.get_json()
    assert (answer.status_code, account["email"]) == (201, "ada@example.com")
    assert account["organisation"] is None
    assert "password" not in answer.text
    assert PASSWORD not in answer.text
    [event] = world.accounts.announced
    about = {"account_id": account["id"], "role": "candidate", "org_id": None}
    assert (event.type, event.data) == ("account.registered.v1", about)


def test_an_owner_registers_with_an_organisation(world: World) -> None:
    account = world.client().post("/v1/accounts", DANA).get_json()
    assert account["organisation"]["name"] == "Northwind"
    assert account["organisation"]["level"] == "unverified"
    [event] = world.accounts.announced
    assert event.data["org_id"] == account["org_id"] == account["organisation"]["id"]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "operator"},
        {"role": "recruiter"},
        {"email": "no address"},
        {"email": "a@b.example\r\nBcc: all@example.com"},
        {"name": "   "},
        {"name": "\u200b\u2028"},
        {"name": "Ada\nBcc: all@example.com"},
        {"name": "Ada\u202ecod.exe"},
        {"locale": "en\n"},
        {"email": "\u0130x@example.com"},  # Its lower case has a combining dot.
        {"email": "\u0130" * 200 + "@example.com"},  # Its lower case is longer.
        {"password": "short"},
        {"password": "x" * 257},
        {"password": "ada@example.com"},
        {"organisation_name": "Mine"},
        {"name": ""},
        {"time_zone": "Nowhere/At_All"},
        {"locale": "english"},
        {"org_id": "org-theirs"},
    ],
)
def test_a_registration_that_breaks_a_rule_is_refused(world: World, change: dict[str, Any]) -> None:
    answer = world.client().post("/v1/accounts", {**ADA, **change})
    assert answer.status_code == 422
    assert world.accounts.documents == {}


def test_an_owner_names_the_organisation(world: World) -> None:
    body = {name: value for name, value in DANA.items() if name != "organisation_name"}
    answer = world.client().post("/v1/accounts", body)
    assert answer.get_json()["errors"][0]["pointer"] == "#/organisation_name"


def test_an_address_belongs_to_one_account_however_it_is_spelt(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    answer = world.client().post("/v1/accounts", {**ADA, "email": "ADA@example.COM"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "email-taken")
    assert len(world.accounts.documents) == 1


def test_of_two_registrations_at_once_the_claim_decides(world: World) -> None:
    world.ports.accounts.check_free = lambda *_: None  # type: ignore[method-assign]
    first = world.client().post("/v1/accounts", ADA).get_json()
    second = world.client().post("/v1/accounts", ADA)
    assert second.status_code == 409
    standings = {account.id: account.standing for account in world.accounts.all()}
    assert standings.pop(first["id"]) is Standing.ACTIVE
    assert list(standings.values()) == [Standing.REFUSED]
    assert len(world.accounts.announced) == 1


def test_a_registration_sent_again_is_the_same_account(world: World) -> None:
    headers = {"Idempotency-Key": "register-1"}
    first = world.client().post("/v1/accounts", ADA, headers=headers)
    world.keys.kept.clear()  # As after a crash before the answer was kept.
    second = world.client().post("/v1/accounts", ADA, headers=headers)
    assert second.get_json()["id"] == first.get_json()["id"]
    assert second.status_code == 201
    assert len(world.accounts.announced) == 1


def test_the_contact_is_pushed_at_registration(world: World) -> None:
    account = world.client().post("/v1/accounts", ADA).get_json()
    [(call, contact)] = world.rpc.calls("put_contact")
    assert call.principal.role == "system"
    assert contact == {
        "person_id": account["id"],
        "email": "ada@example.com",
        "name": "Ada",
        "role": "candidate",
        "org_id": None,
        "locale": "en",
        "time_zone": "UTC",
    }
    assert world.accounts.load(account["id"]).due_at is None


def test_a_contact_that_could_not_be_pushed_is_pushed_by_the_sweep(world: World) -> None:
    world.rpc.answers["put_contact"] = AWAY
    answer = world.client().post("/v1/accounts", ADA)
    assert answer.status_code == 201
    world.clock.forward(seconds=6)
    world.ports.accounts.sweep(world.rpc)
    assert world.accounts.due(world.clock()) != []
    world.rpc.answers["put_contact"] = {}
    world.ports.accounts.sweep(world.rpc)
    assert world.accounts.due(world.clock()) == []
    assert len(world.rpc.calls("put_contact")) == 3


def test_a_refused_contact_does_not_keep_the_others_waiting(world: World) -> None:
    world.rpc.answers["put_contact"] = AWAY
    world.client().post("/v1/accounts", ADA)
    world.client().post("/v1/accounts", DANA)

    def refuse_ada(**contact: Any) -> dict[str, Any]:
        if contact["name"] == "Ada":
            raise Invalid("input-invalid", "Some of the input is not valid.", {"email": "No."})
        return {}

    world.rpc.answers["put_contact"] = refuse_ada
    world.clock.forward(seconds=10)
    world.ports.accounts.sweep(world.rpc)
    assert {account.due_at for account in world.accounts.all()} == {None}


def test_an_address_keeps_the_letters_that_a_mail_server_tells_apart(world: World) -> None:
    account = world.client().post("/v1/accounts", {**ADA, "email": " Stra\u00dfe@Example.com"})
    assert account.get_json()["email"] == "stra\u00dfe@example.com"
    assert sign_in(world, "STRA\u00dfE@example.com").status_code == 201


def test_the_sweep_stops_asking_where_nobody_answers(world: World) -> None:
    world.rpc.answers["put_contact"] = AWAY
    for number in range(3):
        world.client().post("/v1/accounts", {**ADA, "email": f"ada{number}@example.com"})
    world.clock.forward(seconds=6)
    world.ports.accounts.sweep(world.rpc)
    assert len(world.rpc.calls("put_contact")) == 3 + 1


def test_a_registration_that_a_crash_cut_off_is_finished_by_the_sweep(world: World) -> None:
    def crash(*_: Any) -> Any:
        raise AWAY

    world.ports.accounts.finish = crash  # type: ignore[method-assign]
    world.client().post("/v1/accounts", ADA)
    [account] = world.accounts.all()
    assert account.standing is Standing.REGISTERING
    del world.ports.accounts.finish
    assert sign_in(world).status_code == 401
    world.clock.forward(seconds=61)
    world.ports.accounts.sweep(world.rpc)
    assert world.accounts.load(account.id).standing is Standing.ACTIVE
    assert world.accounts.load(account.id).due_at is None
    assert sign_in(world).status_code == 201


def test_signing_in_gives_tokens_that_work(world: World) -> None:
    headers = signed_in(world, ADA)
    me = world.client().get("/v1/me", headers=headers).get_json()
    assert me["email"] == "ada@example.com"


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.com", "wrong wrong wrong"), ("nobody@example.com", PASSWORD)],
)
def test_a_refused_sign_in_does_not_tell_which_part_was_wrong(
    world: World, email: str, password: str
) -> None:
    world.client().post("/v1/accounts", ADA)
    answer = sign_in(world, email, password)
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (401, "sign-in-refused")
    assert told["detail"] == "The e-mail address or the password is wrong."
    assert len(world.passwords.checked) == 1


def test_an_unknown_address_takes_as_much_hashing_as_a_known_one() -> None:
    passwords = Passwords()
    runs: list[str] = []
    passwords._run = lambda function, *args: (runs.append(function.__name__), function(*args))[1]
    hashed = passwords.hash(PASSWORD)
    assert hashed.startswith("$argon2id$")
    assert passwords.verify(hashed, PASSWORD)
    assert not passwords.verify(hashed, "another password")
    assert not passwords.verify(None, PASSWORD)
    assert runs == ["hash", "verify", "verify", "verify"]


def test_a_refresh_token_is_traded_once_and_for_the_next(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    first = sign_in(world).get_json()["refresh_token"]
    second = world.client().post("/v1/sessions/refresh", {"refresh_token": first}).get_json()
    third = world.client().post("/v1/sessions/refresh", {"refresh_token": second["refresh_token"]})
    assert third.status_code == 200
    assert len({first, second["refresh_token"], third.get_json()["refresh_token"]}) == 3
    kept = repr(world.sessions.documents)
    assert first not in kept
    assert second["refresh_token"] not in kept


def test_a_refresh_token_that_comes_twice_ends_the_session_for_both(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    stolen = sign_in(world).get_json()["refresh_token"]
    newest = world.client().post("/v1/sessions/refresh", {"refresh_token": stolen}).get_json()
    again = world.client().post("/v1/sessions/refresh", {"refresh_token": stolen})
    assert (again.status_code, again.get_json()["code"]) == (401, "session-over")
    mine = world.client().post("/v1/sessions/refresh", {"refresh_token": newest["refresh_token"]})
    assert mine.status_code == 401
    [session] = world.sessions.all()
    assert session.ended == "refresh-token-reused"


def test_a_refresh_that_is_repeated_under_its_key_gets_the_same_tokens(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    body = {"refresh_token": sign_in(world).get_json()["refresh_token"]}
    headers = {"Idempotency-Key": "refresh-1"}
    first = world.client().post("/v1/sessions/refresh", body, headers=headers)
    world.keys.kept.clear()  # As after a crash before the answer was kept.
    again = world.client().post("/v1/sessions/refresh", body, headers=headers)
    assert again.get_json()["refresh_token"] == first.get_json()["refresh_token"]
    [session] = world.sessions.all()
    assert session.ended is None


@pytest.mark.parametrize("token", ["nonsense", "ses-1.x", ".", "ses-unknown.abc"])
def test_a_refresh_token_that_never_was_is_refused(world: World, token: str) -> None:
    answer = world.client().post("/v1/sessions/refresh", {"refresh_token": token})
    assert answer.status_code == 401


def test_a_guess_at_a_session_s_token_does_not_end_it(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    token = sign_in(world).get_json()["refresh_token"]
    guess = token.partition(".")[0] + ".guess"
    assert world.client().post("/v1/sessions/refresh", {"refresh_token": guess}).status_code == 401
    assert world.client().post("/v1/sessions/refresh", {"refresh_token": token}).status_code == 200


def test_a_session_is_over_after_thirty_days_or_a_sign_out(world: World) -> None:
    headers = signed_in(world, ADA)
    refresh = sign_in(world).get_json()["refresh_token"]
    assert world.client()("DELETE", "/v1/sessions/current", headers=headers).status_code == 204
    assert sorted(bool(session.ended) for session in world.sessions.all()) == [False, True]
    world.clock.forward(days=30)
    answer = world.client().post("/v1/sessions/refresh", {"refresh_token": refresh})
    assert answer.status_code == 401


def test_oneself_is_changed_and_the_contact_pushed_again(world: World) -> None:
    headers = signed_in(world, ADA)
    change = {"name": "Ada King", "time_zone": "Europe/London"}
    answer = world.client()("PATCH", "/v1/me", json=change, headers=headers)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "Ada King")
    contacts = [contact for _, contact in world.rpc.calls("put_contact")]
    assert contacts[-1]["time_zone"] == "Europe/London"
    assert contacts[-1]["locale"] == "en"


def test_a_change_of_a_version_that_is_gone_is_refused(world: World) -> None:
    headers = {**signed_in(world, ADA), "If-Match": '"1"'}
    answer = world.client()("PATCH", "/v1/me", json={"name": "X"}, headers=headers)
    assert answer.status_code == 412


def test_an_owner_adds_members_of_the_own_organisation_alone(world: World) -> None:
    headers = signed_in(world, DANA)
    body = {"email": "rae@example.com", "password": PASSWORD, "name": "Rae", "role": "recruiter"}
    member = world.client().post("/v1/organisation/members", body, headers=headers)
    me = world.client().get("/v1/me", headers=headers).get_json()
    assert member.status_code == 201
    assert member.get_json()["org_id"] == me["org_id"]
    assert sign_in(world, "rae@example.com").status_code == 201
    wrong = world.client().post(
        "/v1/organisation/members", {**body, "role": "owner"}, headers=headers
    )
    assert wrong.status_code == 422


def test_an_operator_verifies_an_organisation_once_in_effect(world: World) -> None:
    org_id = world.client().post("/v1/accounts", DANA).get_json()["org_id"]
    for _ in range(2):
        answer = world.client("operator").post(
            f"/v1/organisations/{org_id}/verify", {"level": "trusted"}
        )
        assert answer.get_json()["level"] == "trusted"
    [event] = world.organisations.announced
    assert event.type == "organisation.verified.v1"
    assert event.data == {"org_id": org_id, "level": "trusted"}
    missing = world.client("operator").post("/v1/organisations/org-none/verify", {})
    assert missing.status_code == 404


def test_names_are_one_line_with_something_in_it(world: World) -> None:
    for blank in ("  ", "\t\n", "North\twind", "North\r\nwind"):
        refused = world.client().post("/v1/accounts", {**DANA, "organisation_name": blank})
        pointers = {error["pointer"] for error in refused.get_json()["errors"]}
        assert (refused.status_code, pointers) == (422, {"#/organisation_name"})
    named = {**DANA, "organisation_name": "  Zażółć & 日本 3 ", "name": " O'Neil-Łódź "}
    made = world.client().post("/v1/accounts", named).get_json()
    assert (made["organisation"]["name"], made["name"]) == ("Zażółć & 日本 3", "O'Neil-Łódź")
    headers = signed_in(world, ADA)
    blank = world.client()("PATCH", "/v1/me", json={"name": " \n"}, headers=headers)
    assert blank.status_code == 422


def test_the_contact_is_there_before_the_account_is_announced(world: World) -> None:
    announced: list[int] = []

    def put_contact(**_: Any) -> dict[str, Any]:
        announced.append(len(world.accounts.announced))
        return {}

    world.rpc.answers["put_contact"] = put_contact
    made = world.client().post("/v1/accounts", ADA).get_json()
    assert (announced, len(world.accounts.announced)) == ([0], 1)
    assert world.accounts.load(made["id"]).due_at is None


def test_the_sweep_tells_the_contact_of_a_registration_that_a_crash_left_first(
    world: World,
) -> None:
    accounts, announced = world.ports.accounts, []
    call = Call(id=str(uuid4()))
    accounts.register(call, role="candidate", email="a@b.example", password=PASSWORD, name="Ada")
    [account] = world.accounts.all()
    world.accounts.alter(account.id, standing=Standing.REGISTERING, due_at=world.clock())
    world.accounts.announced.clear()
    world.rpc.answers["put_contact"] = lambda **_: announced.append(len(world.accounts.announced))
    accounts.sweep(world.rpc)
    [account] = world.accounts.all()
    assert (announced, account.standing, account.due_at) == ([0], Standing.ACTIVE, None)
