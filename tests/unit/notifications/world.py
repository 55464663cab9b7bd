"""People, events and fakes for the tests of notifications."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.domain.records import Contact
from services.notifications.usecases.sending import Mail
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
    """Records in memory. `change` gives what is stored, as the store does."""

    def __init__(self, *stored: Any) -> None:
        self.stored: dict[str, Any] = {one.id: one for one in stored}
        self.handled: set[tuple[str, str]] = set()

    def due(self, now: datetime) -> list[str]:
        found = [one for one in self.stored.values() if one.due_at and one.due_at <= now]
        return [one.id for one in found]

    def find(self, id: str) -> Any:
        return self.stored.get(id)

    def change(
        self,
        id: str,
        message: Any,
        use_case: Callable[[Any], object],
        *,
        new: Callable[[], Any] | None = None,
    ) -> Any:
        """A message is handled once for each record, as in the database."""
        if id not in self.stored:
            assert new is not None, id
            self.stored[id] = new()
        known = (id, message.id) if message else None
        if known is None or known not in self.handled:
            use_case(self.stored[id])
            self.handled |= {known} if known else set()
        return self.stored[id]


def People(*contacts: Contact) -> Box:  # noqa: N802 (a box of them)
    return Box(*contacts)


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
