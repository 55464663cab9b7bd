"""What people read about their money: statements, receipts, spending, earnings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.payments.domain import Card, Escrow, Link, Operation, Payer, PayoutAccount
from services.payments.domain.earnings import Sums, Year, earning, sums, years
from services.payments.domain.statements import Line, Part, lines_of, month, parts
from services.payments.usecases.engagements import permitted
from services.payments.usecases.parties import own_organisation
from services.payments.usecases.ports import Desk
from shared.envelope import Call
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.principal import Principal

FIRST_YEAR, LAST_YEAR = 2020, 2099


@dataclass(frozen=True)
class Statement:
    """An organisation's month, or year, by currency."""

    org_id: str
    period: str
    begin: datetime
    end: datetime
    made_at: datetime
    parts: list[Part]


@dataclass(frozen=True)
class Receipt:
    """One charge, as who paid it keeps it; `number` is the engagement's and the charge's."""

    engagement_id: str
    project_id: str
    number: int
    org_id: str
    charge: Operation
    card: Card | None


@dataclass(frozen=True)
class Earnings:
    """A candidate's money: by currency and engagement, and by year."""

    account: PayoutAccount | None
    sums: list[Sums]
    years: list[Year] = field(default_factory=list)


def get_statement(desk: Desk, by: Principal, period: str) -> Statement:
    """What was charged, released and given back in a month such as `2026-11`."""
    by.require("get_statement")
    begin, end = month(period)
    return _statement(desk, own_organisation(by), period, begin, end)


def get_spend(desk: Desk, by: Principal, year: int | None) -> Statement:
    """What a year cost, the current one unless another is named."""
    by.require("get_spend")
    year = year or desk.now().year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = f"must be between {FIRST_YEAR} and {LAST_YEAR}"
        raise Invalid("year-unknown", f"The year {message}.", {"year": message})
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    return _statement(desk, own_organisation(by), str(year), begin, end)


def _statement(desk: Desk, org_id: str, period: str, begin: datetime, end: datetime) -> Statement:
    lines = list(_lines(desk, org_id))
    return Statement(org_id, period, begin, end, desk.now(), parts(lines, begin, end))


def _lines(desk: Desk, org_id: str) -> Iterator[Line]:
    for escrow in desk.finding.of_payer(org_id):
        yield from lines_of(escrow, org_id)


def list_receipts(desk: Desk, by: Principal, engagement_id: str) -> list[Receipt]:
    """One for each charge of one's own organisation that has succeeded."""
    escrow = desk.escrows.load(engagement_id)
    if by.org_id in escrow.sponsor_ids:  # A sponsor reads what it paid itself, and nothing else.
        by.require("list_receipts", org_id=by.org_id)
    else:
        permitted(desk, by, "list_receipts", engagement_id)
    org_id = by.org_id if by.org_id in escrow.sponsor_ids else escrow.org_id
    payer = desk.payers.find(org_id or "") or Payer(org_id or "")
    return list(_receipts(escrow, payer))


def _receipts(escrow: Escrow, payer: Payer) -> Iterator[Receipt]:
    for number, charge in enumerate(escrow.charges, start=1):
        if (charge.payer or escrow.org_id) == payer.id:
            card = payer.known_card(charge.party)
            yield Receipt(escrow.id, escrow.project_id, number, payer.id, charge, card)


def get_receipt(desk: Desk, by: Principal, engagement_id: str, number: int) -> Receipt:
    """The receipt of this number."""
    for receipt in list_receipts(desk, by, engagement_id):
        if receipt.number == number:
            return receipt
    raise NotFound("receipt-not-found", "There is no such receipt.")


def get_earnings(desk: Desk, by: Principal) -> Earnings:
    """What is held for a candidate, owed, on its way and paid; and the totals of each year."""
    by.require("get_earnings")
    account, now = desk.accounts.find(by.id), desk.now()
    escrows = desk.finding.of_candidate(by.id)
    shown = [earning(escrow, account, now) for escrow in escrows]
    return Earnings(account, sums(shown), years(escrows, desk.policies.thresholds))


def create_payout_link(desk: Desk, call: Call, return_url: str) -> Link:
    """Where a candidate goes on with what the bank asks; good for a few minutes, and once."""
    call.principal.require("create_payout_link")
    account = desk.accounts.find(call.principal.id)
    if account is None:
        raise NotFound("payout-account-not-found", "Open a payout account first.")
    if not account.bank_id:
        raise Conflict("payout-account-pending", "The account is being opened: try again soon.")
    link = desk.bank.onboarding_link(account.bank_id, return_url)
    if link is None:
        raise Unavailable("bank-unavailable", "The bank does not answer: try again soon.")
    desk.accounts.change(account.id, call, lambda one: one.expect_news(desk.now()))
    return link
