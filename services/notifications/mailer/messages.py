"""What there is to translate: every part of every notice, the letters, and the words in them.

Needed by translators and tests, never while mails are written.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from jinja2 import Environment

from services.notifications.domain.audience import Audience
from services.notifications.domain.letters import FOLDER as OF_ACCOUNTS
from services.notifications.domain.letters import LETTERS as ACCOUNTS
from services.notifications.domain.notices import KINDS, NOTICES
from services.notifications.mailer.languages import FOLDER as LOCALE
from services.notifications.mailer.languages import MOMENT, WORD
from services.notifications.mailer.templates import (
    ASKS,
    DIGEST_TITLES,
    DONE,
    FOLDER,
    SIMULATED,
    parts,
)

if TYPE_CHECKING:
    from babel.messages import Catalog

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Stint\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
LETTERS = ("letter.txt", "letter.html", "digest.txt", "digest.html", "footer.html")
# Reasons, states and the like, as the services spell them; others are shown as they are.
SLUGS = (
    *("accepted", "account closed", "account restricted", "apply by", "authentication required"),
    *("budget", "by agreement", "candidate", "candidate unresponsive", "candidate withdrew"),
    *("card declined", "channel", "check ins", "clock", "communication", "company"),
    *("company cancelled", "company unresponsive", "contract", "contract ended", "culture"),
    *("decision", "declined", "deliverables", "digest", "dispute resolved", "done", "dropped"),
    *("due at", "email verified", "engagement cancelled", "evaluator", "expired"),
    *("expired card", "expired or canceled card"),
    *("fee amount", "follow on project", "fraud", "full time", "goodwill", "hour", "hours"),
    *("illness", "in progress", "inappropriate behaviour", "insufficient funds", "internship"),
    *("issued in error", "kickoff missed", "location", "lost", "lost or stolen card"),
    *("misconduct", "month"),
    *("no decision", "no payment method", "no show", "no start", "no word", "non payment"),
    *("not a fit", "not about the work", "not my fault", "operator", "other", "other offer"),
    *("owner", "recruiter"),
    *("part time", "pay", "performance", "personal", "planned", "plans changed"),
    *("position cancelled", "position filled", "problem solving", "processing error", "project"),
    *(
        "quality",
        "refund",
        "refund failed",
        "requirements",
        "resigned",
        "scope",
        "silence",
        "skills",
        "summary",
    ),
    *("terms broken", "timing", "title", "trusted", "unfunded", "unmet expectations", "untrue"),
    *("unverified", "verified", "weeks", "withdrawn", "won", "work ethic", "work not as agreed"),
    "year",
)


def texts() -> list[str]:
    """Every English text, once, in the order of the notices."""
    notices = [
        text
        for kind, of in sorted(NOTICES.items())
        for notice in of
        for text in parts(kind, Audience(notice.to))[:3]
    ]
    letters = [text for kind in ACCOUNTS for text in parts(OF_ACCOUNTS, kind)[:3]]
    around = [*DIGEST_TITLES.values(), *ASKS, *DONE, SIMULATED, MOMENT]
    return list(
        dict.fromkeys([*_of_letters(), *(one for one in around if one), *letters, *notices])
    )


def words() -> list[str]:
    """Single words: reasons and states, and the names of the kinds."""
    return sorted({*SLUGS, *(kind.replace(".", " ").replace("-", " ") for kind in KINDS)})


def untranslated(code: str) -> list[str]:
    """What this language lacks."""
    known = _catalog(code)
    missing = [text for text in texts() if not _translation(known, text)]
    return missing + [word for word in words() if not _translation(known, word, WORD)]


def with_missing(code: str) -> str:
    """The catalogue as a file: all that there is to say, and how this language says it."""
    from babel.messages import Catalog
    from babel.messages.pofile import write_po

    known, new = _catalog(code), Catalog(locale=code)
    for text in texts():
        new.add(text, _translation(known, text))
    for word in words():
        new.add(word, _translation(known, word, WORD), context=WORD)
    written = BytesIO()
    write_po(written, new, width=0, omit_header=True)
    return f"{HEADER.format(code=code)}\n{written.getvalue().decode().strip()}\n"


def _catalog(code: str) -> "Catalog":
    from babel.messages import Catalog
    from babel.messages.pofile import read_po

    file = LOCALE / f"{code}.po"
    if not file.exists():
        return Catalog(locale=code)
    with file.open("rb") as opened:
        return read_po(opened, locale=code)


def _translation(known: "Catalog", text: str, context: str | None = None) -> str:
    found = known.get(text, context=context)
    return str(found.string) if found and found.string else ""


def _of_letters() -> list[str]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    return [
        str(message[0] if isinstance(message, tuple) else message)
        for name in LETTERS
        for _, _, message in environment.extract_translations(  # type: ignore[attr-defined]
            (FOLDER / name).read_text()
        )
    ]
