"""Access tokens, keys, sealed answers."""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, OKPKey

from services.gateway.problems import Unauthenticated
from services.gateway.tokens import Tokens, load_keys, new_key, seal, unseal
from shared.principal import Principal
from tests.unit.gateway.conftest import KEY, World
from tests.unit.gateway.fakes import FakeClock

DANA = Principal("acc-dana", "owner", "org-north")


def keys(*raw: dict[str, Any]) -> KeySet:
    return KeySet([OKPKey.import_key(key) for key in raw])


def test_a_token_tells_who_it_was_given_to() -> None:
    tokens = Tokens(keys(new_key()), FakeClock())
    principal, session_id, _ = tokens.read(tokens.access(DANA, "ses-1"))
    assert (principal, session_id) == (DANA, "ses-1")


def test_a_token_ends_after_fifteen_minutes() -> None:
    clock = FakeClock()
    tokens = Tokens(keys(new_key()), clock)
    token = tokens.access(DANA, "ses-1")
    clock.forward(minutes=14, seconds=59)
    assert tokens.read(token)
    clock.forward(seconds=2)
    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_while_keys_rotate_tokens_of_both_are_good() -> None:
    old, new = new_key(), new_key()
    clock = FakeClock()
    before = Tokens(keys(old), clock).access(DANA, "ses-1")
    during = Tokens(keys(new, old), clock)
    assert during.read(before)
    after = Tokens(keys(new), clock)
    assert after.read(during.access(DANA, "ses-1"))
    with pytest.raises(Unauthenticated):
        after.read(before)


def test_the_public_halves_of_both_live_keys_are_published_and_verify(world: World) -> None:
    old, new = new_key(), new_key()
    published = Tokens(keys(new, old), FakeClock()).published()
    assert [key["kid"] for key in published["keys"]] == [new["kid"], old["kid"]]
    assert not [key for key in published["keys"] if "d" in key]
    outside = KeySet.import_key_set(published)
    for key in (old, new):
        token = Tokens(keys(key), FakeClock()).access(DANA, "ses-1")
        assert jwt.decode(token, outside, algorithms=["Ed25519"]).claims["sub"] == "acc-dana"
    answer = world.client().get("/.well-known/jwks.json")
    assert answer.get_json() == world.ports.tokens.published()
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def altered(token: str, **changes: Any) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    told = urlsafe_b64encode(json.dumps({**claims, **changes}).encode()).decode().rstrip("=")
    return f"{head}.{told}.{signature}"


def unsigned(token: str) -> str:
    head = urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt","kid":"one"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def signed_with_the_public_key(token: str) -> str:
    """The classic confusion: the public key taken for a shared secret."""
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)).encode())
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": "one"}, claims, secret)


def of_another_type(token: str) -> str:
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({"alg": "Ed25519", "kid": "one"}, claims, KEY, algorithms=["Ed25519"])


FORGERIES: dict[str, Any] = {
    "another role": lambda token: altered(token, role="operator"),
    "another signature": lambda token: token[:-4] + "AAAA",
    "no signature": unsigned,
    "the public key as a secret": signed_with_the_public_key,
    "another type of token": of_another_type,
    "three letters": lambda _: "a.b.c",
    "one word": lambda _: "nonsense",
    "too long": lambda _: "x" * 5000,
    "twice": lambda token: f"{token}.{token}",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_nobody_s(world: World, forge: Any) -> None:
    token = forge(world.ports.tokens.access(DANA, "ses-1"))
    answer = world.client().get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer  ", "token"])
def test_another_kind_of_authorization_is_refused(world: World, header: str) -> None:
    answer = world.client().get("/v1/projects", headers={"Authorization": header})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-refused")


def test_a_key_is_generated_once_for_all_processes_and_only_for_its_owner(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(str(load_keys("", tmp_path).keys[0].kid)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_keys_come_as_json_or_as_a_file(tmp_path: Path) -> None:
    text = json.dumps({"keys": [new_key(), new_key()]})
    path = tmp_path / "keys.json"
    path.write_text(text)
    both = (load_keys(text, tmp_path), load_keys(str(path), tmp_path))
    assert [key.kid for key in both[0].keys] == [key.kid for key in both[1].keys]
    assert len(both[0].keys) == 2


def test_a_public_key_or_none_is_no_signing_key(tmp_path: Path) -> None:
    public = {name: value for name, value in new_key().items() if name != "d"}
    for raw in ([], [public], [new_key(), public]):
        with pytest.raises(ValueError):
            load_keys(json.dumps({"keys": raw}), tmp_path)


def test_only_the_same_key_opens_a_sealed_answer() -> None:
    sealed = seal(b"an answer", b"k" * 32)
    assert unseal(sealed, b"k" * 32) == b"an answer"
    assert "answer" not in sealed
    with pytest.raises(JoseError):
        unseal(sealed, b"l" * 32)
