"""What selection hears of others and of itself, and what it does by the clock."""

from services.applications import schemas
from services.applications.service.kept import SWEEP_SECONDS, Kept
from services.applications.usecases import applications, applying, projects, selection
from shared.envelope import Event
from shared.messaging import every, on


class News(Kept):
    # What projects, matching and payments tell

    @on("project.published.v1")
    def on_project_published(self, event: Event) -> None:
        data = schemas.load(schemas.ProjectPublished(), event.data)
        projects.learn_project(
            self.cards, event, **data, announced_version=event.aggregate_version, at=event.time
        )

    @on("project.closed.v1")
    def on_project_closed(self, event: Event) -> None:
        data = schemas.load(schemas.ProjectClosed(), event.data)
        projects.close_project(
            self.cards, self.applications, self.queries.choosable, event, **data, now=self.now()
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
        self.note(event, started_at=event.time)

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        data = schemas.load(schemas.EngagementCancelled(), event.data)
        selection.end_engagement(self.cards, self.applications, event, **data)
        self.note(event, cancelled_at=event.time, fault=event.data["fault"])

    # What our own aggregates tell each other

    @on("application.submitted.v1")
    def on_application_submitted(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationSubmitted(), event.data)
        applying.answer_invitations(self.desk, event, **data)

    @on("application.selected.v1")
    def on_application_selected(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationSelected(), event.data)
        selection.follow_selection(self.cards, self.applications, event, **data, now=self.now())

    @on("application.accepted.v1")
    def on_application_accepted(self, event: Event) -> None:
        data = schemas.load(schemas.ApplicationAccepted(), event.data)
        selection.fill_slot(self.cards, event, **data, now=self.now())
        self.note(event, engaged_at=event.time)

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
    def sweep_applications(self) -> None:
        applications.sweep_applications(self.cards, self.applications, self.now())

    @every(SWEEP_SECONDS)
    def sweep_closed_projects(self) -> None:
        projects.sweep_closed_projects(
            self.cards, self.applications, self.queries.choosable, self.now()
        )
