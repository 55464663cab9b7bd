"""Verified addresses, other addresses, forgotten passwords, sessions on other devices."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.tokens import fingerprint
from shared.errors import Unavailable
from shared.principal import permissions
from tests.unit.gateway.conftest import World, make_world, sign_in_all

PASSWORD = "correct horse battery staple"
OTHER = "another horse and another staple"
ADA = {"role": "candidate", "email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
AWAY = Unavailable("service-unavailable", "Away.")


@pytest.fixture
def strict(tmp_path: Path) -> World:
    return make_world(tmp_path, email_verification="required")


def letters(world: World, kind: str) -> list[dict[str, Any]]:
    return [told for _, told in world.rpc.calls("send_letter") if told["kind"] == kind]


def secret(world: World, kind: str) -> str:
    return str(letters(world, kind)[-1]["facts"]["secret"])


def sign_in(world: World, password: str = PASSWORD, email: str = ADA["email"]) -> Any:
    headers = {"User-Agent": "Test\tphone " + "x" * 100}
    credentials = {"email": email, "password": password}
    return world.client().post("/v1/sessions", credentials, headers=headers)


def signed_in(world: World) -> dict[str, str]:
    world.client().post("/v1/accounts", ADA)
    return {"Authorization": f"Bearer {sign_in(world).get_json()['access_token']}"}


def confirm(world: World, token: str) -> Any:
    return world.client().post("/v1/email-verifications/confirm", {"token": token})


def everything(world: World) -> str:
    """All that is kept here, and all that was announced."""
    stores = (world.accounts, world.sessions, world.invitations)
    return "".join(f"{vars(store)}" for store in stores) + str(world.keys.kept)


def test_who_registers_is_sent_a_link_that_verifies_the_address_once(strict: World) -> None:
    headers = signed_in(strict)
    [letter] = letters(strict, "verify-email")
    assert (letter["to"], letter["name"]) == ("ada@example.com", "Ada")
    assert letter["expires_at"] == "2026-09-16T12:00:00+00:00"
    assert not strict.client().get("/v1/me", headers=headers).get_json()["email_verified"]
    token = secret(strict, "verify-email")
    assert token not in everything(strict)
    assert confirm(strict, token).status_code == 204
    assert strict.client().get("/v1/me", headers=headers).get_json()["email_verified"]
    again = confirm(strict, token)
    assert (again.status_code, again.get_json()["code"]) == (409, "link-refused")


def test_where_it_is_not_required_nobody_is_written_to_unasked(world: World) -> None:
    headers = signed_in(world)
    assert letters(world, "verify-email") == []
    asked = world.client().post("/v1/email-verifications", headers=headers)
    assert (asked.status_code, asked.get_json()) == (202, {"status": "accepted"})
    assert confirm(world, secret(world, "verify-email")).status_code == 204
    world.client().post("/v1/email-verifications", headers=headers)
    assert len(letters(world, "verify-email")) == 1


def test_a_link_ends_with_its_time_and_with_the_next_one(strict: World) -> None:
    headers = signed_in(strict)
    first = secret(strict, "verify-email")
    strict.client().post("/v1/email-verifications", headers=headers)
    assert len(letters(strict, "verify-email")) == 1, "the first is on its way"
    strict.clock.forward(minutes=2)
    strict.client().post("/v1/email-verifications", headers=headers)
    second = secret(strict, "verify-email")
    assert first != second
    assert confirm(strict, first).status_code == 409
    strict.clock.forward(days=2)
    assert confirm(strict, second).status_code == 409


@pytest.mark.parametrize("token", ["x", "acc-none.abc", "a.b.c", "."])
def test_a_link_that_is_none_is_refused_like_an_old_one(world: World, token: str) -> None:
    assert confirm(world, token).get_json()["code"] == "link-refused"
    body = {"token": token, "password": OTHER}
    answer = world.client().post("/v1/password-resets/confirm", body)
    assert answer.get_json()["code"] == "link-refused"


def verified_only() -> Iterator[str]:
    return (name for name, row in permissions().items() if row.get("verified"))


def test_an_unverified_person_binds_nobody_but_may_draft(strict: World) -> None:
    sign_in_all(strict)
    draft = strict.client("owner").post("/v1/brief-advice", {})
    assert draft.status_code == 200
    for path in ("/v1/projects/p-1/publish", "/v1/projects/p-1/repost"):
        refused = strict.client("owner").post(path, {})
        assert (refused.status_code, refused.get_json()["code"]) == (403, "email-unverified")
    strict.accounts.alter("acc-dana", email_verified_at=strict.clock())
    assert strict.client("owner").post("/v1/projects/p-1/publish", {}).status_code == 200
    assert {"publish_project", "submit_application", "accept_selection"} <= {*verified_only()}


def test_without_the_requirement_nobody_is_stopped(world: World) -> None:
    sign_in_all(world)
    assert world.client("owner").post("/v1/projects/p-1/publish", {}).status_code == 200


def test_a_letter_waits_with_the_account_while_notifications_is_away(strict: World) -> None:
    strict.rpc.answers |= {"put_contact": AWAY, "send_letter": AWAY}
    signed_in(strict)
    strict.rpc.answers |= {"put_contact": {}, "send_letter": {}}
    strict.rpc.asked.clear()
    strict.clock.forward(seconds=10)
    strict.ports.accounts.sweep(strict.rpc)
    assert confirm(strict, secret(strict, "verify-email")).status_code == 204
    strict.ports.accounts.sweep(strict.rpc)
    assert len(letters(strict, "verify-email")) == 1
    assert strict.accounts.due(strict.clock()) == []


def change_email(world: World, headers: dict[str, str], email: str = "king@example.com") -> Any:
    body = {"email": email, "password": PASSWORD}
    return world.client().post("/v1/me/email", body, headers=headers)


def test_another_address_counts_when_it_is_verified_and_the_old_one_is_told(world: World) -> None:
    headers = signed_in(world)
    assert change_email(world, headers).status_code == 202
    [letter] = letters(world, "verify-email")
    assert letter["to"] == "king@example.com"
    assert sign_in(world).status_code == 201
    assert sign_in(world, email="king@example.com").status_code == 401
    assert confirm(world, secret(world, "verify-email")).status_code == 204
    assert [told["to"] for told in letters(world, "email-changed")] == ["ada@example.com"]
    assert sign_in(world).status_code == 401
    assert sign_in(world, email="king@example.com").status_code == 201
    assert world.rpc.calls("put_contact")[-1][1]["email"] == "king@example.com"
    assert world.claims.owner("ada@example.com") is None
    assert world.client().post("/v1/accounts", ADA).status_code == 201


def test_an_address_that_somebody_took_meanwhile_stays_theirs(world: World) -> None:
    headers = signed_in(world)
    change_email(world, headers)
    world.client().post("/v1/accounts", {**ADA, "email": "king@example.com"})
    refused = confirm(world, secret(world, "verify-email"))
    assert (refused.status_code, refused.get_json()["code"]) == (409, "email-taken")
    assert change_email(world, headers).get_json()["code"] == "email-taken"
    assert change_email(world, headers, "ada@example.com").get_json()["code"] == "email-unchanged"


def test_another_address_takes_the_password_and_a_session_that_goes_on(world: World) -> None:
    headers = signed_in(world)
    body = {"email": "king@example.com", "password": "wrong wrong wrong"}
    wrong = world.client().post("/v1/me/email", body, headers=headers)
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "#/password")
    world.client()("DELETE", "/v1/sessions/current", headers=headers)
    assert change_email(world, headers).get_json()["code"] == "session-over"


def ask_reset(world: World, email: str = "ada@example.com") -> Any:
    answer = world.client().post("/v1/password-resets", {"email": email})
    world.ports.recovery.sweep(world.rpc)
    return answer


def reset(world: World, token: str, password: str = OTHER) -> Any:
    body = {"token": token, "password": password}
    return world.client().post("/v1/password-resets/confirm", body)


def test_a_forgotten_password_is_chosen_anew_and_every_session_is_over(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    refresh = {"refresh_token": sign_in(world).get_json()["refresh_token"]}
    ask_reset(world, " ADA@example.com")
    [letter] = letters(world, "reset-password")
    assert letter["expires_at"] == "2026-09-14T12:30:00+00:00"
    token = secret(world, "reset-password")
    assert token not in everything(world)
    assert fingerprint(token) in everything(world)
    assert reset(world, token).status_code == 204
    assert world.client().post("/v1/sessions/refresh", refresh).status_code == 401
    assert (sign_in(world).status_code, sign_in(world, OTHER).status_code) == (401, 201)
    assert len(letters(world, "password-changed")) == 1
    assert reset(world, token).get_json()["code"] == "link-refused"
    assert token not in everything(world)


def test_asking_tells_nobody_whether_there_is_such_an_account(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    known, unknown = ask_reset(world), ask_reset(world, "nobody@example.com")
    assert (known.status_code, unknown.status_code) == (202, 202)
    assert known.get_json() == unknown.get_json()
    assert len(letters(world, "reset-password")) == 1


def test_many_wishes_are_one_letter_and_the_last_link_counts(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    for _ in range(5):
        ask_reset(world)
    assert len(letters(world, "reset-password")) == 1
    world.clock.forward(minutes=2)
    ask_reset(world)
    first, last = (told["facts"]["secret"] for told in letters(world, "reset-password"))
    assert (reset(world, first).status_code, reset(world, last).status_code) == (409, 204)


def test_a_link_for_a_password_is_good_for_half_an_hour(world: World) -> None:
    world.client().post("/v1/accounts", ADA)
    ask_reset(world)
    world.clock.forward(minutes=30)
    assert reset(world, secret(world, "reset-password")).status_code == 409


def test_a_new_password_is_no_address_and_long_enough(world: World) -> None:
    world.client().post("/v1/accounts", {**ADA, "email": "adalovelace@example.com"})
    ask_reset(world, "adalovelace@example.com")
    token = secret(world, "reset-password")
    for weak in ("short", "AdaLovelace@example.com"):
        assert reset(world, token, weak).status_code == 422
    assert reset(world, token).status_code == 204


def test_asking_is_limited_by_address(tmp_path: Path) -> None:
    world = make_world(tmp_path, sign_in_limit="2/minute")
    assert [ask_reset(world).status_code for _ in range(3)] == [202, 202, 429]


def test_a_password_is_changed_and_only_this_session_goes_on(world: World) -> None:
    headers = signed_in(world)
    elsewhere = {"refresh_token": sign_in(world).get_json()["refresh_token"]}
    body = {"current_password": PASSWORD, "password": OTHER}
    wrong = {**body, "current_password": OTHER}
    refused = world.client().post("/v1/me/password", wrong, headers=headers)
    assert refused.get_json()["code"] == "password-wrong"
    assert world.client().post("/v1/me/password", body, headers=headers).status_code == 204
    assert world.client().post("/v1/sessions/refresh", elsewhere).status_code == 401
    [left] = world.client().get("/v1/sessions", headers=headers).get_json()["items"]
    assert left["current"]
    assert len(letters(world, "password-changed")) == 1


def test_sessions_are_listed_with_their_device_and_ended_one_by_one(world: World) -> None:
    headers = signed_in(world)
    refresh = {"refresh_token": sign_in(world).get_json()["refresh_token"]}
    world.clock.forward(minutes=5)
    items = world.client().get("/v1/sessions", headers=headers).get_json()["items"]
    assert {item["device"] for item in items} == {"Test phone " + "x" * 69}
    other = next(item for item in items if not item["current"])
    sign_in_all(world)
    path = f"/v1/sessions/{other['id']}"
    assert world.client("candidate")("DELETE", path).status_code == 404
    for _ in range(2):
        assert world.client()("DELETE", path, headers=headers).status_code == 204
    assert world.client().post("/v1/sessions/refresh", refresh).status_code == 401
    assert len(world.client().get("/v1/sessions", headers=headers).get_json()["items"]) == 1


def test_signing_out_everywhere_ends_every_session_in_one_write(world: World) -> None:
    headers = signed_in(world)
    refresh = {"refresh_token": sign_in(world).get_json()["refresh_token"]}
    assert world.client()("DELETE", "/v1/sessions", headers=headers).status_code == 204
    assert world.client().post("/v1/sessions/refresh", refresh).status_code == 401
    assert change_email(world, headers).get_json()["code"] == "session-over"
    assert world.client().get("/v1/sessions", headers=headers).get_json()["items"] == []
    assert sign_in(world).status_code == 201


def test_an_account_that_is_taken_over_by_its_mailbox_keeps_nothing_of_who_had_it(
    world: World,
) -> None:
    """Somebody registers with another's address, and waits for them to come."""
    headers = signed_in(world)
    world.client().post("/v1/second-factor", {"password": PASSWORD}, headers=headers)
    ask_reset(world)
    reset(world, secret(world, "reset-password"))
    [account] = world.accounts.all()
    assert account.second_factor is None
    assert account.email_verified_at == world.clock()


