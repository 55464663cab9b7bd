"""A POST that is sent again has one effect and the first answer."""

from typing import Any

import pytest

from services.gateway.idempotency import Attempt
from shared.errors import Conflict, Unavailable
from shared.principal import ANONYMOUS, Principal
from tests.unit.gateway.conftest import World

KIM = Principal("acc-kim", "candidate")
PATH = "/v1/applications/app-1/accept"
KEY = {"Idempotency-Key": "0b1f3c9e-6f0c-4a53-9d6e-4f6f2a1d7c55"}


def attempt(**changes: Any) -> Attempt:
    made: dict[str, Any] = {
        "key": "key-1",
        "principal": KIM,
        "address": "192.0.2.1",
        "operation": "accept_selection",
        "request": b"POST /x\n{}",
    }
    return Attempt(**{**made, **changes})


def test_a_finished_request_gets_its_first_answer_again(world: World) -> None:
    answers = iter([{"id": "app-1", "version": 4}, {"id": "app-1", "version": 5}])
    world.rpc.answers["accept_selection"] = lambda **_: next(answers)
    first = world.client("candidate").post(PATH, headers=KEY)
    second = world.client("candidate").post(PATH, headers=KEY)
    assert second.data == first.data
    assert (second.status_code, second.headers["ETag"]) == (200, '"4"')
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(world.rpc.calls("accept_selection")) == 1


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_call_id(world: World) -> None:
    world.rpc.answers["accept_selection"] = Unavailable("service-unavailable", "Away.")
    assert world.client("candidate").post(PATH, headers=KEY).status_code == 503
    world.rpc.answers["accept_selection"] = {"id": "app-1", "version": 4}
    assert world.client("candidate").post(PATH, headers=KEY).status_code == 200
    ids = {call.id for call, _ in world.rpc.calls("accept_selection")}
    assert len(ids) == 1


def test_the_same_key_with_another_body_is_a_conflict(world: World) -> None:
    path = "/v1/applications/app-1/withdraw"
    world.client("candidate").post(path, {"reason": "First reason."}, headers=KEY)
    answer = world.client("candidate").post(path, {"reason": "Another one."}, headers=KEY)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency-key-reused")
    assert len(world.rpc.calls("withdraw_application")) == 1


def test_the_same_key_with_another_path_is_a_conflict(world: World) -> None:
    world.client("candidate").post(PATH, headers=KEY)
    answer = world.client("candidate").post("/v1/applications/app-2/accept", headers=KEY)
    assert answer.status_code == 409


def test_a_refusal_had_no_effect_and_is_not_kept(world: World) -> None:
    world.rpc.answers["accept_selection"] = Conflict("application-not-selected", "Not yet.")
    assert world.client("candidate").post(PATH, headers=KEY).status_code == 409
    world.rpc.answers["accept_selection"] = {"id": "app-1", "version": 4}
    answer = world.client("candidate").post(PATH, headers=KEY)
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers


def test_a_refused_body_can_be_corrected_under_its_key(world: World) -> None:
    path = "/v1/applications/app-1/decline"
    assert world.client("owner").post(path, {}, headers=KEY).status_code == 422
    reason = {"reason": "position-filled"}
    assert world.client("owner").post(path, reason, headers=KEY).status_code == 200


def test_keys_of_two_people_have_nothing_to_do_with_each_other(world: World) -> None:
    path = "/v1/notifications/ntf-1/read"
    world.client("candidate").post(path, headers=KEY)
    world.client("owner").post(path, headers=KEY)
    ids = {call.id for call, _ in world.rpc.calls("read_notification")}
    assert len(ids) == 2


def test_after_a_day_a_key_is_free_again(world: World) -> None:
    path = "/v1/applications/app-1/withdraw"
    world.client("candidate").post(path, {"reason": "First reason."}, headers=KEY)
    world.clock.forward(hours=25)
    answer = world.client("candidate").post(path, {"reason": "Another one."}, headers=KEY)
    assert answer.status_code == 200


def test_without_a_key_every_request_is_its_own(world: World) -> None:
    for _ in range(2):
        world.client("candidate").post(PATH)
    ids = {call.id for call, _ in world.rpc.calls("accept_selection")}
    assert len(ids) == 2
    assert world.keys.kept == {}


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "new\tline"])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    answer = world.client("candidate").post(PATH, headers={"Idempotency-Key": key})
    assert answer.get_json()["code"] == "idempotency-key-invalid"
    assert world.rpc.asked == []


def test_what_is_kept_of_a_sign_in_is_of_no_use_without_the_password(world: World) -> None:
    body = {"email": "ada@example.com", "password": "correct horse battery staple"}
    registration = {**body, "role": "candidate", "name": "Ada"}
    world.client().post("/v1/accounts", registration)
    tokens = world.client().post("/v1/sessions", body, headers=KEY).get_json()
    again = world.client().post("/v1/sessions", body, headers=KEY)
    assert again.get_json() == tokens
    kept = repr(world.keys.kept)
    assert tokens["access_token"] not in kept
    assert tokens["refresh_token"] not in kept
    assert KEY["Idempotency-Key"] not in kept


def test_a_key_that_two_anonymous_people_share_mixes_them_up_never(world: World) -> None:
    ids = set()
    for name in ("ada", "bob"):
        body = {"email": f"{name}@example.com", "password": "correct horse battery staple"}
        environ = {"REMOTE_ADDR": f"192.0.2.{len(name)}{len(ids)}"}
        answer = world.client().post(
            "/v1/accounts",
            {**body, "role": "candidate", "name": name},
            headers=KEY,
            environ_overrides=environ,
        )
        assert answer.status_code == 201
        ids.add(answer.get_json()["id"])
    assert len(ids) == 2


@pytest.mark.parametrize("principal", [KIM, ANONYMOUS])
@pytest.mark.parametrize(
    "change",
    [
        {"key": "key-2"},
        {"principal": Principal("acc-x", "owner")},
        {"operation": "other"},
        {"request": b"other"},
    ],
)
def test_the_call_s_id_follows_from_person_key_operation_and_request(
    principal: Principal, change: dict[str, Any]
) -> None:
    first = attempt(principal=principal)
    assert first.call_id == attempt(principal=principal, address="192.0.2.2").call_id
    assert first.call_id != attempt(**{"principal": principal, **change}).call_id


def test_a_key_that_comes_again_after_its_day_stands_for_another_request(world: World) -> None:
    """Services know a call's id for ever: the second message would be lost as a repeat."""
    path = "/v1/applications/app-1/withdraw"
    world.client("candidate").post(path, {"reason": "First reason."}, headers=KEY)
    world.clock.forward(hours=24)
    answer = world.client("candidate").post(path, {"reason": "Another one."}, headers=KEY)
    assert answer.status_code == 200
    first, second = (call.id for call, _ in world.rpc.calls("withdraw_application"))
    assert first != second
