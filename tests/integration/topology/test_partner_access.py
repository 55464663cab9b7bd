"""A partner reads its own stream on the broker, and can do nothing else there."""

import re
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pika
import pytest
from pika.exceptions import (
    AMQPConnectionError,
    ChannelClosedByBroker,
    ConnectionClosed,
    ProbableAccessDeniedError,
)

from deploy.cli.main import Refusal
from deploy.cli.partner_access import Access, open_to_partners
from deploy.cli.partner_examination import differences, look, overfull
from shared.config import Broker
from shared.partner_bus import PUBLIC, STREAM, routing_key, stream_name
from tests.servers import Vhost
from tests.waiting import wait_until

MINE, THEIRS = "par-mine", "par-theirs"
TYPE = "engagement.opened.v1"
Act = Callable[[Any], object]


@pytest.fixture(scope="module")
def access(module_vhost: Vhost) -> Access:
    """Of a vhost that the tests of this module share and leave as it is."""
    return with_two_partners(module_vhost)


@pytest.fixture
def fragile(vhost: Vhost) -> Iterator[Access]:
    """Of a vhost for one test, which may break it; a partner may enter."""
    access = with_two_partners(vhost)
    with admitted(access):
        yield access


def with_two_partners(vhost: Vhost) -> Access:
    """Two partners, each told two events."""
    broker = Broker(
        amqp_uri=vhost.amqp_uri,
        management_uri=vhost.management_uri,
        partners_amqp_uri=vhost.amqp_uri,
    )
    access = Access(broker)
    open_to_partners(broker)
    for partner in (MINE, THEIRS):
        access.make_stream(partner)
        access.make_stream(partner)  # As often as one likes.
    with channel(access.uri) as platform:
        for partner in (MINE, THEIRS):
            for number in (1, 2):
                about = pika.BasicProperties(message_id=f"{partner}-{number}", delivery_mode=2)
                key = routing_key(partner, TYPE)
                platform.basic_publish(PUBLIC, key, b"{}", about, mandatory=True)
    return access


@contextmanager
def admitted(access: Access) -> Iterator[str]:
    """The address of a partner who is well."""
    user, password = access.issue(MINE, "a")
    yield address(access, user.name, password)
    for user in access.users():
        access.remove(user)


@pytest.fixture
def uri(access: Access) -> Iterator[str]:
    with admitted(access) as address_:
        yield address_


def address(access: Access, user: str, password: str) -> str:
    return access.uri.replace("guest:guest", f"{user}:{password}") + "?heartbeat=0"


