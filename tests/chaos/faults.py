"""What goes wrong, when, and for how long: drawn from a seed, then done to a running stack."""

import random
import signal
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from deploy.embedded.supervision import SERVICES
from tests.chaos.stack import ChaosStack
from tests.waiting import wait_until

GROUND = ("broker", "database")
TARGETS = (*SERVICES, *GROUND, "mail")
GAP = 6.5  # seconds between two cards, on average
SHORTEST, LONGEST = 0.5, 5.0  # seconds that a fault lasts
LATE = 0.7
RESTART_SECONDS = 90  # A broker takes seven on an idle machine.


@dataclass(frozen=True)
class Fault:
    """`at` and `seconds` count from the first fault's schedule; a kill's are until the restart."""

    at: float
    target: str
    kind: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind} {self.target} for {self.seconds:.1f} s"


@dataclass(frozen=True)
class Done:
    """A fault as it was: from when until its target was whole again, in seconds since the epoch."""

    fault: Fault
    began: float
    ended: float


Card = Sequence[tuple[float, str, str]]  # (after which part of the first, target, kind)


def deck(dice: random.Random) -> list[Card]:
    """Each fault alone, and services killed while the broker or the database is out of reach."""
    alone = [(service, kind) for service in SERVICES for kind in ("kill", "freeze")]
    alone += [(each, k) for each in GROUND for k in ("kill", "freeze", "cut", "stall", "drop")]
    alone += [("mail", "kill")]
    cards: list[Card] = [[(0.0, *one)] for one in alone]
    for ground, kind in (
        ("database", "freeze"),
        ("database", "stall"),
        ("broker", "cut"),
        ("broker", "freeze"),
    ):
        victims = dice.sample(SERVICES, 2)
        # Late in the outage: what is forgotten without the broker is forgotten for good then.
        cards.append([(0.0, ground, kind), *((LATE, each, "kill") for each in victims)])
    dice.shuffle(cards)
    return cards


def schedule(
    seed: int, seconds: float, gap: float = GAP, only: Collection[str] = TARGETS
) -> list[Fault]:
    """The faults of a run: card by card from shuffled decks, so that each kind comes soon."""
    dice = random.Random(seed)
    faults: list[Fault] = []
    at = 0.0
    for card in (card for _ in count() for card in deck(dice)):
        lasts = dice.uniform(SHORTEST, LONGEST)
        wanted = [one for one in card if one[1] in only]
        faults += [Fault(at + after * lasts, target, kind, lasts) for after, target, kind in wanted]
        at += dice.uniform(0.3, 1.7) * gap if wanted else 0.0
        if at >= seconds:
            return faults
    raise AssertionError("decks never end")


class Injector:
    """Does the faults of a schedule, those of one target one after another."""

    def __init__(self, stack: ChaosStack, faults: Sequence[Fault]) -> None:
        self._stack, self._faults = stack, faults
        self._began = 0.0
        self.done: list[Done] = []

    def run(self) -> None:
        """Until the last target is whole again; raises what went wrong with the wronging."""
        self._began = time.monotonic()
        targets = {fault.target for fault in self._faults}
        with ThreadPoolExecutor(len(targets), "fault") as pool:
            for running in [pool.submit(self._one_target, each) for each in targets]:
                running.result()
        self.done.sort(key=lambda done: done.began)

    def _one_target(self, target: str) -> None:
        for fault in self._faults:
            if fault.target == target:
                pause(self._began + fault.at - time.monotonic())
                began = time.time()
                inject(self._stack, fault)
                self.done.append(Done(fault, began, time.time()))


def inject(stack: ChaosStack, fault: Fault) -> None:
    """Do it, and return when the target is itself again."""
    if fault.kind in ("cut", "stall", "drop"):
        getattr(stack.network, fault.kind)(fault.target)
        pause(fault.seconds)
        stack.network.heal(fault.target)
    elif fault.target in SERVICES:
        _service(stack, fault)
    else:
        _server(getattr(stack, fault.target), fault)


def _server(server: Any, fault: Fault) -> None:
    if fault.kind == "freeze":
        server.freeze()
        pause(fault.seconds)
        server.thaw()
    else:
        server.kill()
        pause(fault.seconds)
        server.begin()
        server.wait_ready(RESTART_SECONDS)


def _service(stack: ChaosStack, fault: Fault) -> None:
    """Supervisor starts again what is killed; the next fault may meet it while it starts."""
    wait_until(lambda: fault.target in stack.services.pids, RESTART_SECONDS, fault.target)
    if fault.kind == "kill":
        _signal(stack, fault.target, signal.SIGKILL)
        return
    _signal(stack, fault.target, signal.SIGSTOP)
    pause(fault.seconds)
    _signal(stack, fault.target, signal.SIGCONT)


def _signal(stack: ChaosStack, service: str, number: int) -> None:
    with suppress(KeyError, ProcessLookupError):  # It is dead already, and is being started again.
        stack.services.signal(service, number)


def pause(seconds: float) -> None:
    """Let a fault last; the one wait of these tests that is for time and not for a state."""
    threading.Event().wait(max(0.0, seconds))


def windows(faults: Sequence[Done], *targets: str) -> Iterator[tuple[float, float]]:
    """When one of these targets was not itself."""
    return ((one.began, one.ended) for one in faults if one.fault.target in targets)
