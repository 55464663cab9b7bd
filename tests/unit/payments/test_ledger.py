"""Entries: what each kind of operation means in the books, and what no entry can be."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain import Entry, Escrow, Kind, Operation, Posting, entry_of
from services.payments.domain.chart import CHART, Nature, Side
from services.payments.domain.ledger import exchange, reversal_of
from services.payments.domain.postings import RECOVERY
from shared.errors import Invalid
from shared.money import Money
from tests.unit.payments.fakes import START
from tests.unit.payments.mutants import MUTANTS
from tests.unit.payments.story import CANDIDATE, ORG, TRIO, E

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "integration" / "payments"
PAGE = (HERE.parents[2] / "docs" / "ledger.md").read_text()
ESCROW = Escrow(id=E, application_id="app-1", **TRIO, amount=100, currency="USD", fee_bps=1000)
BANK, HELD = f"processor_balance:{'sandbox'}", f"held_funds:{E}"
OWED, CONTESTED = f"candidate_payable:{CANDIDATE}", f"disputes_receivable:{E}"


def operation(kind: Kind, amount: int = 100, **about: object) -> Operation:
    made = Operation(f"{E}:{kind.value}:1", kind, amount, "USD", START, bank_id="x_1")
    return replace(made, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "about", "postings"),
    [
        (Kind.CHARGE, {"fee_amount": 3}, {BANK: 97, "processing_fees": 3, HELD: -100}),
        (Kind.CHARGE, {"fee_amount": 100}, {"processing_fees": 100, HELD: -100}),
        (Kind.RELEASE, {"fee_amount": 10}, {HELD: 100, OWED: -90, "platform_fee": -10}),
        (Kind.TRANSFER, {}, {OWED: 100, BANK: -100}),
        (Kind.REFUND, {}, {HELD: 100, BANK: -100}),
        (Kind.REFUND, {"loss_amount": 40}, {HELD: 60, "refund_losses": 40, BANK: -100}),
        (Kind.REFUND, {"again": "x"}, {f"company_payable:{ORG}": 100, BANK: -100}),
        (Kind.REFUND_FAILED, {}, {BANK: 100, f"company_payable:{ORG}": -100}),
        (Kind.REVERSAL, {"fee_amount": 10}, {BANK: 100, "platform_fee": 10, HELD: -110}),
        (Kind.REVERSAL, {"purpose": RECOVERY}, {BANK: 100, "dispute_losses": -100}),
        (Kind.CHARGEBACK, {}, {CONTESTED: 100, BANK: -100}),
        (Kind.CHARGEBACK_FEE, {}, {"dispute_fees": 100, BANK: -100}),
        (Kind.CHARGEBACK_FEE_RETURNED, {}, {BANK: 100, "dispute_fees": -100}),
        (Kind.CHARGEBACK_WON, {}, {BANK: 100, CONTESTED: -100}),
        (Kind.CHARGEBACK_LOST, {}, {HELD: 100, CONTESTED: -100}),
        (
            Kind.CHARGEBACK_LOST,
            {"loss_amount": 30},
            {HELD: 70, "dispute_losses": 30, CONTESTED: -100},
        ),
        (
            Kind.CHARGEBACK_LOST,
            {"loss_amount": 30, "covered_amount": 50},
            {HELD: 20, f"company_payable:{ORG}": 50, "dispute_losses": 30, CONTESTED: -100},
        ),
    ],
)
def test_every_kind_of_operation_has_its_postings(
    kind: Kind, about: dict[str, object], postings: dict[str, int]
) -> None:
    entry = entry_of(operation(kind, **about), ESCROW, "sandbox")
    assert {posting.name: posting.amount for posting in entry.postings} == postings
    assert (entry.id, entry.bank_id, entry.engagement_id) == (f"{E}:{kind.value}:1", "x_1", E)
    assert entry.currency == "USD"


@given(st.sampled_from(Kind), st.integers(1, 10**12), st.integers(0, 100), st.integers(0, 100))
def test_every_entry_sums_to_zero(kind: Kind, amount: int, fee: int, loss: int) -> None:
    about = {"fee_amount": amount * fee // 100, "loss_amount": amount * loss // 100}
    entry = entry_of(operation(kind, amount, **about), ESCROW, "sandbox")
    assert sum(posting.amount for posting in entry.postings) == 0


def test_every_account_stands_on_the_side_of_its_nature() -> None:
    debit = {name for name, account in CHART.items() if account.side is Side.DEBIT}
    assets = {name for name, account in CHART.items() if account.nature is Nature.ASSET}
    expenses = {name for name, account in CHART.items() if account.nature is Nature.EXPENSE}
    assert debit == assets | expenses
    assert all(account.nature is Nature.LIABILITY for account in CHART.values() if account.owed)


ENTRY = entry_of(operation(Kind.CHARGE, fee_amount=3), ESCROW, "sandbox")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"postings": ()}, "sum to zero"),
        ({"postings": (Posting("bank", 1),)}, "sum to zero"),
        ({"postings": (Posting("fx_clearing", 5), Posting("bank", -5))}, "no other half"),
        ({"pair": "k2"}, "no other half"),
    ],
)
def test_what_is_no_entry_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(ENTRY, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [0.5, 1.0, "1"])
def test_an_amount_is_a_whole_number_of_minor_units(amount: object) -> None:
    postings = (Posting("bank", amount), Posting("suspense", -1))  # type: ignore[arg-type]
    with pytest.raises((Invalid, ValueError, TypeError)):
        replace(ENTRY, postings=postings)


def test_a_currency_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid):
        replace(ENTRY, currency="ABC")


@pytest.mark.parametrize("posting", [("petty_cash", ""), ("bank", "x"), ("held_funds", "")])
def test_a_posting_names_an_account_of_the_chart_and_whose_part_of_it(
    posting: tuple[str, str],
) -> None:
    with pytest.raises(ValueError, match=r"chart|not split"):
        Posting(posting[0], 1, posting[1])


def test_an_entry_is_undone_by_another_that_names_it() -> None:
    undone = reversal_of(ENTRY, START)
    assert (undone.reverses, undone.id) == (ENTRY.id, f"{ENTRY.id}:reversed")
    for posting in ENTRY.postings:
        assert undone.on(posting.account, posting.of) == -posting.amount
    with pytest.raises(ValueError, match="is a reversal itself"):
        reversal_of(undone, START)


def test_two_currencies_meet_only_in_a_pair_of_entries() -> None:
    account = Posting("processor_balance", 0, "sandbox")
    out, back = exchange("k9", account, Money(100, "EUR"), Money(117, "USD"), ENTRY)
    assert (out.currency, out.on("processor_balance"), out.on("fx_clearing")) == ("EUR", -100, 100)
    assert (back.currency, back.on("processor_balance"), back.pair) == ("USD", 117, out.id)
    assert out.pair == back.id
    assert isinstance(out, Entry)
    undone = [reversal_of(half, START) for half in (out, back)]
    assert [half.pair for half in undone] == [undone[1].id, undone[0].id]


def test_the_page_shows_the_chart_as_it_is() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+, \w+) \|", PAGE, re.MULTILINE))
    assert rows == {
        name: f"{account.nature.value}, {account.side.value}" for name, account in CHART.items()
    }


def test_the_page_names_tests_and_mutants_that_there_are() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (I\d+|D3) \|", line)]
    assert [line.split()[1] for line in rows] == [*(f"I{n}" for n in range(1, 15)), "D3"]
    sources = "".join(path.read_text() for path in HERE.glob("*.py"))
    sources += "".join(path.read_text() for path in REAL.glob("*.py"))
    names = re.findall(r"::(test_\w+)", "".join(rows))
    assert names
    assert [name for name in names if f"def {name}(" not in sources] == []
    named = {name for row in rows for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)}
    assert named == set(MUTANTS)
