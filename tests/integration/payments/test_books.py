"""The books on a real database, against the sandbox bank's own statement."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from services.payments import store, usecases
from services.payments.domain import Notice, Posting
from services.payments.domain.ledger import Entry
from services.payments.store import closing
from services.payments.usecases import checking
from services.payments.usecases.books import Books, Report
from services.payments.usecases.checking import check
from services.payments.usecases.looking import look
from services.payments.usecases.reconciling import reconcile
from tests.integration.payments.conftest import NewWorld
from tests.integration.payments.real import RealWorld
from tests.unit.payments.fakes import START
from tests.unit.payments.story import CANDIDATE, PRICE, E, Story, heard
from tests.unit.payments.tales import partial_refund, refund, split, transfer

REFUND = f"{E}:refund:1"


def books_of(world: RealWorld) -> Books:
    return Books(
        ledger=store.Ledger(world.platform),
        feed=store.Feed(world.platform),
        reports=store.Reports(world.platform),
        escrows=store.EscrowReader(world.escrows.store),
        bank=world.bank,
        now=world.now,
    )


@dataclass
class Rig:
    """A world whose story is over since two hours, and its books."""

    world: RealWorld
    books: Books

    def run(self, hours: float = 2) -> Report:
        self.world.now.pass_(hours=hours)
        return reconcile(self.books)


@pytest.fixture
def rig(new_world: NewWorld) -> Rig:
    world = new_world()
    partial_refund(Story(world))  # type: ignore[arg-type]
    return Rig(world, books_of(world))


@pytest.mark.parametrize("tale", [partial_refund, transfer, refund, split])
def test_the_books_agree_with_the_sandbox_after_a_tale(
    new_world: NewWorld, tale: Callable[[Story], None]
) -> None:
    world = new_world()
    tale(Story(world))  # type: ignore[arg-type]
    rig = Rig(world, books_of(world))
    report = rig.run()
    assert report["breaks"] == []
    assert report["sound"]
    checked = check(rig.books)
    assert checked["differences"] == []
    assert checked["entries"] == len(world.journal.entries)


def test_a_lost_entry_goes_to_suspense_and_comes_back(rig: Rig) -> None:
    (entry,) = rig.books.ledger.under([REFUND])
    journal = rig.world.platform.database["journal"]
    journal.delete_one({"_id": REFUND})
    report = rig.run()
    assert [(one["kind"], one["amounts"]) for one in report["breaks"]] == [
        ("missing_in_ledger", {"USD": -405})
    ]
    assert rig.books.ledger.totals()["suspense", "USD"] == 405
    for hours in (1, 100):
        assert [one["ref"] for one in rig.run(hours)["breaks"]] == [REFUND]
    rig.books.ledger.post([entry])
    assert rig.run()["sound"]
    assert rig.run(100)["sound"]
    assert rig.books.feed.breaks() == []
    assert ("suspense", "USD") not in rig.books.ledger.totals()
    assert check(rig.books)["sound"]


def test_what_the_clock_looks_at_is_looked_at_once(rig: Rig) -> None:
    rig.world.now.pass_(hours=2)
    assert set(look(rig.books)) == {"check", "reconcile"}
    assert look(rig.books) == {}
    rig.world.now.pass_(hours=1)
    assert set(look(rig.books)) == {"reconcile"}
    report = rig.books.reports.last("reconcile")
    assert report
    assert report["sound"]


def test_who_dies_over_it_is_followed_by_another(rig: Rig) -> None:
    reports, now = rig.books.reports, rig.world.now
    assert reports.claim("check:1", now())
    assert not reports.claim("check:1", now())
    now.pass_(minutes=31)
    assert reports.claim("check:1", now())
    reports.save("check:1", "check", {"began_at": now(), "sound": True})
    now.pass_(hours=9)
    assert not reports.claim("check:1", now())


def test_balances_are_those_of_a_closing_and_of_what_came_after_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "MANY", 2)
    whole = rig.books.ledger.totals()
    assert rig.books.ledger.closing() is None
    rig.world.now.pass_(hours=1)
    assert rig.books.ledger.totals() == whole
    found = rig.books.ledger.closing()
    assert found
    assert found[1] == whole
    entry = Entry("k", "topup", "", "USD", START, (Posting("bank", -5), Posting("suspense", 5)))
    rig.books.ledger.post([entry])
    assert rig.books.ledger.totals() == whole | {("bank", "USD"): -5, ("suspense", "USD"): 5}


def test_a_closing_that_is_wrong_is_told_and_put_right(rig: Rig) -> None:
    rig.world.now.pass_(hours=1)
    assert check(rig.books)["sound"]
    until, balances = rig.books.ledger.closing() or pytest.fail("it was closed")
    rig.books.ledger.close(until, balances | {("platform_fee", "USD"): 7})
    assert check(rig.books)["differences"] == ["platform_fee in USD was shown as 7, and is -2600"]
    assert check(rig.books)["sound"]


@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        (f"held_funds:{E}", {"charge", "refund", "release"}),
        (f"candidate_payable:{CANDIDATE}", {"release", "transfer"}),
        ("platform_fee", {"release"}),
        ("suspense", set()),
    ],
)
def test_entries_on_an_account_are_found(rig: Rig, account: str, kinds: set[str]) -> None:
    rig.world.now.pass_(days=3)
    found = rig.books.ledger.on(account, rig.world.now() - timedelta(days=9), 50)
    assert {entry.kind for entry in found} == kinds
    assert len(rig.books.ledger.on(account, rig.world.now() - timedelta(days=9), 1)) <= 1


def test_every_engagement_is_gone_over_in_pages(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 1)
    world = new_world()
    Story(world).fund()  # type: ignore[arg-type]
    escrow = world.escrows.load(E)
    for id_ in ("eng-0", "eng-2"):
        other = replace(escrow, id=id_, operations=[], funded=0, version=0)
        world.escrows.change(id_, None, lambda _: None, new=lambda other=other: other)
    world.now.pass_(hours=1)
    report = check(books_of(world))
    assert (report["escrows"], report["entries"], report["differences"]) == (3, 1, [])
    assert escrow.funded == PRICE


def test_a_refund_that_the_sandbox_fails_late_is_owed_to_the_company(new_world: NewWorld) -> None:
    world = new_world()
    story = Story(world, token="tok_refundFail")  # type: ignore[arg-type]
    story.fund()
    story.refund(405)
    story.sweep_until_quiet(3)
    charge_id = story.escrow.charges[0].bank_id
    world.bank.charges.change(charge_id, lambda charge: charge.tick(world.now()))
    rig = Rig(world, books_of(world))
    assert rig.run()["sound"]
    kinds = {one.kind for one in rig.books.feed.under([REFUND])}
    assert kinds == {"refund", "refund_failure"}
    booked = REFUND in world.journal.entries
    assert rig.books.ledger.totals().get(("company_payable", "USD"), 0) == -405 * booked
    assert check(rig.books)["sound"]


def test_a_chargeback_that_is_told_late_takes_itself_and_its_fee_off_suspense(
    new_world: NewWorld,
) -> None:
    world = new_world()
    story = Story(world, token="tok_createDispute")  # type: ignore[arg-type]
    escrow = story.fund()
    rig = Rig(world, books_of(world))
    (found,) = rig.run()["breaks"]
    assert (found["kind"], found["amounts"]) == ("missing_in_ledger", {"USD": -PRICE - 1500})
    about = {"engagement_id": E, "operation_key": escrow.operations[0].key, "currency": "USD"}
    about["code"], costs = "opened", {"amount": PRICE, "fee": 1500}
    early = Notice("n", "chargeback", found["ref"], START, **about, amount=PRICE)
    usecases.learn_chargeback(world.desk, early, heard("n"))
    (fee,) = rig.run()["breaks"]  # The notice came before the bank knew what it costs.
    assert (fee["kind"], fee["amounts"], fee["settled"]) == ("fee", {"USD": -1500}, True)
    late = Notice("n2", "chargeback", found["ref"], START, **about, **costs)
    usecases.learn_chargeback(world.desk, late, heard("n2"))
    assert rig.run()["sound"]
    assert rig.run()["breaks"] == []
    totals = rig.books.ledger.totals()
    assert totals["dispute_fees", "USD"] == 1500
    assert totals["disputes_receivable", "USD"] == PRICE
    assert ("suspense", "USD") not in totals
    assert check(rig.books)["sound"]
