"""People, and the journey as steps that stories in this folder stop at."""

import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.demo.client import Api, Json, Problem
from deploy.embedded.state import STACKS, STATE, TESTS

PASSWORD = "correct horse battery staple"
SCORES = {"work_ethic": 5, "problem_solving": 4, "communication": 5, "culture": 4}
EVALUATION = {
    "scores": SCORES,
    "comment": "As agreed.",
    "would_engage_again": True,
    "would_hire": True,
}
COMPANY_EVALUATION = {
    "scores": {"brief_clarity": 5, "preparedness": 4, "responsiveness": 4, "fairness": 5},
    "comment": "A clear brief.",
    "would_engage_again": True,
    "would_recommend": True,
}
OFFER = {
    "policy": "extend",
    "minimum_score": 70,
    "kind": "internship",
    "title": "Data intern",
    "pay_amount": 2400,
    "pay_currency": "USD",
    "pay_period": "hour",
    "valid_days": 7,
}
JOB = {name: OFFER[name] for name in ("kind", "title", "pay_amount", "pay_currency", "pay_period")}
SKILL = "perform data cleansing"
_numbers = itertools.count(1)


def address(name: str) -> str:
    return f"{name}-{uuid4().hex[:12]}@example.com"


@dataclass
class People:
    """Registers people at one gateway; `client` is what they use."""

    base: str
    skill_id: str = ""
    client: type[Api] = Api

    def candidate(self, *, account: bool = True) -> Api:
        api = self._register("candidate", name="Kim Candidate")
        skills = [{"skill_id": self.skill(), "label": SKILL, "level": 4}]
        api.put(
            "/v1/profile",
            {
                "headline": "Statistics student",
                "skills": skills,
                "weekly_hours": 15,
                "portfolio": [],
                "open_to_work": True,
            },
        )
        if account:
            api.post("/v1/payout-account", {"country": "US"})
        return api

    def owner(self, token: str = "tok_visa", level: str = "verified") -> Api:
        """Of a company that an operator has verified, unless its briefs are to be looked at."""
        api = self._register("owner", name="Dana Owner", organisation_name="Northwind")
        api.put("/v1/payment-method", {"token": token})
        if level != "unverified":
            path = f"/v1/organisations/{api.account['org_id']}/verify"
            self.operator().post(path, {"level": level})
        return api

    def operator(self) -> Api:
        """The operator of this gateway's stack, signed in anew: clocks may have moved."""
        return self.client(self.base).sign_in(operator_of(self.base), PASSWORD)

    def member(self, owner: Api, role: str) -> Api:
        email = address(role)
        body = {"email": email, "password": PASSWORD, "name": role.title(), "role": role}
        owner.post("/v1/organisation/members", body)
        return self.client(self.base).sign_in(email, PASSWORD)

    def skill(self) -> str:
        if not self.skill_id:
            found = self.client(self.base).get("/v1/skills", query=SKILL, limit=20)["items"]
            self.skill_id = next(item["skill_id"] for item in found if item["label"] == SKILL)
        return self.skill_id

    def _register(self, role: str, name: str, **more: Any) -> Api:
        email = address(role)
        body = {"role": role, "email": email, "password": PASSWORD, "name": name, **more}
        self.client(self.base).post("/v1/accounts", body)
        return self.client(self.base).sign_in(email, PASSWORD)


