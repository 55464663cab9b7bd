"""What operators do with briefs before candidates see them, and what a company may learn before."""

from functools import partial
from typing import Any

from services.projects import store, usecases
from services.projects.domain.experience import experience
from services.projects.domain.hints import advice
from services.projects.schemas import briefs as requests
from services.projects.schemas import reviews as operators
from services.projects.schemas.inputs import PageSchema, load
from services.projects.schemas.templates import ChoiceSchema
from services.projects.service.briefs import Briefs
from shared.envelope import Call
from shared.messaging import provide
from shared.rpc import rpc

View = dict[str, Any]


class Reviews(Briefs):
    """Briefs that wait for a look."""

    opinions = provide(lambda _platform: store.Opinions())

    @rpc
    def list_reviews(self, call: Call, limit: Any = 20, after: Any = None) -> View:
        call.principal.require("list_reviews")
        page = load(PageSchema(), {"limit": limit, "after": after})
        found, following = store.find_reviews(**page)
        return {"items": self._listed(found, inside=True), "next": following}

    @rpc
    def approve_project(self, call: Call, project_id: str) -> View:
        by, now = call.principal, self.now()
        act = partial(usecases.approve_project, by=by, policy=self.policy, now=now)
        return self._shown(self.projects.change(project_id, call, act), by)

    @rpc
    def request_project_changes(self, call: Call, project_id: str, reasons: Any) -> View:
        given = load(operators.ChangesSchema(), {"reasons": reasons})
        by, now = call.principal, self.now()
        act = partial(usecases.request_project_changes, **given, by=by, now=now)
        return self._shown(self.projects.change(project_id, call, act), by)

    @rpc
    def grant_pay_exception(self, call: Call, project_id: str, reason: Any) -> View:
        given = load(operators.ExceptionSchema(), {"reason": reason})
        by, now = call.principal, self.now()
        act = partial(usecases.grant_pay_exception, **given, by=by, now=now)
        return self._shown(self.projects.change(project_id, call, act), by)

    @rpc
    def advise_brief(self, call: Call, brief: Any, template_id: Any = None) -> View:
        """What is missing, what would be refused, and what would be looked at; nothing is kept."""
        call.principal.require("advise_brief")
        values = load(requests.BriefSchema(), brief, partial=True)
        named = template_id and load(ChoiceSchema(), {"template_id": template_id})["template_id"]
        known = experience(self.opinions.noted_hours(named)) if named else None
        return advice(values, self.policy, self.now(), known)
