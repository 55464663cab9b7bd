"""What is asked of engagements, and what applications and payments tell of them."""

from dataclasses import asdict
from functools import partial
from typing import Any

from services.projects import schemas, store, usecases
from services.projects.domain.engagement import Engagement
from services.projects.domain.project import Project
from services.projects.domain.revision import forget_applicant
from services.projects.domain.rubric import RUBRIC
from services.projects.domain.work import PaymentStatus
from services.projects.schemas import views, workroom_views
from services.projects.schemas import work as requests
from services.projects.schemas.inputs import PageSchema, load
from services.projects.schemas.project_views import todo as of_brief
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.rpc import rpc
from shared.sweep import each

View = dict[str, Any]
SWEEP_SECONDS = 5


class Engagements:
    """The work that follows from a brief."""

    projects = provide(store.projects)
    engagements = provide(store.engagements)
    now = provide(lambda platform: platform.now)

    @rpc
    def get_engagement(self, call: Call, engagement_id: str) -> View:
        found = usecases.get_engagement(self.engagements.load(engagement_id), call.principal)
        state, side = asdict(found), usecases.party_of(call.principal).value
        own = workroom_views.private(state, side, found.effective_hourly)
        return views.engagement(state) | own | {"rubric": RUBRIC}

    @rpc
    def list_engagements(
        self, call: Call, limit: Any = 20, after: Any = None, **filters: Any
    ) -> View:
        page = load(PageSchema(), {"limit": limit, "after": after})
        wanted = load(requests.EngagementFilters(), filters)
        scope = usecases.engagement_scope("list_engagements", call.principal)
        scope |= {"status": wanted["status"]} if wanted["status"] else {}
        found, following = store.find_engagements(scope, **page, sort=wanted["sort"])
        return {"items": [views.engagement(state) for state in found], "next": following}

    @rpc
    def list_todo(self, call: Call) -> View:
        scope = usecases.engagement_scope("list_todo", call.principal)
        waiting, role = store.find_waiting(scope), call.principal.role
        briefs = store.find_unsettled(role == "operator", call.principal.org_id)
        items = [item for state in waiting for item in views.todo(state, role)]
        return {"items": [*items, *(one for state in briefs for one in of_brief(state, role))]}

    @rpc
    def submit_deliverable(
        self, call: Call, engagement_id: str, files: Any, note: Any = "", ai_use: Any = None
    ) -> View:
        sent = {"files": files, "note": note, "ai_use": ai_use}
        work = load(requests.SubmissionSchema(), sent)
        act = partial(usecases.submit_deliverable, **work, by=call.principal, now=self.now())
        return self._change(engagement_id, call, act)

    @rpc
    def request_revision(
        self, call: Call, engagement_id: str, criteria: Any, comment: Any = ""
    ) -> View:
        wish = load(requests.RevisionSchema(), {"criteria": criteria, "comment": comment})
        act = partial(usecases.request_revision, **wish, by=call.principal, now=self.now())
        return self._change(engagement_id, call, act)

    @rpc
    def cancel_engagement(
        self, call: Call, engagement_id: str, reason: Any = None, comment: Any = ""
    ) -> View:
        given = load(requests.CancellationSchema(), {"reason": reason, "comment": comment})
        given["cause"] = given.pop("reason")
        act = partial(usecases.cancel_engagement, **given, by=call.principal, now=self.now())
        return self._change(engagement_id, call, act)

    def _change(self, engagement_id: str, call: Call, act: Any) -> View:
        return views.engagement(asdict(self.engagements.change(engagement_id, call, act)))

    # What applications and payments tell

    @on("application.accepted.v1")
    def on_application_accepted(self, event: Event) -> None:
        """Open the engagement first: it tells whether the project is known here."""
        accepted = load(schemas.ApplicationAccepted(), event.data)
        self._open(event, accepted, usecases.await_funding)
        application_id = accepted["application_id"]
        fill = partial(Project.fill_position, application_id=application_id, now=self.now())
        self.projects.change(accepted["project_id"], event, fill)

    @on("payment.funded.v1")
    def on_payment_funded(self, event: Event) -> None:
        funded = load(schemas.PaymentFunded(), event.data)
        self._open(event, funded, partial(Engagement.fund, now=self.now()))

    @on("payment.failed.v1")
    def on_payment_failed(self, event: Event) -> None:
        failed = load(schemas.PaymentFailed(), event.data)
        problem = failed.pop("code")
        note = partial(Engagement.note_payment, status=PaymentStatus.FAILED, problem=problem)
        self._open(event, failed, note)

    def _open(self, event: Event, facts: dict[str, Any], act: Any) -> Engagement:
        """Change the engagement; whichever of the first events is here first makes it."""
        facts = dict(facts)
        project_id = facts.pop("project_id")

        def new() -> Engagement:
            project = self.projects.find(project_id)
            return usecases.open_engagement(project, **facts, now=self.now())

        return self.engagements.change(facts["engagement_id"], event, act, new=new)

    @on("payment.refunded.v1")
    def on_payment_refunded(self, event: Event) -> None:
        refunded = load(schemas.PaymentRefunded(), event.data)
        total = refunded["refunded_amount"] or refunded["amount"]
        note = partial(Engagement.note_refund, total=total, now=self.now())
        self.engagements.change(refunded["engagement_id"], event, note)

    @on("payout.released.v1")
    def on_payout_released(self, event: Event) -> None:
        """The rights follow the money."""
        released = load(schemas.PayoutReleased(), event.data)
        note = partial(Engagement.note_release, at=event.time)
        self.engagements.change(released["engagement_id"], event, note)

    @on("payout.paid.v1")
    def on_payout_paid(self, event: Event) -> None:
        paid = load(schemas.PayoutPaid(), event.data)
        if paid["complete"]:
            note = partial(Engagement.note_payment, status=PaymentStatus.PAID)
            self.engagements.change(paid["engagement_id"], event, note)

    @on("fee.changed.v1")
    def on_fee_changed(self, event: Event) -> None:
        changed = load(schemas.FeeChanged(), event.data)
        note = partial(Engagement.note_fee, amount=changed["fee_amount"])
        self.engagements.change(changed["engagement_id"], event, note)

    @on("dispute.opened.v1")
    def on_dispute_opened(self, event: Event) -> None:
        opened = load(schemas.DisputeOpened(), event.data)
        freeze = partial(Engagement.open_dispute, dispute_id=opened["dispute_id"], at=event.time)
        self.engagements.change(opened["engagement_id"], event, freeze)

    @on("dispute.resolved.v1")
    def on_dispute_resolved(self, event: Event) -> None:
        resolved = load(schemas.DisputeResolved(), event.data)
        engagement_id = resolved.pop("engagement_id")
        thaw = partial(Engagement.resolve_dispute, **resolved, at=event.time)
        self.engagements.change(engagement_id, event, thaw)

    @on("chargeback.opened.v1")
    def on_chargeback_opened(self, event: Event) -> None:
        """To the work it is a dispute: it stands still."""
        opened = load(schemas.ChargebackOpened(), event.data)
        id_ = opened["chargeback_id"]
        freeze = partial(Engagement.open_dispute, dispute_id=id_, at=event.time)
        self.engagements.change(opened["engagement_id"], event, freeze)

    @on("chargeback.closed.v1")
    def on_chargeback_closed(self, event: Event) -> None:
        """Lost, the money is gone as if it had been given back; won, the work goes on."""
        closed = load(schemas.ChargebackClosed(), event.data)
        outcome = "refunded" if closed["outcome"] == "lost" else "withdrawn"
        about = {"dispute_id": closed["chargeback_id"], "outcome": outcome}
        thaw = partial(Engagement.resolve_dispute, **about, at=event.time)
        self.engagements.change(closed["engagement_id"], event, thaw)

    @on("application.withdrawn.v1")
    def on_application_withdrawn(self, event: Event) -> None:
        """Before an engagement there is nothing here to end but the applicant's interest."""
        withdrawn = load(schemas.ApplicationWithdrawn(), event.data)
        engagement_id = withdrawn["engagement_id"]
        forget = partial(forget_applicant, application_id=withdrawn["application_id"])
        self.projects.change(withdrawn["project_id"], event, forget)
        if engagement_id:
            leave = partial(Engagement.withdraw, now=self.now())
            self.engagements.change(engagement_id, event, leave)

    @every(SWEEP_SECONDS)
    def sweep_engagements(self) -> None:
        now = self.now()
        settle = partial(Engagement.settle_overdue, now=now)
        each(self.engagements.due(now), lambda id_: self.engagements.change(id_, None, settle))
