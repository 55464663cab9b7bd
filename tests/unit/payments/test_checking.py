"""The nightly recomputation: every way in which the books can be wrong is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.payments.domain import Posting, entry_of
from services.payments.domain.ledger import exchange, reversal_of
from services.payments.usecases.books import Report
from services.payments.usecases.checking import check
from shared.money import Money
from tests.unit.payments.bookkeeping import books_of
from tests.unit.payments.fakes import World
from tests.unit.payments.story import E, Story
from tests.unit.payments.tales import TALES, charge, partial_refund

CHARGE = f"{E}:charge:1"


class Case:
    def __init__(self, tale: Callable[[Story], None] = partial_refund) -> None:
        self.world = World()
        tale(Story(self.world))
        self.books, self.entries = books_of(self.world), self.world.journal.entries

    def run(self) -> Report:
        self.world.now.pass_(hours=1)
        return check(self.books)

    def edit(self, change: Callable[[dict], None]) -> None:
        change(self.world.escrows.documents[E])


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.mark.parametrize("tale", TALES)
def test_after_every_tale_the_books_are_sound(tale: Callable[[Story], None]) -> None:
    case = Case(tale)
    report = case.run()
    assert report["differences"] == []
    assert report["sound"]
    assert (report["escrows"], report["entries"]) == (1, len(case.entries))
    assert case.run()["sound"]
    assert case.books.ledger.closing()


def lose_entry(case: Case) -> None:
    del case.entries[CHARGE]


def change_entry(case: Case) -> None:
    entry = case.entries[CHARGE]
    charge = replace(case.world.escrows.load(E).operations[0], amount=entry.on("held_funds") * -2)
    case.entries[CHARGE] = entry_of(charge, case.world.escrows.load(E), "memory")


def invent_entry(case: Case) -> None:
    case.entries["x"] = replace(case.entries[CHARGE], id="x")


def invent_engagement(case: Case) -> None:
    case.entries["y"] = replace(case.entries[CHARGE], id="y", engagement_id="eng-9")


def figure(name: str) -> Callable[[Case], None]:
    return lambda case: case.edit(lambda document: document.update({name: document[name] + 1}))


def forget_half(case: Case) -> None:
    account, pattern = Posting("processor_balance", 0, "memory"), case.entries[CHARGE]
    about = replace(pattern, about="z", engagement_id="")
    case.world.journal.post(exchange("z", account, Money(1, "EUR"), Money(1, "USD"), about)[:1])


def reverse_nothing(case: Case) -> None:
    stray = replace(case.entries[CHARGE], id="gone", about="gone", engagement_id="")
    case.world.journal.post([reversal_of(stray, case.world.now())])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lose_entry, f"operation {CHARGE} is marked as posted and has no entry"),
        (change_entry, f"entry {CHARGE} is not what its operation means"),
        (invent_entry, "entry x has no operation that succeeded"),
        (invent_engagement, "engagement eng-9 has entries and no escrow"),
        (figure("funded"), f"escrow {E} says 1 on held_funds, its entries 0"),
        (figure("paid"), f"escrow {E} says -1 on candidate_payable, its entries 0"),
        (forget_half, "entry z:EUR names z:USD, which is not in the journal"),
        (reverse_nothing, "entry gone:reversed names gone, which is not in the journal"),
    ],
)
def test_what_does_not_agree_is_told(case: Case, spoil: Callable[[Case], None], told: str) -> None:
    spoil(case)
    report = case.run()
    assert not report["sound"]
    assert told in report["differences"]


def test_what_is_owed_is_never_below_zero(case: Case) -> None:
    taken = replace(case.entries[CHARGE], id="t", about="t", engagement_id="")
    case.world.journal.post([reversal_of(replace(taken, about="t"), case.world.now())])
    assert any("held_funds in USD is -" in line for line in case.run()["differences"])


def test_a_cached_balance_that_is_wrong_is_told_once_and_put_right(case: Case) -> None:
    assert case.run()["sound"]
    until, balances = case.books.ledger.closing() or pytest.fail("it was closed")
    case.books.ledger.close(until, balances | {("platform_fee", "USD"): -1})
    (line,) = case.run()["differences"]
    assert line == "platform_fee in USD was shown as -1, and is -2600"
    assert case.run()["sound"]


def test_what_has_succeeded_and_is_not_entered_yet_is_no_difference() -> None:
    case = Case(charge)
    del case.entries[CHARGE]

    def unposted(document: dict) -> None:
        for operation in document["operations"]:
            operation["posted"] = False

    case.edit(unposted)
    assert case.run()["sound"]
