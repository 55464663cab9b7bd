"""What figures of hiring are made of, and the figures."""

from typing import Any

from services.applications import schemas
from services.applications.service.kept import Kept
from services.applications.usecases import metrics
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.messaging import on
from shared.rpc import rpc


class Metrics(Kept):
    @rpc
    def get_metrics(self, call: Call, since: Any = None, until: Any = None) -> State:
        days = schemas.load(schemas.Days(), {"since": since, "until": until})
        return metrics.get_metrics(self.queries, call.principal, **days, now=self.now())

    @rpc
    def get_org_metrics(
        self, call: Call, org_id: str, since: Any = None, until: Any = None
    ) -> State:
        days = schemas.load(schemas.Days(), {"since": since, "until": until})
        return metrics.get_org_metrics(self.queries, call.principal, org_id, **days, now=self.now())

    @on("deliverable.submitted.v1")
    def on_deliverable_submitted(self, event: Event) -> None:
        self.note(event, submitted_at=event.time)

    @on("revision.requested.v1")
    def on_revision_requested(self, event: Event) -> None:
        data = schemas.load(schemas.RevisionRequested(), event.data)
        self.note(event, rounds=data["round"])

    @on("deliverable.accepted.v1")
    def on_deliverable_accepted(self, event: Event) -> None:
        data = schemas.load(schemas.DeliverableAccepted(), event.data)
        self.note(event, accepted_at=data["accepted_at"])

    @on("payout.released.v1")
    def on_payout_released(self, event: Event) -> None:
        self._cost(event, schemas.load(schemas.PayoutReleased(), event.data))

    @on("part.released.v1")
    def on_part_released(self, event: Event) -> None:
        self._cost(event, schemas.load(schemas.PartReleased(), event.data))

    def _cost(self, event: Event, data: State) -> None:
        whose = {name: data[name] for name in ("engagement_id", "project_id", "org_id")}
        cost = data["amount"] + data["fee_amount"]
        metrics.note_cost(self.facts, event, whose, cost, data["currency"])

    @on("time.noted.v1")
    def on_time_noted(self, event: Event) -> None:
        metrics.note_time(self.facts, event, **schemas.load(schemas.TimeNoted(), event.data))