def make_key(world: World, headers: dict[str, str]) -> dict[str, Any]:
    body = {"name": "visit evil.example", "scopes": ["list_projects"]}
    made: dict[str, Any] = world.client().post("/v1/api-keys", body, headers=headers).get_json()
    return made


def works(world: World, key: dict[str, Any]) -> bool:
    headers = {"Authorization": f"Bearer {key['key']}"}
    return world.client().get("/v1/projects", headers=headers).status_code == 200


def owner_in(world: World) -> dict[str, str]:
    world.client().post("/v1/accounts", {**ADA, "role": "owner", "organisation_name": "North"})
    return {"Authorization": f"Bearer {sign_in(world).get_json()['access_token']}"}


def verified(world: World) -> dict[str, str]:
    headers = owner_in(world)
    world.client().post("/v1/email-verifications", headers=headers)
    confirm(world, secret(world, "verify-email"))
    return headers


def test_keys_outlive_a_reset_and_the_mail_about_it_names_them(world: World) -> None:
    """Programs go on; whoever reads the mailbox learns which do, and can end it."""
    headers = verified(world)
    key, gone = make_key(world, headers), make_key(world, headers)
    world.client()("DELETE", f"/v1/api-keys/{gone['id']}", headers=headers)
    ask_reset(world)
    assert reset(world, secret(world, "reset-password")).status_code == 204
    assert works(world, key)
    [letter] = letters(world, "password-changed")
    assert letter["facts"] == {"keys": key["prefix"], "revoked": ""}, "no name: anybody chose it"


