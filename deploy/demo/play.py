"""Plays every role of the demo over HTTP: companies, candidates, and an operator who looks on."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.demo.client import Api, Json, Problem
from shared.data import read_yaml

DATA = Path(__file__).parent / "data"
PASSWORD = "correct horse battery staple"
MEDIA_TYPES = {".csv": "text/csv", ".txt": "text/plain"}


@dataclass
class Engaged:
    """One brief on its way through the journey."""

    place: int
    brief: Json
    owner: Api
    project_id: str = ""
    by_application: dict[str, Json] = field(default_factory=dict)
    engagement_id: str = ""
    candidate: Json = field(default_factory=dict)
    submitted_at: datetime | None = None

    @property
    def path(self) -> str:
        return f"/v1/engagements/{self.engagement_id}"


class Play:
    """The journey, step by step; every step waits for what it needs, as people do."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.briefs: list[Json] = read_yaml(DATA / "briefs.yml")
        self.candidates: list[Json] = read_yaml(DATA / "candidates.yml")
        self.skills: dict[str, str] = {}

    def register(self, operator: Api) -> list[Engaged]:
        """Three verified companies with a card, a dozen candidates with a payout account."""
        for person in self.candidates:
            person["api"] = self._register("candidate", person["email"], person["name"])
            person["api"].put("/v1/profile", self._profile(person))
            person["api"].post("/v1/payout-account", {"country": person["country"]})
        runs = []
        for place, brief in enumerate(self.briefs, start=1):
            company = brief["company"]
            owner = self._register(
                "owner", company["email"], company["owner"],
                organisation_name=company["organisation"], time_zone=company["time_zone"],
            )  # fmt: skip
            owner.put("/v1/payment-method", {"token": "tok_visa"})
            operator.post(
                f"/v1/organisations/{owner.account['org_id']}/verify", {"level": "verified"}
            )
            runs.append(Engaged(place, brief, owner))
        return runs

    def publish(self, run: Engaged) -> None:
        """Draft the brief and open it."""
        names = ("title", "summary", "objective", "deliverables", "hours", "weeks", "hire_offer")
        more = ("fee_amount", "fee_currency", "supervisor", "ai_policy")
        body = {name: run.brief[name] for name in (*names, *more)}
        body["skills"] = [
            {**skill, "skill_id": self._skill(skill["label"])} for skill in run.brief["skills"]
        ]
        body["questions"] = run.brief["questions"]
        run.project_id = run.owner.post("/v1/projects", body)["id"]
        path = f"/v1/projects/{run.project_id}"
        run.owner.until(path, _verified, "hearing that the company is verified")
        run.owner.post(f"{path}/publish")

    def apply(self, run: Engaged) -> None:
        """Everybody who wants to answers the brief's required question."""
        questions = run.owner.get(f"/v1/projects/{run.project_id}")["questions"]
        required = next(question for question in questions if question["required"])
        for person in self.candidates:
            if run.place in person["applies"]:
                text = person["applies"][run.place]
                answers = [{"question_id": required["question_id"], "text": text}]
                path = f"/v1/projects/{run.project_id}/applications"
                view = person["api"].until_posted(path, {"answers": answers})
                run.by_application[view["id"]] = person

    def select(self, run: Engaged) -> list[Json]:
        """Wait for the ranked, blind list; offer the project to the first; answer the list."""
        ranked: list[Json] = run.owner.until(
            f"/v1/projects/{run.project_id}/applications",
            lambda page: (
                len(page["items"]) == len(run.by_application)
                and all(item.get("score") is not None for item in page["items"])
            ),
            "scoring the applications",
        )["items"]
        chosen = ranked[run.brief["choose"] - 1]["id"]
        run.candidate = run.by_application[chosen]
        run.owner.post(f"/v1/applications/{chosen}/select")
        api = run.candidate["api"]
        api.until(f"/v1/applications/{chosen}", _in("selected"), "hearing of the selection")
        run.engagement_id = api.post(f"/v1/applications/{chosen}/accept")["engagement_id"]
        return ranked

    def start(self, run: Engaged) -> None:
        """The fee is held; both sides accept the agreements and sign the kick-off."""
        run.owner.until(run.path, _in("kickoff_pending"), "holding the fee")
        run.owner.sign_kickoff(run.path)
        run.candidate["api"].sign_kickoff(run.path)
        run.candidate["api"].until(run.path, _in("active"), "starting")

    def deliver(self, run: Engaged) -> None:
        """Hand in, hear the company's wish for a revision where there is one, hand in again."""
        for _ in range(run.brief["revisions"]):
            self._submit(run, run.brief["files"][:1], "A first version, as agreed.")
            criteria = run.brief["deliverables"][0]["acceptance_criteria"][:1]
            body = {"criteria": criteria, "comment": "Nearly there: please see the criterion."}
            run.owner.post(f"{run.path}/revisions", body)
        view = self._submit(run, run.brief["files"][-1:], "The final version.")
        run.submitted_at = datetime.fromisoformat(view["deliverables"][-1]["submitted_at"])

    def evaluate(self, run: Engaged) -> None:
        """The rubric's four scores accept the work; everything after is events."""
        body = {
            "scores": run.brief["scores"],
            "comment": "Thank you: this is what we asked for.",
            "would_engage_again": True,
            "would_hire": run.brief["would_hire"],
        }
        run.owner.post(f"{run.path}/evaluation", body)

    def settle(self, run: Engaged) -> None:
        """Wait for pay and credential; answer the hire offer where there is one."""
        api = run.candidate["api"]
        api.until(f"{run.path}/payment", _in("paid"), "the payout")
        api.until("/v1/credentials", lambda page: self._of(page, run), "the credential")
        if run.brief["offer_answer"] is None:
            return
        mine = run.owner.until("/v1/hire-offers", lambda page: self._of(page, run), "the offer")
        offer = self._of(mine, run)[0]
        if offer["status"] == "drafted":
            run.owner.post(f"/v1/hire-offers/{offer['id']}/extend")
        if run.brief["offer_answer"] == "accept":
            api.post(f"/v1/hire-offers/{offer['id']}/accept")
        else:
            api.post(f"/v1/hire-offers/{offer['id']}/decline", {"reason": "other-offer"})

    def _submit(self, run: Engaged, names: list[str], note: str) -> Json:
        api = run.candidate["api"]
        paths = [DATA / name for name in names]
        stored = [api.upload(path, MEDIA_TYPES[path.suffix]) for path in paths]
        body = {"file_ids": [file["file_id"] for file in stored], "note": note}
        view: Json = api.post(f"{run.path}/deliverables", body)
        return view

    @staticmethod
    def _of(page: Json, run: Engaged) -> list[Json]:
        return [item for item in page["items"] if item["engagement_id"] == run.engagement_id]

    def _register(self, role: str, email: str, name: str, **more: Any) -> Api:
        api = Api(self.base)
        body = {"role": role, "email": email, "password": PASSWORD, "name": name, **more}
        api.post("/v1/accounts", body)
        return api.sign_in(email, PASSWORD)

    def _profile(self, person: Json) -> Json:
        skills = [
            {"skill_id": self._skill(label), "label": label, "level": level}
            for label, level in person["skills"].items()
        ]
        hours = person["weekly_hours"]
        return {"headline": person["headline"], "skills": skills, "weekly_hours": hours,
                "portfolio": [], "open_to_work": True}  # fmt: skip

    def _skill(self, label: str) -> str:
        """The taxonomy's id of this label, looked up once."""
        if label not in self.skills:
            found = Api(self.base).get("/v1/skills", query=label, limit=20)["items"]
            ids = [item["skill_id"] for item in found if item["label"] == label]
            if not ids:
                raise Problem(f"the taxonomy has no skill {label!r}")
            self.skills[label] = ids[0]
        return self.skills[label]


def _verified(view: Json) -> bool:
    return bool(view["organisation_level"] == "verified")


def _in(status: str) -> Any:
    return lambda view: view["status"] == status
