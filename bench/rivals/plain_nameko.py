"""The flow in plain nameko: `consume`, and `Publisher`, whose publishing is confirmed."""

import os
from typing import Any

from kombu import Exchange, Queue
from nameko.extensions import DependencyProvider
from nameko.messaging import Publisher, consume
from pymongo import MongoClient

from bench.journey import Facts
from bench.rivals import steps

FLOW = Exchange("flow", "topic")


class Database(DependencyProvider):
    def setup(self) -> None:
        client: MongoClient[Any] = MongoClient(os.environ["MONGO_URI"])
        self.database = client[os.environ["FLOW_DATABASE"]]

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.database


def queue(name: str) -> Queue:
    return Queue(f"flow.{name}", FLOW, name, queue_arguments=steps.QUORUM)


class FlowService:
    name = "flow"
    database = Database()
    announce = Publisher(exchange=FLOW)

    @consume(queue=queue("submitted"), requeue_on_error=True)
    def on_submitted(self, message: Facts) -> None:
        self.announce(steps.evaluate(self.database, message), routing_key="evaluated")

    @consume(queue=queue("evaluated"), requeue_on_error=True)
    def on_evaluated(self, message: Facts) -> None:
        self.announce(steps.pay(self.database, message), routing_key="paid")

    @consume(queue=queue("paid"), requeue_on_error=True)
    def on_paid(self, message: Facts) -> None:
        self.announce(steps.offer(self.database, message), routing_key="offered")
