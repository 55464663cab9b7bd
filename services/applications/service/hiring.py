"""What is asked of hire offers and credentials, and the good work that leads to them."""

from functools import partial
from typing import Any

from services.applications import schemas
from services.applications.service.kept import SWEEP_SECONDS, Kept
from services.applications.usecases import (
    applications,
    assessments,
    credentials,
    hire_offers,
    hires,
    listings,
    views,
)
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.messaging import every, on
from shared.rpc import rpc


class Hiring(Kept):
    """From a good result to a job, and the proof of it."""

    @rpc
    def list_hire_offers(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        return listings.list_hire_offers(
            partial(partial, self.queries.offers), call.principal, **page
        )

    @rpc
    def get_hire_offer(self, call: Call, offer_id: str) -> State:
        found = hire_offers.get_hire_offer(self.hire_offers, call.principal, offer_id)
        return hires.view(found, call.principal)

    @rpc
    def extend_hire_offer(self, call: Call, offer_id: str, terms: Any = None) -> State:
        changes = schemas.load(schemas.OfferTerms(), {} if terms is None else terms)
        changed = hire_offers.extend_hire_offer(
            self.hire_offers, call, offer_id, changes, self.now()
        )
        return hires.view(changed, call.principal)

    @rpc
    def accept_hire_offer(self, call: Call, offer_id: str) -> State:
        changed = hire_offers.accept_hire_offer(self.hire_offers, call, offer_id, self.now())
        return hires.view(changed, call.principal)

    @rpc
    def decline_hire_offer(self, call: Call, offer_id: str, reason: Any) -> State:
        why = schemas.load(schemas.DeclineOffer(), {"reason": reason})["reason"]
        changed = hire_offers.decline_hire_offer(self.hire_offers, call, offer_id, why)
        return hires.view(changed, call.principal)

    @rpc
    def list_credentials(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.credentials_of, call.principal.id)
        return listings.list_credentials(rows, call.principal, **page)

    @rpc
    def get_credential(self, call: Call, credential_id: str) -> State:
        found = credentials.get_credential(self.credentials, call.principal, credential_id)
        return views.credential(found, call.principal)

    @on("evaluation.completed.v1")
    def on_evaluation_completed(self, event: Event) -> None:
        data = schemas.load(schemas.EvaluationCompleted(), event.data)
        hire_offers.offer_hire(
            self.cards, self.facts, self.hire_offers, event, **data, now=self.now()
        )
        self.note_result(event)

    @on("engagement.completed.v1")
    def on_engagement_completed(self, event: Event) -> None:
        data = schemas.load(schemas.EngagementCompleted(), event.data)
        engagement_id = data["engagement_id"]
        applications.note_engagement(
            self.applications, event, engagement_id=engagement_id, status="completed"
        )
        self.note(event, completed_at=data["completed_at"])
        whose = {name: data[name] for name in ("candidate_id", "project_id", "completed_at")}
        assessments.note_end(self.bench, event, **whose)
        credentials.issue_credential(self.cards, self.credentials, event, **data, now=self.now())

    @every(SWEEP_SECONDS)
    def sweep_hire_offers(self) -> None:
        hires.sweep_hire_offers(self.hire_offers, self.now())
