"""Stands in for `projects`: saves once, and takes its time where the title says so."""

from dataclasses import dataclass, field
from typing import Any

import eventlet
from mongoengine import DynamicDocument

from shared.envelope import Call
from shared.messaging import provide
from shared.platform import Platform
from shared.rpc import rpc
from shared.store import Store

SLOW = "Slow to answer"


@dataclass
class Draft:
    id: str
    title: str
    version: int = 0
    events: list[Any] = field(default_factory=list)


class DraftDocument(DynamicDocument):
    meta = {"collection": "drafts", "auto_create_index": False}


def drafts(platform: Platform) -> Store[Draft]:
    return Store(platform, Draft, DraftDocument)


class ProjectsStub:
    name = "projects"
    drafts = provide(drafts)

    @rpc
    def create_project(self, call: Call, brief: dict[str, Any]) -> dict[str, Any]:
        id_ = f"prj-{call.id}"
        known = self.drafts.find(id_) is not None
        draft = self.drafts.create(call, Draft(id_, brief["title"]))
        if not known and draft.title.startswith(SLOW):
            eventlet.sleep(2.5)
        return view(draft)

    @rpc
    def get_project(self, call: Call, project_id: str) -> dict[str, Any]:
        return {**view(self.drafts.load(project_id)), "asked_by": call.principal.id}

    @rpc
    def update_project(
        self, call: Call, project_id: str, changes: dict[str, Any]
    ) -> dict[str, Any]:
        def retitle(draft: Draft) -> None:
            draft.title = changes["title"]

        return view(self.drafts.change(project_id, call, retitle))

    @rpc
    def list_todo(self, call: Call) -> dict[str, Any]:
        return {"items": [{"kind": "project", "id": "prj-1", "title": "T", "what": "Publish"}]}


def view(draft: Draft) -> dict[str, Any]:
    return {"id": draft.id, "version": draft.version, "title": draft.title}
