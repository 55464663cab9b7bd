"""What people read about their money, and the files that they keep of it."""

from base64 import b64encode
from typing import Any

from services.payments import papers
from services.payments.schemas import money as schemas
from services.payments.schemas.base import read
from services.payments.schemas.refunds import OfRefund, refunds_view
from services.payments.usecases import refunds
from services.payments.usecases import reports as usecases
from services.payments.usecases.ports import Desk
from shared.envelope import Call
from shared.rpc import rpc

View = dict[str, Any]


class Reports:
    """Statements, receipts and spending for who pays; earnings for who is paid."""

    desk: Desk

    @rpc
    def get_statement(self, call: Call, period: str, form: str = "json", name: str = "") -> View:
        """`form` is json, csv or pdf; a file comes as base64."""
        asked = read(schemas.Period, period=period)
        found = usecases.get_statement(self.desk, call.principal, asked["period"])
        simulated = self.desk.bank.simulated
        if form == "csv":
            return _file(papers.statement_csv(found).encode("utf-8-sig"))
        if form == "pdf":
            return _file(papers.statement_pdf(found, name, simulated=simulated))
        return schemas.statement_view(found, simulated=simulated)

    @rpc
    def get_spend(self, call: Call, year: int | None = None) -> View:
        asked = read(schemas.OfYear, year=year)
        found = usecases.get_spend(self.desk, call.principal, asked["year"])
        return schemas.spend_view(found, simulated=self.desk.bank.simulated)

    @rpc
    def list_receipts(self, call: Call, engagement_id: str) -> View:
        asked = read(schemas.OfEngagement, engagement_id=engagement_id)
        found = usecases.list_receipts(self.desk, call.principal, **asked)
        simulated = self.desk.bank.simulated
        return {"items": [schemas.receipt_view(one, simulated=simulated) for one in found]}

    @rpc
    def get_receipt(
        self, call: Call, engagement_id: str, number: Any, form: str = "json", name: str = ""
    ) -> View:
        """`form` is json or pdf; a file comes as base64."""
        asked = read(schemas.OfReceipt, engagement_id=engagement_id, number=number)
        found = usecases.get_receipt(self.desk, call.principal, **asked)
        simulated = self.desk.bank.simulated
        if form == "pdf":
            return _file(papers.receipt_pdf(found, name, simulated=simulated))
        return schemas.receipt_view(found, simulated=simulated)

    @rpc
    def list_refunds(self, call: Call, engagement_id: str) -> View:
        asked = read(schemas.OfEngagement, engagement_id=engagement_id)
        return refunds_view(*refunds.list_refunds(self.desk, call.principal, **asked))

    @rpc
    def resend_refund(self, call: Call, engagement_id: str, number: Any) -> View:
        asked = read(OfRefund, engagement_id=engagement_id, number=number)
        refunds.resend_refund(self.desk, call, **asked)
        return refunds_view(*refunds.list_refunds(self.desk, call.principal, engagement_id))

    @rpc
    def get_earnings(self, call: Call) -> View:
        found = usecases.get_earnings(self.desk, call.principal)
        return schemas.earnings_view(found, simulated=self.desk.bank.simulated)

    @rpc
    def create_payout_link(self, call: Call) -> View:
        link = usecases.create_payout_link(self.desk, call, self.desk.web_url)
        return {"url": link.url, "expires_at": link.expires_at.isoformat()}


def _file(content: bytes) -> View:
    return {"base64": b64encode(content).decode()}
