"""What the projects service asks of its database is answered alike by the fakes of unit tests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.embedded.database import Database
from services.projects import store
from services.projects.domain import evaluation, midpoint
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.thread import Message
from services.projects.domain.work import Party
from services.projects.domain.workroom import TimeNote
from tests.integration.quiet import quiet_platform
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import NOW, active, cancelled

ACME = {"org_id": "org-acme"}
HOUR = timedelta(hours=1)
STORES = ("engagements", "evaluations", "midpoints", "messages")


@pytest.fixture(scope="module")
def database_side(database: Database, module_database_prefix: str) -> Iterator[Any]:
    platform = quiet_platform(database.uri, module_database_prefix, "projects")
    stores = {name: getattr(store, name)(platform) for name in STORES}
    platform.prepare()
    yield SimpleNamespace(
        **stores,
        opinions=store.Opinions(),
        find_messages=store.find_messages,
        database=platform.database,
    )
    platform.stop()


@pytest.fixture(params=["database", "memory"])
def side(request: pytest.FixtureRequest) -> Any:
    """The stores and the questions to them: those of the database, or the fakes; empty."""
    if request.param == "memory":
        world = World()
        world.opinions = world.service.opinions  # type: ignore[attr-defined]
        return world
    made = request.getfixturevalue("database_side")
    for name in STORES:
        made.database[name].delete_many({})
    return made


def engagement(id: str, made: Engagement | None = None, **changes: Any) -> Engagement:
    return replace(made or active(), id=id, version=0, events=[], **changes)


def rated(id: str, **changes: Any) -> Evaluation:
    about = {"engagement_id": "eng-1", "project_id": "prj-1", "org_id": "org-acme"}
    return Evaluation(
        **{"id": id, **about, "candidate_id": "acc-carla", "title": "", "opened_at": NOW, **changes}
    )


def asked(id: str, status: midpoint.Stage, **changes: Any) -> Midpoint:
    about = {"engagement_id": "eng-1", "project_id": "prj-1", "org_id": "org-acme"}
    return Midpoint(
        **{"id": id, **about, "candidate_id": "acc-carla", "halfway_at": NOW, **changes},
        status=status,
    )


def message(id: str, engagement_id: str, hours: int) -> Message:
    return Message(
        id=id,
        engagement_id=engagement_id,
        project_id="prj-1",
        org_id="org-acme",
        candidate_id="acc-carla",
        by=Party.CANDIDATE,
        person_id="acc-carla",
        text="Hello.",
        files=[],
        posted_at=NOW + hours * HOUR,
    )


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["id"] for row in rows)


def test_evaluations_are_over_or_wait_by_their_stage(side: Any) -> None:
    for stage in evaluation.Stage:
        side.evaluations.create(None, rated(f"mine-{stage}", status=stage))
        other = {"org_id": "org-umbra", "candidate_id": "acc-mallory"}
        side.evaluations.create(None, rated(f"other-{stage}", status=stage, **other))

    for field, id_ in (("org_id", "org-acme"), ("candidate_id", "acc-carla")):
        assert ids(side.opinions.ended(field, id_)) == ["mine-lapsed", "mine-released"]
        assert ids(side.opinions.unrated({field: id_})) == ["mine-open"]
        assert side.opinions.ended(field, "nobody") == []
    assert ids(side.opinions.unrated({})) == ["mine-open", "other-open"]


def test_rows_have_what_was_saved(side: Any) -> None:
    side.evaluations.create(None, rated("evl-1", title="Work", due_at=NOW + HOUR))

    [row] = side.opinions.unrated(ACME)
    assert (row["id"], row["title"], row["due_at"]) == ("evl-1", "Work", NOW + HOUR)
    assert (row["status"], row["ratings"], row["version"]) == ("open", [], 1)


def test_check_ins_wait_while_they_are_due(side: Any) -> None:
    for stage in midpoint.Stage:
        side.midpoints.create(None, asked(f"mid-{stage}", stage))
    side.midpoints.create(None, asked("other", midpoint.Stage.DUE, org_id="org-umbra"))

    assert ids(side.opinions.unanswered(ACME)) == ["mid-due"]
    assert ids(side.opinions.unanswered({"candidate_id": "acc-carla"})) == ["mid-due", "other"]
    assert side.opinions.unanswered({"org_id": "nobody"}) == []


def test_who_has_worked_together_is_known_and_what_came_to_nothing(side: Any) -> None:
    side.engagements.create(None, engagement("eng-1", cancelled()))
    side.engagements.create(None, engagement("eng-2", org_id="org-umbra"))

    assert ids(side.opinions.cancelled("org_id", "org-acme")) == ["eng-1"]
    assert ids(side.opinions.cancelled("candidate_id", active().candidate_id)) == ["eng-1"]
    assert side.opinions.cancelled("org_id", "org-umbra") == []
    assert side.opinions.engaged("org-acme", active().candidate_id) is True
    assert side.opinions.engaged("org-acme", "acc-other") is False


def test_hours_are_those_that_were_noted_for_the_template(side: Any) -> None:
    for id_, template, hours in (("e1", "crm", 9.5), ("e2", "crm", 14.0), ("e3", "web", 3.0)):
        note = TimeNote(hours=hours, note="", noted_at=NOW)
        side.engagements.create(None, engagement(id_, time_note=note, noted_template=template))
    side.engagements.create(None, engagement("e4"))

    assert sorted(side.opinions.noted_hours("crm")) == [9.5, 14.0]
    assert side.opinions.noted_hours("none") == []


def test_what_waits_for_an_operator_comes_the_longest_waiting_first(side: Any) -> None:
    for id_, hours in (("2", 2), ("3", 3), ("1", 1)):
        since = NOW + hours * HOUR
        side.engagements.create(None, engagement(id_, flags_open_since=since))
        side.evaluations.create(None, rated(id_, reports_open_since=since))
    side.engagements.create(None, engagement("none"))
    side.evaluations.create(None, rated("none"))

    assert [row["id"] for row in side.opinions.flagged()] == ["1", "2", "3"]
    assert [row["id"] for row in side.opinions.reported()] == ["1", "2", "3"]


def test_a_hundred_at_most_wait_for_an_operator(side: Any) -> None:
    for number in range(store.MOST_OPEN + 1):
        since = NOW - number * HOUR
        side.evaluations.create(None, rated(f"{number}", reports_open_since=since))

    rows = side.opinions.reported()
    assert (len(rows), rows[0]["id"], rows[-1]["id"]) == (store.MOST_OPEN, "100", "1")


def test_messages_come_the_newest_first_without_gaps(side: Any) -> None:
    for id_, hours in (("m1", 0), ("m4", 1), ("m2", 1), ("m3", 1), ("m0", 2)):
        side.messages.create(None, message(id_, "eng-1", hours))
        side.messages.create(None, message(f"o{id_}", "eng-2", hours))

    for limit in (1, 2, 3, 5, 9):
        seen: list[str] = []
        after = None
        while rows := side.find_messages("eng-1", limit, after):
            assert len(rows) <= limit
            seen += [row["id"] for row in rows]
            after = store.cursor(rows[-1]["posted_at"], rows[-1]["id"])
        assert seen == ["m0", "m4", "m3", "m2", "m1"]
