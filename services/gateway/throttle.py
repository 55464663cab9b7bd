"""Rate limits per principal and per address, in this process's memory."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from services.gateway.problems import TooMany

# Open at once for one principal: each holds a connection and asks every second. A client that went
# away counts until the next heartbeat, so there is room for reloads.
MOST_STREAMS = 20
STREAM_RETRY = {"Retry-After": "15"}


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
    """`rate` bounds all requests of a principal, `sign_in_rate` what an address may try to be."""

    def __init__(self, rate: str, sign_in_rate: str) -> None:
        self._rate, self._sign_in_rate = parse(rate), parse(sign_in_rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._streams: Counter[str] = Counter()

    def request(self, who: str) -> Allowance:
        """Count a request; raises TooMany."""
        return self._hit(self._rate, "request", who)

    def sign_in(self, address: str) -> Allowance:
        """Count a sign-in, a registration or a refresh; raises TooMany."""
        return self._hit(self._sign_in_rate, "sign-in", address)

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
        taken = self._limiter.hit(item, kind, who)
        stats = self._limiter.get_window_stats(item, kind, who)
        reset = max(1, math.ceil(stats.reset_time - time.time()))
        allowance = Allowance(item.amount, stats.remaining, reset)
        if not taken:
            headers = {**allowance.headers, "Retry-After": str(reset)}
            raise TooMany("too-many-requests", f"At most {item}; try again later.", headers)
        return allowance
