"""Matching: keeps who can do what and who asks for what; scores, suggests, recommends, explains."""

from functools import partial
from typing import Any

from services.matching import schemas, store, usecases
from services.matching.domain.entries import CandidateEntry, Evidence, ProjectEntry
from services.matching.domain.recommendation import Recommendation
from services.matching.index import CandidateIndex, ProjectIndex
from services.matching.taxonomy import Taxonomy
from shared import exporting
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.platform import Platform
from shared.rpc import rpc

REFRESH_SECONDS = 5  # So that a request finds little left to read.
View = dict[str, Any]


class Desk:
    """What the service works with: one object, since the pool reads what the stores write."""

    def __init__(self, platform: Platform) -> None:
        self.projects = store.projects(platform)
        self.candidates = store.candidates(platform)
        self.evidence = store.evidence(platform)
        self.recommendations = store.recommendations(platform)
        self.applications = store.Applications()
        self.people = store.People(platform)
        self.taxonomy = Taxonomy()
        self.pool = store.Pool(
            CandidateIndex(),
            ProjectIndex(),
            {
                "projects": self.projects,
                "candidates": self.candidates,
                "evidence": self.evidence,
            },
        )


class MatchingService:
    name = "matching"

    desk = provide(Desk)
    now = provide(lambda platform: platform.now)

    # What is kept

    @on("project.published.v1")
    def on_project_published(self, event: Event) -> None:
        brief = schemas.ProjectPublished().load(event.data)
        id_, revision = brief["project_id"], event.aggregate_version
        keep = partial(usecases.publish_project, brief=brief, revision=revision, now=self.now())
        project = self.desk.projects.change(id_, event, keep, new=partial(ProjectEntry, id_))
        self.desk.pool.refresh()
        best = usecases.best_for(project, self.desk.pool.index)
        self.desk.recommendations.change(
            id_,
            event,
            partial(
                usecases.suggest_candidates,
                best=best,
                revision=revision,
                taxonomy_version=self.desk.taxonomy.version,
            ),
            new=partial(Recommendation, id_, id_, project.org_id),
        )

    @on("project.closed.v1")
    def on_project_closed(self, event: Event) -> None:
        id_ = schemas.ProjectClosed().load(event.data)["project_id"]
        close = partial(usecases.close_project, now=self.now())
        self.desk.projects.change(id_, event, close, new=partial(ProjectEntry, id_))

    @on("candidate.updated.v1")
    def on_candidate_updated(self, event: Event) -> None:
        told = schemas.CandidateUpdated().load(event.data)
        update = partial(
            usecases.update_candidate,
            told=told,
            revision=event.aggregate_version,
            at=event.time,
            now=self.now(),
        )
        id_ = told["candidate_id"]
        self.desk.candidates.change(id_, event, update, new=partial(CandidateEntry, id_))

    @on("hire-offer.accepted.v1")
    def on_hire_offer_accepted(self, event: Event) -> None:
        id_ = schemas.HireOfferAccepted().load(event.data)["candidate_id"]
        hire = partial(usecases.hire_candidate, at=event.time, now=self.now())
        self.desk.candidates.change(id_, event, hire, new=partial(CandidateEntry, id_))

    @on("evaluation.released.v1")
    def on_evaluation_released(self, event: Event) -> None:
        told = schemas.EvaluationReleased().load(event.data)
        score = told["weighted_score"]
        if score is None:  # The company did not rate.
            return
        self._prove(
            event, told, partial(usecases.evaluate_work, weighted_score=score, now=self.now())
        )

    @on("evaluation.judged.v1")
    def on_evaluation_judged(self, event: Event) -> None:
        """An operator has struck out the company's rating, on the candidate's appeal."""
        told = schemas.EvaluationJudged().load(event.data)
        if (told["by"], told["outcome"]) == ("candidate", "removed"):
            self._prove(event, told, partial(usecases.disregard_score, now=self.now()))

    @on("engagement.completed.v1")
    def on_engagement_completed(self, event: Event) -> None:
        told = schemas.EngagementCompleted().load(event.data)
        self._prove(event, told, partial(usecases.complete_work, done=told, now=self.now()))

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        told = schemas.EngagementCancelled().load(event.data)
        self._prove(event, told, partial(usecases.cancel_work, now=self.now()))

    def _prove(self, event: Event, told: dict[str, Any], use_case: partial[None]) -> None:
        id_ = told["engagement_id"]
        new = partial(Evidence, id_, told["candidate_id"])
        if self._erased(told["candidate_id"]):
            use_case = partial(Evidence.erase, now=self.now())
        self.desk.evidence.change(id_, event, use_case, new=new)

    def _erased(self, candidate_id: str) -> bool:
        """Whether nobody is behind this id any more: an event that was parked comes years late."""
        entry = self.desk.candidates.find(candidate_id)
        return entry is not None and entry.erased

    @on("account.erased.v1")
    def on_account_erased(self, event: Event) -> None:
        """Each document under the same event's id: interrupted, it goes on where it was.

        An entry stays, or is made: so what comes later finds that the person is gone.
        """
        id_ = schemas.AccountErased().load(event.data)["account_id"]
        now, desk = self.now(), self.desk
        erase, new = partial(CandidateEntry.erase, now=now), partial(CandidateEntry, id_)
        desk.candidates.change(id_, event, erase, new=new)
        for one in desk.people.evidence_of(id_):
            desk.evidence.change(one, event, partial(Evidence.erase, now=now))
        for one in desk.people.recommendations_of(id_):
            desk.recommendations.change(one, event, Recommendation.erase)

    # What is said of it

    @on("application.submitted.v1")
    def on_application_submitted(self, event: Event) -> None:
        application = schemas.ApplicationSubmitted().load(event.data)
        found = self.desk.projects.find(application["project_id"])
        project = usecases.require_published(found)
        if self._erased(application["candidate_id"]):
            return
        self.desk.pool.refresh()
        score = partial(
            usecases.score_application,
            application=application,
            project=project,
            proven=self.desk.pool.proven(application["candidate_id"]),
            taxonomy_version=self.desk.taxonomy.version,
        )
        self._rate(event, application, score)

    @on("application.withdrawn.v1")
    def on_application_withdrawn(self, event: Event) -> None:
        told = schemas.ApplicationWithdrawn().load(event.data)
        self._rate(event, told, partial(usecases.withdraw_application))

    def _rate(self, event: Event, told: dict[str, Any], use_case: partial[None]) -> None:
        id_ = told["application_id"]
        new = partial(Recommendation, id_, told["project_id"], told["org_id"], told["candidate_id"])
        self.desk.recommendations.change(id_, event, use_case, new=new)

    # What is answered

    @rpc
    def search_skills(self, call: Call, query: str, limit: int | None = None) -> View:
        call.principal.require("search_skills")
        asked = schemas.read(schemas.SkillSearch(), query=query, limit=limit)
        return {"items": self.desk.taxonomy.search(asked["query"], asked["limit"]), "next": None}

    @rpc
    def recommend_projects(self, call: Call, limit: int | None = None) -> View:
        self.desk.pool.refresh()
        items = usecases.recommend_projects(
            call.principal,
            self.desk.pool.profile(call.principal.id),
            self.desk.pool.projects,
            self.desk.pool.titles,
            schemas.read(schemas.Page(), limit=limit)["limit"],
            self.desk.applications.of_candidate(call.principal.id),
        )
        return {"items": items, "next": None}

    @rpc
    def recommend_candidates(self, call: Call, project_id: str, limit: int | None = None) -> View:
        self.desk.pool.refresh()
        items = usecases.recommend_candidates(
            call.principal,
            self.desk.projects.find(project_id),
            self.desk.pool.index,
            schemas.read(schemas.Page(), limit=limit)["limit"],
            self.desk.applications.of_project(project_id),
        )
        return {"items": items, "next": None}

    @rpc
    def explain_match(self, call: Call, application_id: str) -> View:
        recommendation = self.desk.recommendations.find(application_id)
        return usecases.explain_match(call.principal, recommendation)

    @rpc
    def export_person(self, call: Call, person_id: str, after: str | None = None) -> View:
        call.principal.require("export_person", person_id=person_id)
        return exporting.page(self.desk.people.sections(person_id), after)

    @every(REFRESH_SECONDS)
    def refresh_pool(self) -> None:
        self.desk.pool.refresh()
