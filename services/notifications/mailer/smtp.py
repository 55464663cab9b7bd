"""The mail server that takes the letters, and what its refusals mean."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from services.notifications.config import Settings
from services.notifications.domain.bounces import Outcome, outcome
from services.notifications.mailer.templates import Templates, one_line
from services.notifications.usecases.sending import NO_MAILBOX, SERVER_AWAY, Mail
from shared.errors import Invalid, Unavailable

TIMEOUT = 10  # seconds
PERMANENT = range(500, 600)


class Unfolded(UnstructuredHeader, BaseHeader):
    """A header in one line: a long link that is folded becomes encoded words, which no mail
    program follows."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", Unfolded)
POLICY = SMTP.clone(header_factory=HEADERS)


class SmtpMailer:
    """Keeps a connection for a round of mails; `close` ends it."""

    def __init__(
        self, settings: Settings, templates: Templates, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._templates, self._now = settings, templates, now
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> None:
        """Hand it to the server. Raises Invalid where the server refuses it for good
        (`mail-refused`: there is no such mailbox), and Unavailable to try again later
        (`mail-server-away` where it is not this mail's fault)."""
        message = self._message(mail)
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as exc:
            self._reset()
            code, said = max(exc.recipients.values())
            raise _refused(code, said, of_address=True) from None
        except smtplib.SMTPDataError as exc:
            self._reset()
            raise _refused(exc.smtp_code, exc.smtp_error) from None
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
        message = EmailMessage(policy=POLICY)
        try:
            message["To"] = Address(one_line(mail.to.name), addr_spec=mail.to.email)
        except Exception:  # noqa: BLE001 (the parser of addresses raises whatever it stumbles over)
            raise Invalid("address-invalid", "This is no address of a mailbox.") from None
        message["From"] = Address("Stint", addr_spec=sender)
        message["Subject"] = one_line(mail.words.title)
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = f"<{mail.message_id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if url := self._templates.unsubscribe_url(mail):
            message["List-Unsubscribe"] = f"<{url}>"  # RFC 2369; with the next line RFC 8058.
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        return message


def _refused(code: int, said: bytes | str, *, of_address: bool = False) -> Invalid | Unavailable:
    """A refusal of the mail itself, or by a policy, says nothing about the mailbox."""
    if code not in PERMANENT:
        return Unavailable("mail-deferred", f"The mail server wants it later ({code}).")
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    if of_address and outcome(text, code) is Outcome.HARD:
        return Invalid(NO_MAILBOX, f"The mail server knows no such mailbox ({code}).")
    return Invalid("mail-rejected", f"The mail server refused it for good ({code}).")
