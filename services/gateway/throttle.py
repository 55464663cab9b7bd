"""Rate limits per principal and per address, in this process's memory or in a shared store."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import cast

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from services.gateway.problems import TooMany
from shared.addresses import address

log = structlog.get_logger(__name__)

# Open at once for one principal: each holds a connection and asks every second. A client that went
# away counts until the next heartbeat, so there is room for reloads.
MOST_STREAMS = 20
STREAM_RETRY = {"Retry-After": "15"}
MEMORY = "memory://"
# Seconds: nobody waits longer for a shared store, and one that is away is not asked for a while.
STORE_LIMIT, STORE_AWAY = 0.5, 5.0


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit, for the RateLimit headers; `reset` in seconds."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class Throttle:
    """`rate` bounds all requests of a principal, `sign_in_rate` what an address may try to be.

    Gateways with one `store` count together; while it is away each counts by itself.
    """

    def __init__(self, rate: str, sign_in_rate: str, store: Storage | None = None) -> None:
        self._rate, self._sign_in_rate = parse(rate), parse(sign_in_rate)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(store) if store else self._own
        self._away_until = 0.0
        self._streams: Counter[str] = Counter()

    def request(self, who: str) -> Allowance:
        """Count a request; raises TooMany."""
        return self._hit(self._rate, "request", who)

    def sign_in(self, operation: str, place: str) -> Allowance:
        """Count a sign-in, a registration or a refresh, each by itself; raises TooMany."""
        return self._hit(self._sign_in_rate, operation, network(place))

    def stream(self, who: str) -> Callable[[], None]:
        """Count a stream until what is returned is called; raises TooMany."""
        if self._streams[who] >= MOST_STREAMS:
            detail = f"At most {MOST_STREAMS} streams at a time; close one."
            raise TooMany("too-many-streams", detail, STREAM_RETRY)
        self._streams[who] += 1
        return lambda: self._ended(who)

    def _ended(self, who: str) -> None:
        self._streams[who] -= 1
        if not self._streams[who]:
            del self._streams[who]

    def _hit(self, item: RateLimitItem, kind: str, who: str) -> Allowance:
        taken, allowance = self._counted(item, kind, who)
        if not taken:
            headers = {**allowance.headers, "Retry-After": str(allowance.reset)}
            raise TooMany("too-many-requests", f"At most {item}; try again later.", headers)
        return allowance

    def _counted(self, item: RateLimitItem, *whose: str) -> tuple[bool, Allowance]:
        if time.monotonic() >= self._away_until:
            try:
                return _count(self._shared, item, *whose)
            except StorageError as exc:
                self._away_until = time.monotonic() + STORE_AWAY
                log.warning("rate-store-away", error=type(exc.storage_error).__name__)
        return _count(self._own, item, *whose)


def _count(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, *whose: str
) -> tuple[bool, Allowance]:
    taken, stats = limiter.hit(item, *whose), limiter.get_window_stats(item, *whose)
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return taken, Allowance(item.amount, stats.remaining, reset)


def network(text: str) -> str:
    """Whom an address counts for: the smallest network that a customer is given has 2^64 IPv6
    addresses, so each by itself would bound nobody."""
    found = address(text)
    if not isinstance(found, IPv6Address):
        return text
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, 64), strict=False))


def open_store(uri: str) -> Storage | None:
    """The shared store at this address; None for this process's memory."""
    if uri == MEMORY:
        return None
    limit = {"socket_timeout": STORE_LIMIT, "socket_connect_timeout": STORE_LIMIT}
    store = storage_from_string(uri, wrap_exceptions=True, **limit)
    return cast(Storage, store)
