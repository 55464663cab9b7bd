"""Rate limits per principal and per address, in this process's memory."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from services.gateway.problems import TooMany


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

    def request(self, who: str) -> Allowance:
        """Count a request; raises TooMany."""
        return self._hit(self._rate, "request", who)

    def sign_in(self, address: str) -> Allowance:
        """Count a sign-in, a registration or a refresh; raises TooMany."""
        return self._hit(self._sign_in_rate, "sign-in", address)

    def _hit(self, item: RateLimitItem, kind: str, who: str) -> Allowance:
        taken = self._limiter.hit(item, kind, who)
        stats = self._limiter.get_window_stats(item, kind, who)
        reset = max(1, math.ceil(stats.reset_time - time.time()))
        allowance = Allowance(item.amount, stats.remaining, reset)
        if not taken:
            headers = {**allowance.headers, "Retry-After": str(reset)}
            raise TooMany("too-many-requests", f"At most {item}; try again later.", headers)
        return allowance
