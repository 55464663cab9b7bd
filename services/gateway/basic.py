"""HTTP Basic, as applicant tracking systems sign in: an API key as the user, and no password."""

from base64 import b64decode

from werkzeug import Response

from services.gateway.api_keys import PREFIX
from services.gateway.problems import Unauthenticated

PATHS = "/v1/ats/"  # Elsewhere nobody signs in so: browsers would remember it.
CHALLENGE = 'Basic realm="stint"'


def as_bearer(header: str | None, path: str) -> str | None:
    """The header as everybody else sends it; raises Unauthenticated for what is no API key."""
    scheme, _, coded = (header or "").partition(" ")
    if scheme.lower() != "basic" or not path.startswith(PATHS):
        return header
    try:
        user = b64decode(coded.strip(), validate=True).decode("ascii").partition(":")[0]
    except ValueError:
        user = ""
    if not user.startswith(PREFIX):
        raise Unauthenticated("key-refused", "Send an API key as the user, and no password.")
    return f"Bearer {user}"


def challenge(answer: Response, path: str) -> None:
    """Say how one signs in here."""
    if answer.status_code == 401 and path.startswith(PATHS):
        answer.headers["WWW-Authenticate"] = CHALLENGE
