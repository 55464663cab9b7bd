"""People's data on the running stack: who looked, a copy of it all, and being forgotten."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymongo
import pytest
import requests

from deploy.embedded.stack import Stack
from shared.caller import Caller
from shared.envelope import Call
from shared.errors import Forbidden, NotFound
from shared.principal import ANONYMOUS, permissions
from tests.e2e.journey import COMPANY_EVALUATION, PASSWORD, Api, Journey, Json, People, Problem
from tests.e2e.world import principal
from tests.waiting import wait_until

STINT = Path(sys.executable).with_name("stint")
DAY = 24 * 3600
MARK = f"only-theirs-{uuid4().hex[:8]}"  # In everything that the candidate writes.
NAME = "Kim Candidate"
Travel = Callable[[float], None]


@pytest.fixture(scope="module")
def people(stack: Stack) -> People:
    return People(stack.url)


def again(api: Api, people: People) -> Api:
    """Signed in anew: clocks have moved."""
    return people.client(people.base).sign_in(api.account["email"], PASSWORD)


def audit(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STINT, "audit", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **stack.environment},
    )


def test_support_looks_with_somebody_s_eyes_and_on_record(stack: Stack, people: People) -> None:
    candidate, operator = people.candidate(account=False), people.operator()
    account_id = candidate.account["id"]
    why = {"account_id": account_id, "reason": "They cannot hand in.", "ticket": "SUP-9"}
    begun = operator.post("/v1/impersonations", why)
    acting = Api(people.base)
    acting.session.headers["Authorization"] = f"Bearer {begun['access_token']}"
    assert acting.get("/v1/profile")["id"] == account_id
    with pytest.raises(Problem, match="impersonation-read-only"):
        acting.put("/v1/preferences", {"preferences": {}})
    with pytest.raises(Problem, match="impersonation-refused"):
        acting.post("/v1/payout-account", {"country": "US"})
    found = candidate.get("/v1/impersonations")["items"]
    assert [one["ticket"] for one in found] == ["SUP-9"]
    candidate.until("/v1/notifications", _tells("impersonation.begun"), "telling the person")

    page = operator.get("/v1/audit", principal_id=account_id, limit=100)
    both = {one["operation"]: one for one in page["items"] if one.get("acting_id")}
    assert {"get_profile", "put_preferences", "open_payout_account"} <= both.keys()
    assert all(one["acting_id"] == operator.account["id"] for one in both.values())
    operator.session.delete(f"{people.base}/v1/impersonations/{begun['id']}", timeout=30)
    with pytest.raises(Problem, match="impersonation-over"):
        acting.get("/v1/profile")
    checked = audit(stack, "verify")
    assert (checked.returncode, "whole:" in checked.stdout) == (0, True), checked


def test_what_is_kept_of_somebody_is_handed_to_them_alone(stack: Stack, people: People) -> None:
    candidate, other = people.candidate(), people.candidate(account=False)
    mine = candidate.account["id"]
    caller = Caller(stack.broker.amqp_uri(), limit=10)
    caller.start()
    try:
        for service in permissions()["export_person"]["parts"]:
            with pytest.raises(NotFound):
                caller.call(service, "export_person", _call(principal(other)), person_id=mine)
            with pytest.raises(Forbidden):
                caller.call(service, "export_person", _call(ANONYMOUS), person_id=mine)
        for service in permissions()["list_hindrances"]["parts"]:
            with pytest.raises(Forbidden):
                caller.call(service, "list_hindrances", _call(principal(other)), person_id=mine)
    finally:
        caller.stop()


def test_who_is_erased_is_nowhere_and_the_books_are_whole(
    stack: Stack, people: People, travel: Travel
) -> None:
    journey = _told_everything(people)
    owner, candidate = journey.owner, journey.candidate
    asked = candidate.post("/v1/me/erasure", {"password": PASSWORD})
    codes = {one["code"] for one in asked["hindrances"]}
    assert {"money-held", "work-under-way", "work-agreed"} <= codes
    answer = candidate.session.delete(f"{people.base}/v1/me/erasure", timeout=30)
    assert answer.json()["stage"] == "called_off"

    _finish(journey)
    waiting = Journey(people, owner, candidate).publish().apply()
    archive = _exported(candidate)
    assert MARK in archive
    assert candidate.account["email"] in archive
    assert owner.account["email"] not in archive
    assert PASSWORD not in archive

    account_id = candidate.account["id"]
    kinds = {place.partition(" ")[0] for place in _found(stack, (MARK,))}
    assert len(kinds) >= 6, kinds  # What is looked for below is there.
    entries = _entries(stack, journey.engagement_id)
    assert candidate.post("/v1/me/erasure", {"password": PASSWORD})["hindrances"] == []
    travel(14 * DAY + 60)
    wait_until(lambda: _refused(candidate, people), 60, "closing the account")
    travel(17 * 60)
    wait_until(lambda: _standing(stack, account_id) == "erased", 60, "emptying the account")
    traces = (MARK, candidate.account["email"])
    wait_until(lambda: _found(stack, traces) == [], 60, lambda: str(_found(stack, traces)))
    assert _found(stack, (NAME,), account_id) == []

    assert _entries(stack, journey.engagement_id) == entries
    owner = again(owner, people)
    engagement = owner.get(journey.engagement)
    assert (engagement["candidate_id"], engagement["status"]) == (account_id, "completed")
    assert engagement["deliverables"][0]["files"]
    owner.until(waiting.application, _is_over, "ending what was open")
    assert owner.get(journey.application)["candidate_name"] == "Erased person"
    balance = people.operator().get("/v1/ledger/trial-balance")
    assert all(row["total"] == 0 for row in balance["sums"])
    assert audit(stack, "verify").returncode == 0


def _told_everything(people: People) -> Journey:
    """Work under way, whose candidate has written whatever a candidate can write."""
    journey = Journey.of(people).publish()
    candidate = journey.candidate
    profile = candidate.get("/v1/profile")
    names = ("skills", "weekly_hours", "portfolio", "open_to_work")
    told = {"headline": MARK, "about": MARK, "schools": [MARK]}
    candidate.put("/v1/profile", {**{name: profile[name] for name in names}, **told})
    stored = candidate.upload_bytes(f"{MARK}.txt", "text/plain", io.BytesIO(MARK.encode()))
    answers = [{"question_id": journey.question_id, "text": MARK}]
    sent = {"answers": answers, "resume_file_id": stored["file_id"]}
    path = f"/v1/projects/{journey.project_id}/applications"
    journey.application_id = candidate.until_posted(path, sent)["id"]
    journey.select().accept().funded().started()
    work = journey.engagement
    candidate.post(f"{work}/messages", {"text": MARK})
    candidate.post(f"{work}/flags", {"kind": "other", "text": MARK})
    candidate.put(f"{work}/time-note", {"hours": 3, "note": MARK})
    candidate.put(f"{work}/reflection", {"learned": MARK, "shared": True})
    due_at = datetime.fromisoformat(candidate.get(work)["due_at"]) + timedelta(days=1)
    candidate.post(f"{work}/change-orders", {"why": MARK, "due_at": due_at.isoformat()})
    candidate.put("/v1/portfolio", {"public": True})
    return journey


def _finish(journey: Journey) -> None:
    journey.submit().evaluate()
    journey.paid()
    path = f"{journey.engagement}/company-evaluation"
    journey.candidate.post(path, {**COMPANY_EVALUATION, "comment": MARK})
    page = journey.candidate.until("/v1/credentials", lambda page: page["items"], "the proof")
    sharing = {"public": True, "name": True}
    journey.candidate.put(f"/v1/credentials/{page['items'][0]['id']}/sharing", sharing)


def _exported(candidate: Api) -> str:
    path = f"/v1/me/exports/{candidate.post('/v1/me/export')['id']}"
    ready: Json = candidate.until(path, lambda view: view["status"] == "ready", "gathering")
    with zipfile.ZipFile(io.BytesIO(candidate.fetch(ready["url"]))) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def _is_over(view: Json) -> bool:
    """Withdrawn; where midnight was near, the company's time to decide ended first."""
    return view["status"] in ("withdrawn", "declined")


