"""What partners may do on the broker: their vhost, a stream each, and two users that read it.

A partner has the users `partner.<id>.a` and `.b`, so that a new password works beside the one in
use until the partner has changed over. Neither may declare, bind or publish anything.
"""

import hashlib
import re
import secrets
import time
from base64 import b64encode
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
        self._api = Management(broker.management_uri, broker.amqp_uri)

    def make_vhost(self) -> None:
        """The vhost, in which the platform's own user may do everything."""
        self._api.put(f"vhosts/{self._at}", {})
        user = quote(unquote(urlsplit(self.uri).username or "guest"), safe="")
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self._api.put(f"permissions/{self._at}/{user}", rights)

    def make_stream(self, partner_id: str) -> None:
        """The partner's queue, filled with what is published under its id."""
        apply(self.uri, Topology((EXCHANGE,), (stream(partner_id),)))

    def users(self) -> list[User]:
        """Those of all partners, each partner's older one first."""
        found = []
        for one in self._api.get("users"):
            if match := USER.fullmatch(one["name"]):
                found.append(User(match[1], match[2], _issued(one["tags"])))
        return sorted(found, key=lambda user: (user.partner_id, user.issued))

    def issue(self, partner_id: str, slot: str) -> tuple[User, str]:
        """A user with a new password; who used this slot's old one is cut off."""
        user = User(partner_id, slot, time.time_ns() // 1_000_000)
        self.remove(user)
        password = secrets.token_urlsafe(32)
        self._api.put(f"users/{user.name}", _secret(password) | {"tags": f"{ISSUED}{user.issued}"})
        for name, value in LIMITS.items():
            self._api.put(f"user-limits/{user.name}/{name}", {"value": value})
        own = {"exchange": PUBLIC, "write": NOTHING, "read": f"^{re.escape(partner_id)}\\."}
        self._api.put(f"topic-permissions/{self._at}/{user.name}", own)
        read = f"^{re.escape(stream_name(partner_id))}$"
        rights = {"configure": NOTHING, "write": NOTHING, "read": read}
        self._api.put(f"permissions/{self._at}/{user.name}", rights)
        return user, password

    def remove(self, user: User) -> None:
        """The broker closes the connections of a user that is deleted."""
        self._api.delete(f"users/{user.name}")

    def delete_stream(self, partner_id: str) -> None:
        self._api.delete(f"queues/{self._at}/{quote(stream_name(partner_id), safe='')}")

    def streams(self) -> dict[str, int]:
        """Messages that each partner's stream keeps, by the queue's name."""
        rows = self._api.get(f"queues/{self._at}")
        return {row["name"]: row.get("messages", 0) for row in rows}


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
    except Mismatch as exc:
        raise Refusal(str(exc)) from None
    except (OSError, OperationalError, AMQPError) as exc:
        text = f"no AMQP for partners, vhost {vhost_of(uri)}: {exc} (docs/partners-amqp.md)"
        click.echo(" ".join(text.split()), err=True)
    else:
        click.echo(f"exchange {PUBLIC} is in place in vhost {vhost_of(uri)}")


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
