"""Where a webhook may go: never inwards, whatever a name resolves to or a server answers."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from shared.errors import Invalid

LONGEST = 500
VISIBLE = re.compile(r"[\x21-\x7e]+")
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# Behind these an IPv4 address hides that a router would be sent to.
EMBEDDING = tuple(
    map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
)


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
    if not private and (inward or (literal is not None and not is_outside(literal))):
        raise _refused("It leads into a private network.")


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that the text is, if it is one."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_outside(found: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address of the open internet, also where IPv4 hides in IPv6."""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_outside(found.ipv4_mapped)
        if found.is_site_local or any(found in network for network in EMBEDDING):
            return False
    odd = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    return found.is_global and not odd


def all_outside(texts: Iterable[str]) -> bool:
    """Whether a name leads outwards by every address that it has, and has one."""
    found = [address(text.partition("%")[0]) for text in texts]
    return bool(found) and all(one is not None and is_outside(one) for one in found)


def _refused(sentence: str) -> Invalid:
    return Invalid("endpoint-url-refused", "Nothing is sent to this address.", {"url": sentence})
