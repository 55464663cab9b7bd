"""Ids that tell nothing: a keyed hash of candidate and project names everything that follows."""

import base64
import hashlib
import hmac

LENGTH = 26  # Base32 characters: 130 bits.


def application_id(key: str, candidate_id: str, project_id: str) -> str:
    """The one application of this candidate to this project.

    Without the key nobody can tell whose it is, nor that two of them are one person's.
    """
    digest = hmac.digest(key.encode(), f"{candidate_id}|{project_id}".encode(), hashlib.sha256)
    return f"app-{base64.b32encode(digest).decode().lower()[:LENGTH]}"


def sibling_id(prefix: str, other_id: str) -> str:
    """The thing of another kind that belongs to the same application: `app-x` -> `eng-x`."""
    return f"{prefix}-{other_id.partition('-')[2]}"
