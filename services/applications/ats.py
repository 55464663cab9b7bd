"""The applicant tracking systems of companies: told that a result is there, and nothing more."""

from base64 import b64encode
from collections.abc import Callable, Collection

from services.applications.domain import Told
from shared import outbound
from shared.errors import Invalid, Unavailable

DONE, LATER = range(200, 300), frozenset({408, 425, 429})
HTTPS = 443


class AtsClient:
    """`hosts` are where we go: a name means HTTPS there; an origin such as http://127.0.0.1 means
    any of its ports, in the clear and inside our own network."""

    def __init__(self, hosts: Collection[str], send: Callable[..., int] = outbound.send) -> None:
        self._hosts, self._send = frozenset(hosts), send

    def check(self, url: str) -> None:
        """Raise Invalid where we do not go: the key that we show there is the company's."""
        self._is_inside(url)

    def tell(self, url: str, key: str) -> Told:
        """PATCH it, signed in as the ATS signs in here; it then asks for the result itself.

        Raises Unavailable where nobody answers, or not now.
        """
        signed = b64encode(f"{key}:".encode()).decode()
        headers = {"Authorization": f"Basic {signed}"}
        try:
            inside = self._is_inside(url)
            status = self._send("PATCH", url, headers=headers, inside=inside)
        except Invalid:  # Not allowed any more, or its name leads inwards now.
            return Told.REFUSED
        if status in DONE:
            return Told.DONE
        if status in LATER or status >= 500:
            raise Unavailable("ats-later", f"The ATS answered {status}.")
        return Told.REFUSED

    def _is_inside(self, url: str) -> bool:
        scheme, host, port = outbound.origin(url)
        if f"{scheme}://{host}" in self._hosts:
            return True
        if scheme == "https" and port == HTTPS and host in self._hosts:
            return False
        sentence = "This is not an address of an ATS that we know."
        raise Invalid("callback-refused", sentence, {"url": sentence})
