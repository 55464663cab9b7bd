"""Statements and receipts as files for accountants: CSV, and PDF with an embedded font."""

import csv
import io
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eventlet import tpool
from fpdf import FPDF

from services.payments.domain.statements import CHARGED, Part
from services.payments.usecases.reports import Receipt, Statement
from shared.money import Money

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("date", "kind", "text", "engagement", "project", "amount", "currency", "held after")
WIDTHS = (24, 74, 54, 28)  # Millimetres, of a page of 210.
LETTERS = ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf")
HANZI = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")  # Eight megabytes: only where needed.
FIRST_HANZI = "\u2e80"
SIMULATED = "Simulated funds: this is no payment document."


def statement_csv(statement: Statement) -> str:
    """A line for each movement; what was held before and afterwards as lines of their own."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for part in statement.parts:
        writer.writerows(_rows(part, statement))
    return file.getvalue()


def _rows(part: Part, statement: Statement) -> Iterable[Sequence[Any]]:
    held = part.opening
    yield (_day(statement.begin), "opening", "Held before", "", "", "", part.currency, held)
    for line in part.lines:
        held += line.amount
        about = (_safe(line.text), line.engagement_id, line.project_id)
        yield (_day(line.at), line.kind, *about, line.amount, line.currency, held)
    yield (_day(statement.end), "closing", "Held afterwards", "", "", "", part.currency, held)


def _safe(text: str) -> str:
    """What a spreadsheet would take for a formula is text."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def statement_pdf(statement: Statement, name: str, *, simulated: bool) -> bytes:
    """Made in a thread of its own: fonts take a while, and everything else goes on meanwhile."""
    heads = [f"Statement {statement.period}", *_who(statement.org_id, name)]
    tables = [(_title(part), _table(part)) for part in statement.parts]
    return _pdf(heads, tables or [("Nothing moved in this month.", [])], simulated)


def receipt_pdf(receipt: Receipt, name: str, *, simulated: bool) -> bytes:
    charge, card = receipt.charge, receipt.card
    heads = [
        f"Receipt {receipt.engagement_id}-{receipt.number}",
        *_who(receipt.org_id, name),
        f"{_day(charge.changed_at or charge.created_at)}: {_money(charge.amount, charge.currency)}",
        f"For: {charge.purpose or 'fee'} of engagement {receipt.engagement_id}",
    ]
    heads += [f"Note: {charge.reason}"] if charge.reason else []
    heads += [f"Card: {card.brand} ending in {card.last4}"] if card else []
    return _pdf([*heads, f"Reference: {charge.bank_id}"], [], simulated)


def _who(org_id: str, name: str) -> list[str]:
    return [f"{name} ({org_id})" if name else org_id]


def _title(part: Part) -> str:
    return (
        f"{part.currency}: held before {_money(part.opening, part.currency)}, charged "
        f"{_money(part.total(CHARGED), part.currency)}, held afterwards "
        f"{_money(part.closing, part.currency)}"
    )


def _table(part: Part) -> list[tuple[str, ...]]:
    return [
        (_day(line.at), line.text, line.engagement_id, _money(line.amount, line.currency))
        for line in part.lines
    ]


def _pdf(heads: list[str], tables: list[tuple[str, Any]], simulated: bool) -> bytes:
    made: bytes = tpool.execute(_draw, heads, tables, simulated)
    return made


def _draw(heads: list[str], tables: list[tuple[str, Any]], simulated: bool) -> bytes:
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # It tells of each table it drops.
    page = FPDF()
    page.set_title(heads[0])
    page.set_creation_date(datetime.now(UTC))
    _choose_fonts(page, str((heads, tables)))
    page.add_page()
    for size, text in zip([16, *(10 for _ in heads)], heads, strict=False):
        page.set_font(size=size)
        page.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
    for title, rows in tables:
        _draw_table(page, title, rows)
    if simulated:
        page.set_font(size=8)
        page.multi_cell(0, text=SIMULATED, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _draw_table(page: FPDF, title: str, rows: list[tuple[str, ...]]) -> None:
    page.ln(4)
    page.set_font(size=10)
    page.multi_cell(0, text=title, new_x="LMARGIN", new_y="NEXT")
    page.set_font(size=8)
    if rows:
        aligned = ("LEFT", "LEFT", "LEFT", "RIGHT")
        with page.table(rows, col_widths=WIDTHS, text_align=aligned, first_row_as_headings=False):
            pass


def _choose_fonts(page: FPDF, text: str) -> None:
    """Letters of Latin, Greek and Cyrillic, and where some are used, Chinese characters."""
    page.add_font("letters", fname=_file(*LETTERS))
    page.set_font("letters", size=10)
    if any(char >= FIRST_HANZI for char in text):
        page.add_font("hanzi", fname=_file(*HANZI))
        page.set_fallback_fonts(["hanzi"])


def _file(package: str, name: str) -> str:
    """A file of an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{package} is not installed")
    return str(Path(spec.submodule_search_locations[0]) / name)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _money(amount: int, currency: str) -> str:
    return (
        f"€{str(Money(amount, 'EUR'))[4:]}" if currency == "EUR" else str(Money(amount, currency))
    )
