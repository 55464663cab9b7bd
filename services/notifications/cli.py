"""`stint mail`: see every mail as it would arrive, and what is left to translate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import click

from services.notifications.domain.audience import Audience
from services.notifications.domain.channels import Frequency
from services.notifications.domain.links import DIGEST
from services.notifications.domain.notices import NOTICES
from services.notifications.domain.records import Contact
from services.notifications.mailer import Templates
from services.notifications.mailer.languages import LANGUAGES
from services.notifications.mailer.messages import untranslated, with_missing
from services.notifications.usecases.sending import Line, Mail
from shared.data import read_yaml
from shared.envelope import CONTRACTS

TITLE, ZONE = "Clean up 2,000 contacts", "Europe/Berlin"
NAMES = {"en": "Ada Lovelace", "de": "Käthe Groß"}


@dataclass(frozen=True)
class Preview:
    """One mail of an example."""

    kind: str
    to: str
    number: int
    mail: Mail

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.to}.{self.number}"


@click.group()
def mail() -> None:
    """Look at the mails that people get."""


@mail.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".stint/mail-preview"),
    show_default=True,
)
def preview(out: Path) -> None:
    """Write every mail, from the contracts' examples, in every language, with an index."""
    templates = Templates("https://stint.example", simulated=True, key="preview")
    rows = []
    for code in LANGUAGES:
        folder = out / code
        folder.mkdir(parents=True, exist_ok=True)
        for one in previews(templates, code):
            text, html = templates.letter(one.mail)
            (folder / f"{one.name}.html").write_text(html)
            (folder / f"{one.name}.txt").write_text(f"{one.mail.words.title}\n\n{text}")
            rows.append((code, one.name, one.mail.words.title))
    (out / "index.html").write_text(_index(rows))
    click.echo(f"{len(rows)} mails in {len(LANGUAGES)} languages: {out / 'index.html'}")


@mail.command()
@click.argument("code")
def messages(code: str) -> None:
    """Print the catalogue of language CODE with what is missing, for locale/CODE.po.

    Exit code 1 where something is missing.
    """
    if not code.isascii() or not code.isalpha() or code == "en":
        raise click.UsageError("CODE is a language such as de or hi; English is the source.")
    click.echo(with_missing(code), nl=False)
    if missing := untranslated(code):
        click.echo(f"{len(missing)} texts are not translated", err=True)
        raise SystemExit(1)


def previews(templates: Templates, code: str) -> Iterator[Preview]:
    """Each notice from each example, then a digest of some of them."""
    to = Contact(
        *("acc-preview", "reader@example.com", NAMES.get(code, NAMES["en"]), "candidate", None),
        *(code, ZONE, datetime(2026, 3, 2, tzinfo=UTC)),
    )
    seen = []
    for kind, notices in sorted(NOTICES.items()):
        for number, example in enumerate(_examples(kind), 1):
            for audience in (one.to for one in notices if one.when(example)):
                words = templates.write(kind, audience, {"title": TITLE, **example}, ZONE, code)
                one = Preview(kind, audience, number, Mail(kind, to, words, kind))
                seen.append(one)
                yield one
    lines = tuple(Line(one.kind, one.mail.words) for one in seen if one.to == Audience.CANDIDATE)
    for frequency in (Frequency.DAILY, Frequency.WEEKLY):
        words = templates.digest(frequency, len(lines[:5]), code)
        yield Preview(f"digest.{frequency}", "person", 1, Mail("d", to, words, DIGEST, lines[:5]))


def _examples(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_yaml(CONTRACTS / f"{kind}.v1.yml")["examples"]
    return found


def _index(rows: list[tuple[str, str, str]]) -> str:
    lines = "\n".join(
        f'<tr><td>{code}</td><td><a href="{code}/{name}.html">{name}</a> '
        f'(<a href="{code}/{name}.txt">text</a>)</td><td lang="{code}">{escape(title)}</td></tr>'
        for code, name, title in sorted(rows, key=lambda row: (row[1], row[0]))
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Mails</title></head>'
        f"<body><h1>{len(rows)} mails</h1><table>\n<tr><th>Language</th><th>Mail</th>"
        f"<th>Subject</th></tr>\n{lines}\n</table></body></html>\n"
    )
