"""What comes back: refusals of the mail server, reports of delivery (RFC 3464) and abuse (5965)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from enum import StrEnum
from uuid import UUID, uuid5

NAMESPACE = UUID("1b0c3c53-6d0b-4a0e-8a2c-0f4f2c0f6d3e")
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
BAD_ADDRESS = (550, 551, 553)  # What a server says without an enhanced code.


class Outcome(StrEnum):
    HARD = "hard-bounce"
    SOFT = "soft-bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Report:
    """One mail that came back; `message_id` without brackets and host, where it is told."""

    outcome: Outcome
    address: str
    message_id: str = ""
    code: str = ""
    given_id: str = ""

    @property
    def id(self) -> str:
        """The same however often it is told."""
        known = self.given_id or f"{self.message_id}|{self.address}|{self.outcome}|{self.code}"
        return str(uuid5(NAMESPACE, known))


def outcome(text: str, code: int = 0) -> Outcome:
    """What a refusal says of the address, by RFC 3463 where the server speaks it.

    Only what is about the mailbox itself is hard: a policy (5.7) or a full disk may pass.
    """
    if found := ENHANCED.search(text):
        family, subject, detail = found.groups()
        full = (subject, detail) == ("2", "2")
        hard = family == "5" and subject in ("1", "2") and not full
        return Outcome.HARD if hard else Outcome.SOFT
    return Outcome.HARD if code in BAD_ADDRESS else Outcome.SOFT


def bare_id(message_id: str) -> str:
    """`<id@host>` as the id that we gave."""
    return message_id.strip().strip("<>").partition("@")[0]


def reports(body: bytes) -> list[Report] | None:
    """The failures and complaints in a report that came as a mail; None where it is no report."""
    mail = message_from_bytes(body)
    if mail.get_content_type() != "multipart/report":
        return None
    parts = list(mail.walk())
    about = next((id_ for part in parts if (id_ := _original(part))), "")
    found = [one for part in parts for one in _of(part, about)]
    return list(dict.fromkeys(found))


def _of(part: Message, about: str) -> Iterator[Report]:
    blocks = _inner(part)
    if part.get_content_type() == "message/delivery-status":
        for block in blocks:
            yield from _failed(block, about)
    elif part.get_content_type() == "message/feedback-report":
        for block in blocks:
            address = _address(block.get("Original-Rcpt-To", ""))
            yield Report(Outcome.COMPLAINT, address, about, block.get("Feedback-Type", "abuse"))


def _failed(block: Message, about: str) -> Iterator[Report]:
    """A recipient's block; `delayed`, `relayed` and `delivered` are no failures."""
    if str(block.get("Action", "")).strip().lower() != "failed":
        return
    status = str(block.get("Status", "")).strip()
    told = block.get("Original-Recipient") or block.get("Final-Recipient") or ""
    yield Report(outcome(status), _address(told), about, status)


def _inner(part: Message) -> list[Message]:
    inside = part.get_payload()
    return [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []


def _address(field: str) -> str:
    """`rfc822; <kim@example.com>` as the address."""
    return str(field).rpartition(";")[2].strip().strip("<>").lower()


def _original(part: Message) -> str:
    """The Message-ID of the mail that a report is about."""
    if part.get_content_type() == "text/rfc822-headers":
        text = part.get_payload(decode=True)
        head = message_from_string(text.decode(errors="replace") if isinstance(text, bytes) else "")
        return bare_id(str(head.get("Message-ID", "")))
    if part.get_content_type() == "message/rfc822":
        return next((bare_id(str(one.get("Message-ID", ""))) for one in _inner(part)), "")
    return ""
