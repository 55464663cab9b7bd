"""What is asked of applications, by who applies and by who chooses."""

from functools import partial
from typing import Any

from services.applications import schemas
from services.applications.service.kept import Kept
from services.applications.usecases import (
    applications,
    applying,
    listings,
    responses,
    reveals,
    scorecards,
    selection,
    views,
)
from services.applications.usecases.ports import State
from shared.envelope import Call
from shared.rpc import rpc


class Selection(Kept):
    """From applying to the answer of who was chosen."""

    # Applying

    @rpc
    def submit_application(
        self,
        call: Call,
        project_id: str,
        answers: Any,
        portfolio: Any = None,
        resume: Any = None,
        link_token: Any = None,
        person: Any = None,
    ) -> State:
        sent = {"answers": answers, "portfolio": portfolio or []}
        sent |= {"resume": resume, "link_token": link_token, "person": person}
        submission = applying.Submission(**schemas.load(schemas.Submission(), sent))
        application = applying.submit_application(
            self.desk, call, project_id, submission, self.now()
        )
        return views.application(application, call.principal)

    @rpc
    def get_application(self, call: Call, application_id: str) -> State:
        found = applications.get_application(self.applications, call.principal, application_id)
        return views.application(found, call.principal)

    @rpc
    def list_applications(
        self, call: Call, limit: Any = 20, after: Any = None, status: Any = None
    ) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        wanted = schemas.load(schemas.ApplicationFilters(), {"status": status})
        rows = partial(self.queries.applications_of, call.principal.id, **wanted)
        return listings.list_applications(rows, call.principal, **page)

    @rpc
    def list_project_applications(
        self, call: Call, project_id: str, limit: Any = 20, after: Any = None
    ) -> State:
        page = schemas.load(schemas.Page(), {"limit": limit, "after": after})
        rows = partial(self.queries.ranked, project_id)
        return listings.list_project_applications(
            self.cards, rows, call.principal, project_id=project_id, **page
        )

    @rpc
    def accept_selection(self, call: Call, application_id: str) -> State:
        changed = selection.accept_selection(self.desk, call, application_id, self.now())
        return views.application(changed, call.principal)

    @rpc
    def decline_selection(self, call: Call, application_id: str, reason: Any) -> State:
        why = schemas.load(schemas.CandidateReason(), {"reason": reason})["reason"]
        changed = selection.decline_selection(self.desk, call, application_id, why, self.now())
        return views.application(changed, call.principal)

    @rpc
    def withdraw_application(self, call: Call, application_id: str, reason: Any = None) -> State:
        why = schemas.load(schemas.Withdrawal(), {"reason": reason})["reason"]
        changed = applications.withdraw_application(
            self.applications, call, application_id, why, self.now()
        )
        return views.application(changed, call.principal)

    # Judging and choosing

    @rpc
    def put_scorecard(
        self, call: Call, application_id: str, scores: Any, comment: Any = ""
    ) -> State:
        wanted = schemas.load(schemas.Scorecard(), {"scores": scores, "comment": comment})
        card = scorecards.put_scorecard(self.desk, call, application_id, **wanted)
        return scorecards.view(vars(card))

    @rpc
    def lock_scorecard(self, call: Call, application_id: str) -> State:
        card = scorecards.lock_scorecard(self.desk, call, application_id, self.now())
        return scorecards.view(vars(card))

    @rpc
    def list_scorecards(self, call: Call, application_id: str) -> State:
        return scorecards.list_scorecards(self.desk, call.principal, application_id)

    @rpc
    def reveal_application(self, call: Call, application_id: str) -> State:
        changed = reveals.reveal_application(self.desk, call, application_id, self.now())
        return views.application(changed, call.principal)

    @rpc
    def shortlist_application(self, call: Call, application_id: str) -> State:
        changed = applications.shortlist_application(
            self.applications, call, application_id, self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def reserve_application(self, call: Call, application_id: str, rank: Any = None) -> State:
        place = schemas.load(schemas.Rank(), {"rank": rank})["rank"]
        changed = applications.reserve_application(
            self.desk, call, application_id, place, self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def decline_application(
        self, call: Call, application_id: str, reason: Any, feedback: Any = None
    ) -> State:
        said = schemas.load(schemas.Decline(), {"reason": reason, "feedback": feedback or []})
        changed = applications.decline_application(
            self.applications, call, application_id, **said, now=self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def decline_applications(
        self, call: Call, project_id: str, application_ids: Any, reason: Any
    ) -> State:
        said = schemas.load(schemas.Declines(), {"ids": application_ids, "reason": reason})
        changed = applications.decline_applications(
            self.applications, call, project_id, **said, now=self.now()
        )
        return {"items": [views.application(one, call.principal) for one in changed], "next": None}

    @rpc
    def select_application(self, call: Call, application_id: str) -> State:
        changed = selection.select_application(
            self.cards, self.applications, call, application_id, self.now()
        )
        return views.application(changed, call.principal)

    @rpc
    def offer_to_next_alternate(self, call: Call, project_id: str) -> State:
        changed = selection.offer_to_next(self.desk, call, project_id, self.now())
        return views.application(changed, call.principal)

    @rpc
    def get_response_rate(self, call: Call, org_id: str) -> State:
        return responses.get_response_rate(self.queries, call.principal, org_id)
