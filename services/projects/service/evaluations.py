"""What both sides say about each other, half way and at the end, and what it adds up to."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from services.projects import library, schemas, store
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation, evaluation_id
from services.projects.domain.midpoint import Midpoint, midpoint_id
from services.projects.domain.reputation import reputation
from services.projects.domain.work import Party
from services.projects.schemas import evaluation_views as views
from services.projects.schemas import evaluations as requests
from services.projects.schemas.inputs import load
from services.projects.service.engagements import SWEEP_SECONDS, Engagements
from services.projects.usecases import evaluations as usecases
from services.projects.usecases.engagements import engagement_scope
from services.projects.usecases.kickoff import party_of
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.principal import Principal
from shared.rpc import rpc
from shared.sweep import each

View = dict[str, Any]


class Evaluations(Engagements):
    """Ratings, check-ins and reputation."""

    evaluations = provide(store.evaluations)
    midpoints = provide(store.midpoints)
    opinions = provide(lambda _: store.Opinions())

    @rpc
    def list_todo(self, call: Call) -> View:
        """Beside the work: evaluations and check-ins that wait for this side."""
        items = super().list_todo(call)["items"]
        scope, side = engagement_scope("list_todo", call.principal), party_of(call.principal)
        rate = map(self.evaluations.codec.read, self.opinions.unrated(scope))
        check = map(self.midpoints.codec.read, self.opinions.unanswered(scope))
        return {"items": [*items, *views.todo(rate, check, side.value)]}

    @rpc
    def get_rubric(self, call: Call) -> View:
        call.principal.require("get_rubric")
        return views.rubrics(library.nace())

    @rpc
    def accept_deliverable(self, call: Call, engagement_id: str) -> View:
        act = partial(usecases.accept_deliverable, by=call.principal, now=self.now())
        return self._change(engagement_id, call, act)

    @rpc
    def evaluate_engagement(self, call: Call, engagement_id: str, **answers: Any) -> View:
        """Accept the work where that is still to be done, then keep the rating."""
        given, by, now = load(requests.CompanyOpinionSchema(), answers), call.principal, self.now()
        accept = partial(
            usecases.evaluate_engagement,
            existing=self.evaluations.find(evaluation_id(engagement_id)),
            opinion=given["opinion"],
            by=by,
            now=now,
        )
        engagement = self.engagements.change(engagement_id, call, accept)
        rate = partial(Evaluation.rate, side=Party.COMPANY, rater_id=by.id, now=now, **given)
        return self._rated(engagement, call, rate)

    @rpc
    def rate_company(self, call: Call, engagement_id: str, **answers: Any) -> View:
        opinion, by = load(requests.CandidateOpinionSchema(), answers), call.principal
        engagement = self.engagements.load(engagement_id)
        usecases.rate_company(engagement, opinion, by)
        rate = partial(
            Evaluation.rate,
            side=Party.CANDIDATE,
            rater_id=by.id,
            opinion=opinion,
            now=self.now(),
        )
        return self._rated(engagement, call, rate)

    def _rated(
        self, engagement: Engagement, call: Call, rate: Callable[[Evaluation], object]
    ) -> View:
        """What version the caller expects is the engagement's, not the evaluation's."""
        new = partial(usecases.open_evaluation, engagement, self.now())
        unversioned = replace(call, expected_version=None)
        id_ = evaluation_id(engagement.id)
        changed = self.evaluations.change(id_, unversioned, rate, new=new)
        return self._evaluation(changed, call.principal)

    @rpc
    def get_evaluation(self, call: Call, engagement_id: str) -> View:
        found = self.evaluations.find(evaluation_id(engagement_id))
        usecases.get_evaluation(self.engagements.load(engagement_id), found, call.principal)
        assert found is not None
        return self._evaluation(found, call.principal)

    @rpc
    def reply_to_evaluation(self, call: Call, engagement_id: str, **words: Any) -> View:
        given = load(requests.ReplySchema(), words)
        return self._act("reply_to_evaluation", Evaluation.reply, engagement_id, call, given)

    @rpc
    def publish_comment(self, call: Call, engagement_id: str, public: Any) -> View:
        """The author's consent, and its end."""
        given = load(requests.PublicSchema(), {"public": public})
        engagement = self.engagements.load(engagement_id)
        usecases.require("publish_comment", engagement, call.principal)
        act = partial(Evaluation.publish_comment, **given)
        changed = self.evaluations.change(evaluation_id(engagement_id), call, act)
        return self._evaluation(changed, call.principal)

    @rpc
    def report_evaluation(self, call: Call, engagement_id: str, **words: Any) -> View:
        """The appeal: of a rating, or of the fault of an engagement that was cancelled."""
        given = load(requests.ReportSchema(), words)
        return self._act("report_evaluation", Evaluation.report, engagement_id, call, given)

    def _act(self, operation: str, act: Any, engagement_id: str, call: Call, given: View) -> View:
        by, now = call.principal, self.now()
        engagement = self.engagements.load(engagement_id)
        usecases.require(operation, engagement, by)
        change = partial(act, side=party_of(by), now=now, **given)
        new = partial(usecases.open_evaluation, engagement, now)
        changed = self.evaluations.change(evaluation_id(engagement_id), call, change, new=new)
        return self._evaluation(changed, by)

    @rpc
    def judge_evaluation(self, call: Call, engagement_id: str, **words: Any) -> View:
        given = load(requests.JudgementSchema(), words)
        call.principal.require("judge_evaluation")
        judge = partial(Evaluation.judge, **given, now=self.now())
        changed = self.evaluations.change(evaluation_id(engagement_id), call, judge)
        return self._evaluation(changed, call.principal)

    @rpc
    def list_open_flags(self, call: Call, state: Any = "open") -> View:
        """Flags and reports that wait for an operator, the longest waiting first."""
        call.principal.require("list_open_flags")
        load(requests.OpenFlagsSchema(), {"state": state})
        flagged = map(self.engagements.codec.read, self.opinions.flagged())
        reported = map(self.evaluations.codec.read, self.opinions.reported())
        return {"items": views.open_flags(flagged, reported)}

    def _evaluation(self, found: Evaluation, by: Principal) -> View:
        return views.evaluation(found, by.id, party_of(by), library.nace())

    # Reputation

    @rpc
    def get_candidate_reputation(self, call: Call, candidate_id: str) -> View:
        """One's own, or that of a candidate whom one's company has engaged."""
        by = call.principal
        engaged = by.org_id and self.opinions.engaged(by.org_id, candidate_id)
        org_id = by.org_id if engaged else None
        by.require("get_candidate_reputation", org_id=org_id, person_id=candidate_id)
        return self._reputation("candidate_id", candidate_id, whole=by.org_id is None)

    @rpc
    def get_org_reputation(self, call: Call, org_id: str) -> View:
        by = call.principal
        by.require("get_org_reputation")
        whole = by.org_id == org_id or by.role == "operator"
        return self._reputation("org_id", org_id, whole)

    def _reputation(self, field: str, id_: str, whole: bool) -> View:
        rated = self.evaluations.codec.read
        rows = [rated(row) for row in self.opinions.ended(field, id_)]
        faults = self.opinions.cancelled(field, id_)
        inputs = usecases.reputation_inputs(field, rows, faults)
        found = views.reputation(id_, reputation(inputs, self.now()), whole)
        return found | {"comments": views.comments(rows if field == "org_id" else [])}

    # Half way

    @rpc
    def get_midpoint(self, call: Call, engagement_id: str) -> View:
        found = self.midpoints.load(midpoint_id(engagement_id))
        return views.midpoint(usecases.get_midpoint(found, call.principal))

    @rpc
    def answer_midpoint(self, call: Call, engagement_id: str, **words: Any) -> View:
        given = load(requests.MidpointAnswerSchema(), words)
        act = partial(usecases.answer_midpoint, words=given, by=call.principal, now=self.now())
        return views.midpoint(self.midpoints.change(midpoint_id(engagement_id), call, act))

    # What our own engagements tell

    @on("engagement.started.v1")
    def on_engagement_started(self, event: Event) -> None:
        started = load(schemas.EngagementStarted(), event.data)
        plan = usecases.plan_midpoint(**started, started_at=event.time)
        self.midpoints.create(event, plan)

    @on("engagement.completed.v1")
    def on_engagement_completed(self, event: Event) -> None:
        id_ = load(schemas.EngagementCompleted(), event.data)["engagement_id"]
        found = usecases.open_evaluation(self.engagements.find(id_), event.time)
        self.evaluations.create(event, found)

    @every(SWEEP_SECONDS)
    def sweep_evaluations(self) -> None:
        now = self.now()
        settle = partial(Evaluation.settle, now=now)
        each(self.evaluations.due(now), lambda id_: self.evaluations.change(id_, None, settle))

    @every(SWEEP_SECONDS)
    def sweep_midpoints(self) -> None:
        now = self.now()

        def settle(id_: str) -> None:
            found = self.midpoints.load(id_)
            under_way = usecases.is_under_way(self.engagements.find(found.engagement_id))
            act = partial(Midpoint.settle, under_way=under_way, now=now)
            self.midpoints.change(id_, None, act)

        each(self.midpoints.due(now), settle)
