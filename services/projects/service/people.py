"""One person's data: handed out to them, and erased once they are."""

from functools import partial
from typing import Any

from services.projects import schemas, store
from services.projects.domain import erasing
from services.projects.domain.evaluation import evaluation_id
from services.projects.domain.midpoint import midpoint_id
from services.projects.schemas.inputs import load
from services.projects.store import people
from shared import exporting
from shared.envelope import Call, Event
from shared.messaging import on, provide
from shared.rpc import rpc

View = dict[str, Any]
UNDER_WAY = "Work is under way: finish it, or cancel the engagement."


class People:
    """What a company's people write for it is the company's, and stays."""

    engagements = provide(store.engagements)
    evaluations = provide(store.evaluations)
    midpoints = provide(store.midpoints)
    messages = provide(store.messages)

    @rpc
    def export_person(self, call: Call, person_id: str, after: str | None = None) -> View:
        call.principal.require("export_person", person_id=person_id)
        return exporting.page(people.sections(person_id), after)

    @rpc
    def list_hindrances(self, call: Call, person_id: str, org_id: str | None = None) -> View:
        call.principal.require("list_hindrances")
        found = people.under_way("candidate_id", person_id)
        found += people.under_way("org_id", org_id) if org_id else []
        about = {"code": "work-under-way", "detail": UNDER_WAY}
        return {"items": [{**about, "subject": id_} for id_ in found]}

    @on("account.erased.v1")
    def on_account_erased(self, event: Event) -> None:
        """Each document under the same event's id: interrupted, it goes on where it was."""
        told = load(schemas.AccountErased(), event.data)
        if told["role"] != "candidate":
            return
        person_id = told["account_id"]
        for id_ in people.engagements_of(person_id):
            empty = partial(erasing.erase_engagement, person_id=person_id)
            self.engagements.change(id_, event, empty)
            if self.evaluations.find(evaluation_id(id_)) is not None:
                self.evaluations.change(evaluation_id(id_), event, erasing.erase_evaluation)
            if self.midpoints.find(midpoint_id(id_)) is not None:
                self.midpoints.change(midpoint_id(id_), event, erasing.erase_midpoint)
        for id_ in people.messages_of(person_id):
            self.messages.change(id_, event, erasing.erase_message)
