"""Sending: endpoints take turns, each with few connections, and a bad one is left alone a while.

A turn belongs to one process; it claims each delivery before it sends, and what a process that died
had claimed is claimed by another after the lease, under the same webhook-id.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import eventlet
import orjson
import structlog

from services.notifications.partners.domain.delivery import (
    Answer,
    Outcome,
    judge,
    logged,
)
from services.notifications.partners.domain.partner import Endpoint, Partner, Status
from services.notifications.partners.usecases.keeping import document
from shared.lanes import in_lanes

log = structlog.get_logger(__name__)

TURNS = 100  # Endpoints that one process serves at a time.
LANES = 4  # Connections to one endpoint at a time.
RATE = 40  # Deliveries to one endpoint within PACE.
PACE = timedelta(seconds=1)
SLICE = timedelta(seconds=20)  # After so long a turn begins nothing new.
LEASE = timedelta(seconds=60)  # Longer than a turn takes, its last answers included.
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
Doc = dict[str, Any]


class Courier(Protocol):
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer: ...


class Deliveries(Protocol):
    def due(self, endpoint_id: str, now: datetime, limit: int) -> list[Doc]: ...
    def next_due(self, endpoint_id: str) -> datetime | None: ...
    def claim(self, delivery: Doc, holder: str, until: datetime) -> bool: ...
    def record(self, id: str, holder: str, due_at: datetime | None, **facts: Any) -> None: ...


class Queues(Protocol):
    def due(self, now: datetime, limit: int) -> list[Doc]: ...
    def claim(self, queue: Doc, holder: str, until: datetime) -> bool: ...
    def find(self, endpoint_id: str) -> Doc | None: ...
    def release(
        self, endpoint_id: str, holder: str, news: int, due_at: datetime | None, losses: int
    ) -> bool: ...
    def rest(self, endpoint_id: str, holder: str, until: datetime, losses: int) -> None: ...


class Partners(Protocol):
    def find(self, id: str) -> Partner | None: ...
    def change(self, id: str, message: None, use_case: Callable[[Partner], object]) -> Partner: ...


class Events(Protocol):
    def find(self, id: str) -> Doc | None: ...


@dataclass
class Turn:
    """One endpoint's: what happened in it decides when the next one is."""

    partner: Partner | None
    endpoint: Endpoint | None
    until: datetime
    sent: int = 0
    taken: int = 0  # By the endpoint, with success.
    away: bool = False

    @property
    def is_bad(self) -> bool:
        return self.sent > 0 and self.taken == 0


