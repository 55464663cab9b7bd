"""Blind review does not leak: a reviewer tries every door, and no candidate is found behind any.

The candidates write who they are into everything that they may write; then all that a company's
people can read, be told or be refused is searched for it.
"""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, SKILL, Api, Journey, Json, People, Problem
from tests.e2e.reviewing import Reviewer, document, leaks, strings
from tests.waiting import wait_until

SCORES = dict.fromkeys(("skills", "problem_solving", "communication", "motivation"), 4)
COMPANY = ("owner", "recruiter", "evaluator")
PEOPLE = (
    ("Zofia Quackenbush-\u017b\u00f3\u0142towska", "600 700 801", "Testopolis Polytechnic"),
    ("Oluwaseun Adebayo", "600 700 802", "Lagoonside College"),
    ("\u738b\u5c0f\u660e", "600 700 803", "Xinglake University"),
)


def pdf(author: str) -> bytes:
    return f"%PDF-1.4\n1 0 obj<</Author({author})>>endobj\n{author}\n%%EOF\n".encode()


@dataclass
class Somebody:
    """A candidate; `needles` is all that would tell who it is."""

    api: Api
    needles: list[str]
    text: str
    resume_id: str
    applications: list[str]

    @classmethod
    def register(cls, people: People, name: str, phone: str, school: str) -> "Somebody":
        tag = uuid4().hex[:10]
        api, email = Api(people.base), f"me.{tag}@example.com"
        account = {"role": "candidate", "email": email, "password": PASSWORD, "name": name}
        api.post("/v1/accounts", account)
        api.sign_in(email, PASSWORD)
        api.session.headers["X-Request-Id"] = f"request-of-{tag}"
        author = f"author-{tag}"
        resume, sample = (
            api.upload_bytes(f"{kind}-{tag}.pdf", "application/pdf", io.BytesIO(pdf(author)))
            for kind in ("cv", "work")
        )
        own = [*re.split(r"[\s-]", name), email, tag, phone, school, author]
        own += [api.account["id"], resume["file_id"], sample["file_id"]]
        words = f"I am {name} ({email}, {phone}) of {school}: https://github.com/gh{tag}. "
        words += f"{name.upper()} / {name.replace(' ', '.')}, account {api.account['id']}. "
        api.put("/v1/profile", _profile(people.skill(), own, words, tag, sample["file_id"], school))
        needles = [needle for needle in own if len(needle) > 1]
        return cls(api, [*needles, f"gh{tag}"], words, resume["file_id"], [])

    def apply(self, journey: Journey) -> None:
        answers = [{"question_id": journey.question_id, "text": self.text + journey.project_id}]
        body = {"answers": answers, "portfolio": [0], "resume_file_id": self.resume_id}
        sent = self.api.until_posted(f"/v1/projects/{journey.project_id}/applications", body)
        self.applications.append(sent["id"])


def _profile(skill_id: str, own: list[str], words: str, tag: str, file: str, school: str) -> Json:
    label, telling = f"data of {own[0]}", {"skill_id": f"of-{tag}", "label": own[0], "level": 5}
    item = {"title": f"Work of {own[0]}", "description": words, "file_id": file}
    return {
        "headline": words[:150],
        "about": words,
        "skills": [{"skill_id": skill_id, "label": label, "level": 4}, telling],
        "weekly_hours": 15,
        "portfolio": [{**item, "url": f"https://github.com/gh{tag}"}],
        "schools": [school],
        "open_to_work": True,
    }


@dataclass
class Scene:
    """One company with two blind projects, to which the same people have applied."""

    stack: Stack
    journeys: list[Journey]
    team: dict[str, Api]
    candidates: list[Somebody]

    witness: Api  # A reviewer who learns who somebody is, and is in no other test.

    @property
    def needles(self) -> list[str]:
        return [needle for one in self.candidates for needle in one.needles]

    def reviewer(self, role: str) -> Reviewer:
        guesses = {one.resume_id for one in self.candidates}
        return Reviewer(self.team[role], document(self.stack.url), guesses)


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scene:
    people = People(stack.url)
    owner = people.owner()
    candidates = [Somebody.register(people, *person) for person in PEOPLE]
    journeys = [
        Journey(people, owner, candidates[0].api, {"positions": 2}).publish() for _ in range(2)
    ]
    for journey in journeys:
        for one in candidates:
            one.apply(journey)
    team = {"owner": owner} | {role: people.member(owner, role) for role in COMPANY[1:]}
    scene = Scene(stack, journeys, team, candidates, people.member(owner, "evaluator"))
    _happen(scene)
    return scene


def _happen(scene: Scene) -> None:
    """Something of everything that may happen to an application before it is accepted."""
    first, second = ([one.applications[at] for one in scene.candidates] for at in (0, 1))
    owner, path = scene.team["owner"], "/v1/applications/{}/{}"
    owner.post(path.format(first[0], "shortlist"))
    owner.post(path.format(second[0], "select"))
    owner.post(path.format(second[1], "reserve"), {"rank": 1})
    owner.post(path.format(second[2], "decline"), {"reason": "not-a-fit"})
    reason = {"reason": scene.candidates[2].text[:200]}
    scene.candidates[2].api.post(path.format(first[2], "withdraw"), reason)
    for journey in scene.journeys:
        question = {"text": f"May I use a script? Yours, {PEOPLE[0][0]}, {PEOPLE[0][2]}"}
        scene.candidates[0].api.post(f"/v1/projects/{journey.project_id}/inquiries", question)
        where = f"/v1/projects/{journey.project_id}/applications"
        owner.until(where, lambda page: all(_scored(one) for one in page["items"]), "scores")
        suggested = f"/v1/projects/{journey.project_id}/suggestions"
        for one in owner.until(suggested, lambda page: page["items"], "suggestions")["items"][:3]:
            owner.post(
                f"/v1/projects/{journey.project_id}/invitations", {"suggestion_id": one["id"]}
            )


