"""Mail: the words of each notice, the letter around them, and the server that takes it."""

import smtplib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from services.notifications.config import Settings
from services.notifications.domain.audience import Audience
from services.notifications.usecases import SERVER_AWAY, Mail, Words
from shared.errors import Invalid, Unavailable
from shared.money import Money

FOLDER = Path(__file__).parent / "templates"
PARTS = "\n---\n"
TIMEOUT = 10  # seconds
MONEY = ("payment.", "payout.", "payout-account.", "dispute.")
SIMULATED = "These are simulated funds: no real money has moved."
PERMANENT = range(500, 600)


class Templates:
    """Writes notices and letters; facts are cleaned of line breaks, so that none forges a part.

    What tells of money says so where it is `simulated`.
    """

    def __init__(self, web_url: str, simulated: bool = False) -> None:
        self._web_url, self._simulated = web_url.rstrip("/"), simulated
        self._plain = _environment(autoescape=False)
        self._html = _environment(autoescape=True)
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False)

    def write(self, kind: str, to: Audience, facts: Mapping[str, Any], zone: str) -> Words:
        """The notice for this audience, times in the zone (UTC where there is no such zone)."""
        template = self._plain.get_template(f"{kind}/{to}.txt")
        text = template.render(**one_line(facts), zone=_zone(zone))
        title, what, next_, link = (" ".join(part.split()) for part in text.split(PARTS))
        if self._simulated and kind.startswith(MONEY):
            what = f"{what} {SIMULATED}"
        return Words(title, what, next_, f"{self._web_url}{link}")

    def letter(self, mail: Mail) -> tuple[str, str]:
        """The mail's text and its HTML."""
        facts = {
            **asdict(mail.words),
            "name": one_line(mail.to.name),
            "language": mail.to.locale.partition("-")[0] or "en",
            "preferences": f"{self._web_url}/preferences",
        }
        text = self._plain.get_template("letter.txt").render(facts)
        html = self._html.get_template("letter.html").render(facts)
        return text, self._inliner.inline(html)


class SmtpMailer:
    """Keeps a connection for a round of mails; `close` ends it."""

    def __init__(
        self, settings: Settings, templates: Templates, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._templates, self._now = settings, templates, now
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        """Hand it to the server. Raises Invalid where the server refuses the address for good, and
        Unavailable to try again later (`mail-server-away` where it is not this mail's fault)."""
        message = self._message(mail)
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as exc:
            self._reset()
            raise _refused(max(code for code, _ in exc.recipients.values())) from None
        except smtplib.SMTPDataError as exc:
            self._reset()
            raise _refused(exc.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            sentence = "The mail server takes only addresses in ASCII."
            raise Invalid("address-unsupported", sentence) from None
        except (smtplib.SMTPException, OSError) as exc:
            self.close()
            raise Unavailable(SERVER_AWAY, f"The mail server: {type(exc).__name__}.") from None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _reset(self) -> None:
        try:
            assert self._connection is not None
            self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        kind = smtplib.SMTP_SSL if settings.smtp_security == "tls" else smtplib.SMTP
        connection = kind(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT)
        if settings.smtp_security == "starttls":
            connection.starttls()
        if settings.smtp_user:
            connection.login(settings.smtp_user, settings.smtp_password)
        return connection

    def _message(self, mail: Mail) -> EmailMessage:
        """Raises Invalid where the address cannot stand in a header."""
        sender = self._settings.mail_from
        text, html = self._templates.letter(mail)
        message = EmailMessage(policy=SMTP)
        try:
            message["To"] = Address(one_line(mail.to.name), addr_spec=mail.to.email)
        except Exception:  # noqa: BLE001 (the parser of addresses raises whatever it stumbles over)
            raise Invalid("address-invalid", "This is no address of a mailbox.") from None
        message["From"] = Address("Stint", addr_spec=sender)
        message["Subject"] = one_line(mail.words.title)
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = f"<{mail.message_id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        return message


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
    environment.filters |= {"moment": moment, "money": money, "words": words}
    return environment


@pass_context
def moment(context: Context, value: str) -> str:
    """`Tuesday 3 March 2026, 14:00 (Europe/Berlin)`, in the reader's zone."""
    zone = context["zone"]
    local = datetime.fromisoformat(value).astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone.key})"


def money(amount: int, currency: str) -> str:
    return str(Money(amount, currency))


def words(value: str) -> str:
    """`card-declined` as people say it."""
    return value.replace("-", " ").replace("_", " ")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # Not found, a folder, or no name of a zone.
        return ZoneInfo("UTC")


def _refused(code: int) -> Invalid | Unavailable:
    if code in PERMANENT:
        return Invalid("mail-refused", f"The mail server refused it for good ({code}).")
    return Unavailable("mail-deferred", f"The mail server wants it later ({code}).")
