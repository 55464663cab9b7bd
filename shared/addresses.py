"""Which addresses are of the open internet: whatever somebody outside names may lead there only."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Behind these an IPv4 address hides that a router would be sent to.
EMBEDDING = tuple(
    map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
)


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that the text is, if it is one; a zone behind `%` is left out."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_public(found: IPv4Address | IPv6Address | None) -> bool:
    """Whether it is an address of the open internet, also where IPv4 hides in IPv6."""
    if found is None:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(found.ipv4_mapped)
        if found.is_site_local or any(found in network for network in EMBEDDING):
            return False
    odd = found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    return found.is_global and not odd


def all_public(texts: Iterable[str]) -> bool:
    """Whether a name leads outwards by every address that it has, and has one."""
    found = [address(text) for text in texts]
    return bool(found) and all(map(is_public, found))
