"""What is asked of work under way, beside handing it in."""

from dataclasses import asdict
from functools import partial
from typing import Any

from services.projects import store, usecases
from services.projects.domain.engagement import Engagement
from services.projects.domain.workroom import Reflection, TimeNote
from services.projects.schemas import views, workroom_views
from services.projects.schemas import workroom as requests
from services.projects.schemas.inputs import load
from shared.envelope import Call
from shared.messaging import provide
from shared.rpc import rpc

View = dict[str, Any]


class Workroom:
    """Plans and their changes, flags, the candidate's notes, and an operator's end."""

    engagements = provide(store.engagements)
    projects = provide(store.projects)
    now = provide(lambda platform: platform.now)

    @rpc
    def plan_milestone(self, call: Call, engagement_id: str, title: Any, due_at: Any) -> View:
        given = load(requests.MilestoneSchema(), {"title": title, "due_at": due_at})
        act = partial(usecases.plan_milestone, milestone_id=f"mil-{call.id}", **given)
        return self._worked(engagement_id, call, act)

    @rpc
    def change_milestone(
        self, call: Call, engagement_id: str, milestone_id: str, **changes: Any
    ) -> View:
        given = load(requests.MilestoneChangeSchema(), changes)
        act = partial(usecases.change_milestone, milestone_id=milestone_id, changes=given)
        return self._worked(engagement_id, call, act)

    @rpc
    def propose_change_order(self, call: Call, engagement_id: str, **wish: Any) -> View:
        given = load(requests.ChangeOrderSchema(), wish)
        act = partial(usecases.propose_change_order, order_id=f"cor-{call.id}", **given)
        return self._worked(engagement_id, call, act)

    @rpc
    def accept_change_order(self, call: Call, engagement_id: str, order_id: str) -> View:
        act = partial(usecases.accept_change_order, order_id=order_id)
        return self._worked(engagement_id, call, act)

    @rpc
    def decline_change_order(
        self, call: Call, engagement_id: str, order_id: str, comment: Any = ""
    ) -> View:
        given = load(requests.AnswerSchema(), {"comment": comment})
        act = partial(usecases.decline_change_order, order_id=order_id, **given)
        return self._worked(engagement_id, call, act)

    @rpc
    def terminate_engagement(self, call: Call, engagement_id: str, **why: Any) -> View:
        given = load(requests.TerminationSchema(), why)
        given["cause"] = given.pop("reason")
        act = partial(usecases.terminate_engagement, **given)
        return self._worked(engagement_id, call, act)

    @rpc
    def raise_flag(
        self, call: Call, engagement_id: str, kind: Any, text: Any, files: Any = ()
    ) -> View:
        given = load(requests.FlagSchema(), {"kind": kind, "text": text, "files": list(files)})
        flag_id, by = f"flg-{call.id}", call.principal
        act = partial(usecases.raise_flag, flag_id=flag_id, **given, by=by, now=self.now())
        self.engagements.change(engagement_id, call, act)
        return {"flag_id": flag_id}

    @rpc
    def list_flags(self, call: Call, engagement_id: str) -> View:
        found = usecases.list_flags(self.engagements.load(engagement_id), call.principal)
        return {"items": [workroom_views.flag(one) for one in found]}

    @rpc
    def resolve_flag(self, call: Call, engagement_id: str, flag_id: str, resolution: Any) -> View:
        given = load(requests.ResolutionSchema(), {"resolution": resolution})
        act = partial(
            usecases.resolve_flag, flag_id=flag_id, **given, by=call.principal, now=self.now()
        )
        self.engagements.change(engagement_id, call, act)
        return {"flag_id": flag_id}

    @rpc
    def put_time_note(self, call: Call, engagement_id: str, hours: Any, note: Any = "") -> View:
        given = load(requests.TimeNoteSchema(), {"hours": hours, "note": note})
        kept = TimeNote(**given, noted_at=self.now())
        project = self.projects.find(self.engagements.load(engagement_id).project_id)
        template_id = project and project.template_id
        act = partial(usecases.put_time_note, note=kept, template_id=template_id)
        return self._noted(engagement_id, call, act)

    @rpc
    def put_reflection(self, call: Call, engagement_id: str, **words: Any) -> View:
        given = load(requests.ReflectionSchema(), words)
        kept = Reflection(**given, written_at=self.now())
        return self._noted(engagement_id, call, partial(usecases.put_reflection, reflection=kept))

    def _worked(self, engagement_id: str, call: Call, act: Any) -> View:
        act = partial(act, by=call.principal, now=self.now())
        return views.engagement(asdict(self.engagements.change(engagement_id, call, act)))

    def _noted(self, engagement_id: str, call: Call, act: Any) -> View:
        changed: Engagement = self.engagements.change(
            engagement_id, call, partial(act, by=call.principal)
        )
        own = workroom_views.private(asdict(changed), "candidate", changed.effective_hourly)
        return {"id": changed.id, "version": changed.version, **own}
