"""Where a webhook may go: never inwards, whatever a name resolves to or a server answers."""

import re
from urllib.parse import SplitResult, urlsplit

from shared.addresses import address, is_public
from shared.errors import Invalid

LONGEST = 500
VISIBLE = re.compile(r"[\x21-\x7e]+")
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


def check_url(url: str, private: bool) -> SplitResult:
    """The parts of a target's address; raises Invalid with what is wrong with it.

    `private`, for development and tests, lets plain HTTP and addresses of one's own network pass.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _refused("This is no address of a web server.") from None
    if len(url) > LONGEST or not VISIBLE.fullmatch(url) or not host:
        raise _refused(f"Name an https:// address of at most {LONGEST} ASCII characters.")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise _refused("Only https:// addresses are called.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("It may hold no user, password or fragment.")
    _check_host(host, private)
    return parts


def _check_host(host: str, private: bool) -> None:
    literal = address(host)
    if literal is None and not HOST.fullmatch(host):
        raise _refused("Its host is no name of a server.")
    inward = host.rstrip(".") == "localhost" or host.rstrip(".").endswith((".localhost", ".local"))
    if not private and (inward or (literal is not None and not is_public(literal))):
        raise _refused("It leads into a private network.")


def _refused(sentence: str) -> Invalid:
    return Invalid("endpoint-url-refused", "Nothing is sent to this address.", {"url": sentence})
