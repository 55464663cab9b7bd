"""What the sandbox's webhooks look like: signed as Stripe's are, and what they mean to us."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from services.payments.domain import Notice
from services.payments.sandbox_bank import lines
from services.payments.sandbox_bank.lines import News
from shared.errors import Invalid

SIGNATURE = "Stint-Sandbox-Signature"
TOLERANCE = timedelta(seconds=300)
KINDS = {  # The beginning of an event's type, the longest first, and what it is about.
    "charge.dispute.": "chargeback",
    "charge.": "charge",
    "refund.": "refund",
    "transfer.": "transfer",
    "account.": "account",
    "payout.": "payout",
}
STANDING = {
    lines.NEEDS_RESPONSE: "opened",
    lines.UNDER_REVIEW: "opened",
    lines.WON: "won",
    lines.LOST: "lost",
}


def body_of(news: News, engagement_id: str, currency: str) -> bytes:
    """The event as it is sent. Its object is as it was then, which may have passed since."""
    key = "operation_key" if engagement_id else "account_key"
    thing = {
        "id": news.object_id,
        "amount": news.amount,
        "currency": currency.lower(),
        "status": news.status,
        "failure_code": news.code,
        "balance_transactions": [{"fee": fee} for fee in (news.fee, -news.fee_returned) if fee],
        "metadata": {"engagement_id": engagement_id, key: news.key},
    }
    event = {
        "id": news.id,
        "object": "event",
        "type": news.type,
        "created": int(news.at.timestamp()),
        "livemode": False,
        "simulated": True,
        "data": {"object": thing},
    }
    return orjson.dumps(event)


def sign(body: bytes, secret: str, at: datetime) -> str:
    """`t=<seconds>,v1=<HMAC-SHA256 of "t.body">`."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(body, secret, seconds)}"


def read(body: bytes, signature: str, secret: str, now: datetime) -> Notice:
    """Raises Invalid where it is not genuine, or too old to be believed."""
    _verify(body, signature, secret, now)
    try:
        return _notice(orjson.loads(body))
    except (ValueError, KeyError, TypeError) as exc:
        raise Invalid("hook-unreadable", "This webhook is none of the sandbox bank.") from exc


def _verify(body: bytes, signature: str, secret: str, now: datetime) -> None:
    parts = [part.partition("=") for part in signature.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    digests = [value for name, _, value in parts if name == "v1"]
    known = len(times) == 1 and times[0].isascii() and times[0].isdigit() and len(times[0]) < 12
    seconds = int(times[0]) if known else 0
    right = _digest(body, secret, seconds)
    genuine = [hmac.compare_digest(right.encode(), digest.encode()) for digest in digests]
    recent = abs(now.timestamp() - seconds) <= TOLERANCE.total_seconds()
    if not (known and recent and any(genuine)):
        raise Invalid("hook-signature-wrong", "The signature of this webhook is wrong or too old.")


def _digest(body: bytes, secret: str, seconds: int) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()


def _notice(event: dict[str, Any]) -> Notice:
    thing = event["data"]["object"]
    status, metadata = thing["status"], thing["metadata"]
    kind = next((kind for start, kind in KINDS.items() if event["type"].startswith(start)), "other")
    if kind == "chargeback" and status not in STANDING:
        kind = "other"  # An inquiry: nothing has moved.
    fees = [one["fee"] for one in thing.get("balance_transactions", ())]
    return Notice(
        id=event["id"],
        kind=kind,
        object_id=thing["id"],
        at=datetime.fromtimestamp(event["created"], UTC),
        engagement_id=metadata.get("engagement_id", ""),
        operation_key=metadata.get("operation_key", ""),
        account_key=metadata.get("account_key", ""),
        amount=thing["amount"],
        currency=thing["currency"].upper(),
        code=STANDING[status] if kind == "chargeback" else thing["failure_code"].replace("_", "-"),
        fee=sum(fee for fee in fees if fee > 0),
        fee_returned=-sum(fee for fee in fees if fee < 0),
    )