def test_keys_go_with_a_reset_that_says_so(world: World) -> None:
    key = make_key(world, verified(world))
    ask_reset(world)
    body = {"token": secret(world, "reset-password"), "password": OTHER, "revoke_keys": True}
    assert world.client().post("/v1/password-resets/confirm", body).status_code == 204
    assert not works(world, key)
    assert letters(world, "password-changed")[-1]["facts"] == {"keys": "", "revoked": "yes"}


def test_a_link_that_is_refused_revokes_nothing(world: World) -> None:
    key = make_key(world, verified(world))
    body = {"token": "acc-none.abc", "password": OTHER, "revoke_keys": True}
    assert world.client().post("/v1/password-resets/confirm", body).status_code == 409
    assert works(world, key)


@pytest.mark.parametrize("revoke", [False, True])
def test_a_changed_password_leaves_keys_alone_unless_asked(world: World, revoke: bool) -> None:
    headers = verified(world)
    key = make_key(world, headers)
    body = {"current_password": PASSWORD, "password": OTHER, "revoke_keys": revoke}
    assert world.client().post("/v1/me/password", body, headers=headers).status_code == 204
    assert works(world, key) is not revoke


def test_keys_of_whoever_registered_the_address_unverified_go_with_the_password(
    world: World,
) -> None:
    key = make_key(world, owner_in(world))
    ask_reset(world)
    assert reset(world, secret(world, "reset-password")).status_code == 204
    assert not works(world, key)
