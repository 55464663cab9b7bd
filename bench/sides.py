"""The sides of the flow: how each is started, told of work, and heard of."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pika

from bench.journey import submitted
from shared.envelope import CONTENT_TYPE
from shared.topology import ARCHIVE, EVENTS, Topology, apply, plan, read_handlers

HERE = Path(__file__).parent / "services"
QUORUM = {"x-queue-type": "quorum"}
SINK = "flow.offered"


@dataclass(frozen=True)
class Setting:
    """Messages at once in one process (threads or processes, for Celery), and processes."""

    concurrency: int
    processes: int = 1
    pool: str = ""

    def __str__(self) -> str:
        words = [f"{self.pool} {self.concurrency}".strip()]
        return ", ".join(words + [f"{self.processes} processes"] * (self.processes > 1))


@dataclass(frozen=True)
class Side:
    """A way to play the flow; `tried` are the settings of which the first was the best."""

    name: str
    tried: tuple[Setting, ...]
    exchange: str = "flow"
    key: str = "submitted"

    def command(self, setting: Setting) -> Sequence[str]:
        raise NotImplementedError

    def declare(self, uri: str, channel: Any) -> None:
        """The queues, all of the quorum type, as this side wants them bound."""
        channel.exchange_declare("flow", "topic", durable=True)
        for name in ("submitted", "evaluated", "paid", "offered"):
            channel.queue_declare(f"flow.{name}", durable=True, arguments=QUORUM)
            channel.queue_bind(f"flow.{name}", "flow", name)

    def message(self, number: int) -> tuple[bytes, pika.BasicProperties]:
        """The first message of an engagement, as this side's own client would send it."""
        about = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        return json.dumps(submitted(number)).encode(), about

    def document(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """A document that is stored beforehand."""
        return {**facts, "version": 1}


class Ours(Side):
    def command(self, setting: Setting) -> Sequence[str]:
        return sys.executable, "-m", "shared.run", "--module", "bench.services.flow"

    def declare(self, uri: str, channel: Any) -> None:
        """As in production, except the archive, which has no counterpart on the other sides."""
        whole = plan(read_handlers(HERE / "contracts", HERE / "services.yml"), {"5s": 5})
        queues = tuple(queue for queue in whole.queues if queue.name != ARCHIVE)
        apply(uri, Topology(whole.exchanges, queues))
        channel.queue_declare(SINK, durable=True, arguments=QUORUM)
        channel.queue_bind(SINK, EVENTS, "hire.offered.v1")

    def message(self, number: int) -> tuple[bytes, pika.BasicProperties]:
        id_ = str(uuid5(NAMESPACE_OID, f"e{number}"))
        event = {
            "specversion": "1.0",
            "id": id_,
            "source": "bench",
            "type": self.key,
            "subject": f"engagement:e{number}",
            "time": "2030-01-01T00:00:00+00:00",
            "data": submitted(number),
        }
        about = pika.BasicProperties(content_type=CONTENT_TYPE, message_id=id_, delivery_mode=2)
        return json.dumps(event).encode(), about

    def document(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {**facts, "version": 1, "schema_version": 1, "handled": []}


class Nameko(Side):
    def command(self, setting: Setting) -> Sequence[str]:
        path = Path(f".stint/bench/nameko-{setting.concurrency}.yml")
        path.write_text(f"AMQP_URI: ${{AMQP_URI}}\nmax_workers: {setting.concurrency}\n")
        program = str(Path(sys.executable).with_name("nameko"))
        return program, "run", "--config", str(path), "bench.rivals.plain_nameko"


class FastStream(Side):
    def command(self, setting: Setting) -> Sequence[str]:
        program = str(Path(sys.executable).with_name("faststream"))
        return program, "run", "bench.rivals.fast_stream:app"


class Celery(Side):
    def command(self, setting: Setting) -> Sequence[str]:
        program = str(Path(sys.executable).with_name("celery"))
        about = ["--pool", setting.pool, "--concurrency", str(setting.concurrency)]
        quiet = ["--without-mingle", "--without-gossip", "--loglevel", "ERROR"]
        queues = "flow.submitted,flow.evaluated,flow.paid"
        return program, "-A", "bench.rivals.celery_app", "worker", "-Q", queues, *about, *quiet

    def message(self, number: int) -> tuple[bytes, pika.BasicProperties]:
        id_ = str(uuid5(NAMESPACE_OID, f"e{number}"))
        embedded = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
        about = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=id_,
            delivery_mode=2,
            headers={"lang": "py", "task": "submitted", "id": id_, "root_id": id_},
        )
        return json.dumps([[submitted(number)], {}, embedded]).encode(), about


OURS = Ours("stint", (Setting(100), Setting(50), Setting(200)), EVENTS, "work.submitted.v1")
NAMEKO = Nameko("plain nameko", (Setting(10), Setting(50), Setting(100), Setting(25, 2)))
FASTSTREAM = FastStream("FastStream", (Setting(200), Setting(50), Setting(10), Setting(25, 2)))
CELERY = Celery(
    "Celery",
    (
        Setting(20, pool="threads"),
        Setting(50, pool="threads"),
        Setting(2, pool="prefork"),
        Setting(4, pool="prefork"),
        Setting(8, pool="prefork"),
        Setting(50, pool="eventlet"),
    ),
)
SIDES = (OURS, NAMEKO, FASTSTREAM, CELERY)
