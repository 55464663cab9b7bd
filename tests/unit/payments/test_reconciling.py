"""The processor's feed against the books: a break of every class is found, entered and told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.payments.domain.reconciliation import GRACE, BreakKind
from services.payments.usecases.books import Books, Report
from services.payments.usecases.reconciling import explain_break, reconcile
from shared.errors import Conflict, Invalid, NotFound
from shared.principal import Principal
from tests.unit.payments.bookkeeping import Script, activity, books_of
from tests.unit.payments.fakes import World
from tests.unit.payments.story import ORG, E, Story
from tests.unit.payments.tales import partial_refund

CHARGE, TRANSFER, REFUND = f"{E}:charge:1", f"{E}:transfer:1", f"{E}:refund:1"


class Case:
    """Money that was charged, refunded in part and paid, and a processor that says so."""

    def __init__(self) -> None:
        self.world = World()
        partial_refund(Story(self.world))
        self.bank = Script(self.world.bank.name)
        self.bank.tell(list(self.world.journal.entries.values()))
        self.books: Books = books_of(self.world, self.bank)

    def run(self, hours: float = 2) -> Report:
        self.world.now.pass_(hours=hours)
        return reconcile(self.books)

    def balance(self, account: str, currency: str = "USD") -> int:
        return self.books.ledger.totals().get((account, currency), 0)

    def assert_agrees(self, report: Report) -> None:
        """Whatever was found: the books show what the processor holds."""
        for sums in report["currencies"].values():
            assert sums["ledger"] == sums["feed"] == sums["processor"]
        totals = self.books.ledger.totals()
        assert sum(totals.values()) == 0


@pytest.fixture
def case() -> Case:
    return Case()


def test_where_both_sides_say_the_same_nothing_is_found(case: Case) -> None:
    entries = dict(case.world.journal.entries)
    report = case.run()
    assert report["sound"]
    assert report["breaks"] == []
    assert (report["activities"], report["compared"]) == (3, 3)
    assert case.world.journal.entries == entries
    case.assert_agrees(report)


def lose_entry(case: Case) -> None:
    del case.world.journal.entries[REFUND]


def lose_movement(case: Case) -> None:
    case.bank.drop(REFUND)


def other_amount(case: Case) -> None:
    case.bank.change(REFUND, amount=-400, net=-400)


def other_currency(case: Case) -> None:
    case.bank.change(REFUND, currency="EUR", amount=-350, net=-350)


def other_fee(case: Case) -> None:
    (charge,) = [one for one in case.bank.items if one.operation_key == CHARGE]
    case.bank.change(CHARGE, fee=charge.fee + 20, net=charge.net - 20)


def twice(case: Case) -> None:
    case.bank.items.append(activity("txn_again", "refund", -405, key=REFUND, at=case.world.now()))


SEEDED = [
    (lose_entry, BreakKind.MISSING_IN_LEDGER, {"USD": -405}, "suspense", 405),
    (lose_movement, BreakKind.MISSING_AT_PROCESSOR, {"USD": 405}, "suspense", -405),
    (other_amount, BreakKind.AMOUNT, {"USD": 5}, "suspense", -5),
    (other_currency, BreakKind.CURRENCY, {"EUR": -350, "USD": 405}, "fx_clearing", -405),
    (other_fee, BreakKind.FEE, {"USD": -20}, "processing_fees", 23),
    (twice, BreakKind.DUPLICATE, {"USD": -405}, "suspense", 405),
]


@pytest.mark.parametrize(("seed", "kind", "amounts", "account", "balance"), SEEDED)
def test_a_break_of_every_class_is_found_and_entered(
    case: Case,
    seed: Callable[[Case], None],
    kind: BreakKind,
    amounts: dict[str, int],
    account: str,
    balance: int,
) -> None:
    seed(case)
    report = case.run()
    (found,) = report["breaks"]
    assert (found["kind"], found["amounts"]) == (kind, amounts)
    assert found["ref"] in (REFUND, CHARGE)
    assert not report["sound"]
    assert case.balance(account) == balance
    case.assert_agrees(report)


def test_every_class_has_its_case() -> None:
    assert {kind for _, kind, *_ in SEEDED} == set(BreakKind)


@pytest.mark.parametrize(("seed", "kind"), [(seed, kind) for seed, kind, *_ in SEEDED])
def test_what_was_entered_is_not_entered_again_and_what_is_open_stays_told(
    case: Case, seed: Callable[[Case], None], kind: BreakKind
) -> None:
    seed(case)
    case.run()
    entries = set(case.world.journal.entries)
    for hours in (1, 24, 24 * 30):
        report = case.run(hours)
        assert set(case.world.journal.entries) == entries
        settled = kind in (BreakKind.FEE, BreakKind.CURRENCY)
        assert [found["kind"] for found in report["breaks"]] == ([] if settled else [kind])
        case.assert_agrees(report)


@pytest.mark.parametrize("seed", [lose_entry, lose_movement])
def test_what_only_one_side_knows_may_be_late(case: Case, seed: Callable[[Case], None]) -> None:
    seed(case)
    report = case.run(hours=GRACE.total_seconds() / 3600 / 2)
    assert report["breaks"] == []
    assert report["sound"]
    assert case.balance("suspense") == 0


def test_what_comes_late_after_all_takes_the_difference_off_suspense(case: Case) -> None:
    movements = list(case.bank.items)
    lose_movement(case)
    assert case.run()["breaks"]
    case.bank.items = movements
    report = case.run()
    assert report["sound"]
    assert case.balance("suspense") == 0
    (undone,) = [one for one in case.world.journal.entries.values() if one.reverses]
    assert undone.reverses == f"suspense:{REFUND}:USD:1"
    assert case.run()["sound"]


def test_an_entry_that_comes_late_takes_the_difference_off_suspense(case: Case) -> None:
    entry = case.world.journal.entries[REFUND]
    lose_entry(case)
    assert case.run()["breaks"]
    case.world.journal.post([entry])
    assert case.run()["sound"]
    assert case.balance("suspense") == 0


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("payout", "bank"),
        ("payout_reversal", "bank"),
        ("topup", "bank"),
        ("fee", "processing_fees"),
    ],
)
def test_what_needs_no_operation_is_entered_for_what_it_is(
    case: Case, kind: str, account: str
) -> None:
    before = case.balance(account)
    one = activity("txn_x", kind, -250, at=case.world.now())
    case.bank.items.append(one)
    report = case.run()
    assert report["sound"]
    assert case.balance(account) == before + 250
    case.assert_agrees(report)


def test_a_refund_that_fails_late_is_owed_to_the_company_again(case: Case) -> None:
    failed = activity("txn_f", "refund_failure", 405, key=REFUND, at=case.world.now())
    case.bank.items.append(failed)
    for _ in range(3):
        report = case.run()
        assert report["sound"]
        assert case.balance("company_payable") == -405
        case.assert_agrees(report)
    entry = case.world.journal.entries[f"refund_failure:{REFUND}:USD"]
    assert entry.on("company_payable", ORG) == -405


def test_a_refund_that_failed_and_was_never_entered_leaves_nothing(case: Case) -> None:
    for kind, amount in (("refund", -9), ("refund_failure", 9)):
        about = {"key": f"{E}:refund:2", "at": case.world.now()}
        case.bank.items.append(activity(f"txn_{kind}", kind, amount, **about))
    assert case.run()["sound"]
    assert case.balance("company_payable") == 0


@pytest.mark.parametrize("kind", ["other_adjustment", "connect_reserved_funds", "never-heard-of"])
def test_what_nobody_knows_waits_on_suspense_and_is_told(case: Case, kind: str) -> None:
    case.bank.items.append(activity("txn_y", kind, -70, source="adj_1", at=case.world.now()))
    case.bank.items.append(activity("txn_z", "refund_failure", 9, at=case.world.now()))
    report = case.run()
    assert [found["kind"] for found in report["breaks"]] == ["missing_in_ledger"] * 2
    assert case.balance("suspense") == 61
    case.assert_agrees(report)


OPERATOR = Principal("op-1", "operator")
WHY = "Drawn by hand, as the bank's letter says."


def explain(case: Case, account: str = "bank", ref: str = REFUND, reason: str = WHY) -> int:
    return len(explain_break(case.books, OPERATOR, ref, account, reason))


UNEXPLAINED = [seed for seed, _, _, account, _ in SEEDED if account == "suspense"]


@pytest.mark.parametrize("seed", UNEXPLAINED)
def test_what_a_person_explains_leaves_suspense_and_is_told_no_more(
    case: Case, seed: Callable[[Case], None]
) -> None:
    seed(case)
    case.run()
    waiting = case.balance("suspense")
    assert explain(case) == explain(case) == 1
    assert (case.balance("suspense"), case.balance("bank")) == (0, waiting)
    for _ in range(2):
        report = case.run()
        assert report["sound"]
        case.assert_agrees(report)
    (entry,) = [one for one in case.world.journal.entries.values() if one.by]
    assert (entry.by, entry.reason, entry.about) == (OPERATOR.id, WHY, REFUND)


def test_an_explanation_is_undone_when_the_other_side_tells_of_it_after_all(case: Case) -> None:
    movements = list(case.bank.items)
    lose_movement(case)
    case.run()
    explain(case)
    case.bank.items = movements
    assert case.run()["sound"]
    assert (case.balance("suspense"), case.balance("bank")) == (0, 0)


def test_what_grows_after_its_explanation_waits_for_another_one(case: Case) -> None:
    twice(case)
    case.run()
    explain(case)
    case.bank.items.append(activity("txn_3", "refund", -405, key=REFUND, at=case.world.now()))
    assert [found["kind"] for found in case.run()["breaks"]] == ["duplicate"]
    assert (case.balance("suspense"), case.balance("bank")) == (810, 0)
    explain(case)
    assert case.run()["sound"]
    assert (case.balance("suspense"), case.balance("bank")) == (0, 810)


@pytest.mark.parametrize(
    "account", ["held_funds:eng-1", "candidate_payable:acc-1", "suspense", "bank:x", "nothing"]
)
def test_nothing_is_explained_to_an_account_that_an_escrow_answers_for(
    case: Case, account: str
) -> None:
    twice(case)
    case.run()
    with pytest.raises(Invalid):
        explain(case, account)
    assert case.balance("suspense") == 405


def test_only_what_is_on_suspense_is_explained(case: Case) -> None:
    with pytest.raises(Conflict):
        explain(case)
    with pytest.raises(NotFound):
        explain(case, ref="nothing")


def test_an_explanation_needs_whose_part_of_an_account_it_is(case: Case) -> None:
    twice(case)
    case.run()
    with pytest.raises(Invalid):
        explain(case, "candidate_receivable")
    explain(case, "candidate_receivable:acc-1")
    assert case.balance("candidate_receivable") == 405


def test_a_balance_that_the_feed_does_not_explain_is_told(case: Case) -> None:
    case.bank.extra["USD"] = 1
    report = case.run()
    assert not report["sound"]
    sums = report["currencies"]["USD"]
    assert sums["processor"] == sums["feed"] + 1 == sums["ledger"] + 1


def test_what_is_owed_and_not_covered_is_told(case: Case) -> None:
    case.bank.items.append(activity("txn_p", "payout", -(10**6), at=case.world.now()))
    assert case.run()["currencies"]["USD"]["short"] > 0


def test_only_what_is_recent_is_read_again(case: Case) -> None:
    case.run()
    assert case.run()["activities"] == 3
    assert case.run(hours=100)["activities"] == 3
    assert case.run()["activities"] == 0
    late = case.world.now() - timedelta(hours=47)
    case.bank.items.append(activity("txn_l", "fee", -5, at=late))
    assert case.run(hours=0)["activities"] == 1
