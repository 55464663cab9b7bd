"""Where a process may die, or the bank's words get lost, on the way of one operation."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from services.payments.domain import Kind, State
from services.payments.sandbox_bank import NoAnswer
from tests.unit.payments.fakes import Crash, World, effects
from tests.unit.payments.story import E, Story, again
from tests.unit.payments.tales import (
    OURS_ALONE,
    assert_sound,
    charge,
    chargeback,
    chargeback_fee,
    chargeback_fee_returned,
    chargeback_lost,
    chargeback_won,
    refund,
    refund_failed,
    taken_back,
    transfer,
)

TALES: dict[Kind, Callable[[Story], None]] = {  # In which the last step decides on one of them.
    Kind.CHARGE: charge,
    Kind.RELEASE: transfer,
    Kind.TRANSFER: transfer,
    Kind.REFUND: refund,
    Kind.REFUND_FAILED: refund_failed,
    Kind.REVERSAL: taken_back,
    Kind.CHARGEBACK: chargeback,
    Kind.CHARGEBACK_FEE: chargeback_fee,
    Kind.CHARGEBACK_FEE_RETURNED: chargeback_fee_returned,
    Kind.CHARGEBACK_WON: chargeback_won,
    Kind.CHARGEBACK_LOST: chargeback_lost,
}
AT_THE_BANK = {  # What happens there, and which fault plays it.
    "crash before asking": ("request", Crash),
    "lost request": ("request", NoAnswer),
    "lost answer": ("answer", NoAnswer),
    "crash after the answer, before it is recorded": ("answer", Crash),
}
IN_THE_BOOKS = {
    "crash after it is recorded, before the journal": "before journal",
    "crash after the journal, before the mark": "after journal",
}
MATRIX = [
    (kind, point)
    for kind in TALES
    for point in (*AT_THE_BANK, *IN_THE_BOOKS)
    if point in IN_THE_BOOKS or kind not in OURS_ALONE
]


@dataclass
class Fault:
    """Happens once, at this point of this kind of operation, in this world."""

    world: World
    kind: Kind
    point: str
    happened: bool = False

    def arm(self) -> "Fault":
        self.step = self.world.plan.step
        self.world.plan.step = self.at  # type: ignore[method-assign]
        self.world.bank_faults = self.lose
        return self

    def lose(self, point: str, key: str) -> None:
        where, fault = AT_THE_BANK.get(self.point, ("", Crash))
        if where == point and f":{self.kind.value}:" in key:
            self.happen(fault)

    def at(self, step: str) -> None:
        self.step(step)
        if step == IN_THE_BOOKS.get(self.point) and self.recorded():
            self.happen(Crash)

    def recorded(self) -> bool:
        """Whether one of this kind has succeeded and does not say that it is in the journal."""
        done = [op for op in self.world.escrows.load(E).operations if op.kind is self.kind]
        return any(op.state is State.SUCCEEDED and not op.posted for op in done)

    def happen(self, fault: type[BaseException]) -> None:
        if not self.happened:
            self.happened = True
            raise fault


def redelivered(story: Story, tale: Callable[[Story], None]) -> None:
    """The broker, or the client, sends again what was interrupted."""
    tale(story)


def swept(story: Story, tale: Callable[[Story], None]) -> None:
    """Nobody sends it again."""
    story.do = once
    with suppress(Crash):
        tale(story)
    story.do = again


def swept_after_a_day(story: Story, tale: Callable[[Story], None]) -> None:
    """And for so long that the bank has forgotten the key."""
    swept(story, tale)
    story.world.now.pass_(hours=25)


AFTERWARDS = [redelivered, swept, swept_after_a_day]


def once(act: Callable[[], Any]) -> Any:
    return act()


@cache
def calm(kind: Kind) -> World:
    """The same without any fault."""
    world = World()
    story = Story(world)
    TALES[kind](story)
    story.sweep_until_quiet(2)
    return world


def assert_one_effect(world: World, calm: World, kind: Kind) -> None:
    """What happened is what happens without a fault: at the bank, in the books, to be told."""
    assert_sound(world)
    assert effects(world, kind) == effects(calm, kind)
    assert len(world.bank.effects()) == len(calm.bank.effects())
    assert sorted(world.announced) == sorted(calm.announced)
    escrow, other = world.escrows.load(E), calm.escrows.load(E)
    assert [op.key for op in escrow.operations] == [op.key for op in other.operations]
    figures = ("status", "funded", "released", "fee_taken", "paid", "returning", "refunded")
    assert [getattr(escrow, name) for name in figures] == [getattr(other, name) for name in figures]
