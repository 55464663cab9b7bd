"""The flow in FastStream on pymongo's asynchronous client; the prefetch is its concurrency."""

import os
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange
from faststream.rabbit import RabbitQueue as Queue
from pymongo import AsyncMongoClient

from bench.journey import Facts, earned, score
from bench.rivals import steps

channel = Channel(prefetch_count=int(os.environ["FLOW_CONCURRENCY"]))
broker = RabbitBroker(os.environ["AMQP_URI"], default_channel=channel, logger=None)
app = FastStream(broker)
flow = RabbitExchange("flow", type=ExchangeType.TOPIC, durable=True)
client: AsyncMongoClient[Any] = AsyncMongoClient(os.environ["MONGO_URI"])
database = client[os.environ["FLOW_DATABASE"]]


def on(name: str) -> Any:
    queue = Queue(f"flow.{name}", QueueType.QUORUM, durable=True, routing_key=name)
    return broker.subscriber(queue, flow, ack_policy=AckPolicy.NACK_ON_ERROR)


async def announce(message: Facts, name: str) -> None:
    """Returns when the broker has confirmed it."""
    await broker.publish(message, exchange=flow, routing_key=name, persist=True)


@on("submitted")
async def evaluate(message: Facts) -> None:
    found = await database.engagements.find_one({"_id": message["engagement_id"]})
    if found["status"] == "submitted":
        change = {
            "status": "evaluated",
            "score": score(found["rubric"]),
            "evaluated_at": steps.now(),
        }
        steps.expect(await database.engagements.update_one(*steps.conditional(found, change)))
        found |= change
    await announce(steps.evaluated(found), "evaluated")


@on("evaluated")
async def pay(message: Facts) -> None:
    found = await database.escrows.find_one({"_id": f"escrow-{message['engagement_id']}"})
    if found["status"] == "held":
        amount = earned(found["amount"])
        change = {"status": "paid", "paid_amount": amount, "paid_at": steps.now()}
        steps.expect(await database.escrows.update_one(*steps.conditional(found, change)))
        found |= change
    await announce(steps.paid(found, message), "paid")


@on("paid")
async def offer(message: Facts) -> None:
    id_, new = steps.offered(message)
    await database.offers.update_one({"_id": id_}, {"$setOnInsert": new}, upsert=True)
    await announce({"engagement_id": message["engagement_id"], "offer_id": id_}, "offered")
