"""What is said: the words of each notice, and the letters and digests around them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from services.notifications.domain import links
from services.notifications.domain.channels import REQUIRED, Frequency
from services.notifications.domain.hours import zone_of
from services.notifications.mailer.languages import Language, language
from services.notifications.usecases.sending import Mail
from services.notifications.usecases.telling import Words

FOLDER = Path(__file__).parents[1] / "templates"
PARTS = "\n---\n"
MONEY = ("payment.", "payout.", "payout-account.", "dispute.")
SIMULATED = "These are simulated funds: no real money has moved."
DIGEST_TITLES = {
    Frequency.DAILY: "Your day on Stint: %(count)s to read",
    Frequency.WEEKLY: "Your week on Stint: %(count)s to read",
}
# Of the page behind an unsubscribing link: title, sentence, button.
ASKS = (
    "Turn these mails off?",
    "You get mails of the kind “%(kind)s”. Your inbox on Stint goes on as before.",
    "Turn them off",
)
DONE = (
    "These mails are off",
    "You get no more mails of the kind “%(kind)s”. Turn them on again in your preferences.",
    "",
)
DIGEST_WORD = "digest"


class Templates:
    """Writes notices and letters; facts are cleaned of line breaks, so that none forges a part.

    What tells of money says so where it is `simulated`. `public_url` and `key` make the links that
    unsubscribe.
    """

    def __init__(
        self, web_url: str, simulated: bool = False, *, public_url: str = "", key: str = ""
    ) -> None:
        self._web_url, self._simulated = web_url.rstrip("/"), simulated
        self._public_url, self._key = public_url or self._web_url, key
        self._plain = _environment(autoescape=False)
        self._html = _environment(autoescape=True)
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
        self._notices: dict[tuple[str, str, str], Template] = {}

    def write(
        self, kind: str, to: str, facts: Mapping[str, Any], zone: str, locale: str = "en"
    ) -> Words:
        """The notice for this audience in their language, times in the zone (UTC for no zone)."""
        own = language(locale)
        told = self._notice(kind, to, own).render(
            **one_line(facts), zone=zone_of(zone), language=own
        )
        title, what, next_, link = (" ".join(part.split()) for part in told.split(PARTS))
        if self._simulated and kind.startswith(MONEY):
            what = f"{what} {own.text(SIMULATED)}"
        return Words(title, what, next_, f"{self._web_url}{link}")

    def letter(self, mail: Mail) -> tuple[str, str]:
        """The mail's text and its HTML."""
        own, name = language(mail.to.locale), "digest" if mail.lines else "letter"
        facts = {
            **asdict(mail.words),
            "lines": [asdict(line.words) for line in mail.lines],
            "name": one_line(mail.to.name),
            "code": own.code,
            "preferences": f"{self._web_url}/preferences",
            "unsubscribe": self.unsubscribe_url(mail),
            "_": lambda source, **values: own.text(source) % values,
        }
        text = self._plain.get_template(f"{name}.txt").render(facts)
        html = self._html.get_template(f"{name}.html").render(facts)
        return text, self._inliner.inline(html)

    def unsubscribe_url(self, mail: Mail) -> str:
        """Where one click ends mails of this kind; empty where nothing can be ended."""
        if not mail.kind or mail.kind in REQUIRED:
            return ""
        return f"{self._public_url}/v1/unsubscribe/{links.token(self._key, mail.to.id, mail.kind)}"

    def digest(self, frequency: Frequency, count: int, locale: str) -> Words:
        """What stands above a digest of so many notices."""
        title = language(locale).text(DIGEST_TITLES[frequency]) % {"count": count}
        return Words(title, "", "", f"{self._web_url}/notifications")

    def page(self, kind: str, on: bool, locale: str) -> dict[str, str]:
        """The page behind an unsubscribing link, in the person's language."""
        own = language(locale)
        known = {"kind": own.word(DIGEST_WORD if kind == links.DIGEST else kind.replace(".", " "))}
        title, text, button = (own.text(part) for part in (ASKS if on else DONE))
        return {"title": title, "text": text % known, "button": button, "language": own.code}

    def _notice(self, kind: str, to: str, own: Language) -> Template:
        known = (kind, to, own.code)
        if known not in self._notices:
            *said, link = parts(kind, to)
            translated = PARTS.join([*(own.text(part) for part in said), link])
            self._notices[known] = self._plain.from_string(translated)
        return self._notices[known]


@cache
def parts(kind: str, to: str) -> tuple[str, ...]:
    """Title, what happened, what to do and link of a notice, as its file has them.

    Each of the first three is one text to translate, its placeholders and conditions included.
    """
    return tuple(part.strip() for part in (FOLDER / kind / f"{to}.txt").read_text().split(PARTS))


def one_line(value: Any) -> Any:
    """The value with every run of white space and control characters in its texts as one space."""
    if isinstance(value, str):
        return " ".join("".join(char if char.isprintable() else " " for char in value).split())
    if isinstance(value, Mapping):
        return {key: one_line(item) for key, item in value.items()}
    return [one_line(item) for item in value] if isinstance(value, list) else value


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=autoescape,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"moment": _moment, "money": _money, "words": _words}
    return environment


@pass_context
def _moment(context: Context, value: str) -> str:
    """In the reader's zone and language."""
    zone, own = context["zone"], context["language"]
    return str(own.moment(datetime.fromisoformat(value).astimezone(zone), zone.key))


@pass_context
def _money(context: Context, amount: int, currency: str) -> str:
    return str(context["language"].money(amount, currency))


@pass_context
def _words(context: Context, value: str) -> str:
    return str(context["language"].word(value))
