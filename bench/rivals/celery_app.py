"""The flow in Celery: late acknowledgement, confirmed publishing, quorum queues."""

import os
from functools import cache
from typing import Any

from celery import Celery
from kombu import Queue
from pymongo import MongoClient

from bench.journey import Facts
from bench.rivals import steps

app = Celery("flow", broker=os.environ["AMQP_URI"])
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    task_acks_on_failure_or_timeout=False,
    task_create_missing_queues=False,
    task_ignore_result=True,
    task_queues=[
        Queue(f"flow.{name}", routing_key=f"flow.{name}", queue_arguments=steps.QUORUM)
        for name in steps.QUEUES
    ],
    task_reject_on_worker_lost=True,
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=int(os.environ.get("FLOW_PREFETCH", "4")),
    worker_send_task_events=False,
)


@cache
def database() -> Any:
    """One client per process, made after the fork."""
    client: MongoClient[Any] = MongoClient(os.environ["MONGO_URI"])
    return client[os.environ["FLOW_DATABASE"]]


def step(name: str) -> Any:
    return app.task(name=name, autoretry_for=(Exception,), max_retries=None, default_retry_delay=1)


def announce(name: str, message: Facts) -> None:
    """Returns when the broker has confirmed it."""
    app.send_task(name, (message,), queue=f"flow.{name}")


@step("submitted")
def evaluate(message: Facts) -> None:
    announce("evaluated", steps.evaluate(database(), message))


@step("evaluated")
def pay(message: Facts) -> None:
    announce("paid", steps.pay(database(), message))


@step("paid")
def offer(message: Facts) -> None:
    announce("offered", steps.offer(database(), message))