@dataclass
class Journey:
    """One company and one candidate; each method is a step and leaves its result here."""

    people: People
    owner: Api
    candidate: Api
    policy: Json = field(default_factory=dict)
    project_id: str = ""
    question_id: str = ""
    inquiry_id: str = ""
    application_id: str = ""
    engagement_id: str = ""
    rated: bool = False

    @classmethod
    def of(cls, people: People, token: str = "tok_visa", **policy: Any) -> "Journey":
        return cls(people, people.owner(token), people.candidate(), policy)

    @property
    def engagement(self) -> str:
        return f"/v1/engagements/{self.engagement_id}"

    @property
    def application(self) -> str:
        return f"/v1/applications/{self.application_id}"

    def brief(self) -> Json:
        return {
            "title": f"Clean contacts, batch {next(_numbers)}",
            "summary": "Merge duplicates and bring every column to one format, please.",
            "deliverables": [{"title": "Clean CSV", "acceptance_criteria": ["One row per person"]}],
            "skills": [{"skill_id": self.people.skill(), "label": SKILL, "required": True}],
            "questions": [{"text": "Which tool?", "required": True}],
            "hours": 12,
            "weeks": 1,
            "fee_amount": 26405,
            "fee_currency": "USD",
            "supervisor": {"name": "Dana Owner", "role": "Sales operations"},
            "hire_offer": OFFER,
            **self.policy,
        }

    def publish(self) -> "Journey":
        draft = self.owner.post("/v1/projects", self.brief())
        self.project_id = draft["id"]
        self.question_id = draft["questions"][0]["question_id"]
        path = f"/v1/projects/{self.project_id}"
        self.owner.until(path, verified, "hearing that the organisation is verified")
        self.owner.post(f"/v1/projects/{self.project_id}/publish")
        return self

    def ask(self) -> "Journey":
        path = f"/v1/projects/{self.project_id}/inquiries"
        self.inquiry_id = self.candidate.post(path, {"text": "May I use a script?"})["id"]
        return self

    def apply(self) -> "Journey":
        self.application_id = self.apply_as(self.candidate)
        return self

    def apply_as(self, candidate: Api) -> str:
        """The id of this candidate's application; waits until the publication has arrived."""
        answers = [{"question_id": self.question_id, "text": "OpenRefine"}]
        path = f"/v1/projects/{self.project_id}/applications"
        sent = candidate.until_posted(path, {"answers": answers})
        return str(sent["id"])

    def select(self) -> "Journey":
        self.owner.post(f"{self.application}/select")
        self.candidate.until(self.application, status("selected"), "hearing of the selection")
        return self

    def accept(self) -> "Journey":
        self.engagement_id = self.candidate.post(f"{self.application}/accept")["engagement_id"]
        return self

    def funded(self) -> "Journey":
        self.owner.until(self.engagement, status("kickoff_pending"), "holding the fee")
        return self

    def started(self) -> "Journey":
        for api in (self.owner, self.candidate):
            api.sign_kickoff(self.engagement)
        return self

    def agree(self) -> "Journey":
        """On a milestone, and on another date."""
        due_at = self.owner.get(self.engagement)["due_at"]
        plan = {"title": "Half of it", "due_at": due_at}
        self.owner.post(f"{self.engagement}/milestones", plan)
        later = datetime.fromisoformat(due_at) + timedelta(days=3)
        wish = {"why": "An exam.", "due_at": later.isoformat()}
        orders = self.candidate.post(f"{self.engagement}/change-orders", wish)["change_orders"]
        self.owner.post(f"{self.engagement}/change-orders/{orders[-1]['order_id']}/accept")
        return self

    def submit(self, body: bytes = b"name,email\nAda,ada@example.com\n") -> "Journey":
        stored = self.candidate.upload_bytes("clean.csv", "text/csv", io.BytesIO(body))
        note = {"file_ids": [stored["file_id"]], "note": "Done."}
        self.candidate.post(f"{self.engagement}/deliverables", note)
        return self

    def evaluate(self) -> "Journey":
        self.owner.post(f"{self.engagement}/evaluation", EVALUATION)
        return self

    def rate(self) -> "Journey":
        """The candidate rates the company: both are in, and both may read."""
        self.candidate.post(f"{self.engagement}/company-evaluation", COMPANY_EVALUATION)
        self.rated = True
        return self

    def paid(self) -> Json:
        path = f"{self.engagement}/payment"
        view: Json = self.candidate.until(path, status("paid"), "the payout")
        return view

    def offer(self) -> Json:
        """The hire offer, which waits until both have rated."""
        if not self.rated:
            self.rate()
        page = self.candidate.until("/v1/hire-offers", self._mine, "the hire offer")
        found: Json = self._mine(page)[0]
        return found

    def to_submitted(self) -> "Journey":
        return self.publish().apply().to_delivered()

    def to_delivered(self) -> "Journey":
        return self.select().accept().funded().started().submit()

    def _mine(self, page: Json) -> list[Json]:
        return [item for item in page["items"] if item["engagement_id"] == self.engagement_id]


@cache
def operator_of(base: str) -> str:
    """The address of an operator who was made for the stack that answers there."""
    found = next(one for one in _written() if one["addresses"]["gateway"] == base)
    email = address("operator")
    subprocess.run(
        [Path(sys.executable).with_name("stint"), "account", "add", "--role", "operator",
         "--email", email, "--name", "Operator"],
        input=PASSWORD, text=True, check=True, timeout=60, stdout=subprocess.DEVNULL,
        env={**os.environ, **found["environment"]},
    )  # fmt: skip
    # Whoever is not known to notifications yet is not told what concerns all operators.
    made = Api(base).sign_in(email, PASSWORD)
    made.until("/v1/notifications", lambda page: page["items"], "knowing the operator")
    return email


def _written() -> Iterator[Json]:
    """What each stack wrote about itself: of commands, and of the tests of every worker."""
    for file in itertools.chain(STACKS.glob(f"*/{STATE}"), TESTS.glob(f"*/*/{STATE}")):
        with suppress(FileNotFoundError):  # Another worker's has just ended.
            yield json.loads(file.read_text())


def verified(view: Json) -> bool:
    return bool(view["organisation_level"] in ("verified", "trusted"))


def status(*names: str) -> Any:
    return lambda view: view["status"] in names


__all__ = [
    "COMPANY_EVALUATION",
    "EVALUATION",
    "PASSWORD",
    "Api",
    "Journey",
    "Json",
    "People",
    "Problem",
    "address",
    "status",
]
