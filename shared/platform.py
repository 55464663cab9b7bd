"""What a service's process has: settings, clock, database, relay and the stores built on them."""

from typing import TYPE_CHECKING, Any

import mongoengine
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.uri_parser import parse_uri

from shared import clock
from shared.clock import Clock
from shared.config import Common
from shared.relay import Relay

if TYPE_CHECKING:
    from shared.store import Store

# pymongo waits for ever on a socket unless told otherwise. The address may set any of these itself.
CONNECTION = {
    "connectTimeoutMS": 5_000,
    "journal": True,
    "retryWrites": False,
    "serverSelectionTimeoutMS": 5_000,
    "socketTimeoutMS": 10_000,
    "waitQueueTimeoutMS": 5_000,
}


class Platform:
    """One per process and service; build it after `eventlet.monkey_patch()` in a real process.

    `prepare()` is enough to load and save; `start()` also announces, which needs patched sockets.
    """

    def __init__(
        self, settings: Common, service: str, *, now: Clock = clock.now, relay: Relay | None = None
    ) -> None:
        self.settings, self.service, self.now = settings, service, now
        self.relay = relay or Relay(settings.amqp_uri)
        self.stores: list[Store[Any]] = []
        self.client: MongoClient[dict[str, Any]] = connect(settings.mongo_uri)
        self.database = self.client[f"{settings.database_prefix}_{service}"]
        self._lend_to_mongoengine()

    def register(self, store: "Store[Any]") -> None:
        """Called by each store: its indexes are set up, its outboxes trimmed and swept."""
        self.stores.append(store)
        self.relay.attach(store.outbox)

    @property
    def one_log(self) -> bool:
        """Whether the database is one server, so that all its writes are in one log, in order."""
        found = self.client.topology_description.server_descriptions().values()
        return [server.server_type_name for server in found] == ["Standalone"]

    def prepare(self) -> None:
        """Set up the indexes of every store; idempotent."""
        for store in self.stores:
            store.ensure_indexes()

    def start(self) -> None:
        """Prepare, then announce what the outboxes hold."""
        self.prepare()
        self.relay.start()

    def stop(self, limit: float = 5.0) -> None:
        """Announce what is left, for `limit` seconds at most, then close the connections."""
        self.relay.stop(limit)
        self.client.close()

    def _lend_to_mongoengine(self) -> None:
        """Documents use the same client; a database named in the address is for signing in only."""
        mongoengine.disconnect()
        mongoengine.connect(
            db=self.database.name,
            mongo_client_class=lambda **_: _Lent(self.client),
            uuidRepresentation="standard",
        )


class _Lent:
    """A client that mongoengine may use but not close: other platforms may live here too."""

    def __init__(self, client: MongoClient[dict[str, Any]]) -> None:
        self._client = client

    def __getitem__(self, name: str) -> Database[dict[str, Any]]:
        return self._client[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def close(self) -> None:
        """`Platform.stop` closes it."""


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    """A client whose every wait is bounded and whose acknowledged writes survive a crash."""
    named = {option.lower() for option in parse_uri(uri)["options"]}
    defaults: dict[str, Any] = {
        name: value for name, value in CONNECTION.items() if name.lower() not in named
    }
    return MongoClient(uri, tz_aware=True, uuidRepresentation="standard", **defaults)
