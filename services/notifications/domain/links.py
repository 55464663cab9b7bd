"""Links that work without signing in: whoever holds one may turn off one kind of mail."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

DIGEST = "digest"  # In the place of a kind: everything that comes in digests.
PURPOSE = b"unsubscribe|"  # So that a key that also signs other things says which.


def token(key: str, person_id: str, kind: str) -> str:
    """`<person>.<kind>.<signature>`: it names nobody, ends never, and fits into a path."""
    return f"{person_id}.{kind}.{_signature(key, f'{person_id}.{kind}')}"


def read(key: str, given: str) -> tuple[str, str] | None:
    """(person, kind) of a token of ours."""
    signed, _, signature = given.rpartition(".")
    person_id, _, kind = signed.partition(".")
    if not kind or not hmac.compare_digest(signature.encode(), _signature(key, signed).encode()):
        return None
    return person_id, kind


def _signature(key: str, text: str) -> str:
    made = hmac.new(key.encode(), PURPOSE + text.encode(), sha256).digest()
    return urlsafe_b64encode(made[:16]).rstrip(b"=").decode()
