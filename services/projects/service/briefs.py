"""What is asked of briefs: written, published, found, closed."""

from dataclasses import asdict
from functools import partial
from typing import Any

from services.projects import schemas, store, usecases
from services.projects.domain.brief import Brief
from services.projects.domain.project import Project
from services.projects.schemas import briefs as requests
from services.projects.schemas import views
from services.projects.schemas.inputs import PageSchema, load
from shared.envelope import Call, Event
from shared.messaging import every, on, provide
from shared.rpc import rpc
from shared.sweep import each

View = dict[str, Any]
SWEEP_SECONDS = 5


class Briefs:
    """Projects, from draft to closed."""

    projects = provide(store.projects)
    now = provide(lambda platform: platform.now)

    @rpc
    def create_project(self, call: Call, brief: Any) -> View:
        terms = Brief(**load(requests.BriefSchema(), brief))
        project = usecases.create_project(f"prj-{call.id}", terms, call.principal, self.now())
        return views.project(asdict(self.projects.create(call, project)))

    @rpc
    def update_project(self, call: Call, project_id: str, changes: Any) -> View:
        wanted = load(requests.BriefSchema(), changes, partial=True)
        act = partial(usecases.update_project, changes=wanted, by=call.principal)
        return views.project(asdict(self.projects.change(project_id, call, act)))

    @rpc
    def publish_project(self, call: Call, project_id: str) -> View:
        act = partial(usecases.publish_project, by=call.principal, now=self.now())
        return views.project(asdict(self.projects.change(project_id, call, act)))

    @rpc
    def close_project(self, call: Call, project_id: str) -> View:
        act = partial(usecases.close_project, by=call.principal, now=self.now())
        return views.project(asdict(self.projects.change(project_id, call, act)))

    @rpc
    def get_project(self, call: Call, project_id: str) -> View:
        project = usecases.get_project(self.projects.load(project_id), call.principal)
        return views.project(asdict(project))

    @rpc
    def list_projects(
        self, call: Call, filters: Any = None, limit: Any = 20, after: Any = None
    ) -> View:
        wanted = load(requests.ProjectFilters(), filters or {})
        page = load(PageSchema(), {"limit": limit, "after": after})
        org_id = usecases.searched_organisation(call.principal, wanted.pop("mine"))
        found, following = store.find_projects(org_id, wanted, **page)
        return {"items": [views.project(state) for state in found], "next": following}

    @on("engagement.cancelled.v1")
    def on_engagement_cancelled(self, event: Event) -> None:
        cancelled = load(schemas.EngagementCancelled(), event.data)
        free = partial(Project.free_position, application_id=cancelled["application_id"])
        self.projects.change(cancelled["project_id"], event, free)

    @every(SWEEP_SECONDS)
    def sweep_projects(self) -> None:
        now = self.now()
        expire = partial(Project.expire, now=now)
        each(self.projects.due(now), lambda id_: self.projects.change(id_, None, expire))