@contextmanager
def channel(uri: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    try:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened
    finally:
        if connection.is_open:
            connection.close()


def read(uri: str, queue: str, offset: str | int, count: int) -> list[tuple[str, int]]:
    """Id and offset of the next so many messages from there."""
    found = []
    with channel(uri) as reading:
        reading.basic_qos(prefetch_count=10)
        arguments = {"x-stream-offset": offset}
        for method, about, _ in reading.consume(queue, arguments=arguments, inactivity_timeout=10):
            assert method is not None, f"{count} awaited, got {found}"
            found.append((about.message_id, about.headers["x-stream-offset"]))
            reading.basic_ack(method.delivery_tag)
            if len(found) == count:
                return found
    raise AssertionError(found)


def test_a_partner_reads_its_own_stream_from_any_offset_and_nothing_of_others(
    access: Access, uri: str
) -> None:
    wait_until(lambda: access.streams().get(stream_name(MINE)) == 2)
    both = read(uri, stream_name(MINE), "first", 2)

    assert [id_ for id_, _ in both] == [f"{MINE}-1", f"{MINE}-2"]
    assert read(uri, stream_name(MINE), both[1][1], 1) == both[1:]


BY_BINDING: dict[str, Act] = {
    "its own key once more": lambda c: c.queue_bind(stream_name(MINE), PUBLIC, f"{MINE}.#"),
    "another partner's key": lambda c: c.queue_bind(stream_name(MINE), PUBLIC, f"{THEIRS}.#"),
    "everything": lambda c: c.queue_bind(stream_name(MINE), PUBLIC, "#"),
    "a word's wildcard": lambda c: c.queue_bind(stream_name(MINE), PUBLIC, "*.engagement.#"),
    "its key into another's": lambda c: c.queue_bind(stream_name(THEIRS), PUBLIC, f"{MINE}.#"),
    "an exchange": lambda c: c.exchange_bind("amq.topic", PUBLIC, "#"),
    "no more of its own": lambda c: c.queue_unbind(stream_name(MINE), PUBLIC, f"{MINE}.#"),
}
BY_MAKING: dict[str, Act] = {
    "a queue": lambda c: c.queue_declare("own"),
    "a queue for itself": lambda c: c.queue_declare("", exclusive=True),
    "a queue of its prefix": lambda c: c.queue_declare(f"{stream_name(MINE)}.more"),
    "an exchange": lambda c: c.exchange_declare("own", "topic"),
    "the exchange's end": lambda c: c.exchange_delete(PUBLIC),
    "its stream's end": lambda c: c.queue_delete(stream_name(MINE)),
    "another's end": lambda c: c.queue_delete(stream_name(THEIRS)),
}
BY_READING: dict[str, Act] = {
    "another's stream": lambda c: c.basic_consume(
        stream_name(THEIRS), print, arguments={"x-stream-offset": "first"}
    ),
    "one message of another's": lambda c: c.basic_get(stream_name(THEIRS)),
    "another's, emptied": lambda c: c.queue_purge(stream_name(THEIRS)),
}
BY_SENDING: dict[str, Act] = {
    "its own event": lambda c: c.basic_publish(PUBLIC, routing_key(MINE, TYPE), b"{}"),
    "another's event": lambda c: c.basic_publish(PUBLIC, routing_key(THEIRS, TYPE), b"{}"),
    "straight into its stream": lambda c: c.basic_publish("", stream_name(MINE), b"{}"),
    "straight into another's": lambda c: c.basic_publish("", stream_name(THEIRS), b"{}"),
    "by an exchange of the broker's": lambda c: c.basic_publish("amq.topic", "x", b"{}"),
}
ACTS = [
    (f"{verb} {what}", act)
    for verb, acts in (
        ("binds", BY_BINDING),
        ("makes", BY_MAKING),
        ("reads", BY_READING),
        ("sends", BY_SENDING),
    )
    for what, act in acts.items()
]


def test_whatever_else_a_partner_tries_is_refused(access: Access, uri: str) -> None:
    refused = {}
    for name, act in ACTS:
        with channel(uri) as trying:
            try:
                act(trying)
                refused[name] = "done"
            except ChannelClosedByBroker as exc:
                refused[name] = str(exc.reply_code)
    assert refused == {name: "403" for name, _ in ACTS}

    wait_until(lambda: access.streams().get(stream_name(THEIRS)) == 2)
    assert access.streams()[stream_name(MINE)] == 2


def test_a_partner_enters_no_other_vhost_and_asks_no_management(
    access: Access, uri: str, module_vhost: Vhost
) -> None:
    elsewhere = pika.URLParameters(uri)
    elsewhere.virtual_host = "/"
    with pytest.raises(ProbableAccessDeniedError):
        pika.BlockingConnection(elsewhere)

    user = pika.URLParameters(uri).credentials
    broker = Broker(
        amqp_uri=module_vhost.amqp_uri.replace("guest:guest", f"{user.username}:{user.password}"),
        management_uri=module_vhost.management_uri.replace("guest:guest@", ""),
        partners_amqp_uri=module_vhost.amqp_uri,
    )
    with pytest.raises(Refusal, match="401"):
        Access(broker).users()


def test_a_partner_has_few_connections(uri: str) -> None:
    """One that connects without end takes the sockets of nobody else."""
    opened = []
    try:
        for _ in range(5):
            opened.append(pika.BlockingConnection(pika.URLParameters(uri)))
        with pytest.raises(AMQPConnectionError):
            pika.BlockingConnection(pika.URLParameters(uri))
    finally:
        for connection in opened:
            connection.close()


def test_a_new_password_works_beside_the_old_one_until_that_is_ended(access: Access) -> None:
    first, old = access.issue(MINE, "a")
    second, new = access.issue(MINE, "b")
    assert [user.slot for user in access.users()] == ["a", "b"]
    reading = pika.BlockingConnection(
        pika.URLParameters(address(access, first.name, old).replace("heartbeat=0", "heartbeat=5"))
    )
    assert len(read(address(access, second.name, new), stream_name(MINE), "first", 2)) == 2

    access.remove(first)

    with pytest.raises((ConnectionClosed, AMQPConnectionError)):
        reading.sleep(5)  # Who was connected by the old password is cut off.
    with pytest.raises(AMQPConnectionError):
        pika.BlockingConnection(pika.URLParameters(address(access, first.name, old)))
    assert len(read(address(access, second.name, new), stream_name(MINE), "first", 2)) == 2
    access.remove(second)


def test_the_management_api_never_has_the_password(access: Access, uri: str) -> None:
    password = pika.URLParameters(uri).credentials.password
    told = str(access.users()) + str(access.api.get("users"))
    assert password not in told


def test_a_broker_without_rights_for_us_is_told_in_one_line_and_stops_nothing(
    module_vhost: Vhost, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = module_vhost.broker.amqp_uri("no-such-vhost")
    open_to_partners(Broker(amqp_uri=module_vhost.amqp_uri, partners_amqp_uri=uri))

    said = capsys.readouterr()
    assert said.err.startswith("no AMQP for partners, vhost no-such-vhost: ")
    assert len(said.err.splitlines()) == 1
    with pytest.raises(urllib.error.HTTPError):
        module_vhost.broker.api("GET", "vhosts/no-such-vhost")


def test_what_partners_have_is_compared_and_what_is_wrong_is_named(
    fragile: Access,
) -> None:
    access = fragile
    assert list(differences(look(access), [MINE, THEIRS])) == []
    api, at = access.api, quote(access.vhost, safe="")
    user, other = f"{stream_name(MINE)}.a", f"stranger-{access.vhost}"
    api.delete(f"queues/{at}/{stream_name(THEIRS)}")
    api.delete(f"topic-permissions/{at}/{user}")
    api.delete(f"user-limits/{user}/max-channels")
    wide = {"configure": "^$", "write": "^$", "read": ".*"}
    api.put(f"permissions/{at}/{user}", wide)
    api.put(f"users/{other}", {"password": "secret", "tags": ""})
    api.put(f"permissions/{at}/{other}", wide)
    with channel(access.uri) as platform:
        platform.queue_declare("own")
        platform.queue_bind(stream_name(MINE), PUBLIC, "#")

    found = list(differences(look(access), [MINE, THEIRS]))
    access.mend()
    left = list(differences(look(access), [MINE]))

    own = f"^{re.escape(stream_name(MINE))}$"
    assert found == [
        f"leftover binding {PUBLIC} -> {stream_name(MINE)} (#)",
        f"missing queue {stream_name(THEIRS)}",
        f"leftover queue own in {access.vhost}",
        f"different permissions of {user}: read is .*, not {own}",
        f"missing topic permission of {user}",
        f"different limits of {user}: max-channels is None, not 20",
        f"foreign user {other} may enter vhost {access.vhost}: "
        "configure '^$', write '^$', read '.*'",
    ]
    assert left == [found[0], found[2], found[6]], "what only somebody who looks can judge"
    api.delete(f"users/{other}")


def test_a_stream_that_forgets_for_its_size_is_named(access: Access) -> None:
    """A partner that comes back after a week would not find the week."""
    small = {**STREAM, "x-max-length-bytes": 100_000, "x-stream-max-segment-size-bytes": 50_000}
    full, empty = stream_name("par-full"), stream_name(MINE)
    with channel(access.uri) as platform:
        platform.queue_declare(full, durable=True, arguments=small)
        about = pika.BasicProperties(timestamp=int(time.time()), delivery_mode=2)
        for _ in range(60):
            platform.basic_publish("", full, b"x" * 10_000, about)
    seen = look(access)
    seen = replace(seen, queues={full: {"messages": 9}, empty: {"messages": 2}, "own": {}})

    (line,) = wait_until(lambda: list(overfull(access, seen, time.time())))

    assert line == f"queue {full} is at its limit: it goes back 0.0 days, not 30"
    access.delete_stream("par-full")