def _scored(view: Json) -> bool:
    return view["score"] is not None


@pytest.mark.parametrize("role", COMPANY)
def test_no_answer_to_a_reviewer_tells_who_applied(scene: Scene, role: str) -> None:
    reviewer = scene.reviewer(role)
    said = [*reviewer.reads(), *reviewer.writes()]
    assert leaks(said, scene.needles) == []
    read = {where.split(" ")[1] for where, _ in said if where.endswith("200")}
    for one in scene.candidates:
        assert {f"/v1/applications/{id_}" for id_ in one.applications} <= read
        assert not any(one.resume_id in where for where in read)


@pytest.mark.parametrize("role", COMPANY)
def test_no_event_tells_a_reviewer_who_applied(scene: Scene, role: str) -> None:
    expected = ["application.declined.v1", "application.submitted.v1"]
    expected += [] if role == "evaluator" else ["application.withdrawn.v1"]
    where, told = scene.reviewer(role).stream(
        lambda told: all(type_ in told for type_ in expected) and told.count("submitted.v1") >= 6
    )
    assert leaks([(where, told)], scene.needles) == []
    arrivals = [part for part in told.split("\n\n") if "application.submitted.v1" in part]
    ids = [id_ for one in scene.candidates for id_ in one.applications]
    assert leaks([("an arrival", part) for part in arrivals], ids) == []


def test_no_mail_tells_the_company_who_applied(scene: Scene) -> None:
    sink, owner = scene.stack.mail, scene.team["owner"].account["email"]
    wait_until(lambda: len(sink.messages(owner)) >= 6, 60, "a mail for each application")
    said = []
    for api in scene.team.values():
        for mail in sink.messages(api.account["email"]):
            parts = [part for part in sink.read(mail).walk() if not part.is_multipart()]
            bodies = [part.get_payload(decode=True).decode() for part in parts]  # type: ignore[union-attr]
            said.append((mail["subject"], "\n".join([str(mail), *bodies])))
    assert leaks(said, scene.needles) == []


def test_nothing_that_a_reviewer_reads_puts_applications_in_order_of_time(scene: Scene) -> None:
    for journey in scene.journeys:
        path = f"/v1/projects/{journey.project_id}/applications"
        page = scene.team["recruiter"].get(path)["items"]
        keys = [(-view["score"], view["id"]) for view in page]
        assert keys == sorted(keys)
        own = [
            strings({**view, "next": None, "expires_at": None, "reserved_until": None})
            for view in page
        ]
        for told in set().union(*own) - {journey.project_id, journey.question_id}:
            assert not re.search(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7", told) or told.startswith(
                ("org-", "prj-")
            ), told
            if re.match(r"\d{4}-\d\d-\d\dT", told):
                at = datetime.fromisoformat(told)
                assert (at.hour, at.minute, at.second) == (0, 0, 0), told


def test_a_candidate_cannot_be_found_again_in_another_project(scene: Scene) -> None:
    def views(at: int, one: Somebody) -> set[str]:
        return strings(scene.team["owner"].get(f"/v1/applications/{one.applications[at]}"))

    for one in scene.candidates:
        others = [other for other in scene.candidates if other is not one]
        common = set().union(*(views(at, other) for at in (0, 1) for other in others))
        assert {text for text in views(0, one) & views(1, one) - common if len(text) > 20} == set()
    assert views(0, scene.candidates[0]) >= {SKILL}  # The project's label, not the candidate's.
    names = [
        scene.team["owner"].get(f"/v1/applications/{id_}")["pseudonym"]
        for one in scene.candidates
        for id_ in one.applications[:1]
    ]
    assert len(set(names)) == len(names)


def test_who_it_is_is_told_to_one_reviewer_once_their_scores_are_locked(scene: Scene) -> None:
    somebody, other = scene.candidates[:2]
    evaluator, recruiter = scene.witness, scene.team["recruiter"]
    path = f"/v1/applications/{somebody.applications[0]}"
    with pytest.raises(Problem) as refused:
        evaluator.post(f"{path}/reveal")
    assert refused.value.code == "scorecard-not-locked"
    evaluator.put(f"{path}/scorecard", {"scores": SCORES, "comment": "Clear."})
    evaluator.post(f"{path}/scorecard/lock")
    seen = evaluator.post(f"{path}/reveal")
    assert seen["candidate_name"] == PEOPLE[0][0]
    assert seen["answers"][0]["text"].startswith(somebody.text)
    assert evaluator.fetch(f"/v1/files/{somebody.resume_id}").startswith(b"%PDF")

    blind = [("recruiter", str(recruiter.get(path)))]
    blind.append(("another", str(evaluator.get(f"/v1/applications/{other.applications[0]}"))))
    same = f"/v1/applications/{somebody.applications[1]}"
    blind.append(("the other project", str(evaluator.get(same))))
    blind.append(("events", str(_events(recruiter, "identity.revealed.v1"))))
    assert leaks(blind, scene.needles) == []
    with pytest.raises(Problem):
        recruiter.fetch(f"/v1/files/{somebody.resume_id}")

    (told,) = _events(somebody.api, "identity.revealed.v1")
    assert told["data"]["reviewer_id"] == evaluator.account["id"]
    assert somebody.api.get(path)["reveals"][0]["reviewer_id"] == evaluator.account["id"]


def _events(api: Api, type_: str) -> list[Any]:
    page = api.until("/v1/events", lambda page: page["items"], type_, types=type_)
    items: list[Any] = page["items"]
    return items
