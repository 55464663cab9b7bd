"""Applications: profiles, applying and selecting, hire offers and credentials."""

from functools import partial
from typing import Any

from services.applications import schemas, store
from services.applications.usecases import (
    applications,
    candidates,
    credentials,
    hire_offers,
    listings,
    projects,
    selection,
    todo,
    views,
)
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.rpc import rpc

SWEEP_SECONDS = 5


class ApplicationsService:
    name = "applications"

    candidates = provide(store.candidates)
    cards = provide(store.cards)
    applications = provide(store.applications)
    hire_offers = provide(store.hire_offers)
    credentials = provide(store.credentials)
    queries = provide(lambda _: store.Queries())
    settings = provide(lambda platform: platform.settings)
    now = provide(lambda platform: platform.now)

    # Profiles

    @rpc
    def put_profile(self, call: Call, profile: Any) -> State:
        wanted = schemas.load(schemas.Profile(), profile)
        return views.profile(candidates.put_profile(self.candidates, call, wanted))

    @rpc
    def get_profile(self, call: Call) -> State:
        return views.profile(candidates.get_profile(self.candidates, call.principal))

    # Applications

    @rpc
    def submit_application(self, call: Call, project_id: str, answers: Any) -> State:
        application = applications.submit_application(
            (self.candidates, self.cards, self.applications),
            call,
            project_id=project_id,
            answers=schemas.load(schemas.Answers(), {"answers": answers})["answers"],
            id_key=self.settings.id_key,
            now=self.now(),
        )
        return views.application(application, call.principal)

    @rpc
    def get_application(self, call: Call, application_id: str) -> State:
        found = applications.get_application(self.applications, call.principal, application_id)
        return views.application(found, call.principal)

    @rpc
    def list_applications(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.applications_of, call.principal.id)
        return listings.list_applications(rows, call.principal, **page)

    @rpc
    def list_project_applications(
        self, call: Call, project_id: str, limit: Any = 20, after: Any = None
    ) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.ranked, project_id)
        return listings.list_project_applications(
            self.cards, rows, call.principal, project_id=project_id, **page
        )

    @rpc
    def shortlist_application(self, call: Call, application_id: str) -> State:
        changed = applications.shortlist_application(self.applications, call, application_id)
        return views.application(changed, call.principal)

    @rpc
    def decline_application(self, call: Call, application_id: str, reason: Any) -> State:
        why = schemas.load(schemas.Decline(), {"reason": reason})["reason"]
        changed = applications.decline_application(self.applications, call, application_id, why)
        return views.application(changed, call.principal)

    @rpc
    def select_application(self, call: Call, application_id: str) -> State:
        changed = selection.select_application(
            self.cards, self.applications, call, application_id, self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def accept_selection(self, call: Call, application_id: str) -> State:
        changed = selection.accept_selection(
            self.cards, self.applications, call, application_id, self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def withdraw_application(self, call: Call, application_id: str, reason: Any = None) -> State:
        why = schemas.load(schemas.Withdrawal(), {"reason": reason})["reason"]
        changed = applications.withdraw_application(self.applications, call, application_id, why)
        return views.application(changed, call.principal)

    # Hire offers and credentials

    @rpc
    def list_hire_offers(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        return listings.list_hire_offers(
            partial(partial, self.queries.offers), call.principal, **page
        )

    @rpc
    def get_hire_offer(self, call: Call, offer_id: str) -> State:
        found = hire_offers.get_hire_offer(self.hire_offers, call.principal, offer_id)
        return views.hire_offer(found, call.principal)

    @rpc
    def extend_hire_offer(self, call: Call, offer_id: str, terms: Any = None) -> State:
        changes = schemas.load(schemas.OfferTerms(), {} if terms is None else terms)
        changed = hire_offers.extend_hire_offer(
            self.hire_offers, call, offer_id, changes, self.now()
        )
        return views.hire_offer(changed, call.principal)

    @rpc
    def accept_hire_offer(self, call: Call, offer_id: str) -> State:
        changed = hire_offers.accept_hire_offer(self.hire_offers, call, offer_id, self.now())
        return views.hire_offer(changed, call.principal)

    @rpc
    def decline_hire_offer(self, call: Call, offer_id: str, reason: Any) -> State:
        why = schemas.load(schemas.DeclineOffer(), {"reason": reason})["reason"]
        changed = hire_offers.decline_hire_offer(self.hire_offers, call, offer_id, why)
        return views.hire_offer(changed, call.principal)

    @rpc
    def list_credentials(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.credentials_of, call.principal.id)
        return listings.list_credentials(rows, call.principal, **page)

    @rpc
    def get_credential(self, call: Call, credential_id: str) -> State:
        found = credentials.get_credential(self.credentials, call.principal, credential_id)
        return views.credential(found, call.principal)

    @rpc
    def list_todo(self, call: Call) -> State:
        return todo.list_todo(self.queries, call.principal)

    # What projects, matching and payments tell

    @on("project.published.v1")
    def on_project_published(self, event: Event) -> None:
        data = schemas.load(schemas.ProjectPublished(), event.data)
        projects.learn_project(self.cards, event, **data, announced_version=event.aggregate_version)

    @on("project.closed.v1")
    def on_project_closed(self, event: Event) -> None:
        data = schemas.load(schemas.ProjectClosed(), event.data)
        projects.close_project(
            self.cards, self.applications, self.queries.open_ids, event, **data, now=self.now()
        )

    @on("match.scored.v1")
    def on_match_scored(self, event: Event) -> None:
        data = schemas.load(schemas.MatchScored(), event.data)
        applications.rate_application(self.applications, event, **data, at=event.time)

    @on("payment.failed.v1")
    def on_payment_failed(self, event: Event) -> None:
        data = schemas.load(schemas.PaymentFailed(), event.data)
        applications.note_payment(self.applications, event, **data, at=event.time)

    @on("payment.funded.v1")
    def on_payment_funded(self, event: Event) -> None:
        data = schemas.load(schemas.PaymentFunded(), event.data)
        applications.note_payment(self.applications, event, **data, problem=None, at=event.time)

    @on("engagement.started.v1")
    def on_engagement_started(self, event: Event) -> None:
        data = schemas.load(schemas.EngagementStarted(), event.data)
        applications.note_engagement(self.applications, event, **data, status="started")

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        data = schemas.load(schemas.EngagementCancelled(), event.data)
        selection.end_engagement(self.cards, self.applications, event, **data)

    @on("evaluation.completed.v1")
    def on_evaluation_completed(self, event: Event) -> None:
        data = schemas.load(schemas.EvaluationCompleted(), event.data)
        hire_offers.offer_hire(self.cards, self.hire_offers, event, **data, now=self.now())

    @on("engagement.completed.v1")
    def on_engagement_completed(self, event: Event) -> None:
        data = schemas.load(schemas.EngagementCompleted(), event.data)
        engagement_id = data["engagement_id"]
        applications.note_engagement(
            self.applications, event, engagement_id=engagement_id, status="completed"
        )
        credentials.issue_credential(self.cards, self.credentials, event, **data, now=self.now())

    # What our own aggregates tell each other

    @on("application.selected.v1")
    def on_application_selected(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationSelected(), event.data)
        selection.follow_selection(self.cards, self.applications, event, **data)

    @on("application.accepted.v1")
    def on_application_accepted(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationAccepted(), event.data)
        selection.fill_slot(self.cards, event, **data)

    @on("application.declined.v1")
    def on_application_declined(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationDeclined(), event.data)
        selection.free_slot(self.cards, event, **data)

    @on("application.withdrawn.v1")
    def on_application_withdrawn(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationWithdrawn(), event.data)
        selection.free_slot(self.cards, event, **data)

    # Silence is an answer too

    @every(SWEEP_SECONDS)
    def sweep_selections(self) -> None:
        applications.sweep_selections(self.applications, self.now())

    @every(SWEEP_SECONDS)
    def sweep_hire_offers(self) -> None:
        hire_offers.sweep_hire_offers(self.hire_offers, self.now())

    @every(SWEEP_SECONDS)
    def sweep_closed_projects(self) -> None:
        projects.sweep_closed_projects(
            self.cards, self.applications, self.queries.open_ids, self.now()
        )
