"""What is asked of kick-offs: read, changed, accepted, declared, signed."""

from dataclasses import asdict
from functools import partial
from typing import Any

from services.projects import library, store, usecases
from services.projects.domain.engagement import Engagement
from services.projects.domain.signing import ReadPaper
from services.projects.schemas import kickoff as requests
from services.projects.schemas import views
from services.projects.schemas.inputs import load
from shared.envelope import Call
from shared.messaging import provide
from shared.rpc import rpc

View = dict[str, Any]


class Kickoffs:
    """How an engagement gets from held money to signed expectations."""

    engagements = provide(store.engagements)
    now = provide(lambda platform: platform.now)

    @rpc
    def get_kickoff(self, call: Call, engagement_id: str) -> View:
        found = usecases.get_kickoff(self.engagements.load(engagement_id), call.principal)
        return _view(found)

    @rpc
    def get_agreement(self, call: Call, engagement_id: str, kind: str) -> View:
        engagement = self.engagements.load(engagement_id)
        paper, text = usecases.get_agreement(engagement, kind, call.principal)
        return requests.agreement(asdict(engagement), paper.kind, text)

    @rpc
    def accept_agreement(
        self, call: Call, engagement_id: str, kind: Any, version: Any, sha256: Any
    ) -> View:
        given = {"kind": kind, "version": version, "sha256": sha256}
        read: ReadPaper = load(requests.ReadPaperSchema(), given)
        act = partial(usecases.accept_agreement, read=read, by=call.principal, now=self.now())
        return self._settle(engagement_id, call, act)

    @rpc
    def propose_kickoff(self, call: Call, engagement_id: str, based_on: Any, changes: Any) -> View:
        wish = load(requests.ProposalSchema(), {"based_on": based_on, "changes": changes})
        act = partial(usecases.propose_kickoff, **wish, by=call.principal, now=self.now())
        return self._settle(engagement_id, call, act)

    @rpc
    def declare_conflict(
        self, call: Call, engagement_id: str, declared: Any, text: Any = ""
    ) -> View:
        told = load(requests.DisclosureSchema(), {"declared": declared, "text": text})
        act = partial(usecases.declare_conflict, disclosure=told, by=call.principal, now=self.now())
        return self._settle(engagement_id, call, act)

    @rpc
    def acknowledge_conflict(self, call: Call, engagement_id: str, declaration_id: Any) -> View:
        known = load(requests.AcknowledgementSchema(), {"declaration_id": declaration_id})
        act = partial(usecases.acknowledge_conflict, **known, by=call.principal, now=self.now())
        return self._settle(engagement_id, call, act)

    @rpc
    def sign_kickoff(self, call: Call, engagement_id: str, **signing: Any) -> View:
        said = load(requests.SigningSchema(), signing)
        act = partial(usecases.sign_kickoff, signing=said, by=call.principal, now=self.now())
        changed = self.engagements.change(engagement_id, call, act)
        return views.engagement(asdict(changed))

    def _settle(self, engagement_id: str, call: Call, act: Any) -> View:
        changed: Engagement = self.engagements.change(engagement_id, call, act)
        return _view(changed)


def _view(engagement: Engagement) -> View:
    """With the table of early ends, which the work terms state too."""
    return requests.kickoff(asdict(engagement)) | {"ending_policy": library.endings()}
