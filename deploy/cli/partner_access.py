"""What partners may do on the broker: their vhost, a stream each, and two users that read it.

A partner has the users `partner.<id>.a` and `.b`, so that a new password works beside the one in
use until the partner has changed over. Neither may declare, bind or publish anything.
"""

import hashlib
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import click
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from deploy.cli.main import Refusal
from deploy.cli.management import Management
from shared.config import Broker
from shared.partner_bus import EXCHANGE, PUBLIC, address, stream, stream_name, vhost_of
from shared.topology import Mismatch, Topology, apply

Row = Mapping[str, Any]
NOTHING = "^$"
LIMITS = {"max-connections": 5, "max-channels": 20}
USER = re.compile(r"partner\.([A-Za-z0-9_-]+)\.([ab])")
ISSUED = "issued-"  # The tag that tells which of two passwords is the newer; no right comes of it.


@dataclass(frozen=True)
class User:
    """One of a partner's two; `issued` in milliseconds since 1970."""

    partner_id: str
    slot: str
    issued: int

    @property
    def name(self) -> str:
        return f"{stream_name(self.partner_id)}.{self.slot}"


class Access:
    """Gives and takes access, through the management API."""

    def __init__(self, broker: Broker) -> None:
        if not broker.management_uri:
            raise Refusal("partners' users need MANAGEMENT_URI, the broker's management API")
        self.uri = address(broker.amqp_uri, broker.partners_amqp_uri)
        self.vhost = vhost_of(self.uri)
        self._at = quote(self.vhost, safe="")
        self.user = unquote(urlsplit(self.uri).username or "guest")
        self.api = Management(broker.management_uri, broker.amqp_uri)

    def make_vhost(self) -> None:
        """The vhost, in which the platform's own user may do everything."""
        self.api.put(f"vhosts/{self._at}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.api.put(f"permissions/{self._at}/{quote(self.user, safe='')}", everything)

    def make_stream(self, partner_id: str) -> None:
        """The partner's queue, filled with what is published under its id."""
        apply(self.uri, Topology((EXCHANGE,), (stream(partner_id),)))

    def users(self) -> list[User]:
        """Those of all partners, each partner's older one first."""
        found = []
        for one in self.api.get("users"):
            if match := USER.fullmatch(one["name"]):
                found.append(User(match[1], match[2], _issued(one["tags"])))
        return sorted(found, key=lambda user: (user.partner_id, user.issued))

    def issue(self, partner_id: str, slot: str) -> tuple[User, str]:
        """A user with a new password; who used this slot's old one is cut off."""
        user = User(partner_id, slot, time.time_ns() // 1_000_000)
        self.remove(user)
        password = secrets.token_urlsafe(32)
        self.api.put(f"users/{user.name}", _secret(password) | {"tags": f"{ISSUED}{user.issued}"})
        self.bound(user)
        return user, password

    def bound(self, user: User) -> None:
        """Let a user do what partners may, and no more: the rights come last."""
        for name, value in LIMITS.items():
            self.api.put(f"user-limits/{user.name}/{name}", {"value": value})
        own = {"exchange": PUBLIC, **topic_rights(user.partner_id)}
        self.api.put(f"topic-permissions/{self._at}/{user.name}", own)
        self.api.put(f"permissions/{self._at}/{user.name}", rights(user.partner_id))

    def mend(self) -> None:
        """Make again what partners with a password here should have, where it is gone or other."""
        users = {user.name: user for user in self.users()}
        for name in at_home(users, self.api.get("permissions"), self.vhost):
            self.make_stream(users[name].partner_id)
            self.bound(users[name])

    def remove(self, user: User) -> None:
        """The broker closes the connections of a user that is deleted."""
        self.api.delete(f"users/{user.name}")

    def delete_stream(self, partner_id: str) -> None:
        self.api.delete(f"queues/{self._at}/{quote(stream_name(partner_id), safe='')}")

    def streams(self) -> dict[str, int]:
        """Messages that each partner's stream keeps, by the queue's name."""
        rows = self.api.get(f"queues/{self._at}")
        return {row["name"]: row.get("messages", 0) for row in rows}


def at_home(users: Iterable[str], permissions: Iterable[Row], vhost: str) -> list[str]:
    """Those of this vhost: another one for partners, on the same broker, has users of its own."""
    may = [(row["user"], row["vhost"]) for row in permissions]
    elsewhere = {user for user, where in may if where != vhost}
    return sorted(name for name in users if (name, vhost) in may or name not in elsewhere)


def rights(partner_id: str) -> dict[str, str]:
    """A partner's user reads its stream; it declares, binds and publishes nothing."""
    read = f"^{re.escape(stream_name(partner_id))}$"
    return {"configure": NOTHING, "write": NOTHING, "read": read}


def topic_rights(partner_id: str) -> dict[str, str]:
    """The second fence: keys of its own id."""
    return {"write": NOTHING, "read": f"^{re.escape(partner_id)}\\."}


def open_to_partners(broker: Broker) -> None:
    """Make vhost and exchange; a user who may not is told what somebody else has to do."""
    try:
        if broker.management_uri:
            Access(broker).make_vhost()
    except Refusal:
        pass  # It may be there, made by somebody who may.
    uri = address(broker.amqp_uri, broker.partners_amqp_uri)
    try:
        apply(uri, Topology((EXCHANGE,), ()))
        _mend(broker)
    except Mismatch as exc:
        raise Refusal(str(exc)) from None
    except (OSError, OperationalError, AMQPError) as exc:
        text = f"no AMQP for partners, vhost {vhost_of(uri)}: {exc} (docs/partners-amqp.md)"
        click.echo(" ".join(text.split()), err=True)
    else:
        click.echo(f"exchange {PUBLIC} is in place in vhost {vhost_of(uri)}")


def _mend(broker: Broker) -> None:
    try:
        if broker.management_uri:
            Access(broker).mend()
    except Refusal:
        return  # Another user may look after partners' users; `stint topology diff` tells.


def _secret(password: str) -> dict[str, Any]:
    """As RabbitMQ stores it, so that the password itself travels to the partner only."""
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "password_hash": b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
    }


def _issued(tags: list[str] | str) -> int:
    """A text before RabbitMQ 3.9, a list since."""
    for tag in tags.split(",") if isinstance(tags, str) else tags:
        if tag.startswith(ISSUED):
            return int(tag.removeprefix(ISSUED))
    return 0