@dataclass
class Sender:
    """Sends what is due; one for each process."""

    partners: Partners
    events: Events
    deliveries: Deliveries
    queues: Queues
    courier: Courier
    sign: Callable[[Sequence[str], str, datetime, bytes], dict[str, str]]
    now: Callable[[], datetime]
    chance: Callable[[], float] = random.random
    holder: str = field(default_factory=lambda: uuid4().hex)
    turns: Any = field(default_factory=lambda: eventlet.GreenPool(TURNS))
    stopping: bool = False

    def round(self) -> None:
        """Begin the turns that are due, and wait for none: a slow endpoint holds up nobody."""
        now = self.now()
        for queue in self.queues.due(now, 2 * TURNS):
            if self.stopping or self.turns.free() <= 0:
                return
            if self.queues.claim(queue, self.holder, now + LEASE):
                self.turns.spawn_n(self._turn_safely, queue)

    def stop(self) -> None:
        """Begin nothing new, and wait for the answers that are still to come."""
        self.stopping = True
        self.turns.waitall()

    def _turn_safely(self, queue: Doc) -> None:
        try:
            self._turn(queue)
        except Exception as exc:  # noqa: BLE001 The lease ends by itself; the others go on.
            log.error("turn-failed", endpoint_id=queue["_id"], error=f"{type(exc).__name__}: {exc}")

    def _turn(self, queue: Doc) -> None:
        began = self.now()
        turn = self._begin(queue, began)
        due = {one["_id"]: one for one in self.deliveries.due(queue["_id"], began, RATE)}
        lanes = 1 if queue.get("losses") else LANES  # One try tells whether it is back.
        try:
            in_lanes(list(due), lanes, lambda ids: self._lane(turn, [due[id_] for id_ in ids]))
        finally:
            self._end(queue, turn, began, full=len(due) == RATE)

    def _begin(self, queue: Doc, now: datetime) -> Turn:
        partner = self.partners.find(queue["partner_id"])
        found = partner.endpoints if partner else []
        endpoint = next((one for one in found if one.id == queue["_id"]), None)
        return Turn(partner, endpoint, now + SLICE)

    def _lane(self, turn: Turn, deliveries: Sequence[Doc]) -> None:
        for delivery in deliveries:
            now = self.now()
            if turn.away or self.stopping or now >= turn.until:
                return
            if self.deliveries.claim(delivery, self.holder, now + LEASE):
                self._send(turn, {**delivery, "attempts": delivery["attempts"] + 1})

    def _send(self, turn: Turn, delivery: Doc) -> None:
        body = self._body(turn, delivery)
        if body is None or turn.endpoint is None:
            self.deliveries.record(delivery["_id"], self.holder, None, status=Outcome.SKIPPED)
            return
        at = self.now()
        headers = self._headers(turn.endpoint, delivery, at, body)
        answer = self.courier.post(turn.endpoint.url, body, headers)
        turn.sent += 1
        turn.taken += answer.is_success
        turn.away = turn.away or answer.is_away
        self._record(turn, delivery, answer, at)

    def _body(self, turn: Turn, delivery: Doc) -> bytes | None:
        """What is sent; None where nothing is any more."""
        partner, endpoint = turn.partner, turn.endpoint
        if partner is None or endpoint is None or endpoint.status is Status.REMOVED:
            return None
        if "event" in delivery:
            return orjson.dumps(delivery["event"])  # A test reaches also what is disabled.
        if partner.status is not Status.ACTIVE or endpoint.status is not Status.ACTIVE:
            return None
        kept = self.events.find(delivery["event_id"])
        return orjson.dumps(document(kept)) if kept else None

    def _headers(
        self, endpoint: Endpoint, delivery: Doc, at: datetime, body: bytes
    ) -> dict[str, str]:
        signed = self.sign(endpoint.signing(at), delivery["event_id"], at, body)
        replay = {"webhook-replay": "true"} if delivery["replay"] else {}
        return {"Content-Type": "application/cloudevents+json", **signed, **replay}

    def _record(self, turn: Turn, delivery: Doc, answer: Answer, at: datetime) -> None:
        attempts, now = delivery["attempts"], self.now()
        verdict = judge(attempts, answer, now, self.chance, once="event" in delivery)
        self.deliveries.record(
            delivery["_id"],
            self.holder,
            verdict.due_at,
            status=verdict.status,
            log=logged(delivery["log"], answer, attempts, at),
        )
        facts = {"status": answer.status, "code": answer.code, "ms": answer.ms}
        log.info("webhook", endpoint_id=delivery["endpoint_id"], attempt=attempts, **facts)
        self._note(turn, answer, now)

    def _note(self, turn: Turn, answer: Answer, now: datetime) -> None:
        """What the answer says about the endpoint; written only where it says something new."""
        partner, endpoint = turn.partner, turn.endpoint
        assert partner is not None
        assert endpoint is not None
        id_ = endpoint.id
        if answer.is_gone:
            self._change(turn, lambda one: one.disable_endpoint(id_, "gone"))
        elif not answer.is_success:
            self._change(turn, lambda one: one.endpoint_failed(id_, now))
        elif not endpoint.is_healthy():
            self._change(turn, lambda one: one.endpoint_succeeded(id_))

    def _change(self, turn: Turn, use_case: Callable[[Partner], object]) -> None:
        assert turn.partner is not None
        assert turn.endpoint is not None
        turn.partner = self.partners.change(turn.partner.id, None, use_case)
        turn.endpoint = turn.partner.endpoint(turn.endpoint.id)

    def _end(self, queue: Doc, turn: Turn, began: datetime, full: bool) -> None:
        """Say when this endpoint's next turn is: later after a bad one, soon where more waits."""
        before = queue.get("losses", 0)
        losses = before + 1 if turn.is_bad else 0 if turn.taken else before
        if turn.is_bad or full:
            until = began + PACE
            if turn.is_bad:
                until = self.now() + min(FIRST_REST * 2 ** min(losses - 1, 10), LONGEST_REST)
            self.queues.rest(queue["_id"], self.holder, until, losses)
            return
        while (standing := self.queues.find(queue["_id"])) and self._mine(standing):
            due_at = self.deliveries.next_due(queue["_id"])
            if self.queues.release(queue["_id"], self.holder, standing["news"], due_at, losses):
                return

    def _mine(self, queue: Doc) -> bool:
        return bool(queue.get("holder") == self.holder)
