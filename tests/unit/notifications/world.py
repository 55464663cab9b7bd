"""People, events and fakes for the tests of notifications."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.domain.records import Contact, Notification
from services.notifications.usecases import Mail
from shared.data import read_yaml
from shared.envelope import CONTRACTS, Event

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    path.stem: read_yaml(path)["examples"] for path in CONTRACTS.glob("*.yml")
}


def event(type_: str, at: datetime = NOW, **changes: Any) -> Event:
    """The first example of the contract, changed."""
    data = {**EXAMPLES[type_][0], **changes}
    return Event("evt-1", type_, "test", "thing:1", at, data, 1, "cor-1")


def contact(id: str = "acc-kim", **changes: Any) -> Contact:
    known: dict[str, Any] = {
        "email": f"{id}@example.com",
        "name": "Kim Doe",
        "role": "candidate",
        "org_id": None,
        "locale": "en-GB",
        "time_zone": "Europe/Berlin",
        "created_at": NOW - timedelta(days=1),
    }
    return Contact(id, **{**known, **changes})


class Box:
    """Notifications in memory. `change` gives what is stored, as the store does."""

    def __init__(self, *stored: Notification) -> None:
        self.stored = {one.id: one for one in stored}

    def due(self, now: datetime) -> list[str]:
        found = [one for one in self.stored.values() if one.due_at and one.due_at <= now]
        return [one.id for one in found]

    def change(
        self, id: str, message: None, use_case: Callable[[Notification], object]
    ) -> Notification:
        use_case(self.stored[id])
        return self.stored[id]


class People:
    def __init__(self, *contacts: Contact) -> None:
        self._known = {one.id: one for one in contacts}

    def find(self, id: str) -> Contact | None:
        return self._known.get(id)


class Post:
    """A mailer that keeps what it is given, or raises what it is told to."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors, self.sent = list(errors), []

    sent: list[Mail]

    def send(self, mail: Mail) -> None:
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        self.sent.append(mail)
