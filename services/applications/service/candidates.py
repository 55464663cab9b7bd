"""What is asked of candidates: their profiles, and the invitations to apply."""

from functools import partial
from typing import Any

from services.applications import schemas
from services.applications.service.kept import SWEEP_SECONDS, Kept
from services.applications.usecases import candidates, invitations, listings, views
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.messaging import every, on
from shared.rpc import rpc


class Candidates(Kept):
    """Who may work, and who is asked to."""

    @rpc
    def put_profile(self, call: Call, profile: Any) -> State:
        wanted = schemas.load(schemas.Profile(), profile)
        return views.profile(candidates.put_profile(self.candidates, call, wanted))

    @rpc
    def get_profile(self, call: Call) -> State:
        return views.profile(candidates.get_profile(self.candidates, call.principal))

    @rpc
    def list_suggestions(self, call: Call, project_id: str) -> State:
        return invitations.list_suggestions(self.desk, call.principal, project_id)

    @rpc
    def invite_candidate(
        self,
        call: Call,
        project_id: str,
        candidate_id: Any = None,
        suggestion_id: Any = None,
        message: Any = "",
    ) -> State:
        whom = {"candidate_id": candidate_id, "suggestion_id": suggestion_id}
        wanted = schemas.load(schemas.Invitation(), {**whom, "message": message})
        text = wanted.pop("message")
        sent = invitations.invite_candidate(self.desk, call, project_id, wanted, text, self.now())
        return views.invitation(sent, call.principal)

    @rpc
    def list_project_invitations(
        self, call: Call, project_id: str, limit: Any = 20, after: Any = None
    ) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.invitations_of, project_id)
        return listings.list_project_invitations(
            self.cards, rows, call.principal, project_id=project_id, **page
        )

    @rpc
    def list_invitations(self, call: Call, limit: Any = 20, after: Any = None) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.invitations_for, call.principal.id)
        return listings.list_invitations(rows, call.principal, **page)

    @rpc
    def decline_invitation(self, call: Call, invitation_id: str, reason: Any) -> State:
        why = schemas.load(schemas.CandidateReason(), {"reason": reason})["reason"]
        changed = invitations.decline_invitation(self.invitations, call, invitation_id, why)
        return views.invitation(changed, call.principal)

    @on("match.suggested.v1")
    def on_match_suggested(self, event: Event) -> None:
        data = schemas.load(schemas.MatchSuggested(), event.data)
        invitations.learn_suggestions(
            self.cards, event, **data, announced_version=event.aggregate_version
        )

    @every(SWEEP_SECONDS)
    def sweep_invitations(self) -> None:
        invitations.sweep_invitations(self.invitations, self.now())
