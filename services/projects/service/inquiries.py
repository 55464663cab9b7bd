"""What candidates ask about briefs, and who relies on them."""

from functools import partial
from typing import Any

from services.projects import schemas, usecases
from services.projects.domain import revision
from services.projects.domain.project import Project
from services.projects.schemas import inquiries as requests
from services.projects.schemas import project_views as views
from services.projects.schemas.inputs import load
from services.projects.service.briefs import Briefs
from shared.envelope import Call, Event
from shared.messaging import on
from shared.rpc import rpc

View = dict[str, Any]


class Inquiries(Briefs):
    """Questions with public answers, and applicants as far as briefs need to know them."""

    @rpc
    def ask_inquiry(
        self, call: Call, project_id: str, text: Any, link_token: Any = None, person: Any = None
    ) -> View:
        sent = {"text": text, "link_token": link_token, "person": person}
        given = load(requests.InquirySchema(), sent)
        inquiry_id = f"inq-{call.id}"
        act = partial(
            usecases.ask_inquiry,
            inquiry_id=inquiry_id,
            **given,
            by=call.principal,
            now=self.now(),
        )
        return self._asked(self.projects.change(project_id, call, act), call, inquiry_id)

    @rpc
    def answer_inquiry(self, call: Call, project_id: str, inquiry_id: str, text: Any) -> View:
        given = load(requests.AnswerSchema(), {"text": text})
        act = partial(
            usecases.answer_inquiry,
            inquiry_id=inquiry_id,
            **given,
            by=call.principal,
            now=self.now(),
        )
        return self._asked(self.projects.change(project_id, call, act), call, inquiry_id)

    @rpc
    def list_inquiries(self, call: Call, project_id: str, link_token: Any = None) -> View:
        token = load(requests.LinkSchema(), {"link_token": link_token})["link_token"]
        by = call.principal
        project = usecases.get_project(self.projects.load(project_id), by, token, "list_inquiries")
        inside = usecases.insider(project, by)
        return {"items": views.inquiries(project.inquiries, inside, by.id)}

    def _asked(self, project: Project, call: Call, inquiry_id: str) -> View:
        inside = usecases.insider(project, call.principal)
        shown = views.inquiries(project.inquiries, inside, call.principal.id)
        return next(one for one in shown if one["id"] == inquiry_id)

    @on("invitation.sent.v1")
    def on_invitation_sent(self, event: Event) -> None:
        told = load(schemas.InvitationSent(), event.data)
        invite = partial(Project.invite, candidate_id=told["candidate_id"])
        self.projects.change(told["project_id"], event, invite)

    @on("application.submitted.v1")
    def on_application_submitted(self, event: Event) -> None:
        told = load(schemas.ApplicationSubmitted(), event.data)
        note = partial(
            revision.note_applicant,
            application_id=told["application_id"],
            candidate_id=told["candidate_id"],
            version=told["brief_version"],
            at=event.time,
        )
        self.projects.change(told["project_id"], event, note)

    @on("application.declined.v1")
    def on_application_declined(self, event: Event) -> None:
        ended = load(schemas.ApplicationDeclined(), event.data)
        forget = partial(revision.forget_applicant, application_id=ended["application_id"])
        self.projects.change(ended["project_id"], event, forget)

    @on("application.shortlisted.v1")
    def on_application_shortlisted(self, event: Event) -> None:
        self._stir(event, load(schemas.ApplicationShortlisted(), event.data))

    @on("application.selected.v1")
    def on_application_selected(self, event: Event) -> None:
        self._stir(event, load(schemas.ApplicationSelected(), event.data))

    def _stir(self, event: Event, told: View) -> None:
        stir = partial(Project.stir, at=event.time)
        self.projects.change(told["project_id"], event, stir)
