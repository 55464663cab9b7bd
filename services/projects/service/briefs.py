"""What is asked of briefs: written, published, found, changed, copied, closed."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from secrets import token_urlsafe
from typing import Any

from services.projects import library, schemas, store, usecases
from services.projects.domain import upkeep
from services.projects.domain.brief import Brief
from services.projects.domain.organisation import Level, Organisation
from services.projects.domain.project import Project
from services.projects.schemas import briefs as requests
from services.projects.schemas import project_views as views
from services.projects.schemas.inputs import PageSchema, load
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.principal import Principal
from shared.rpc import rpc
from shared.sweep import each

View = dict[str, Any]
SWEEP_SECONDS = 5


class Briefs:
    """Projects, from draft to closed."""

    projects = provide(store.projects)
    organisations = provide(store.organisations)
    levels = provide(lambda _platform: store.levels)
    policy = provide(lambda _platform: library.policy())
    now = provide(lambda platform: platform.now)

    @rpc
    def create_project(self, call: Call, brief: Any) -> View:
        terms = Brief(**load(requests.BriefSchema(), brief))
        project = usecases.create_project(f"prj-{call.id}", terms, call.principal, self.now())
        return self._shown(self.projects.create(call, project), call.principal)

    @rpc
    def update_project(self, call: Call, project_id: str, changes: Any) -> View:
        wanted = load(requests.BriefSchema(), changes, partial=True)
        act = partial(usecases.update_project, changes=wanted, **self._judging(call))
        return self._shown(self.projects.change(project_id, call, act), call.principal)

    @rpc
    def publish_project(self, call: Call, project_id: str) -> View:
        act = partial(usecases.publish_project, link_token=token_urlsafe(24), **self._judging(call))
        return self._shown(self.projects.change(project_id, call, act), call.principal)

    @rpc
    def close_project(self, call: Call, project_id: str) -> View:
        act = partial(usecases.close_project, by=call.principal, now=self.now())
        return self._shown(self.projects.change(project_id, call, act), call.principal)

    @rpc
    def confirm_project(self, call: Call, project_id: str) -> View:
        act = partial(usecases.confirm_project, by=call.principal, now=self.now())
        return self._shown(self.projects.change(project_id, call, act), call.principal)

    @rpc
    def copy_project(self, call: Call, project_id: str) -> View:
        project = self.projects.load(project_id)
        copy = usecases.copy_project(project, f"prj-{call.id}", call.principal, self.now())
        return self._shown(self.projects.create(call, copy), call.principal)

    @rpc
    def repost_project(self, call: Call, project_id: str, changes: Any = None) -> View:
        copy = usecases.repost_project(
            self.projects.load(project_id),
            f"prj-{call.id}",
            load(requests.BriefSchema(), changes or {}, partial=True),
            link_token=token_urlsafe(24),
            **self._judging(call),
        )
        return self._shown(self.projects.create(call, copy), call.principal)

    @rpc
    def get_project(self, call: Call, project_id: str, link_token: Any = None) -> View:
        token = load(requests.LinkSchema(), {"link_token": link_token})["link_token"]
        project = usecases.get_project(self.projects.load(project_id), call.principal, token)
        return self._shown(project, call.principal)

    @rpc
    def list_brief_versions(self, call: Call, project_id: str, link_token: Any = None) -> View:
        token = load(requests.LinkSchema(), {"link_token": link_token})["link_token"]
        project = usecases.get_project(
            self.projects.load(project_id), call.principal, token, "list_brief_versions"
        )
        return {"items": views.versions(asdict(project))}

    @rpc
    def list_projects(
        self, call: Call, filters: Any = None, limit: Any = 20, after: Any = None
    ) -> View:
        wanted = load(requests.ProjectFilters(), filters or {})
        page = load(PageSchema(), {"limit": limit, "after": after})
        org_id = usecases.searched_organisation(call.principal, wanted.pop("mine"))
        page["sort"] = wanted.pop("sort")
        found, following = store.find_projects(org_id, wanted, **page)
        return {"items": self._listed(found, inside=org_id is not None), "next": following}

    def _judging(self, call: Call) -> dict[str, Any]:
        """What decides whether a brief goes out: who asks, how far they are verified, the rules."""
        by = call.principal
        level = self._level(by.org_id)
        return {"by": by, "level": level, "policy": self.policy, "now": self.now()}

    def _level(self, org_id: str | None) -> Level:
        known = self.organisations.find(org_id) if org_id else None
        return known.level if known else Level.UNVERIFIED

    def _shown(self, project: Project, by: Principal) -> View:
        inside = usecases.insider(project, by)
        return views.project(asdict(project), self._level(project.org_id), inside)

    def _listed(self, found: Iterable[View], inside: bool) -> list[View]:
        rows = list(found)
        known = self.levels({row["org_id"] for row in rows})
        return [
            views.project(row, known.get(row["org_id"], Level.UNVERIFIED), inside) for row in rows
        ]

    @on("organisation.verified.v1")
    def on_organisation_verified(self, event: Event) -> None:
        told = load(schemas.OrganisationVerified(), event.data)
        level, id_ = Level(told["level"]), told["org_id"]
        verify = partial(Organisation.verify, level=level, revision=event.aggregate_version)
        self.organisations.change(id_, event, verify, new=partial(Organisation, id_))

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        cancelled = load(schemas.EngagementCancelled(), event.data)
        free = partial(Project.free_position, application_id=cancelled["application_id"])
        self.projects.change(cancelled["project_id"], event, free)

    @every(SWEEP_SECONDS)
    def sweep_projects(self) -> None:
        now = self.now()
        settle = partial(upkeep.settle, now=now)
        each(self.projects.due(now), lambda id_: self.projects.change(id_, None, settle))
