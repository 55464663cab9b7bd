"""Every kind of operation x every point at which its way can break x what happens afterwards."""

from collections.abc import Callable

import pytest

from services.payments.domain import Kind, State, Status
from services.payments.sandbox_bank import NoAnswer
from services.payments.usecases.settling import LOOK_FIRST
from tests.unit.payments.crashes import (
    AFTERWARDS,
    AT_THE_BANK,
    IN_THE_BOOKS,
    MATRIX,
    TALES,
    Fault,
    assert_one_effect,
    calm,
)
from tests.unit.payments.fakes import World, effects
from tests.unit.payments.story import PRICE, Story
from tests.unit.payments.tales import OURS_ALONE, assert_sound, refund, transfer

Afterwards = Callable[[Story, Callable[[Story], None]], None]


@pytest.mark.parametrize("afterwards", AFTERWARDS)
@pytest.mark.parametrize(("kind", "point"), MATRIX)
def test_wherever_it_breaks_there_is_one_effect_and_the_same_end(
    kind: Kind, point: str, afterwards: Afterwards
) -> None:
    world = World()
    story = Story(world)
    fault = Fault(world, kind, point).arm()
    afterwards(story, TALES[kind])
    assert fault.happened
    story.sweep_until_quiet(4)
    assert_one_effect(world, calm(kind), kind)


def test_the_matrix_has_every_kind_and_every_point() -> None:
    assert {kind for kind, _ in MATRIX} == set(TALES)
    for kind in set(TALES) - OURS_ALONE:
        assert {point for of, point in MATRIX if of is kind} == {*AT_THE_BANK, *IN_THE_BOOKS}


@pytest.mark.parametrize("kind", sorted(set(TALES) - OURS_ALONE))
def test_what_is_unknown_stays_unknown_until_it_is_looked_up(kind: Kind) -> None:
    """The answer got lost, and the bank is away for days: nothing is sent under another key."""
    world = World()
    story = Story(world)
    Fault(world, kind, "lost answer").arm()
    TALES[kind](story)
    happened = effects(world, kind)
    world.bank.away = True
    for _ in range(72):
        world.now.pass_(hours=1)
        story.sweep()
        (operation,) = [op for op in story.escrow.operations if op.kind is kind]
        assert operation.state is State.UNKNOWN
    world.bank.away = False
    world.plan.steps.clear()
    story.sweep_until_quiet(2)
    assert operation.key in {op.key for op in story.escrow.operations if not op.open}
    assert effects(world, kind) == happened
    assert f"bank request {operation.key}" not in world.plan.steps
    assert_sound(world)


@pytest.mark.parametrize("kind", sorted(set(TALES) - OURS_ALONE))
@pytest.mark.parametrize("hours", [22, 26])
def test_what_is_old_is_looked_up_before_it_is_sent_again(kind: Kind, hours: int) -> None:
    """It never arrived: a young one is just sent, an old one only after the bank knows nothing."""
    world = World()
    story = Story(world)
    Fault(world, kind, "lost request").arm()
    TALES[kind](story)
    asked: list[str] = []
    lookup = world.bank.lookup
    world.bank.lookup = lambda *about: asked.append(about[1].key) or lookup(*about)  # type: ignore[method-assign,func-returns-value]
    world.now.pass_(hours=hours)
    assert (hours > LOOK_FIRST.total_seconds() / 3600) == (hours == 26)
    story.sweep()
    assert bool(asked) == (hours == 26)
    assert len(effects(world, kind)) == 1
    assert_sound(world)


def test_only_a_new_decision_has_a_new_key() -> None:
    """A declined card is not tried again by any sweep; a person who tries again decides anew."""
    world = World()
    story = Story(world, token="tok_chargeDeclined")
    story.fund()
    story.sweep_until_quiet(80)
    assert [op.key for op in story.escrow.operations] == ["eng-1:charge:1"]
    story.card("tok_visa", "another")
    story.retry("first")
    story.retry("first")
    assert [op.key for op in story.escrow.operations] == ["eng-1:charge:1", "eng-1:charge:2"]
    assert effects(world, Kind.CHARGE) == [PRICE]
    assert story.escrow.status is Status.FUNDED


@pytest.mark.parametrize(("tale", "kind"), [(transfer, Kind.TRANSFER), (refund, Kind.REFUND)])
def test_two_processes_that_settle_at_once_move_it_once(
    tale: Callable[[Story], None], kind: Kind
) -> None:
    """The second one asks while the first one waits for its answer."""
    world, inside = World(), []

    def ask_again(point: str, key: str) -> None:
        if point == "answer" and f":{kind.value}:" in key and not inside:
            inside.append(key)
            world.now.pass_(minutes=1)
            story.sweep()
            raise NoAnswer

    world.bank_faults = ask_again
    story = Story(world)
    tale(story)
    story.sweep_until_quiet(2)
    assert inside
    assert len(effects(world, kind)) == 1
    assert_sound(world)
