"""The mail server: what it refuses for good, what it wants later, and what a mail looks like."""

import smtplib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notifications.config import Settings
from services.notifications.domain import links
from services.notifications.mailer import SmtpMailer, Templates
from services.notifications.usecases.sending import Mail
from services.notifications.usecases.telling import Words
from shared.errors import Invalid, Unavailable
from tests.unit.notifications.world import NOW, contact

KEY = "k" * 32
WORDS = Words("Grüße\r\nBcc: x@example.com", "What.", "Next.", "https://stint.example/x")


class Server:
    """An SMTP connection that keeps what it is sent, or raises."""

    def __init__(self, error: Exception | None = None, broken: bool = False) -> None:
        self.error, self.broken = error, broken
        self.messages: list[EmailMessage] = []
        self.calls: list[str] = []

    def send_message(self, message: EmailMessage) -> None:
        if self.error:
            raise self.error
        self.messages.append(message)

    def rset(self) -> None:
        self.calls.append("rset")
        if self.broken:
            raise smtplib.SMTPServerDisconnected

    def quit(self) -> None:
        self.calls.append("quit")
        raise smtplib.SMTPServerDisconnected

    def starttls(self) -> None:
        self.calls.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.calls.append(f"login {user} {password}")


def settings(**changes: Any) -> Settings:
    given: dict[str, Any] = {
        "environment": "development",
        "amqp_uri": "amqp://broker",
        "mongo_uri": "mongodb://database",
        "smtp_host": "mail.example",
        "smtp_port": 2525,
        "smtp_user": "",
        "smtp_password": "",
        "smtp_security": "none",
        "mail_from": "hello@stint.example",
        "web_url": "https://stint.example",
        "mail_lease": None,
    }
    return Settings(**{**given, **changes})


@pytest.fixture
def opened() -> list[tuple[str, str, int]]:
    return []


@pytest.fixture
def mailer(monkeypatch: pytest.MonkeyPatch, opened: list[tuple[str, str, int]]) -> Any:
    def make(server: Server, **changes: Any) -> SmtpMailer:
        for name in ("SMTP", "SMTP_SSL"):

            def connect(host: str, port: int, timeout: int, name: str = name) -> Server:
                opened.append((name, host, port))
                return server

            monkeypatch.setattr(smtplib, name, connect)
        given = {"public_url": "https://api.stint.example", "key": KEY}
        templates = Templates("https://stint.example", **given)
        return SmtpMailer(settings(**changes), templates, lambda: NOW)

    return make


def test_a_mail_has_text_html_and_an_id_that_stays_the_same(mailer: Any) -> None:
    server = Server()
    post = mailer(server)
    for _ in range(2):
        post.send(Mail("ntf-1", contact(name="Zoë\n<x@y.z>"), WORDS))
    raw = server.messages[0].as_bytes()
    parsed: Any = message_from_bytes(raw, policy=default)
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert parsed["Subject"] == "Grüße Bcc: x@example.com"
    assert parsed["Bcc"] is None
    assert [(one.display_name, one.addr_spec) for one in parsed["To"].addresses] == [
        ("Zoë <x@y.z>", "acc-kim@example.com")
    ]
    assert {message["Message-ID"] for message in server.messages} == {"<ntf-1@stint.example>"}
    assert parsed["Date"].datetime == NOW
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_can_be_turned_off_says_how_with_one_click(mailer: Any) -> None:
    server = Server()
    post = mailer(server)
    person = contact("acc-0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11")
    for kind in ("match.suggested", "account.registered", ""):
        post.send(Mail("ntf-1", person, WORDS, kind))
    optional, required, other = server.messages
    url = optional["List-Unsubscribe"].strip("<>")
    person_and_kind = links.read(KEY, url.rpartition("/")[2])
    assert url.startswith("https://api.stint.example/v1/unsubscribe/acc-0199b8c2")
    assert person_and_kind == (person.id, "match.suggested")
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in optional.as_bytes()  # In one line.
    assert optional["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in optional.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for message in (required, other):
        assert message["List-Unsubscribe"] is None
        assert "/v1/unsubscribe/" not in message.as_string()


def test_one_connection_serves_a_round(mailer: Any, opened: list[Any]) -> None:
    server = Server()
    post = mailer(server)
    post.send(Mail("ntf-1", contact(), WORDS))
    post.send(Mail("ntf-2", contact(), WORDS))
    post.close()
    post.close()
    assert opened == [("SMTP", "mail.example", 2525)]
    assert server.calls == ["quit"]
    post.send(Mail("ntf-3", contact(), WORDS))
    assert len(opened) == 2


def test_it_signs_in_over_tls_where_it_is_told_to(mailer: Any, opened: list[Any]) -> None:
    server = Server()
    signed = {"smtp_user": "stint", "smtp_password": "secret"}
    mailer(server, smtp_security="starttls", **signed).send(Mail("ntf-1", contact(), WORDS))
    mailer(server, smtp_security="tls").send(Mail("ntf-1", contact(), WORDS))
    assert server.calls == ["starttls", "login stint secret"]
    assert [name for name, _, _ in opened] == ["SMTP", "SMTP_SSL"]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), Invalid, "mail-refused"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), Unavailable, "mail-deferred"),
        (smtplib.SMTPRecipientsRefused({"a": (554, b"5.7.1 no relay")}), Invalid, "mail-rejected"),
        (smtplib.SMTPRecipientsRefused({"a": (552, b"5.2.2 full")}), Invalid, "mail-rejected"),
        (smtplib.SMTPDataError(554, b"spam"), Invalid, "mail-rejected"),
        (smtplib.SMTPDataError(451, b"later"), Unavailable, "mail-deferred"),
        (smtplib.SMTPSenderRefused(550, b"not you", "x"), Unavailable, "mail-server-away"),
        (smtplib.SMTPServerDisconnected("gone"), Unavailable, "mail-server-away"),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), Invalid, "address-unsupported"),
        (TimeoutError("slow"), Unavailable, "mail-server-away"),
        (ConnectionRefusedError("away"), Unavailable, "mail-server-away"),
    ],
)
@pytest.mark.parametrize("broken", [False, True])
def test_what_a_refusal_means(
    mailer: Any, error: Exception, kind: type, code: str, broken: bool
) -> None:
    with pytest.raises(kind) as raised:
        mailer(Server(error, broken)).send(Mail("ntf-1", contact(), WORDS))
    assert raised.value.code == code  # type: ignore[attr-defined]
    assert "@" not in raised.value.detail  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["no-address", "a@b\r\nBcc: c@d.e", "", "a@b@c"])
def test_what_is_no_address_is_refused_here(mailer: Any, address: str) -> None:
    with pytest.raises(Invalid, match="mailbox"):
        mailer(Server()).send(Mail("ntf-1", contact(email=address), WORDS))
