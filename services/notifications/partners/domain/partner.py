"""Partners and their endpoints: who hears of what, where it is sent, and with which secrets."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.events import EndpointDisabled, Event
from services.notifications.partners.domain.public import EVERYBODY, PublicEvent, wanted
from services.notifications.partners.domain.shapes import TYPES
from shared.errors import Conflict, Invalid, NotFound

MOST_ENDPOINTS = 5
GRAVES = 20  # Removed endpoints that are remembered, for their deliveries' sake.
MOST_SECRETS = 2
SECRET_BYTES = 32
FAILING_FOR = timedelta(days=5)
FEWEST_FAILURES = 10  # Minutes in which something failed: one event's bad luck is not enough.
MINUTE = timedelta(minutes=1)


class Status(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"  # Endpoints only.


@dataclass(frozen=True)
class Secret:
    """What signs; an older one does so beside the newest until it expires."""

    id: str
    value: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None

    def signs(self, now: datetime) -> bool:
        return self.expires_at is None or self.expires_at > now


@dataclass
class Endpoint:
    """Where events are posted to; `since` is when it was made or enabled last.

    `failing_since` is the first failure after the last success.
    """

    id: str
    url: str
    created_at: datetime
    since: datetime
    kinds: list[str] = field(default_factory=list)
    status: Status = Status.ACTIVE
    reason: str | None = None
    secrets: list[Secret] = field(default_factory=list)
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0

    def takes(self, type: str, at: datetime) -> bool:
        """Whether an event of this type and time is sent here by itself."""
        active = self.status is Status.ACTIVE and at >= self.since
        return active and wanted(type, self.kinds)

    def signing(self, now: datetime) -> list[str]:
        """The secrets in use, the newest first."""
        return [one.value for one in reversed(self.secrets) if one.signs(now)]

    def made_by(self, call_id: str) -> Secret:
        """The secret that this call made; raises Conflict where it is gone again."""
        for one in self.secrets:
            if one.id == f"sec-{call_id}":
                return one
        raise Conflict("secret-not-shown", "That secret is replaced already: rotate again.")

    def is_healthy(self) -> bool:
        return self.failing_since is None

    def change_status(self, status: Status, now: datetime) -> None:
        """By its owner's hand; who enables it again starts with a clean record."""
        if status is not self.status and status is Status.ACTIVE:
            self.since = now
            self.succeeded()
        self.status, self.reason = status, None if status is Status.ACTIVE else "owner"

    def rotate(self, secret: Secret, overlap: timedelta) -> None:
        """Sign with a new secret, and for so long with the one before it as well."""
        now = secret.created_at
        current = [one for one in self.secrets if one.signs(now)]
        if len(current) >= MOST_SECRETS and overlap:
            raise Conflict("rotation-running", "The secret before the last one is still in use.")
        newest = current[-1]
        kept = [Secret(newest.id, newest.value, newest.created_at, now + overlap)]
        self.secrets = [*(kept if overlap else []), secret]

    def succeeded(self) -> None:
        self.failing_since, self.failed_at, self.failures = None, None, 0

    def failed(self, now: datetime) -> bool:
        """Note it, once a minute at most; true where it has failed for so long that it ends."""
        if self.failed_at is not None and now < self.failed_at + MINUTE:
            return False
        self.failing_since, self.failed_at = self.failing_since or now, now
        self.failures += 1
        return now - self.failing_since >= FAILING_FOR and self.failures >= FEWEST_FAILURES


