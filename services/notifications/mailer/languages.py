"""The languages that people are written to: texts, words, times and money as each has them.

English is what stands in the templates; `locale/<code>.po` holds every other language. babel and
the catalogue are loaded when somebody first needs them: most processes of a day never do.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from shared.money import EXPONENTS, Money

if TYPE_CHECKING:
    from babel import Locale

FOLDER = Path(__file__).parents[1] / "locale"
SOURCE = "en"
LANGUAGES = (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))
WORD = "word"  # The context of single words, such as reasons.
MOMENT = "%(date)s, %(time)s (%(zone)s)"


class Language:
    """One of ours as somebody's locale has it: `de-AT` reads German with Austria's months."""

    def __init__(self, locale: str) -> None:
        wanted, _, region = locale.replace("_", "-").partition("-")
        self.code = wanted if wanted in LANGUAGES else SOURCE
        # Dates of another language inside English words would help nobody.
        self._locale = f"{self.code}-{region}" if region and self.code == wanted else self.code
        self._texts = catalogue(self.code)

    @property
    def is_house_style(self) -> bool:
        """English of no country: written here, and the only one that needs no babel."""
        return self._locale == SOURCE

    def text(self, source: str) -> str:
        """The text that stands for this English one; the same where it is not translated."""
        return self._texts.gettext(source) if source else ""

    def word(self, slug: str) -> str:
        """`card-declined` as people say it."""
        return self._texts.pgettext(WORD, slug.replace("-", " ").replace("_", " "))

    def moment(self, local: datetime, zone: str) -> str:
        """`Tuesday 3 March 2026, 14:00 (Europe/Berlin)`."""
        if self.is_house_style:
            return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"
        from babel.dates import format_date, format_time

        date = format_date(local.date(), "full", self._babel)
        time = format_time(local, "short", tzinfo=local.tzinfo, locale=self._babel)
        return self.text(MOMENT) % {"date": date, "time": time, "zone": zone}

    def money(self, amount: int, currency: str) -> str:
        """Of minor units; where this locale's data have other digits than ISO 4217, ours count."""
        if self.is_house_style:
            return str(Money(amount, currency))
        from babel.numbers import format_currency, get_currency_precision

        places = EXPONENTS.get(currency)
        if places is None or get_currency_precision(currency) != places:
            return str(Money(amount, currency))
        return format_currency(Decimal(amount).scaleb(-places), currency, locale=self._babel)

    @property
    def _babel(self) -> Locale:
        from babel import Locale, UnknownLocaleError

        try:
            return Locale.parse(self._locale, sep="-")
        except (UnknownLocaleError, ValueError):
            return Locale(self.code)


@lru_cache(maxsize=256)
def language(locale: str) -> Language:
    return Language(locale)


@cache
def catalogue(code: str) -> NullTranslations:
    """The translations of a language, compiled from its file when it is first asked for."""
    if code == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (FOLDER / f"{code}.po").open("rb") as file:
        read = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)
