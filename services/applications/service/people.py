"""One person's data: handed out to them, and erased once they are."""

from collections.abc import Callable
from functools import partial
from typing import Any

from services.applications import schemas, store
from services.applications.domain import erasing
from services.applications.service.kept import Kept
from services.applications.store import people
from services.applications.usecases.ports import State
from shared import exporting
from shared.envelope import Call, Event
from shared.messaging import on, provide
from shared.rpc import rpc
from shared.store import Store

AGREED = "Work is agreed on and has not ended."


class People(Kept):
    portfolios = provide(store.portfolios)

    @rpc
    def export_person(self, call: Call, person_id: str, after: str | None = None) -> State:
        call.principal.require("export_person", person_id=person_id)
        return exporting.page(people.sections(person_id), after)

    @rpc
    def list_hindrances(self, call: Call, person_id: str, org_id: str | None = None) -> State:
        call.principal.require("list_hindrances")
        found = people.agreed("candidate_id", person_id)
        found += people.agreed("org_id", org_id) if org_id else []
        about = {"code": "work-agreed", "detail": AGREED}
        return {"items": [{**about, "subject": id_} for id_ in found]}

    @on("account.erased.v1")
    def on_account_erased(self, event: Event) -> None:
        """Each document under the same event's id: interrupted, it goes on where it was."""
        person_id = schemas.load(schemas.AccountErased(), event.data)["account_id"]
        if self.candidates.find(person_id) is not None:
            self.candidates.change(person_id, event, erasing.erase_candidate)
        for kind, (kept, erase) in self._erasers().items():
            for id_ in people.ids_of(kind, person_id):
                kept.change(id_, event, erase)
        for id_ in people.references_by(person_id):
            forget = partial(erasing.erase_referee, person_id=person_id)
            self.credentials.change(id_, event, forget)

    def _erasers(self) -> dict[str, tuple[Store[Any], Callable[[Any], None]]]:
        apply = partial(erasing.erase_application, now=self.now())
        return {
            "application": (self.applications, apply),
            "credential": (self.credentials, erasing.erase_credential),
            "invitation": (self.invitations, erasing.erase_invitation),
            "hire-offer": (self.hire_offers, erasing.erase_hire_offer),
            "reengagement": (self.reengagements, erasing.erase_reengagement),
            "talent": (self.talents, erasing.erase_talent),
            "assessment": (self.assessments, erasing.erase_assessment),
            "portfolio": (self.portfolios, erasing.erase_portfolio),
        }