@dataclass
class Partner:
    """A subscriber that belongs to an organisation, or to the account of a partner.

    Its endpoints are part of it, so that their number is bounded by one conditional save.
    """

    id: str
    name: str
    created_at: datetime
    org_id: str | None = None
    account_id: str | None = None
    kinds: list[str] = field(default_factory=list)
    status: Status = Status.ACTIVE
    endpoints: list[Endpoint] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def hears(self, event: PublicEvent) -> bool:
        """Whether this event is for it: its own, of a kind it wants, and of its time."""
        keys = [f"org:{self.org_id}"] if self.org_id else [f"person:{self.account_id}", EVERYBODY]
        ours = any(event.is_for(key, self.id) for key in keys)
        known = self.status is Status.ACTIVE and event.time >= self.created_at
        return ours and known and wanted(event.type, self.kinds)

    def change(
        self, *, name: str | None, kinds: Sequence[str] | None, status: Status | None
    ) -> None:
        """Change what is given; raises Invalid."""
        self.name = self.name if name is None else name
        self.kinds = self.kinds if kinds is None else chosen(kinds)
        self.status = self.status if status is None else status

    def erase(self) -> None:
        """Its owner is no more: what they called it and where it was sent goes with them."""
        self.status, self.name = Status.DISABLED, "erased"
        for endpoint in self.endpoints:
            self.remove_endpoint(endpoint.id)
            endpoint.url = ""

    def add_endpoint(self, endpoint: Endpoint) -> None:
        """Raises Conflict where there are as many as there may be."""
        living = [one for one in self.endpoints if one.status is not Status.REMOVED]
        if len(living) >= MOST_ENDPOINTS:
            raise Conflict("too-many-endpoints", f"A partner has at most {MOST_ENDPOINTS}.")
        dead = [one for one in self.endpoints if one.status is Status.REMOVED]
        self.endpoints = [*dead[-GRAVES:], *living, endpoint]

    def endpoint(self, id: str) -> Endpoint:
        """Also one that was removed; raises NotFound."""
        for one in self.endpoints:
            if one.id == id:
                return one
        raise NotFound("endpoint-not-found", "This partner has no such endpoint.")

    def living(self, id: str) -> Endpoint:
        """Raises NotFound, and Conflict where it was removed."""
        found = self.endpoint(id)
        if found.status is Status.REMOVED:
            raise Conflict("endpoint-removed", "This endpoint was removed.")
        return found

    def change_endpoint(
        self,
        id: str,
        now: datetime,
        *,
        url: str | None,
        kinds: Sequence[str] | None,
        status: Status | None,
    ) -> None:
        """Change what is given."""
        found = self.living(id)
        if url is not None and url != found.url:
            found.url = url
            found.succeeded()  # What another address did is not held against this one.
        found.kinds = found.kinds if kinds is None else chosen(kinds)
        if status is not None:
            found.change_status(status, now)

    def remove_endpoint(self, id: str) -> None:
        """Its deliveries stay readable; its secrets go. Again without harm."""
        found = self.endpoint(id)
        found.status, found.reason, found.secrets = Status.REMOVED, None, []

    def disable_endpoint(self, id: str, reason: str) -> None:
        """We send nothing more, and tell its owner; for an active one only."""
        found = self.endpoint(id)
        if found.status is not Status.ACTIVE:
            return
        found.status, found.reason = Status.DISABLED, reason
        self.events.append(EndpointDisabled(id, self.id, reason, self.org_id, self.account_id))

    def endpoint_failed(self, id: str, now: datetime) -> None:
        if self.endpoint(id).failed(now):
            self.disable_endpoint(id, "failing")

    def endpoint_succeeded(self, id: str) -> None:
        self.endpoint(id).succeeded()


def chosen(kinds: Sequence[str]) -> list[str]:
    """Each kind once, in order; raises Invalid naming those that do not exist."""
    wrong = {
        f"kinds.{at}": "There is no such public event."
        for at, kind in enumerate(kinds)
        if kind not in TYPES
    }
    if wrong:
        raise Invalid("kinds-unknown", "Some of the kinds do not exist.", wrong)
    return list(dict.fromkeys(kinds))


def new_secret(call_id: str, material: bytes, now: datetime) -> Secret:
    """As Standard Webhooks writes it: `whsec_` and base64."""
    return Secret(f"sec-{call_id}", "whsec_" + base64.b64encode(material).decode(), now)
