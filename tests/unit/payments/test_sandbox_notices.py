"""The sandbox's webhooks, taken by our own door: whatever their order, the same end."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.payments import usecases
from services.payments.domain import AccountStatus, Status
from services.payments.sandbox_bank import SandboxBank, Sender, hooks
from services.payments.sandbox_bank.lines import News, id_of
from services.payments.usecases.reconciling import reconcile
from shared.envelope import Call
from shared.principal import ANONYMOUS
from tests.unit.payments.bookkeeping import books_of
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import World
from tests.unit.payments.story import E, Story

CHARGE = id_of("ch", f"{E}:charge:1")


class Post:
    """Our door; `replay` brings all again that ever came."""

    def __init__(self, story: Story) -> None:
        self.story, self.taken = story, list[tuple[bytes, str]]()

    def __call__(self, _url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.taken.append((body, headers[hooks.SIGNATURE]))
        self.receive(*self.taken[-1])
        return 200

    def receive(self, body: bytes, signature: str) -> None:
        call = Call(id=f"call-{len(self.taken)}", principal=ANONYMOUS)
        usecases.receive_hook(self.story.desk, call, "sandbox", body, signature)

    def replay(self, dice: random.Random) -> None:
        for body, signature in dice.sample(self.taken * 2, 2 * len(self.taken)):
            self.receive(body, signature)


def told(token: str = "tok_visa") -> Story:
    world = World()
    bank = SandboxBank(fake_platform(world.now, sandbox_url="http://gateway"))
    world.desk = replace(world.desk, bank=bank)
    story = Story(world, token=token)
    story.account()
    story.fund()
    return story


def test_a_payer_who_confirms_elsewhere_is_heard_of() -> None:
    story = told("tok_threeDSecureRequired")
    bank, now = story.desk.bank, story.world.now
    assert story.escrow.status is Status.PENDING
    bank.charges.change(CHARGE, lambda charge: charge.confirm(True, now()))  # type: ignore[attr-defined]
    Sender(bank, Post(story)).round()  # type: ignore[arg-type]
    assert story.escrow.status is Status.FUNDED


def test_an_account_that_becomes_active_is_heard_of_and_paid() -> None:
    story = told()
    bank = story.desk.bank
    account_id = story.world.accounts.load("acc-kim").bank_id
    bank.set_account_status(account_id, AccountStatus.RESTRICTED)  # type: ignore[attr-defined]
    story.accept()
    assert story.escrow.status is Status.RELEASED
    bank.set_account_status(account_id, AccountStatus.ACTIVE)  # type: ignore[attr-defined]
    Sender(bank, Post(story)).round()  # type: ignore[arg-type]
    assert story.escrow.status is Status.PAID


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_and_doubled_and_all_again_they_change_nothing(seed: int) -> None:
    """Everything is known already: a notice only makes us look."""
    dice = random.Random(seed)
    story = told()
    story.refund(405)
    story.accept()
    story.sweep_until_quiet(2)
    entries, announced = dict(story.world.journal.entries), list(story.world.announced)

    def mix(news: list[News]) -> list[News]:
        return dice.sample(news * 2, 2 * len(news))

    post = Post(story)
    Sender(story.desk.bank, post, mix).round()  # type: ignore[arg-type]
    assert len(post.taken) == 6
    post.replay(dice)
    assert story.escrow.status is Status.PAID
    assert story.world.journal.entries == entries
    assert story.world.announced == announced
    assert len(story.world.desk.bank.effects()) == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("token", "won", "costs"),
    [
        ("tok_createDispute", True, 1500),
        ("tok_createDispute", False, 1500),
        ("tok_createDisputeFeeReturned", True, 0),
        ("tok_createDisputeFeeReturned", False, 1500),
    ],
)
def test_what_a_chargeback_costs_is_in_the_books_by_the_banks_notices(
    token: str, won: bool, costs: int, seed: int
) -> None:
    dice, story = random.Random(seed), told(token)
    bank, world, now = story.desk.bank, story.world, story.world.now

    def mix(news: list[News]) -> list[News]:
        return dice.sample(news * 2, 2 * len(news))

    post = Post(story)
    if dice.random() < 0.5:  # Sometimes all of it is heard at once, at the end.
        Sender(bank, post, mix).round()  # type: ignore[arg-type]
    bank.charges.change(CHARGE, lambda charge: charge.decide(won, now()))  # type: ignore[attr-defined]
    Sender(bank, post, mix).round()  # type: ignore[arg-type]
    post.replay(dice)
    assert world.journal.balance("dispute_fees") == costs
    assert story.escrow.status is (Status.FUNDED if won else Status.REFUNDED)
    now.pass_(hours=2)
    report = reconcile(books_of(world, bank))
    assert (report["breaks"], report["sound"]) == ([], True)
