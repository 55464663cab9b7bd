"""What operators ask about held money: freezes, consent, chargebacks, what is held and how long."""

from datetime import timedelta
from typing import Any

from services.payments import schemas, usecases
from services.payments.schemas import custody as requests
from services.payments.schemas.base import Page, read
from services.payments.schemas.disputes import dispute_view
from shared import metrics
from shared.envelope import Call
from shared.messaging import every
from shared.rpc import rpc
from shared.sweep import each

View = dict[str, Any]
HOURLY = 3600


class Custody:
    """Nothing of it is for companies or candidates."""

    desk: usecases.Desk

    @rpc
    def refund_engagement(
        self, call: Call, engagement_id: str, reason: str, amount: int | None = None
    ) -> View:
        about = {"engagement_id": engagement_id, "amount": amount, "reason": reason}
        asked = read(schemas.RefundEngagement, **about)
        return self._with_approvals(usecases.refund_engagement(self.desk, call, **asked))

    @rpc
    def freeze_funds(self, call: Call, engagement_id: str, reason: Any) -> View:
        asked = read(requests.Reasoned, engagement_id=engagement_id, reason=reason)
        return self._with_approvals(usecases.freeze_funds(self.desk, call, **asked))

    @rpc
    def unfreeze_funds(self, call: Call, engagement_id: str, reason: Any) -> View:
        asked = read(requests.Reasoned, engagement_id=engagement_id, reason=reason)
        return self._with_approvals(usecases.unfreeze_funds(self.desk, call, **asked))

    @rpc
    def approve_movement(self, call: Call, engagement_id: str, approval_id: str) -> View:
        asked = read(requests.OfApproval, engagement_id=engagement_id, approval_id=approval_id)
        return self._with_approvals(usecases.approve_movement(self.desk, call, **asked))

    @rpc
    def reject_movement(
        self, call: Call, engagement_id: str, approval_id: str, reason: Any
    ) -> View:
        about = {"engagement_id": engagement_id, "approval_id": approval_id, "reason": reason}
        asked = read(requests.Rejection, **about)
        return self._with_approvals(usecases.reject_movement(self.desk, call, **asked))

    @rpc
    def answer_chargeback(
        self, call: Call, engagement_id: str, chargeback_id: str, evidence: Any
    ) -> View:
        about = {"engagement_id": engagement_id, "chargeback_id": chargeback_id}
        asked = read(requests.ChargebackAnswer, **about, evidence=evidence)
        return self._with_approvals(usecases.answer_chargeback(self.desk, call, **asked))

    @rpc
    def list_funds(self, call: Call, **page: Any) -> View:
        found, following = usecases.list_funds(self.desk, call.principal, **read(Page, **page))
        views = [requests.funds_view(escrow, self.desk.now()) for escrow in found]
        return self._listed(views, following)

    @rpc
    def list_approvals(self, call: Call, **page: Any) -> View:
        found, following = self._watched(call, "list_approvals", page)
        pairs = [(escrow, one) for escrow in found for one in escrow.waiting_approvals]
        return self._listed([requests.approval_view(*pair) for pair in pairs], following)

    @rpc
    def list_chargebacks(self, call: Call, **page: Any) -> View:
        found, following = self._watched(call, "list_chargebacks", page)
        pairs = [(escrow, one) for escrow in found for one in escrow.open_chargebacks]
        return self._listed([requests.chargeback_view(*pair) for pair in pairs], following)

    @rpc
    def list_disputes(self, call: Call, **page: Any) -> View:
        found, following = self._watched(call, "list_disputes", page)
        views = [
            dispute_view(escrow, escrow.dispute, call.principal)
            for escrow in found
            if escrow.dispute
        ]
        return self._listed(views, following)

    @every(HOURLY)
    def sweep_ages(self) -> None:
        """Tell operators of money that comes near the time that a bank lets it be held."""
        due = self.desk.overview.aging(self.desk.now())
        each(due, lambda id_: usecases.tell_ages(self.desk, id_))
        now = self.desk.now()
        ages = (now - one.held_since for one in self.desk.overview.held() if one.held_since)
        metrics.oldest.labels("held").set(max(ages, default=timedelta()).total_seconds())

    @every(600)
    def sweep_chargebacks(self) -> None:
        usecases.resend_evidence(self.desk)

    def _watched(self, call: Call, operation: str, page: View) -> Any:
        asked = read(Page, **page)
        return usecases.list_watched(self.desk, call.principal, operation, **asked)

    def _listed(self, items: list[View], following: str | None) -> View:
        return {"items": items, "next": following, "simulated": self.desk.bank.simulated}

    def _with_approvals(self, escrow: Any) -> View:
        view = schemas.escrow_view(escrow, simulated=self.desk.bank.simulated)
        approvals = [requests.approval_view(escrow, one) for one in escrow.waiting_approvals]
        return view | {"approvals": approvals}
