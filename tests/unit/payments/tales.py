"""Whole courses of events, and what must be true of money at the end of each."""

from services.payments.domain import Kind, State
from tests.unit.payments.fakes import World
from tests.unit.payments.story import E, Story


def charge(story: Story) -> None:
    story.fund()


def transfer(story: Story) -> None:
    story.account()
    story.fund()
    story.accept()


def late_transfer(story: Story) -> None:
    story.fund()
    story.accept()
    story.account()


def refund(story: Story) -> None:
    story.fund()
    story.cancel()


def partial_refund(story: Story) -> None:
    story.account()
    story.fund()
    story.refund(405)
    story.accept()


def split(story: Story) -> None:
    story.account()
    story.fund()
    story.dispute()
    story.resolve(15843, 10562)


def new_card(story: Story) -> None:
    story.card("tok_chargeDeclined", "card-0")
    story.fund()
    story.card("tok_visa", "card-1")
    story.retry()


TALES = [charge, transfer, late_transfer, refund, partial_refund, split, new_card]
OPERATIONS = [
    (charge, Kind.CHARGE),
    (transfer, Kind.TRANSFER),
    (refund, Kind.REFUND),
    (split, Kind.REFUND),
    (split, Kind.TRANSFER),
]


def assert_sound(world: World) -> None:
    """Nothing is open, the bank did what is recorded and nothing else, and the books say so."""
    escrow = world.escrows.load(E)
    assert not escrow.under_way
    assert not escrow.unposted
    assert escrow.due_at is None or escrow.dispute
    succeeded = [op for op in escrow.operations if op.state is State.SUCCEEDED]
    moved = {op.key: op.amount for op in succeeded if op.kind is not Kind.RELEASE}
    assert sorted(world.bank.effects()) == sorted(moved.items())
    assert set(world.journal.entries) == {op.key for op in succeeded}
    assert sum(balance for _, _, balance in world.journal.balances()) == 0
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]
    assert -world.journal.balance("held_funds") == escrow.held
