"""What is asked of people whom a company knows: taken on again, kept in its talent pool."""

from functools import partial
from typing import Any

from services.applications import schemas
from services.applications.service.kept import SWEEP_SECONDS, Kept
from services.applications.usecases import listings, reengagements, selection, talent
from services.applications.usecases.ports import State
from services.applications.usecases.reengagements import Again
from shared.envelope import Call, Event
from shared.messaging import every, on
from shared.rpc import rpc


class TalentPool(Kept):
    @property
    def again(self) -> Again:
        return Again(self.desk, self.reengagements)

    # Taken on again

    @rpc
    def reengage_candidate(self, call: Call, project_id: str, engagement_id: Any) -> State:
        named = schemas.load(schemas.Reengaged(), {"engagement_id": engagement_id})
        offer = reengagements.reengage_candidate(
            self.again, call, project_id, named["engagement_id"], self.now()
        )
        return reengagements.view(offer, call.principal)

    @rpc
    def list_reengagements(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        find = partial(partial, self.queries.reengagements)
        return listings.list_reengagements(find, call.principal, **page)

    @rpc
    def get_reengagement(self, call: Call, reengagement_id: str) -> State:
        found = reengagements.get_reengagement(self.again, call.principal, reengagement_id)
        return reengagements.view(found, call.principal)

    @rpc
    def accept_reengagement(self, call: Call, reengagement_id: str) -> State:
        changed = reengagements.accept_reengagement(self.again, call, reengagement_id, self.now())
        return reengagements.view(changed, call.principal)

    @rpc
    def decline_reengagement(self, call: Call, reengagement_id: str, reason: Any) -> State:
        why = schemas.load(schemas.CandidateReason(), {"reason": reason})["reason"]
        changed = reengagements.decline_reengagement(self.again, call, reengagement_id, why)
        return reengagements.view(changed, call.principal)

    @on("reengagement.offered.v1")
    def on_reengagement_offered(self, event: Event) -> None:
        data = schemas.load(schemas.ReengagementOffered(), event.data)
        reengagements.follow_offer(self.again, event, **data)

    @on("reengagement.accepted.v1")
    def on_reengagement_accepted(self, event: Event) -> None:
        data = schemas.load(schemas.ReengagementAccepted(), event.data)
        reengagements.take_on(self.again, event, **data, now=self.now())

    @on("reengagement.declined.v1")
    def on_reengagement_declined(self, event: Event) -> None:
        data = schemas.load(schemas.ReengagementDeclined(), event.data)
        selection.free_slot(self.cards, event, **data)

    @on("reengagement.expired.v1")
    def on_reengagement_expired(self, event: Event) -> None:
        data = schemas.load(schemas.ReengagementExpired(), event.data)
        selection.free_slot(self.cards, event, **data)

    @every(SWEEP_SECONDS)
    def sweep_reengagements(self) -> None:
        reengagements.sweep_reengagements(self.reengagements, self.now())

    # Kept in mind, with consent

    @rpc
    def ask_talent(self, call: Call, application_id: str, lists: Any = None) -> State:
        wanted = schemas.load(schemas.TalentLists(), {"lists": lists or []})["lists"]
        asked = talent.ask_talent(
            self.applications, self.talents, call, application_id, wanted, self.now()
        )
        return talent.view(asked, self.candidates)

    @rpc
    def list_talent(
        self, call: Call, list: Any = None, limit: Any = 20, after: Any = None
    ) -> State:
        page = schemas.load(schemas.TalentPage(), {"list": list, "limit": limit, "after": after})
        find = partial(partial, self.queries.talents)
        return listings.list_talent(find, self.candidates, call.principal, **page)

    @rpc
    def get_talent(self, call: Call, talent_id: str) -> State:
        found = talent.get_talent(self.talents, call.principal, talent_id)
        return talent.view(found, self.candidates)

    @rpc
    def grant_talent(self, call: Call, talent_id: str) -> State:
        changed = talent.grant_talent(self.talents, call, talent_id, self.now())
        return talent.view(changed, self.candidates)

    @rpc
    def refuse_talent(self, call: Call, talent_id: str) -> State:
        changed = talent.refuse_talent(self.talents, call, talent_id)
        return talent.view(changed, self.candidates)

    @rpc
    def revoke_talent(self, call: Call, talent_id: str) -> State:
        changed = talent.revoke_talent(self.talents, call, talent_id)
        return talent.view(changed, self.candidates)

    @rpc
    def put_talent_lists(self, call: Call, talent_id: str, lists: Any) -> State:
        wanted = schemas.load(schemas.TalentLists(), {"lists": lists})["lists"]
        changed = talent.put_talent_lists(self.talents, call, talent_id, wanted)
        return talent.view(changed, self.candidates)

    @rpc
    def drop_talent(self, call: Call, talent_id: str) -> State:
        changed = talent.drop_talent(self.talents, call, talent_id)
        return talent.view(changed, self.candidates)

    @every(SWEEP_SECONDS)
    def sweep_talents(self) -> None:
        talent.sweep_talents(self.talents, self.now())
