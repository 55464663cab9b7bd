"""What a company's ATS asks, and the candidates whom it sends."""

from functools import partial
from typing import Any

from services.applications import schemas
from services.applications.service.kept import SWEEP_SECONDS, Kept
from services.applications.usecases import assessment_views, assessments
from services.applications.usecases.ports import State
from shared.envelope import Call
from shared.lanes import in_lanes
from shared.messaging import every
from shared.rpc import rpc

LANES = 4  # Places told at a time: one that does not answer holds up few.


class AssessmentsOfAts(Kept):
    @rpc
    def mark_assessment(self, call: Call, project_id: str, usable: Any) -> State:
        wanted = schemas.load(schemas.AssessmentUse(), {"usable": usable})
        return assessments.mark_assessment(self.desk, call, project_id, **wanted)

    @rpc
    def list_assessments(self, call: Call) -> list[State]:
        return assessments.list_assessments(self.bench, call.principal, self.now())

    @rpc
    def send_assessment(
        self, call: Call, project_id: Any, email: Any, url: Any = None, key: Any = None
    ) -> State:
        given = {"project_id": project_id, "email": email, "url": url, "key": key}
        wish = schemas.load(schemas.AssessmentWish(), given)
        return assessments.letter(assessments.send_assessment(self.bench, call, wish, self.now()))

    @rpc
    def get_assessment_status(self, call: Call, assessment_id: str) -> State:
        return assessment_views.assessment_status(
            self.bench, call.principal, assessment_id, self.now()
        )

    @rpc
    def get_assessment_result(self, call: Call, assessment_id: str) -> State:
        return assessment_views.assessment_result(self.bench, call.principal, assessment_id)

    @rpc
    def claim_assessments(self, call: Call, email: Any) -> State:
        """The gateway vouches for the address: it is the caller's own and verified."""
        address = schemas.load(schemas.Address(), {"email": email})["email"]
        taken = assessments.claim_assessments(self.bench, call, address, self.now())
        items = [assessment_views.view(one, self.settings.id_key) for one in taken]
        return {"items": items, "next": None}

    @every(SWEEP_SECONDS)
    def sweep_assessments(self) -> None:
        due = self.assessments.due(self.now())
        act = partial(assessments.sweep_assessments, self.bench, now=self.now)
        in_lanes(due, LANES, act)
