"""A project under anything that people, applications, time and chance may do to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.projects.domain import inquiry, review, revision, upkeep
from services.projects.domain.organisation import Level
from services.projects.domain.project import CloseReason, Project, Status
from services.projects.domain.project_records import Reason
from services.projects.schemas import project_views as views
from shared.codec import Codec
from shared.envelope import Contracts, pack, parse
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.projects.samples import NOW, POLICY, brief, draft

CONTRACTS = Contracts.load()
CODEC = Codec(Project)
LEVELS = st.sampled_from(list(Level))
APPLICATIONS = st.sampled_from(["app-1", "app-2", "app-3"])
NEXT = {
    Status.DRAFT: {Status.IN_REVIEW, Status.PUBLISHED, Status.CLOSED},
    Status.IN_REVIEW: {Status.CHANGES_REQUESTED, Status.PUBLISHED, Status.CLOSED},
    Status.CHANGES_REQUESTED: {Status.IN_REVIEW, Status.PUBLISHED, Status.CLOSED},
    Status.PUBLISHED: {Status.CLOSED},
    Status.CLOSED: set(),
}


class ProjectMachine(RuleBasedStateMachine):
    """Every act goes through the codec, as a store does."""

    @initialize(positions=st.integers(1, 3), days=st.none() | st.integers(1, 60))
    def begin(self, positions: int, days: int | None) -> None:
        apply_by = (NOW + timedelta(days=days)).isoformat() if days else None
        self.state = CODEC.write(draft(positions=positions, apply_by=apply_by))
        self.now, self.told = NOW, list[Any]()
        self.number = 0

    @property
    def project(self) -> Project:
        return CODEC.read({**self.state, "version": 1})

    def do(self, act: Callable[[Project], object]) -> None:
        project = self.project
        before = project.status
        try:
            act(project)
        except (Conflict, Invalid, NotFound):
            assert CODEC.write(project) == self.state, "a refusal leaves everything as it was"
            assert not project.events
            return
        assert project.status in {before, *NEXT[before]}, f"{before} became {project.status}"
        self.state = CODEC.write(project)
        self.told += project.events

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for _ in range(2):
            self.do(lambda project: upkeep.settle(project, self.now))

    @rule(hours=st.integers(5, 14))
    def the_draft_is_edited(self, hours: int) -> None:
        self.do(lambda project: project.edit(brief(hours=hours)))

    @rule(level=LEVELS)
    def it_is_handed_in(self, level: Level) -> None:
        self.do(lambda project: review.submit(project, level, POLICY, self.now))

    @rule(good=st.booleans())
    def an_operator_decides(self, good: bool) -> None:
        why = [Reason(field="title", reason="Say more.")]
        if good:
            self.do(lambda project: review.approve(project, POLICY, "acc-otto", self.now))
        else:
            self.do(lambda project: review.request_changes(project, why, "acc-otto", self.now))

    @rule()
    def an_exception_is_made(self) -> None:
        self.do(lambda project: review.grant_exception(project, "A charity.", self.now))

    @rule(level=LEVELS, more=st.integers(-1, 3))
    def it_is_revised(self, level: Level, more: int) -> None:
        def act(project: Project) -> None:
            fee = {"fee_amount": project.brief.fee_amount + more}
            revision.revise(project, fee, level, POLICY, self.now)

        self.do(act)

    @rule(application=APPLICATIONS, how=st.integers(0, 4))
    def applications_come_and_go(self, application: str, how: int) -> None:
        candidate = application.replace("app", "acc")
        acts: tuple[Callable[[Project], object], ...] = (
            lambda one: revision.note_applicant(one, application, candidate, None, self.now),
            lambda one: revision.forget_applicant(one, application),
            lambda one: one.fill_position(application, self.now),
            lambda one: one.free_position(application),
            lambda one: one.stir(self.now),
        )
        self.do(acts[how])

    @rule(which=st.integers(1, 3))
    def questions_are_asked_and_answered(self, which: int) -> None:
        self.number += 1
        asked, answered = f"inq-{self.number}", f"inq-{self.number - which}"
        candidate = f"acc-{self.number}"
        self.do(lambda one: inquiry.ask(one, asked, candidate, "Why is that?", self.now))
        self.do(lambda one: inquiry.answer(one, answered, "Because.", self.now))

    @rule(gives_up=st.integers(0, 9))
    def the_company_says_something(self, gives_up: int) -> None:
        if gives_up:
            self.do(lambda project: upkeep.confirm(project, self.now))
        else:
            self.do(lambda project: project.close(CloseReason.COMPANY, self.now))

    def count(self, noun_and_verb: str) -> int:
        return sum(event.type == f"{noun_and_verb}.v1" for event in self.told)

    @invariant()
    def what_is_told_is_what_is(self) -> None:
        project, published = self.project, self.count("project.published")
        assert project.public == (published > 0)
        assert published == (project.brief_version if project.public else 0)
        ended = project.status is Status.CLOSED
        assert self.count("project.closed") == int(ended and project.public)
        assert (project.close_reason is not None) == (project.closed_at is not None) == ended
        assert len(project.history) == project.brief_version - 1

    @invariant()
    def every_waiting_state_has_an_end(self) -> None:
        project = self.project
        waits = project.status not in (Status.DRAFT, Status.CLOSED)
        assert (project.due_at is not None) == waits
        if project.status is Status.PUBLISHED and project.brief.apply_by:
            assert project.due_at is not None
            assert project.due_at <= project.brief.apply_by

    @invariant()
    def what_is_in_review_says_why(self) -> None:
        project = self.project
        if project.status in (Status.IN_REVIEW, Status.CHANGES_REQUESTED):
            assert project.review is not None
            assert project.review.findings
            assert bool(project.review.reasons) == (project.status is Status.CHANGES_REQUESTED)

    @invariant()
    def a_published_fee_never_went_down(self) -> None:
        project = self.project
        fees = [was.brief.fee_amount for was in project.history] + [project.brief.fee_amount]
        assert fees == sorted(fees)

    @invariant()
    def events_keep_their_contracts(self) -> None:
        for event in self.told[-4:]:
            entry = pack(event, source="projects", subject="p:1", version=1, now=self.now)
            CONTRACTS.check(event.type, parse(entry["body"]).data)

    @invariant()
    def it_can_be_shown(self) -> None:
        view = views.project({**self.state, "id": "prj-1", "version": 1}, "verified", inside=True)
        assert view["status"] == self.project.status


ProjectMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestProject = ProjectMachine.TestCase
