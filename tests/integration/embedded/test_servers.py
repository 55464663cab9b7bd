"""The private servers: what the other tests and `make run` stand on."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pika
import pymongo
import pytest

from deploy.embedded import install, state
from deploy.embedded.broker import Broker
from deploy.embedded.database import Database
from deploy.embedded.mail import MailSink
from deploy.embedded.processes import HOME, Child, EmbeddedError, free_ports, is_free, members
from tests.servers import Vhost
from tests.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
CRASHING_OWNER = """
import os, signal, sys
from pathlib import Path
from deploy.embedded.processes import Child, Watchdog, members
root = Path(sys.argv[1])
Watchdog(root)
polite = "import time; time.sleep(600)"
stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + polite
for code in (polite, stubborn):
    Child("sleeper", [sys.executable, "-c", code], stack=root, log=root / "log").start()
print(len(list(members(root))), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_message_survives_the_broker_s_crash(broker: Broker, vhost: Vhost) -> None:
    with pika.BlockingConnection(pika.URLParameters(vhost.amqp_uri)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        persistent = pika.BasicProperties(delivery_mode=2)
        vhost.wait_registered()
        channel.basic_publish("", "kept", b"hello", persistent, mandatory=True)
    broker.kill()
    broker.restart()
    assert wait_until(lambda: take(vhost, "kept"), 40) == b"hello"


def take(vhost: Vhost, queue: str) -> bytes | None:
    """The first message; None while the queue has no leader, which takes a moment after a crash."""
    try:
        with pika.BlockingConnection(pika.URLParameters(vhost.amqp_uri)) as connection:
            body: bytes | None = connection.channel().basic_get(queue, auto_ack=True)[2]
            return body
    except pika.exceptions.AMQPError:
        return None


def test_an_acknowledged_write_survives_the_database_s_crash(
    database: Database, database_prefix: str
) -> None:
    with pymongo.MongoClient(database.uri) as client:
        things = client[f"{database_prefix}_shop"].things
        things.insert_many([{"_id": number} for number in range(200)])
        database.kill()
        database.restart()
        assert things.count_documents({}) == 200


def test_mail_becomes_a_file_and_a_line_in_the_index(mail_sink: MailSink) -> None:
    text = "Subject: =?utf-8?q?Gl=C3=BCckwunsch?=\r\nMessage-ID: <1@stint>\r\n\r\nPaid."
    with smtplib.SMTP(mail_sink.host, mail_sink.port) as smtp:
        smtp.sendmail("stint@example.com", ["kim@example.com"], text)
    (mail,) = mail_sink.messages(to="kim@example.com")
    assert (mail["subject"], mail["message_id"]) == ("Glückwunsch", "<1@stint>")
    assert mail_sink.read(mail).get_payload().strip() == "Paid."


def test_a_line_of_the_index_that_is_still_being_written_is_no_mail_yet(
    servers_folder: Path,
) -> None:
    sink = MailSink(servers_folder / "half", servers_folder)
    sink.folder.mkdir()
    (sink.folder / "index.jsonl").write_text('{"to": ["kim@example.com"]}\n{"to": ["k')

    assert len(sink.messages()) == 1


def test_servers_end_when_their_owner_is_killed(tmp_path: Path) -> None:
    owner = subprocess.run(
        [sys.executable, "-c", CRASHING_OWNER, tmp_path],
        cwd=HOME,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert owner.returncode == -signal.SIGKILL
    assert int(owner.stdout) >= 2
    wait_until(lambda: not any(members(tmp_path)), 20, lambda: str(list(members(tmp_path))))


def test_a_child_that_dies_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child(
        "greeter",
        [sys.executable, "-c", "raise SystemExit('no good')"],
        stack=tmp_path,
        log=tmp_path / "log",
    )
    child.start()
    with pytest.raises(EmbeddedError, match=r"greeter ended with code 1:\nno good"):
        child.wait_until(lambda: False, 10)


def test_a_frozen_child_can_still_be_stopped(tmp_path: Path) -> None:
    child = Child("sleeper", SLEEPER, stack=tmp_path, log=tmp_path / "log")
    child.start()
    child.freeze()
    started = time.monotonic()
    child.terminate(5)
    assert not child.alive
    assert time.monotonic() - started < 4


def test_a_folder_runs_one_stack_at_a_time(tmp_path: Path) -> None:
    first, second = state.Lock(tmp_path), state.Lock(tmp_path)
    first.take()
    assert state.owner(tmp_path) == os.getpid()
    with pytest.raises(EmbeddedError, match="already runs"):
        second.take()
    first.release()
    second.take()
    second.release()
    assert state.owner(tmp_path) is None


def test_without_rabbitmq_and_the_right_to_install_it_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(install, "PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EmbeddedError) as refused:
        install.rabbitmq_server()
    assert str(refused.value) == install.MISSING


def test_two_stacks_never_get_the_same_port() -> None:
    ports = free_ports(50)
    assert len({*ports}) == 50
    assert all(map(is_free, ports))
