"""What is asked about disputes: opened, answered, bargained over, decided, appealed."""

from typing import Any

from services.payments import usecases
from services.payments.domain import Escrow
from services.payments.domain.dispute_parts import Act
from services.payments.schemas import disputes as requests
from services.payments.schemas.base import OfEngagement, read
from shared.envelope import Call
from shared.rpc import rpc

View = dict[str, Any]


class Disputes:
    """Everything that is said stays on record; the view is the record."""

    desk: usecases.Desk

    @rpc
    def open_dispute(self, call: Call, engagement_id: str, reason: Any, **said: Any) -> View:
        asked = read(
            requests.OpenDispute, engagement_id=engagement_id, reason=reason, **_detail(said)
        )
        return self._record(call, usecases.open_dispute(self.desk, call, **asked))

    @rpc
    def read_disputes(self, call: Call, engagement_id: str) -> View:
        asked = read(OfEngagement, engagement_id=engagement_id)
        return self._record(call, usecases.read_disputes(self.desk, call.principal, **asked))

    @rpc
    def add_dispute_statement(self, call: Call, engagement_id: str, **said: Any) -> View:
        asked = read(requests.Statement, engagement_id=engagement_id, **said)
        return self._post(call, "add_dispute_statement", Act.STATEMENT, asked)

    @rpc
    def offer_split(self, call: Call, engagement_id: str, **said: Any) -> View:
        asked = read(requests.SplitOffer, engagement_id=engagement_id, **said)
        return self._post(call, "offer_split", Act.OFFER, asked)

    @rpc
    def accept_split(self, call: Call, engagement_id: str, offer_id: Any) -> View:
        asked = read(requests.AcceptSplit, engagement_id=engagement_id, offer_id=offer_id)
        return self._record(call, usecases.accept_split(self.desk, call, **asked))

    @rpc
    def escalate_dispute(self, call: Call, engagement_id: str) -> View:
        asked = read(requests.Saying, engagement_id=engagement_id)
        return self._post(call, "escalate_dispute", Act.ESCALATION, asked)

    @rpc
    def appeal_dispute(self, call: Call, engagement_id: str, **said: Any) -> View:
        asked = read(requests.Statement, engagement_id=engagement_id, **said)
        return self._post(call, "appeal_dispute", Act.APPEAL, asked)

    @rpc
    def waive_appeal(self, call: Call, engagement_id: str) -> View:
        asked = read(requests.Saying, engagement_id=engagement_id)
        return self._post(call, "waive_appeal", Act.WAIVER, asked)

    @rpc
    def withdraw_dispute(self, call: Call, engagement_id: str) -> View:
        asked = read(requests.Saying, engagement_id=engagement_id)
        return self._post(call, "withdraw_dispute", Act.WITHDRAWAL, asked)

    @rpc
    def decide_dispute(self, call: Call, engagement_id: str, **ruling: Any) -> View:
        asked = read(requests.Ruling, engagement_id=engagement_id, **ruling)
        return self._record(call, usecases.decide_dispute(self.desk, call, **asked))

    def _post(self, call: Call, operation: str, act: Act, asked: dict[str, Any]) -> View:
        return self._record(
            call, usecases.post_to_dispute(self.desk, call, operation, act, **asked)
        )

    def _record(self, call: Call, escrow: Escrow) -> View:
        view = requests.disputes_view(escrow, call.principal)
        return view | {"simulated": self.desk.bank.simulated}


def _detail(said: dict[str, Any]) -> dict[str, Any]:
    """What is said when a dispute is opened is called its detail."""
    return {("text" if name == "detail" else name): value for name, value in said.items()}
