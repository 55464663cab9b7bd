"""The operators' commands on a running stack: nothing changes that should not, and life goes on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.supervision import SERVICES
from tests.e2e.journey import Api, Journey, status
from tests.integration.operations.running import Contents, Place, Restored, running
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def clock(servers_folder: Path) -> Path:
    """The file that moves the clock of every stack of this module."""
    file = servers_folder / "operations-clock"
    file.write_text("0")
    return file


@pytest.fixture(scope="module")
def place(servers_folder: Path, clock: Path) -> Iterator[Place]:
    with running(servers_folder / "operations", CLOCK_OFFSET_FILE=str(clock)) as place:
        yield place


@pytest.fixture(scope="module")
def finished(place: Place, clock: Path) -> Journey:
    """From the brief to the accepted hire offer, all of it heard by everybody."""
    journey = Journey.of(place.people).to_submitted().evaluate()
    journey.paid()
    offer = journey.offer()
    journey.candidate.until("/v1/credentials", lambda page: page["items"], "the credential")
    journey.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
    clock.write_text("120")
    place.wait_quiet()
    return journey


def replay_everything(place: Place) -> None:
    before = place.handled()
    sent = json.loads(
        place.stint("archive", "replay", "--to-all", "--yes", "--json", "--rate", "1000")
    )
    assert sum(sent.values()) > 40
    wait_until(lambda: place.handled() >= before + sum(sent.values()), 120, "handling the copies")
    place.wait_quiet()


def assert_same(before: Contents, after: Contents) -> None:
    """Compared one by one, so that a difference is told in a few words."""
    for collection in before.keys() | after.keys():
        was, is_ = before.get(collection, {}), after.get(collection, {})
        assert was.keys() == is_.keys(), collection
        for id_, document in was.items():
            assert document == is_[id_], f"{collection} {id_}"


def test_replaying_the_whole_archive_at_once_changes_nothing(
    place: Place, finished: Journey
) -> None:
    """What happens after all has been forgotten is for `tests/chaos/test_replay.py`."""
    before, mails = place.contents(), place.stack.mail.messages()
    archived = place.stint("archive", "ls", "--count", "--json")

    replay_everything(place)

    assert_same(before, place.contents())
    assert place.stack.mail.messages() == mails
    assert place.stint("archive", "ls", "--count", "--json") == archived
    assert place.stint("parked", "ls") == "nothing is parked\n"


def test_the_story_of_a_journey_is_told_across_the_services(
    place: Place, finished: Journey
) -> None:
    rows = json.loads(place.stint("trace", finished.engagement_id, "--json"))

    types = [row["type"].removesuffix(".v1") for row in rows]
    road = ["application.submitted", "application.accepted", "payment.funded", "engagement.opened"]
    road += ["engagement.started", "deliverable.submitted", "deliverable.accepted"]
    road += ["payout.released", "payout.paid", "hire-offer.accepted"]
    assert [type_ for type_ in types if type_ in road] == road
    numbers = {row["type"].removesuffix(".v1"): row["number"] for row in rows}
    causes = {row["type"].removesuffix(".v1"): row["because_of"] for row in rows}
    assert causes["payout.released"] == numbers["deliverable.accepted"]
    assert causes["credential.issued"] == numbers["engagement.completed"]
    assert {row["source"] for row in rows} == {"projects", "applications", "matching", "payments"}
    assert place.stint("trace", finished.engagement_id).startswith(f"{finished.engagement_id}, ")


def test_the_doctor_finds_nothing_wrong_with_a_running_stack(
    place: Place, finished: Journey
) -> None:
    found = json.loads(place.stint("doctor", "--json", "--data", *place.addresses()))

    assert {finding["state"] for finding in found} == {"ok"}
    assert {finding["name"] for finding in found} >= {"broker", "queues", "data", *SERVICES}


def test_a_backup_is_restored_into_an_empty_stack_and_everybody_plays_on(
    place: Place, finished: Journey, clock: Path, servers_folder: Path, tmp_path: Path
) -> None:
    under_way = Journey.of(place.people).to_submitted()
    clock.write_text("240")
    place.wait_quiet()
    place.stint("backup", str(tmp_path / "backup"))
    key = place.stack.environment["ID_KEY"]
    env = {"ID_KEY": key, "CLOCK_OFFSET_FILE": str(clock)}
    Restored.backup = tmp_path / "backup"
    with running(servers_folder / "restored", Restored, **env) as other:
        assert isinstance(other.stack, Restored)
        assert "everything fits" in other.stack.said
        assert_same(place.contents(), other.contents())
        _move(other, under_way.owner, under_way.candidate, finished.candidate)

        under_way.evaluate().paid()
        offer = under_way.offer()
        under_way.candidate.post(f"/v1/hire-offers/{offer['id']}/accept")
        assert finished.paid()["status"] == "paid"
        content = under_way.owner.get(under_way.engagement)["deliverables"][0]["files"][0]
        assert under_way.owner.fetch(f"/v1/files/{content['file_id']}").startswith(b"name,email")
        later = Journey.of(other.people).to_submitted().evaluate()
        later.paid()
        later.owner.until(later.engagement, status("completed"), "completion")
        clock.write_text("360")
        other.wait_quiet()
        found = json.loads(other.stint("doctor", "--json", "--data", *other.addresses()))
        assert {finding["state"] for finding in found} == {"ok"}, found


def _move(place: Place, *people: Api) -> None:
    """They go on at another address, with the tokens that they have."""
    for api in people:
        api.base = place.stack.url
