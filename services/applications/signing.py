"""The issuer's keys and signatures: this service's one door to joserfc."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from services.applications.domain.issuer import IssuerKey
from shared.errors import Unavailable

# Open Badges 3.0 has every verifier know RS256.
ALGORITHM, BITS = "RS256", 2048
SEALING = {"alg": "dir", "enc": "A256GCM"}


class Signing:
    """Makes keys, sealed so that only who knows the secret can sign with them."""

    def __init__(self, secret: str) -> None:
        self._key = OctKey.import_key(
            hmac.digest(secret.encode(), b"credential-keys", hashlib.sha256)
        )

    def new_key(self, now: datetime) -> IssuerKey:
        """A fresh key pair, named by its thumbprint."""
        key = RSAKey.generate_key(BITS, auto_kid=True)
        public = {**key.as_dict(private=False), "kid": key.kid, "alg": ALGORITHM, "use": "sig"}
        private = json.dumps(key.as_dict(private=True)).encode()
        sealed = jwe.encrypt_compact(SEALING, private, self._key)
        return IssuerKey(kid=str(key.kid), public=public, sealed=sealed, created_at=now)

    def sign(self, payload: dict[str, Any], keys: Sequence[IssuerKey]) -> str:
        """A JWT by the newest key, which its header names and carries."""
        newest = keys[0]
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": newest.kid, "jwk": _bare(newest.public)}
        return jwt.encode(header, payload, self._opened(newest), algorithms=[ALGORITHM])

    def _opened(self, key: IssuerKey) -> RSAKey:
        try:
            private = jwe.decrypt_compact(str(key.sealed), self._key).plaintext or b""
        except (JoseError, ValueError) as exc:
            sentence = "The issuer's key cannot be opened: ID_KEY is not the one it was made with."
            raise Unavailable("issuer-key-sealed", sentence) from exc
        return RSAKey.import_key(json.loads(private))


class Seals:
    """Seals what has to be read again: keys of others, that they expect to see."""

    def __init__(self, secret: str) -> None:
        digest = hmac.digest(secret.encode(), b"keys-of-others", hashlib.sha256)
        self._key = OctKey.import_key(digest)

    def seal(self, secret: str) -> str:
        return jwe.encrypt_compact(SEALING, secret.encode(), self._key)

    def open(self, sealed: str) -> str:
        """Raises Unavailable where ID_KEY is another one now."""
        try:
            return (jwe.decrypt_compact(sealed, self._key).plaintext or b"").decode()
        except (JoseError, ValueError) as exc:
            sentence = "A sealed key cannot be opened: ID_KEY is not the one it was sealed with."
            raise Unavailable("key-sealed", sentence) from exc


def _bare(public: dict[str, Any]) -> dict[str, Any]:
    return {name: public[name] for name in ("kty", "n", "e")}