def _call(by: Any) -> Call:
    return Call(id=str(uuid4()), principal=by)


def _tells(kind: str) -> Callable[[Json], bool]:
    return lambda page: any(item["kind"] == kind for item in page["items"])


def _refused(api: Api, people: People) -> bool:
    given = {"email": api.account["email"], "password": PASSWORD}
    return requests.post(f"{people.base}/v1/sessions", json=given, timeout=30).status_code == 401


def _client(stack: Stack) -> "pymongo.MongoClient[Any]":
    return pymongo.MongoClient(stack.database.uri)


def _standing(stack: Stack, account_id: str) -> str:
    with _client(stack) as client:
        found = client["stint_gateway"]["accounts"].find_one({"_id": account_id})
    return str(found and found["standing"])


def _entries(stack: Stack, engagement_id: str) -> list[Any]:
    with _client(stack) as client:
        found = client["stint_payments"]["journal"].find({"engagement_id": engagement_id})
        return sorted(map(str, found))


def _found(stack: Stack, traces: tuple[str, ...], about: str = "") -> list[str]:
    """Where in all databases one of these still stands, in documents that name `about`."""
    with _client(stack) as client:
        return [
            f"{name} {document['_id']}"
            for name, document in _documents(client)
            if any(trace in (text := str(document)) for trace in traces) and about in text
        ]


def _documents(client: "pymongo.MongoClient[Any]") -> Iterator[tuple[str, Any]]:
    for database in client.list_database_names():
        if not database.startswith("stint_"):
            continue
        for name in client[database].list_collection_names():
            yield from ((f"{database}.{name}", one) for one in client[database][name].find())
