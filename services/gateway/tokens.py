"""Signed access tokens, derived refresh tokens and sealed answers: the one door to joserfc."""

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, OKPKey

from services.gateway.problems import Unauthenticated
from shared.clock import Clock
from shared.principal import Principal

ISSUER, AUDIENCE, TYPE = "stint", "stint-api", "at+jwt"
ALGORITHMS = ["Ed25519"]  # EdDSA by the name that RFC 9864 gives it.
CHALLENGE = "challenge+jwt"
LIFE, CHALLENGE_LIFE = timedelta(minutes=15), timedelta(minutes=5)
LONGEST = 4096
NO_KEYS = "This is no set of private Ed25519 keys, each with a kid."
SEALING = {"alg": "dir", "enc": "A256GCM"}


class Tokens:
    """Issues with the first key, accepts every key of the set: two are live while they rotate."""

    def __init__(self, keys: KeySet, now: Clock) -> None:
        self._keys, self._now = keys, now
        first = keys.keys[0].as_dict(private=True)
        self._pepper = hashlib.sha256(f"refresh:{first['d']}".encode()).digest()
        self._links = hashlib.sha256(f"link:{first['d']}".encode()).digest()

    def access(self, principal: Principal, session_id: str) -> str:
        """A bearer token for `LIFE`."""
        now = self._now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.id,
            "role": principal.role,
            "org": principal.org_id,
            "sid": session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
        }
        if principal.acting:
            claims["act"] = {"sub": principal.acting}  # RFC 8693: who acts in their name.
        header = {"alg": ALGORITHMS[0], "typ": TYPE, "kid": self._keys.keys[0].kid}
        return jwt.encode(header, claims, self._keys, algorithms=ALGORITHMS)

    def read(self, token: str) -> tuple[Principal, str, datetime]:
        """Whose token it is, of which session, and until when; raises Unauthenticated."""
        claims = self._claims(token, TYPE, AUDIENCE, ("exp", "sub", "role", "sid"))
        until = datetime.fromtimestamp(claims["exp"], tz=UTC)
        acting = claims.get("act", {}).get("sub", "")
        principal = Principal(claims["sub"], claims["role"], claims.get("org"), acting)
        return principal, claims["sid"], until

    def refresh(self, session_id: str, call_id: str) -> str:
        """The refresh token that this call gives out: the same one when the call is repeated."""
        digest = hmac.digest(self._pepper, f"{session_id}|{call_id}".encode(), "sha256")
        return f"{session_id}.{urlsafe_b64encode(digest).decode().rstrip('=')}"

    def link(self, owner_id: str, letter_id: str) -> str:
        """The secret in the link of a letter: the same whenever the letter is written."""
        return f"{owner_id}.{self.derived(f'{owner_id}|{letter_id}')}"

    def derived(self, text: str) -> str:
        """32 bytes in base64url that nobody can guess who has not the first key."""
        digest = hmac.digest(self._links, text.encode(), "sha256")
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def challenge(self, account_id: str, epoch: int) -> str:
        """Says for five minutes that this account's password was given; opens nothing by itself."""
        now = self._now()
        claims = {
            "iss": ISSUER,
            "aud": CHALLENGE,
            "sub": account_id,
            "epoch": epoch,
            "exp": int((now + CHALLENGE_LIFE).timestamp()),
        }
        header = {"alg": ALGORITHMS[0], "typ": CHALLENGE, "kid": self._keys.keys[0].kid}
        return jwt.encode(header, claims, self._keys, algorithms=ALGORITHMS)

    def challenged(self, token: str) -> tuple[str, int]:
        """Whose password was given, and in which epoch; raises Unauthenticated."""
        claims = self._claims(token, CHALLENGE, CHALLENGE, ("sub", "exp", "epoch"))
        return claims["sub"], claims["epoch"]

    def _claims(
        self, token: str, type_: str, audience: str, essential: tuple[str, ...]
    ) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise _refused("The token is not one of ours.")
        try:
            read = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            now = int(self._now().timestamp())
            _registry(now, audience, essential).validate(read.claims)
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise _refused("The token is expired or not one of ours.") from exc
        if read.header.get("typ") != type_:
            raise _refused("The token is not one of ours.")
        return read.claims

    def published(self) -> dict[str, Any]:
        """The public halves of the live keys, as a JSON Web Key Set."""
        keys = [key.as_dict(private=False) for key in self._keys.keys]
        return {"keys": [{**key, "use": "sig", "alg": ALGORITHMS[0]} for key in keys]}


def _registry(now: int, audience: str, essential: tuple[str, ...]) -> jwt.JWTClaimsRegistry:
    needed: dict[str, Any] = {name: {"essential": True} for name in essential}
    iss: Any = {"essential": True, "value": ISSUER}
    aud: Any = {"essential": True, "value": audience}
    return jwt.JWTClaimsRegistry(now=now, iss=iss, aud=aud, **needed)


def _refused(detail: str) -> Unauthenticated:
    return Unauthenticated("token-refused", detail)


def fingerprint(text: str) -> str:
    """What is kept of a refresh token."""
    return hashlib.sha256(text.encode()).hexdigest()


def load_keys(source: str, folder: Path) -> KeySet:
    """The key set in `source` (JSON or a path), or in `folder`, generated there at first.

    Raises ValueError where it holds no private Ed25519 key with a `kid`.
    """
    if not source:
        text = _generated(folder / "signing-keys.json")
    elif source.lstrip().startswith("{"):
        text = source
    else:
        text = Path(source).read_text()
    try:
        raw = json.loads(text)["keys"]
        keys = [OKPKey.import_key(key) for key in raw if key.get("kid") and key.get("d")]
    except (JoseError, KeyError, TypeError, AttributeError):
        raise ValueError(NO_KEYS) from None
    if not keys or len(keys) != len(raw):
        raise ValueError(NO_KEYS)
    return KeySet([*keys])


def new_key() -> dict[str, Any]:
    """A fresh private key, named by its thumbprint."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return {**key.as_dict(private=True), "kid": key.kid}


def _generated(path: Path) -> str:
    """The file's text; several processes that start at once agree on whose key is kept."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_suffix(f".{uuid4().hex}")
        mine.touch(mode=0o600)
        mine.write_text(json.dumps({"keys": [new_key()]}))
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text()


def seal(data: bytes, key: bytes) -> str:
    """`data` so that only who has the 32 bytes of `key` can read it."""
    return jwe.encrypt_compact(SEALING, data, OctKey.import_key(key))


def unseal(text: str, key: bytes) -> bytes:
    """What `seal` was given; raises JoseError with another key."""
    return jwe.decrypt_compact(text, OctKey.import_key(key)).plaintext or b""
