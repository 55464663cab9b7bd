"""Briefs from a template to their end: rules, an operator's look, changes, questions, links."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, Api, Journey, Json, People, Problem, status

DAY = 24 * 3600
STINT = Path(sys.executable).with_name("stint")
OWN: Json = {
    "supervisor": {"name": "Dana Owner", "role": "Sales operations"},
    "time_zone": "America/Chicago",
}
Travel = Callable[[float], None]


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def review(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STINT, "review", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **stack.environment},
    )


def told(api: Api, kind: str) -> Json:
    """The line of the inbox that tells this kind of thing."""

    def found(page: Json) -> list[Json]:
        return [item for item in page["items"] if item["kind"] == kind]

    page = api.until("/v1/notifications", found, f"telling of {kind}", limit=100)
    return found(page)[0]


def changed(owner: Api, path: str, changes: Json) -> Any:
    """The project after a change of the version that was read; read again where it moved on."""
    for _ in range(20):
        headers = {"If-Match": f'"{owner.get(path)["version"]}"'}
        try:
            return owner._send("PATCH", path, json=changes, headers=headers)
        except Problem as problem:
            if problem.code != "version-changed":
                raise
    raise AssertionError(f"{path} never stands still")


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def test_a_brief_of_an_unknown_company_is_looked_at_changed_and_let_out(
    stack: Stack, people: People
) -> None:
    owner, operator, stranger = people.owner(level="unverified"), people.operator(), Api(stack.url)
    ids = [item["id"] for item in stranger.get("/v1/templates")["items"]]
    assert len(ids) >= 12
    advice = owner.post("/v1/brief-advice", stranger.get("/v1/templates/crm-cleaning")["brief"])
    assert [fault["field"] for fault in advice["faults"]] == ["supervisor"]

    body = {"template_id": "crm-cleaning", "changes": {**OWN, "fee_amount": 12_000}}
    project = owner.post("/v1/projects/from-template", body)
    path = f"/v1/projects/{project['id']}"
    assert "24000" in str(refused(lambda: owner.post(f"{path}/publish")))
    changed(owner, path, {"fee_amount": 24_000})
    assert owner.post(f"{path}/publish")["status"] == "in_review"
    assert refused(lambda: stranger.get(path)).status == 404
    told(operator, "project.submitted")

    listed = json.loads(review(stack, "ls", "--json").stdout)
    (waiting,) = [one for one in listed if one["id"] == project["id"]]
    assert waiting["findings"][0]["code"] == "organisation-unverified"
    assert project["id"] in [item["id"] for item in operator.get("/v1/reviews", limit=100)["items"]]
    back = review(stack, "request-changes", project["id"], "summary=Say which CRM it is.")
    assert back.returncode == 0, back.stderr
    assert "Say which CRM it is." in told(owner, "project.returned")["text"]

    returned = owner.get(path)
    assert returned["review"]["reasons"][0]["field"] == "summary"
    changed(owner, path, {"summary": returned["summary"] + " It is a CRM of our own."})
    owner.post(f"{path}/publish")
    out = review(stack, "approve", project["id"])
    assert out.returncode == 0, out.stderr
    told(owner, "project.approved")
    seen = stranger.get(path)
    assert (seen["status"], seen["organisation_level"]) == ("published", "unverified")
    assert "review" not in seen
    again = review(stack, "approve", project["id"])
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)


def test_what_applicants_relied_on_is_kept_and_they_are_told_of_a_change(people: People) -> None:
    journey = Journey.of(people).publish().ask()
    owner, candidate = journey.owner, journey.candidate
    path = f"/v1/projects/{journey.project_id}"
    told(owner, "inquiry.asked")
    owner.post(f"{path}/inquiries/{journey.inquiry_id}/answer", {"text": "Yes, hand it in."})
    told(candidate, "inquiry.answered")
    (public,) = Api(owner.base).get(f"{path}/inquiries")["items"]
    assert public["answer"] == "Yes, hand it in."
    journey.apply()

    worse = refused(lambda: changed(owner, path, {"fee_amount": 26_000}))
    assert worse.code == "brief-worsened"
    better = changed(owner, path, {"fee_amount": 30_000})
    assert better["brief_version"] == 2
    assert "fee amount" in told(candidate, "project.revised")["text"]
    newest, relied_on = candidate.get(f"{path}/versions")["items"]
    assert (newest["brief"]["fee_amount"], relied_on["brief"]["fee_amount"]) == (30_000, 26_405)
    log = owner.get("/v1/events", types="project.revised.v1", limit=100)["items"]
    assert candidate.account["id"] not in json.dumps(log)


def test_a_link_is_needed_where_there_is_one_and_an_invitation_where_there_is_none(
    people: People,
) -> None:
    journey = Journey.of(people, visibility="link_only").publish()
    stranger, candidate = Api(journey.owner.base), journey.candidate
    path = f"/v1/projects/{journey.project_id}"
    token = journey.owner.get(path)["link_token"]
    assert refused(lambda: stranger.get(path)).status == 404
    assert stranger.get(path, link_token=token)["visibility"] == "link_only"
    closed = Journey(people, journey.owner, candidate, {"visibility": "invite_only"}).publish()
    assert refused(lambda: candidate.get(f"/v1/projects/{closed.project_id}")).status == 404
    assert refused(lambda: candidate.get(f"{path}/inquiries")).status == 404
    found = stranger.get("/v1/projects", limit=100)["items"]
    hidden = {journey.project_id, closed.project_id}
    assert hidden & {item["id"] for item in found} == set()
    mine = journey.owner.get("/v1/projects", mine="true", limit=100)["items"]
    assert hidden <= {item["id"] for item in mine}


def pass_days(travel: Travel, owner: Api, days: int, reminders: int) -> None:
    """Let time pass until the company has been asked so often whether the project is open."""
    travel(days * DAY)
    owner.sign_in(owner.account["email"], PASSWORD)

    def asked(page: Json) -> bool:
        return [one["kind"] for one in page["items"]].count("project.reminded") >= reminders

    owner.until("/v1/notifications", asked, f"asking {reminders} times", limit=100)


def test_a_quiet_project_is_asked_about_closes_and_is_reposted(
    people: People, travel: Travel
) -> None:
    journey = Journey.of(people).publish()
    owner, path = journey.owner, f"/v1/projects/{journey.project_id}"
    pass_days(travel, owner, 21, 1)
    assert owner.post(f"{path}/confirm")["still_open_by"] is None
    pass_days(travel, owner, 21, 2)
    assert owner.get(path)["still_open_by"]
    pass_days(travel, owner, 6, 3)
    travel(3 * DAY)
    owner.sign_in(owner.account["email"], PASSWORD)
    assert owner.until(path, status("closed"), "closing")["close_reason"] == "idle"
    again = owner.post(f"{path}/repost", {"fee_amount": 28_000})
    assert (again["status"], again["fee_amount"]) == ("published", 28_000)
    copy = owner.post(f"{path}/copy")
    assert (copy["status"], copy["copied_from"]) == ("draft", journey.project_id)
