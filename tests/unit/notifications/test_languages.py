"""Every text in every language, with the same placeholders; times and money as each has them."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from jinja2 import Environment, meta, nodes

from services.notifications.cli import mail
from services.notifications.domain.audience import Audience
from services.notifications.domain.channels import Frequency
from services.notifications.domain.notices import NOTICES
from services.notifications.mailer import FOLDER, Templates
from services.notifications.mailer.languages import FOLDER as LOCALE
from services.notifications.mailer.languages import LANGUAGES, language
from services.notifications.mailer.messages import texts, untranslated, with_missing, words
from services.notifications.usecases.sending import Mail
from tests.unit.notifications.world import EXAMPLES, contact, event

FOREIGN = [code for code in LANGUAGES if code != "en"]
JINJA = Environment(autoescape=True)
JINJA.filters |= dict.fromkeys(("moment", "money", "words"), str)


def placeholders(text: str) -> tuple[set[str], set[str], set[str]]:
    """Variables, how each of them is written (moment, money), and `%(...)s`."""
    tree = JINJA.parse(text)
    written = {
        f"{one.name} {name.name}"
        for one in tree.find_all(nodes.Filter)
        if one.name in ("moment", "money")
        for name in [one.node]
        if isinstance(name, nodes.Name)
    }
    return meta.find_undeclared_variables(tree), written, set(re.findall(r"%\(\w+\)s", text))


def test_german_proves_that_there_can_be_more_than_english() -> None:
    assert LANGUAGES == ("en", "de")


@pytest.mark.parametrize("code", FOREIGN)
def test_every_text_and_word_is_translated(code: str) -> None:
    assert untranslated(code) == []


@pytest.mark.parametrize("code", FOREIGN)
def test_the_catalogue_holds_what_is_said_and_nothing_else(code: str) -> None:
    """Written anew it is the same file: `stint mail messages CODE` makes it."""
    written = with_missing(code).split("\n\n", 1)[1]
    assert (LOCALE / f"{code}.po").read_text().split("\n\n", 1)[1] == written


@pytest.mark.parametrize("code", FOREIGN)
def test_placeholders_agree(code: str) -> None:
    own = language(code)
    differing = [text for text in texts() if placeholders(text) != placeholders(own.text(text))]
    assert differing == []


def test_reasons_and_states_of_the_contracts_are_words_that_are_translated() -> None:
    shown = set()
    for kind, notices in NOTICES.items():
        for notice in notices:
            text = (FOLDER / kind / f"{notice.to}.txt").read_text()
            for name in re.findall(r"(\w+) \| words", text):
                shown |= {str(one[name]) for one in EXAMPLES[f"{kind}.v1"] if one.get(name)}
    plain = {one.replace("-", " ").replace("_", " ") for one in shown}
    assert plain - set(words()) == set()


def test_a_locale_reads_the_language_that_is_there() -> None:
    codes = {locale: language(locale).code for locale in ("de", "de-AT", "de-XX", "en-GB", "fr-CA")}
    assert codes == {"de": "de", "de-AT": "de", "de-XX": "de", "en-GB": "en", "fr-CA": "en"}


@pytest.mark.parametrize(
    ("locale", "moment", "money"),
    [
        ("en", "Friday 2 January 2026, 14:05 (Europe/Vienna)", "USD 1,234.50"),
        ("fr", "Friday 2 January 2026, 14:05 (Europe/Vienna)", "USD 1,234.50"),
        ("en-GB", "Friday, 2 January 2026, 14:05 (Europe/Vienna)", "US$1,234.50"),
        ("en-US", "Friday, January 2, 2026, 2:05 PM (Europe/Vienna)", "$1,234.50"),
        ("de", "Freitag, 2. Januar 2026, 14:05 Uhr (Europe/Vienna)", "1.234,50 $"),
        ("de-AT", "Freitag, 2. Jänner 2026, 14:05 Uhr (Europe/Vienna)", "$ 1.234,50"),
    ],
)
def test_times_and_money_are_written_as_the_locale_has_them(
    locale: str, moment: str, money: str
) -> None:
    local = datetime(2026, 1, 2, 14, 5, tzinfo=ZoneInfo("Europe/Vienna"))
    plain = language(locale).moment(local, "Europe/Vienna").replace("\u202f", " ")
    assert plain == moment
    assert language(locale).money(123450, "USD").replace("\xa0", " ") == money


def test_no_digit_of_money_is_lost_where_a_locale_shows_fewer() -> None:
    assert language("de").money(1500, "JPY").replace("\xa0", " ") == "1.500 ¥"
    assert "1,234.567" in language("de").money(1234567, "IQD")  # CLDR would round it.


def test_a_notice_and_its_letter_are_in_the_readers_language() -> None:
    templates = Templates("https://stint.example", simulated=True, key="k")
    given = {**event("payment.failed.v1").data, "title": "Kontakte <b>"}
    said = templates.write("payment.failed", Audience.COMPANY, given, "Europe/Berlin", "de-DE")
    assert said.title == "Bitte handeln Sie: Die Zahlung für „Kontakte <b>“ ist fehlgeschlagen"
    assert "(Karte abgelehnt)" in said.what
    assert said.what.endswith("Es ist kein echtes Geld geflossen.")
    text, html = templates.letter(Mail("m", contact(locale="de-DE"), said, "payment.failed"))
    assert "Hallo Kim Doe," in text
    assert '<html lang="de">' in html
    assert "Kontakte &lt;b&gt;" in html
    assert "Keine E-Mails dieser Art mehr" in html


def test_the_page_behind_a_link_asks_first_and_tells_afterwards() -> None:
    templates = Templates("https://stint.example")
    asks = templates.page("match.suggested", on=True, locale="de")
    assert (asks["title"], asks["button"]) == ("Diese E-Mails abstellen?", "Abstellen")
    assert "„Projektvorschlag“" in asks["text"]
    done = templates.page("digest", on=False, locale="en")
    assert (done["title"], done["button"]) == ("These mails are off", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mails")
    done = CliRunner().invoke(mail, ["preview", "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_mail_is_accessible_and_whole(folder: Path, code: str) -> None:
    files = sorted((folder / code).glob("*.html"))
    for file in files:
        html, text = file.read_text(), file.with_suffix(".txt").read_text()
        assert f'<html lang="{code}">' in html
        assert html.count("<h1") == 1
        assert html.count('class="button"') == 1
        assert "<img" not in html
        assert "https://stint.example" in text
        assert "{" not in text
    digests = {f"digest.{one}" for one in (Frequency.DAILY, Frequency.WEEKLY)}
    assert {file.name.rsplit(".", 3)[0] for file in files} == {*NOTICES, *digests}


def test_the_previews_have_an_index(folder: Path) -> None:
    index = (folder / "index.html").read_text()
    assert 'href="de/payment.failed.company.1.html"' in index
    assert (folder / "en" / "digest.weekly.person.1.txt").exists()


def test_a_translator_gets_what_is_missing_and_english_is_refused() -> None:
    new = CliRunner().invoke(mail, ["messages", "hi"])
    assert new.exit_code == 1
    assert new.stdout.count('msgstr ""') > len(texts())
    assert CliRunner().invoke(mail, ["messages", "de"]).exit_code == 0
    for wrong in ("en", "../x", "d1"):
        assert CliRunner().invoke(mail, ["messages", wrong]).exit_code == 2
