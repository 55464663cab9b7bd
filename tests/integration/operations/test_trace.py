"""`stint trace`: one engagement's events, in order, with what caused what."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.messaging.stage import Wire
from tests.integration.operations.conftest import Stint, announce, event

START = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
MINE, OTHER = "eng-mine", "eng-other"


def at(milliseconds: int) -> str:
    return (START + timedelta(milliseconds=milliseconds)).isoformat()


@pytest.fixture
def story(bus: Wire) -> Wire:
    """Told out of order, with a repeat, among another engagement's."""
    applied = {"application_id": "app-mine", "candidate_id": "acc-1", "project_id": "prj-1"}
    engaged = {**applied, "engagement_id": MINE}
    announce(
        bus,
        event("payment.funded.v1", f"escrow:{MINE}", id="e-3", time=at(30), source="payments",
              data={**engaged, "amount": 26405}, correlationid="c-2",
              causationid=f"{MINE}:charge:1:succeeded:0"),
        event("application.submitted.v1", "application:app-mine", id="e-1", time=at(0),
              source="applications", data=applied, correlationid="c-1", causationid="call-1"),
        event("application.submitted.v1", "application:app-other", data={
              **applied, "application_id": "app-other"}),
        event("application.accepted.v1", "project-card:prj-1", id="e-2", time=at(20),
              source="applications", data=engaged, correlationid="c-2", causationid="call-2"),
        event("project.closed.v1", "project:prj-1", id="e-4", time=at(1500), source="projects",
              data={"project_id": "prj-1"}, correlationid="c-2", causationid="e-2"),
        event("payment.funded.v1", f"escrow:{OTHER}", data={"engagement_id": OTHER}),
        event("payment.funded.v1", f"escrow:{MINE}", id="e-3", time=at(30), source="payments",
              data={**engaged, "amount": 26405}, correlationid="c-2",
              causationid=f"{MINE}:charge:1:succeeded:0"),
    )  # fmt: skip
    return bus


def test_the_story_is_told_in_order_with_causes_and_hearers(stint: Stint, story: Wire) -> None:
    rows = json.loads(stint("trace", MINE, "--json").stdout)

    assert [(row["id"], row["because_of"], row["sent"]) for row in rows] == [
        ("e-1", None, 1),
        ("e-2", None, 1),
        ("e-3", None, 2),
        ("e-4", 2, 1),
    ]
    assert [row["after_ms"] for row in rows] == [0, 20, 10, 1470]
    assert rows[1]["heard_by"] == ["projects", "applications", "payments", "notifications"]
    assert rows[2]["data"]["amount"] == 26405


def test_people_read_it_as_a_timeline(stint: Stint, story: Wire) -> None:
    title, _, _, _, *told = stint("trace", MINE).stdout.splitlines()

    assert title.strip() == (
        "eng-mine, 2030-01-02 (UTC): 4 events in 1.5 s; notifications hears each"
    )
    words = [" ".join(line.split()) for line in told]
    assert words[0] == (
        "1 03:04:05.000 0 ms application.submitted.v1 applications projects, applications, matching"
        " request call-1"
    )
    assert words[2].endswith(
        "payment.funded.v1 (2 x) payments projects, applications charge 1 succeeded amount 26405"
    )
    assert words[3].startswith("4 03:04:06.500 1.5 s project.closed.v1 projects applications")
    assert words[3].endswith("#2")


def test_an_engagement_that_nobody_told_of_is_said(stint: Stint, story: Wire) -> None:
    unknown = stint("trace", "eng-nothing")

    assert unknown.exit_code == 2
    assert unknown.stderr == "Error: the archive knows nothing of eng-nothing\n"
