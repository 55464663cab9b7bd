"""Codes of an authenticator: enrolled, asked for, never taken twice, and limited in attempts."""

from pathlib import Path
from typing import Any

import pyotp
import pytest

from services.gateway.second_factor import Seals, sealing_secrets
from shared.errors import Unavailable
from tests.unit.gateway.conftest import World

PASSWORD = "correct horse battery staple"
ADA = {"role": "candidate", "email": "ada@example.com", "password": PASSWORD, "name": "Ada"}


class Ada:
    """Somebody with an authenticator."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.client().post("/v1/accounts", ADA)
        self.headers = {"Authorization": f"Bearer {self.sign_in().get_json()['access_token']}"}
        self.secret = ""

    def post(self, path: str, body: Any) -> Any:
        return self.world.client().post(path, body, headers=self.headers)

    def sign_in(self) -> Any:
        credentials = {"email": ADA["email"], "password": PASSWORD}
        return self.world.client().post("/v1/sessions", credentials)

    def enrol(self) -> Any:
        answer = self.post("/v1/second-factor", {"password": PASSWORD})
        self.secret = answer.get_json().get("secret", self.secret)
        return answer

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.world.clock())

    def confirm(self) -> list[str]:
        answer = self.post("/v1/second-factor/confirm", {"code": self.code()})
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["recovery_codes"])

    def prove(self, code: str, challenge: str = "") -> Any:
        told = challenge or self.sign_in().get_json()["challenge"]
        body = {"challenge": told, "code": code}
        return self.world.client().post("/v1/sessions/second-factor", body)


@pytest.fixture
def ada(world: World) -> Ada:
    return Ada(world)


@pytest.fixture
def guarded(ada: Ada) -> Ada:
    """Ada, who has confirmed the authenticator a minute ago."""
    ada.enrol()
    ada.confirm()
    ada.world.clock.forward(seconds=60)
    return ada


def test_an_authenticator_counts_when_it_has_shown_a_code(ada: Ada) -> None:
    made = ada.enrol().get_json()
    assert made["otpauth_uri"].startswith("otpauth://totp/Stint:ada%40example.com?secret=")
    assert ada.sign_in().status_code == 201
    wrong = ada.post("/v1/second-factor/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "code-wrong")
    codes = ada.confirm()
    assert (len(codes), len({*codes})) == (10, 10)
    shown = ada.world.client().get("/v1/second-factor", headers=ada.headers).get_json()
    assert (shown["on"], shown["recovery_codes_left"]) == (True, 10)
    kept = repr(ada.world.accounts.documents)
    assert made["secret"] not in kept
    assert not [code for code in codes if code in kept]
    assert ada.enrol().get_json()["code"] == "second-factor-on"


def test_signing_in_takes_two_steps(guarded: Ada) -> None:
    first = guarded.sign_in()
    told = first.get_json()
    assert (first.status_code, told["code"]) == (401, "second-factor-required")
    as_token = {"Authorization": f"Bearer {told['challenge']}"}
    assert guarded.world.client().get("/v1/me", headers=as_token).status_code == 401
    second = guarded.prove(guarded.code(), told["challenge"])
    assert (second.status_code, second.get_json()["token_type"]) == (201, "Bearer")


def test_a_wrong_password_is_told_no_challenge(guarded: Ada) -> None:
    credentials = {"email": ADA["email"], "password": "wrong wrong wrong"}
    told = guarded.world.client().post("/v1/sessions", credentials).get_json()
    assert (told["code"], "challenge" in told) == ("sign-in-refused", False)


def test_a_code_is_taken_once_and_none_that_is_older(guarded: Ada) -> None:
    older = guarded.code()
    guarded.world.clock.forward(seconds=30)
    code = guarded.code()
    assert guarded.prove(code).status_code == 201
    for used in (code, older):
        refused = guarded.prove(used)
        assert (refused.status_code, refused.get_json()["code"]) == (401, "code-refused")


def test_a_code_of_the_neighbouring_half_minutes_is_good_and_no_other(guarded: Ada) -> None:
    late = guarded.code()
    guarded.world.clock.forward(seconds=90)
    assert guarded.prove(late).status_code == 401
    late = guarded.code()
    guarded.world.clock.forward(seconds=30)
    assert guarded.prove(late).status_code == 201


def test_a_recovery_code_opens_once_however_it_is_typed(ada: Ada) -> None:
    ada.enrol()
    first, second, *_ = ada.confirm()
    assert ada.prove(first.upper().replace("-", " ")).status_code == 201
    assert ada.prove(first).status_code == 401
    assert ada.prove(second).status_code == 201
    shown = ada.world.client().get("/v1/second-factor", headers=ada.headers).get_json()
    assert shown["recovery_codes_left"] == 8


def test_after_five_wrong_codes_even_the_right_one_waits(guarded: Ada) -> None:
    statuses = [guarded.prove("000000").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 401, 429]
    locked = guarded.prove(guarded.code())
    assert (locked.status_code, locked.get_json()["code"]) == (429, "codes-locked")
    assert int(locked.headers["Retry-After"]) == 900
    guarded.world.clock.forward(minutes=15)
    assert guarded.prove(guarded.code()).status_code == 201


def test_a_challenge_ends_after_five_minutes_and_with_the_sessions(guarded: Ada) -> None:
    old = guarded.sign_in().get_json()["challenge"]
    guarded.world.clock.forward(minutes=5, seconds=1)
    assert guarded.prove(guarded.code(), old).get_json()["code"] == "challenge-refused"
    challenge = guarded.sign_in().get_json()["challenge"]
    guarded.world.client()("DELETE", "/v1/sessions", headers=guarded.headers)
    assert guarded.prove(guarded.code(), challenge).get_json()["code"] == "challenge-refused"


def test_an_access_token_is_no_challenge(guarded: Ada) -> None:
    token = guarded.headers["Authorization"].partition(" ")[2]
    assert guarded.prove(guarded.code(), token).get_json()["code"] == "challenge-refused"


def test_a_sign_in_sent_again_gets_the_first_answer_though_its_code_is_used(guarded: Ada) -> None:
    challenge, code = guarded.sign_in().get_json()["challenge"], guarded.code()
    body, headers = {"challenge": challenge, "code": code}, {"Idempotency-Key": "sign-in-1"}
    path, client = "/v1/sessions/second-factor", guarded.world.client()
    first = client.post(path, body, headers=headers).get_json()
    guarded.world.keys.kept.clear()  # As after a crash before the answer was kept.
    again = client.post(path, body, headers=headers)
    assert (again.status_code, again.get_json()["refresh_token"]) == (201, first["refresh_token"])


def test_it_is_removed_with_password_and_code_and_each_change_is_told(guarded: Ada) -> None:
    path = "/v1/second-factor/remove"
    for wrong in ({"password": PASSWORD, "code": "000000"}, {"password": "x", "code": "000000"}):
        assert guarded.post(path, wrong).status_code == 422
    right = {"password": PASSWORD, "code": guarded.code()}
    assert guarded.post(path, right).status_code == 204
    assert guarded.sign_in().status_code == 201
    told = [one for _, one in guarded.world.rpc.calls("send_letter")]
    assert [one["facts"]["on"] for one in told] == ["yes", ""]
    assert guarded.post(path, right).get_json()["code"] == "no-second-factor"


def test_a_secret_is_sealed_and_opened_by_every_key_that_is_named(tmp_path: Path) -> None:
    old, new = Seals(("o" * 32,)), Seals(("n" * 32, "o" * 32))
    sealed = old.seal("a secret")
    assert (new.open(sealed), "secret" in sealed) == ("a secret", False)
    with pytest.raises(Unavailable):
        Seals(("n" * 32,)).open(sealed)
    made = sealing_secrets((), tmp_path)
    assert (made, len(made[0])) == (sealing_secrets((), tmp_path), 64)
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
