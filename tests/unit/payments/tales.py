"""Whole courses of events, and what must be true of money at the end of each."""

from functools import partial

from services.payments import usecases
from services.payments.domain import Kind, Notice, State
from services.payments.usecases import hooks, repayments
from tests.unit.payments.fakes import START, World
from tests.unit.payments.story import KIM, OWNER, E, Story, call, heard


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


def taken_back(story: Story) -> None:
    """The candidate agrees to give a part of it back, after it was paid."""
    transfer(story)
    ask = partial(repayments.ask_repayment, story.desk, call("c-ask", OWNER), E, 10_000, "Half.")
    story.do(ask)
    wish = story.escrow.repayments[0]
    answer = partial(repayments.answer_repayment, story.desk, call("c-yes", KIM), E, wish.id, True)
    story.do(answer)


def chargeback(story: Story, *codes: str, fee: int = 0, back: int = 0) -> None:
    """The card's bank takes the fee back, and decides; by the notices of our bank."""
    story.fund()
    for code in ("opened", *codes):
        about = {"engagement_id": E, "operation_key": f"{E}:charge:1", "currency": "USD"}
        about["code"], amount = code, story.escrow.funded
        cost = {"fee": fee, "fee_returned": back if code == "won" else 0}
        notice = Notice(code, "chargeback", "dp_1", START, **about, amount=amount, **cost)
        moved = {"opened": -amount - fee, "won": amount + back, "lost": 0}[code]
        story.world.bank.done.append((f"dp_1:{code}:fee", moved))  # No effect of an operation.
        learn = partial(usecases.learn_chargeback, story.desk, notice, heard(f"m-{code}"))
        story.do(learn)


def chargeback_won(story: Story) -> None:
    chargeback(story, "won")


def chargeback_lost(story: Story) -> None:
    chargeback(story, "lost")


def chargeback_fee(story: Story) -> None:
    chargeback(story, fee=1500)


def chargeback_fee_returned(story: Story) -> None:
    chargeback(story, "won", fee=1500, back=1500)


def told_of(story: Story, key: str) -> None:
    """The bank tells of a refund, and we look again."""
    notice = Notice("re", "refund", "re_1", START, E, key)
    story.do(partial(hooks.act, story.desk, notice, heard(f"m-{key}-came-back")))


def refund_failed(story: Story) -> None:
    """All goes back, and comes back from the card's bank."""
    refund(story)
    story.sweep_until_quiet(1)
    key = f"{E}:refund:1"
    if story.world.bank.keys[key].outcome.state is State.SUCCEEDED:
        found = next(one for one in story.escrow.refunds if one.key == key)
        story.world.bank.fail_refund(key, found.amount, found.charge_id)
    told_of(story, key)


def resent(story: Story) -> None:
    refund_failed(story)
    again = partial(usecases.resend_refund, story.desk, call("c-again", OWNER), E, 1)
    story.do(again)


# The bank hears nothing of these from us.
CONTESTED = {
    *(Kind.CHARGEBACK, Kind.CHARGEBACK_WON, Kind.CHARGEBACK_LOST),
    *(Kind.CHARGEBACK_FEE, Kind.CHARGEBACK_FEE_RETURNED),
}
OURS_ALONE = {Kind.RELEASE, Kind.REFUND_FAILED, *CONTESTED}
TALES = [charge, transfer, late_transfer, refund, partial_refund, split, new_card, taken_back]
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
    moved = {op.key: op.amount for op in succeeded if op.kind not in OURS_ALONE}
    assert sorted(world.bank.effects()) == sorted(moved.items())
    assert set(world.journal.entries) == {op.key for op in succeeded}
    assert sum(balance for _, _, balance in world.journal.balances()) == 0
    assert world.journal.balance("processor_balance") == world.bank.balances()["USD"]
    assert -world.journal.balance("held_funds") == escrow.held
