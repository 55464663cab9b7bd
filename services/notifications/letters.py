"""Letters that the gateway has sent to one address: proofs of a mailbox, and news of an account.

Recorded first and sent like any mail. What a letter proves is in its link: that is gone from here
as soon as the letter was sent or is no longer good, and was never in an event or in a log.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.notifications.domain.letters import FOLDER
from services.notifications.domain.posting import (
    FIRST_WAIT,
    GIVE_UP_AFTER,
    LONGEST_WAIT,
    MailStatus,
)
from services.notifications.domain.records import Contact
from services.notifications.usecases.sending import SERVER_AWAY, Mail, Mailer
from services.notifications.usecases.telling import Words
from shared.errors import Invalid, Unavailable
from shared.platform import Platform

KEPT = timedelta(days=30)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
AT_ONCE = 100
SETTLED = {"link": "", "due_at": "", "holder": ""}  # What a letter loses that is sent or dropped.
Record = dict[str, Any]


class Writer(Protocol):
    """Puts a letter into words; its link leads to the frontend."""

    def write(
        self, kind: str, to: Any, facts: Mapping[str, Any], zone: str, locale: str
    ) -> Words: ...


class Letters:
    """The letters, and the sending of those that are due: each by one process only."""

    def __init__(self, platform: Platform, writer: Writer, holder: str, lease: timedelta) -> None:
        self._collection: Collection[Record] = platform.database["letters"]
        self._writer, self._now = writer, platform.now
        self._holder, self._lease = holder, lease
        platform.stores.append(self)  # type: ignore[arg-type]  # For the sake of its indexes.

    def ensure_indexes(self) -> None:
        self._collection.create_index([("due_at", 1)], sparse=True)
        self._collection.create_index("forget_at", expireAfterSeconds=0)

    def forget(self, address: str) -> None:
        """Whose it was, they are erased."""
        self._collection.delete_many({"to": address})

    def record(self, given: Mapping[str, Any]) -> None:
        """Keep it for the sender; one that is there already stays as it is."""
        now, until = self._now(), given["expires_at"]
        facts = {**given["facts"], "expires_at": (until or now).isoformat()}
        zone, locale = given["time_zone"], given["locale"]
        words = self._writer.write(FOLDER, given["kind"], facts, zone, locale)
        record = {
            "_id": given["letter_id"],
            **{name: given[name] for name in ("kind", "to", "name", "locale", "expires_at")},
            **{name: getattr(words, name) for name in ("title", "what", "next", "link")},
            "mail": str(MailStatus.PENDING),
            "attempts": 0,
            "created_at": now,
            "due_at": now,
            "forget_at": now + KEPT,
        }
        try:
            self._collection.insert_one(record)
        except DuplicateKeyError:
            return

    def due(self) -> list[str]:
        """Those to be sent now, the longest overdue first."""
        overdue = {"due_at": {"$gt": EARLIEST, "$lte": self._now()}}
        found = self._collection.find(overdue, {"_id": 1}).sort("due_at", 1).limit(AT_ONCE)
        return [one["_id"] for one in found]

    def send(self, ids: Iterable[str], mailer: Mailer) -> int:
        """Send these, as far as they are due; how many were sent. Ends where the server is away."""
        sent = 0
        for id_ in ids:
            claimed = self._claim(id_)
            if claimed is None:
                continue
            try:
                sent += self._send(claimed, mailer)
            except Unavailable as exc:
                self._postpone(claimed, exc.code)
                if exc.code == SERVER_AWAY:
                    break  # The rest of the round would only wait.
        return sent

    def _claim(self, id_: str) -> Record | None:
        now = self._now()
        change = {
            "$set": {"holder": self._holder, "due_at": now + self._lease},
            "$inc": {"attempts": 1},
        }
        wanted = {"_id": id_, "due_at": {"$gt": EARLIEST, "$lte": now}}
        if not self._collection.update_one(wanted, change).modified_count:
            return None
        return self._collection.find_one({"_id": id_, "holder": self._holder})

    def _send(self, letter: Record, mailer: Mailer) -> bool:
        """Raises Unavailable to try again later."""
        if letter["expires_at"] and letter["expires_at"] <= self._now():
            return self._settle(letter, MailStatus.FAILED, "expired")
        words = Words(letter["title"], letter["what"], letter["next"], letter["link"])
        try:
            mailer.send(Mail(letter["_id"], _addressee(letter), words))
        except Invalid as exc:
            return self._settle(letter, MailStatus.FAILED, exc.code)
        return self._settle(letter, MailStatus.SENT, None)

    def _settle(self, letter: Record, status: MailStatus, failure: str | None) -> bool:
        """Whether it was sent; its link is forgotten either way."""
        told = {"mail": str(status), "failure": failure, "settled_at": self._now()}
        self._collection.update_one({"_id": letter["_id"]}, {"$set": told, "$unset": SETTLED})
        return status is MailStatus.SENT

    def _postpone(self, letter: Record, code: str) -> None:
        now = self._now()
        if now - letter["created_at"] >= GIVE_UP_AFTER:
            self._settle(letter, MailStatus.FAILED, code)
            return
        wait = min(FIRST_WAIT * 2 ** min(letter["attempts"] - 1, 10), LONGEST_WAIT)
        change: Record = {"due_at": now + wait, "failure": code}
        self._collection.update_one(
            {"_id": letter["_id"], "holder": self._holder}, {"$set": change}
        )


def _addressee(letter: Record) -> Contact:
    """Whose mailbox it is; not always that of somebody who is known here."""
    return Contact(
        id=letter["_id"],
        email=letter["to"],
        name=letter["name"],
        role="",
        org_id=None,
        locale=letter["locale"],
        time_zone="UTC",
        created_at=letter["created_at"],
    )
