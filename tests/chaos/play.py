"""Many engagements at once, each through the whole journey, by clients that do not give up."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.patience import PatientApi
from tests.e2e.journey import Api, Journey, Json, People, status

JOURNEYS_PER_PAIR = 4  # A company and a candidate work together so often, then new ones register.
PLAYERS = 6


@dataclass(frozen=True)
class Played:
    """What became of one journey; `problem` is empty where it came to its end."""

    number: str
    engagement_id: str
    seconds: float
    problem: str = ""


class Players:
    """Threads that play one journey after another until they are told to stop."""

    def __init__(self, base: str, count: int = PLAYERS) -> None:
        self._people = People(base, client=PatientApi)
        self._people.skill()
        self._people.operator()  # Made by a command, which has no patience.
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._play, args=[number], daemon=True)
            for number in range(count)
        ]
        self.played: list[Played] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> Sequence[Played]:
        """Begin no more journeys, and return when those under way have ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join(8 * PatientApi.patience)
        stuck = sum(thread.is_alive() for thread in self._threads)
        return [*self.played, *([Played("?", "", 0, f"{stuck} never ended")] if stuck else [])]

    def _play(self, number: int) -> None:
        pair: tuple[Api, Api] | None = None
        for turn in range(10_000):
            if self._stop.is_set():
                return
            journey: Journey | None = None
            began = time.monotonic()
            problem = ""
            try:
                if pair is None or turn % JOURNEYS_PER_PAIR == 0:
                    pair = self._pair(number)
                journey = Journey(self._people, *pair)
                play(journey)
            except Exception as exc:  # noqa: BLE001 (whatever it is, it belongs in the report)
                problem, pair = f"{type(exc).__name__}: {exc}", None
            id_ = journey.engagement_id if journey else ""
            took = time.monotonic() - began
            self.played.append(Played(f"{number}.{turn}", id_, took, problem))

    def _pair(self, number: int) -> tuple[Api, Api]:
        """A company and a candidate; the bank's first answer to every third company gets lost."""
        card = "tok_visa" if number % 3 else "tok_unavailable"
        return self._people.owner(card), self._people.candidate()


def play(journey: Journey) -> None:
    """From the brief to the hire, with everything that follows by itself."""
    journey.to_submitted().evaluate()
    journey.paid()
    offer = journey.offer()
    journey.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
    journey.owner.until(f"/v1/hire-offers/{offer['id']}", status("accepted"), "the hire")
    journey.owner.until(journey.engagement, status("completed"), "completion")

    def issued(page: Json) -> bool:
        return any(item["engagement_id"] == journey.engagement_id for item in page["items"])

    journey.candidate.until("/v1/credentials", issued, "the credential", limit=100)
