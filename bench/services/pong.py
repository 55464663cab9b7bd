"""One side of the table."""

from dataclasses import dataclass
from typing import ClassVar

from bench.services.ball import CONTRACTS, Court
from shared.envelope import Event
from shared.messaging import on, provide

__all__ = ["CONTRACTS"]


@dataclass(frozen=True)
class BallPonged:
    type: ClassVar[str] = "ball.ponged.v1"
    number: int


class PongService:
    name = "pong"
    court = provide(lambda platform: Court(platform, BallPonged))

    @on("ball.pinged.v1")
    def on_ball_pinged(self, event: Event) -> None:
        self.court.answer(event)
