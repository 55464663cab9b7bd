"""Briefs to begin with: the library of templates, and a draft from one of them."""

from dataclasses import asdict
from typing import Any

from services.projects import library, store, usecases
from services.projects.domain.brief import Brief
from services.projects.domain.experience import experience
from services.projects.schemas import briefs as requests
from services.projects.schemas import templates
from services.projects.schemas.inputs import load
from services.projects.service.briefs import Briefs
from shared.envelope import Call
from shared.errors import NotFound
from shared.messaging import provide
from shared.rpc import rpc

View = dict[str, Any]


class Templates(Briefs):
    """The library."""

    templates = provide(lambda _platform: library.templates())
    opinions = provide(lambda _platform: store.Opinions())

    @rpc
    def list_templates(self, call: Call) -> View:
        call.principal.require("list_templates")
        return {"items": [templates.summary(one) for one in self.templates.values()]}

    @rpc
    def get_template(self, call: Call, template_id: str) -> View:
        call.principal.require("get_template")
        known = experience(self.opinions.noted_hours(template_id))
        return {**self._template(template_id), "experience": known and asdict(known)}

    @rpc
    def create_from_template(self, call: Call, template_id: Any, changes: Any = None) -> View:
        """A draft of the template's brief with these fields instead of its own."""
        by = call.principal
        by.require("create_from_template", org_id=by.org_id)
        chosen = load(templates.ChoiceSchema(), {"template_id": template_id})["template_id"]
        sent = templates.combined(self._template(chosen)["brief"], changes)
        brief = Brief(**load(requests.BriefSchema(), sent))
        project = usecases.create_project(f"prj-{call.id}", brief, by, self.now(), chosen)
        return self._shown(self.projects.create(call, project), by)

    def _template(self, template_id: str) -> View:
        if template_id not in self.templates:
            raise NotFound("template-not-found", "There is no such template.")
        return self.templates[template_id]
