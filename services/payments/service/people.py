"""One person's data: handed out to them, and closed once they are erased."""

from typing import Any

from services.payments import schemas
from services.payments.store import people as kept
from services.payments.usecases import people
from services.payments.usecases.ports import Desk
from shared import exporting
from shared.envelope import Call, Event
from shared.messaging import on
from shared.rpc import rpc

View = dict[str, Any]


class People:
    desk: Desk

    @rpc
    def export_person(self, call: Call, person_id: str, after: str | None = None) -> View:
        call.principal.require("export_person", person_id=person_id)
        return exporting.page(kept.sections(person_id), after)

    @rpc
    def list_hindrances(self, call: Call, person_id: str, org_id: str | None = None) -> View:
        found = people.list_hindrances(self.desk, call.principal, person_id, org_id)
        return {"items": found}

    @on("account.erased.v1")
    def on_account_erased(self, event: Event) -> None:
        person_id = schemas.AccountErased().load(event.data)["account_id"]
        people.close_account(self.desk, event, person_id)
