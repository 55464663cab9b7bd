"""Our side of the flow: three aggregates, each changed by the event of the one before."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from mongoengine import DynamicDocument

from bench.journey import earned, score
from bench.services.ball import CONTRACTS
from shared.envelope import Event
from shared.messaging import on, provide
from shared.platform import Platform
from shared.store import Store

__all__ = ["CONTRACTS"]

PREFETCH = int(os.environ.get("FLOW_CONCURRENCY", "50"))


class EngagementDocument(DynamicDocument):
    meta: ClassVar = {"collection": "engagements", "auto_create_index": False}


class EscrowDocument(DynamicDocument):
    meta: ClassVar = {"collection": "escrows", "auto_create_index": False}


class OfferDocument(DynamicDocument):
    meta: ClassVar = {"collection": "offers", "auto_create_index": False}


@dataclass(frozen=True)
class WorkEvaluated:
    type: ClassVar[str] = "work.evaluated.v1"
    engagement_id: str
    candidate_id: str
    score: int


@dataclass(frozen=True)
class FeePaid:
    type: ClassVar[str] = "fee.paid.v1"
    engagement_id: str
    candidate_id: str
    score: int
    amount: int
    currency: str


@dataclass(frozen=True)
class HireOffered:
    type: ClassVar[str] = "hire.offered.v1"
    engagement_id: str
    offer_id: str


@dataclass
class Criterion:
    criterion: str
    weight: int
    points: int
    note: str


@dataclass
class Engagement:
    id: str
    status: str
    candidate_id: str
    project_id: str
    title: str
    rubric: list[Criterion]
    score: int | None = None
    evaluated_at: datetime | None = None
    version: int = 0
    events: list[Any] = field(default_factory=list)

    def evaluate(self, at: datetime) -> None:
        if self.status == "submitted":
            self.status, self.evaluated_at = "evaluated", at
            self.score = score([vars(row) for row in self.rubric])
            self.events.append(WorkEvaluated(self.id, self.candidate_id, self.score))


@dataclass
class Escrow:
    id: str
    status: str
    engagement_id: str
    candidate_id: str
    amount: int
    currency: str
    paid_amount: int | None = None
    paid_at: datetime | None = None
    version: int = 0
    events: list[Any] = field(default_factory=list)

    def pay(self, graded: int, at: datetime) -> None:
        if self.status == "held":
            self.status, self.paid_at, self.paid_amount = "paid", at, earned(self.amount)
            facts = self.engagement_id, self.candidate_id, graded, self.paid_amount, self.currency
            self.events.append(FeePaid(*facts))


@dataclass
class Offer:
    id: str
    candidate_id: str
    score: int
    offered_at: datetime
    status: str = "drafted"
    version: int = 0
    events: list[Any] = field(default_factory=list)

    def extend(self, engagement_id: str) -> None:
        if self.status == "drafted":
            self.status = "offered"
            self.events.append(HireOffered(engagement_id, self.id))


def store(aggregate: type, document: type) -> Any:
    make: Callable[[Platform], Any] = lambda platform: Store(platform, aggregate, document)  # noqa: E731
    return provide(make)


class FlowService:
    name = "flow"
    engagements = store(Engagement, EngagementDocument)
    escrows = store(Escrow, EscrowDocument)
    offers = store(Offer, OfferDocument)

    @on("work.submitted.v1", prefetch=PREFETCH)
    def on_work_submitted(self, event: Event) -> None:
        evaluate = partial(Engagement.evaluate, at=event.time)
        self.engagements.change(event.data["engagement_id"], event, evaluate)

    @on("work.evaluated.v1", prefetch=PREFETCH)
    def on_work_evaluated(self, event: Event) -> None:
        pay = partial(Escrow.pay, graded=event.data["score"], at=event.time)
        self.escrows.change(f"escrow-{event.data['engagement_id']}", event, pay)

    @on("fee.paid.v1", prefetch=PREFETCH)
    def on_fee_paid(self, event: Event) -> None:
        id_, extend = event.data["engagement_id"], Offer.extend
        new = partial(
            Offer,
            f"offer-{id_}",
            candidate_id=event.data["candidate_id"],
            score=event.data["score"],
            offered_at=event.time,
        )
        self.offers.change(f"offer-{id_}", event, partial(extend, engagement_id=id_), new=new)
