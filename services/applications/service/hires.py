"""What is asked of jobs that were offered by hand, taken back, begun and asked after."""

from typing import Any

from services.applications import schemas
from services.applications.service.kept import Kept
from services.applications.usecases import hire_offers, hires
from services.applications.usecases.ports import State
from shared.envelope import Call
from shared.rpc import rpc


class Hires(Kept):
    @rpc
    def make_hire_offer(self, call: Call, engagement_id: str, terms: Any) -> State:
        wanted = schemas.load(schemas.NewOffer(), terms)
        made = hire_offers.make_hire_offer(
            self.applications, self.hire_offers, call, engagement_id, wanted, self.now()
        )
        return hires.view(made, call.principal)

    @rpc
    def rescind_hire_offer(self, call: Call, offer_id: str, reason: Any) -> State:
        why = schemas.load(schemas.RescindOffer(), {"reason": reason})["reason"]
        changed = hire_offers.rescind_hire_offer(self.hire_offers, call, offer_id, why, self.now())
        return hires.view(changed, call.principal)

    @rpc
    def start_hire(self, call: Call, offer_id: str, started_on: Any) -> State:
        on = schemas.load(schemas.StartOfHire(), {"started_on": started_on})["started_on"]
        changed = hires.start_hire(self.hire_offers, call, offer_id, on, self.now())
        return hires.view(changed, call.principal)

    @rpc
    def end_hire(self, call: Call, offer_id: str, reason: Any) -> State:
        why = schemas.load(schemas.EndOfHire(), {"reason": reason})["reason"]
        changed = hires.end_hire(self.hire_offers, call, offer_id, why, self.now())
        return hires.view(changed, call.principal)

    @rpc
    def answer_check_in(
        self, call: Call, offer_id: str, day: Any, employed: Any, rating: Any, comment: Any = ""
    ) -> State:
        sent = {"day": day, "employed": employed, "rating": rating, "comment": comment}
        day, answer = schemas.load(schemas.CheckIn(), sent)
        changed = hires.answer_check_in(self.hire_offers, call, offer_id, day, answer, self.now())
        return hires.view(changed, call.principal)
