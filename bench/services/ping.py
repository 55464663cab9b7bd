"""One side of the table."""

from dataclasses import dataclass
from typing import ClassVar

from bench.services.ball import CONTRACTS, Court
from shared.envelope import Event
from shared.messaging import on, provide

__all__ = ["CONTRACTS"]


@dataclass(frozen=True)
class BallPinged:
    type: ClassVar[str] = "ball.pinged.v1"
    number: int


class PingService:
    name = "ping"
    court = provide(lambda platform: Court(platform, BallPinged))

    @on("ball.ponged.v1")
    def on_ball_ponged(self, event: Event) -> None:
        self.court.answer(event)
