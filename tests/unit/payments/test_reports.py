"""Statements, receipts, earnings and the files that are made of them."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from services.payments import library, papers
from services.payments.domain import AccountStatus, BankAccount, PayoutAccount
from services.payments.domain.onboarding import situation
from services.payments.domain.statements import Line, month
from services.payments.schemas import money as views
from services.payments.usecases import cards, extras, reports
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.payments.fakes import START, World
from tests.unit.payments.story import CANDIDATE, KIM, OWNER, PRICE, E, Story, call

NET = PRICE - 2641
NAME = "Żółć & 王小明"


@pytest.fixture
def world() -> World:
    return World(policies=library.policies(0))


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def earning(story: Story) -> dict[str, object]:
    view = views.earnings_view(reports.get_earnings(story.desk, KIM), simulated=True)
    found: dict[str, object] = view["currencies"][0]["engagements"][0]
    return found


def test_a_month_begins_with_what_was_held_and_ends_with_what_is(
    world: World, story: Story
) -> None:
    story.account()
    story.fund()
    world.now.pass_(days=35)
    extras.release_part(story.desk, call("c-part", OWNER), E, 10_000, "First half")
    story.refund(1_000)
    march = reports.get_statement(story.desk, OWNER, "2026-03").parts[0]
    april = reports.get_statement(story.desk, OWNER, "2026-04").parts[0]
    assert (march.opening, march.closing) == (0, PRICE)
    assert (april.opening, april.closing) == (PRICE, PRICE - 11_000)
    assert [line.kind for line in april.lines] == ["platform-fee", "payout", "refunded"]
    assert april.lines[1].text == "Released to the candidate (milestone, First half)"
    assert reports.get_statement(story.desk, OWNER, "2026-02").parts == []
    spent = views.spend_view(reports.get_spend(story.desk, OWNER, None), simulated=True)
    assert spent["currencies"][0]["payout_amount"] == 9_000
    assert spent["currencies"][0]["projects"][0]["project_id"] == "prj-1"
    with pytest.raises(Invalid):
        reports.get_spend(story.desk, OWNER, 1999)


def test_december_ends_with_the_year() -> None:
    assert month("2026-12") == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def test_a_receipt_names_the_card_even_after_it_was_removed(story: Story) -> None:
    story.fund()
    card_id = story.world.payers.load(OWNER.org_id or "").cards[0].id
    cards.remove_payment_method(story.desk, call("c-gone", OWNER), card_id)
    receipt = reports.get_receipt(story.desk, OWNER, E, 1)
    view = views.receipt_view(receipt, simulated=True)
    assert (view["amount"], view["card"], view["about"]) == (PRICE, "visa ending in 4242", "fee")
    with pytest.raises(NotFound):
        reports.get_receipt(story.desk, OWNER, E, 2)


def test_the_file_for_spreadsheets_runs_no_formula(world: World, story: Story) -> None:
    story.account()
    story.fund()
    found = reports.get_statement(story.desk, OWNER, "2026-03")
    found.parts[0].lines[0] = replace(found.parts[0].lines[0], note="Żółć, €")
    rows = list(csv.reader(io.StringIO(papers.statement_csv(found))))
    assert rows[0] == list(papers.COLUMNS)
    assert [row[1] for row in rows[1:]] == ["opening", "charged", "closing"]
    assert "Żółć, €" in rows[2][2]
    assert rows[-1][-1] == str(PRICE)
    assert papers._safe("=1+1") == "'=1+1"


def test_a_printed_statement_has_every_name_and_sign(story: Story) -> None:
    story.fund()
    found = reports.get_statement(story.desk, OWNER, "2026-03")
    line = replace(found.parts[0].lines[0], currency="EUR", note="Łódź")
    found.parts[0].lines, found.parts[0].currency = [line], "EUR"
    text = _text(papers._draw([f"Statement of {NAME}"], _tables(found), simulated=True))
    for expected in ("Żółć", "王小明", "Łódź", "€264.05", "Simulated funds"):
        assert expected in text


def test_a_printed_receipt_is_read_again(story: Story) -> None:
    story.fund()
    receipt = reports.get_receipt(story.desk, OWNER, E, 1)
    text = _text(papers.receipt_pdf(receipt, "Żółć sp. z o.o.", simulated=False))
    assert "Żółć sp. z o.o." in text
    assert "USD 264.05" in text
    assert "visa ending in 4242" in text
    assert "Simulated" not in text


def _tables(found: reports.Statement) -> list[tuple[str, object]]:
    return [(papers._title(part), papers._table(part)) for part in found.parts]


def _text(pdf: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\0", "").split())


def test_earnings_tell_where_the_money_is_and_why_not_yet(world: World, story: Story) -> None:
    story.fund()
    assert earning(story) | {"held_amount": NET} == earning(story)
    assert "no rating is needed" in str(earning(story)["why_not_yet"])
    story.accept()
    assert (earning(story)["owed_amount"], earning(story)["paid_amount"]) == (NET, 0)
    assert "Open a payout account" in str(earning(story)["why_not_yet"])
    story.account()
    shown = earning(story)
    assert (shown["owed_amount"], shown["paid_amount"], shown["why_not_yet"]) == (0, NET, None)
    assert shown["paid_at"] == START.isoformat()


def test_a_transfer_without_an_answer_is_on_its_way(world: World, story: Story) -> None:
    story.account()
    story.fund()
    world.bank.away = True
    story.accept()
    assert (earning(story)["on_its_way_amount"], earning(story)["owed_amount"]) == (NET, 0)
    assert "has not confirmed" in str(earning(story)["why_not_yet"])


def test_a_security_hold_says_until_when(world: World) -> None:
    story = Story(World(policies=library.policies(5)))
    story.account()
    story.fund()
    story.accept()
    assert "keeps it until 2026-03-12 09:30 UTC" in str(earning(story)["why_not_yet"])
    assert earning(story)["available_at"] == "2026-03-12T09:30:00+00:00"


def test_the_totals_of_a_year_meet_its_threshold(world: World, story: Story) -> None:
    story.account()
    story.fund()
    story.accept()
    (year,) = reports.get_earnings(story.desk, KIM).years
    view = views.year_view(year)
    assert (view["year"], view["net_amount"], view["payouts"]) == (2026, NET, 1)
    assert view["tax_form"]["state"] == "below"
    assert view["tax_form"]["threshold_amount"] == 200_000
    year.paid = 200_000
    assert year.state == "reached"
    assert replace(year, threshold=None).state == "none"


@pytest.mark.parametrize(("year", "amount"), [(2025, 60_000), (2026, 200_000)])
def test_thresholds_have_a_year_and_a_source(year: int, amount: int) -> None:
    threshold = library.policies(0).thresholds[year, "USD"]
    assert threshold.amount == amount
    assert "26 U.S.C." in threshold.source
    assert (2027, "USD") not in library.policies(0).thresholds  # Nobody has published it yet.


def test_what_a_bank_misses_is_said_in_words() -> None:
    account = PayoutAccount(CANDIDATE, "US", None)
    needs = ("external_account", "individual.dob.day", "individual.dob.month", "odd.thing")
    found = BankAccount("acct_1", "USD", AccountStatus.RESTRICTED, True, needs, "under_review")
    account.learn(found, START)
    words = situation(account)
    assert "Nothing can be paid" in words
    assert "the bank is looking at the account" in words
    assert "Missing: your bank account, your date of birth, odd thing." in words
    account.learn(BankAccount("acct_1", "USD", AccountStatus.ACTIVE, False), START)
    assert "not confirmed yet" in situation(account)


def test_the_link_to_the_bank_needs_an_account(story: Story) -> None:
    with pytest.raises(NotFound):
        reports.create_payout_link(story.desk, call("c-link", KIM), "https://stint.example")
    story.world.bank.away = True
    story.account()
    with pytest.raises(Conflict, match="being opened"):
        reports.create_payout_link(story.desk, call("c-link", KIM), "https://stint.example")


def test_cards_are_saved_chosen_and_removed(story: Story) -> None:
    org_id = OWNER.org_id or ""
    first = story.world.payers.load(org_id).cards[0].id
    second = cards.add_payment_method(story.desk, call("c-2", OWNER), "tok_visa", default=True)
    assert (len(second.cards), second.card) == (2, second.cards[1])
    view = views.cards_view(second, simulated=True)
    assert [one["default"] for one in view["items"]] == [True, False]
    assert cards.choose_payment_method(story.desk, call("c-3", OWNER), first).card
    left = cards.remove_payment_method(story.desk, call("c-4", OWNER), first)
    assert (left.card, len(left.cards)) == (second.cards[1], 1)
    with pytest.raises(NotFound):
        cards.choose_payment_method(story.desk, call("c-5", OWNER), first)
    for number in range(9):
        cards.add_payment_method(story.desk, call(f"m-{number}", OWNER), "tok_visa", default=False)
    with pytest.raises(Conflict, match="Remove one"):
        cards.add_payment_method(story.desk, call("m-10", OWNER), "tok_visa", default=False)
    story.card("tok_visa", "put")  # To set the one card that is charged goes on all the same.
    assert len(story.world.payers.load(org_id).cards) == 10


def test_a_line_without_a_purpose_says_what_happened() -> None:
    line = Line(START, "charged", E, "prj-1", 1, "USD")
    assert line.text == "Charged to a card and held"
