"""Who is erased leaves no words behind, and keeps nobody waiting."""

from typing import Any

import pytest

from services.applications.domain import erasing
from services.applications.domain.check_in import CheckIn, CheckInAnswer
from services.applications.domain.credential import Reference, Sharing
from tests.unit.applications.world import KIM, OWNER, PROFILE, World

WORDS = ("OpenRefine", PROFILE["headline"], PROFILE["about"])


def erase_all(world: World) -> None:
    """As the service does, by the stores of the fakes."""
    service: Any = world.service
    if service.candidates.find(KIM.id):
        service.candidates.change(KIM.id, None, erasing.erase_candidate)
    for store, erase in service._erasers().values():
        for row in store.rows():
            if row["candidate_id"] == KIM.id:
                store.change(row["id"], None, erase)


def everything(world: World) -> str:
    service: Any = world.service
    stores = [store for store, _ in service._erasers().values()]
    return str([store.rows() for store in [service.candidates, *stores]])


@pytest.fixture
def applied(world: World) -> str:
    world.publish()
    return str(world.apply())


def test_an_open_application_is_withdrawn_and_emptied(world: World, applied: str) -> None:
    assert any(word in everything(world) for word in WORDS)
    erase_all(world)
    assert not any(word in everything(world) for word in WORDS)
    seen = world.call("get_application", OWNER, application_id=applied)
    assert seen["status"] == "withdrawn"
    assert "application.withdrawn" in world.types()


def test_a_second_time_changes_nothing(world: World, applied: str) -> None:
    erase_all(world)
    before, announced = everything(world), len(world.announced)
    erase_all(world)
    assert (everything(world), len(world.announced)) == (before, announced)


def test_what_is_over_keeps_its_state(world: World, applied: str) -> None:
    world.call("decline_application", OWNER, application_id=applied, reason="position-filled")
    erase_all(world)
    seen = world.call("get_application", OWNER, application_id=applied)
    assert (seen["status"], seen["answers"]) == ("declined", [])


def test_the_comment_of_a_check_in_goes_and_the_figures_stay(world: World) -> None:
    answer = CheckInAnswer(employed=True, rating=4, comment="In their words.")
    one = CheckIn(30, world.now(), world.now(), candidate=answer, company=answer)
    offer: Any = type("Offer", (), {"status": "retained", "check_ins": [one]})()
    erasing.erase_hire_offer(offer)
    assert one.candidate == CheckInAnswer(employed=True, rating=4)
    assert one.company == answer


def test_a_referee_is_named_no_more(world: World) -> None:
    given = Reference(
        referee_id="acc-dana", name="Dana", role="Lead", text="Good.", public=True,
        given_at=world.now(),
    )  # fmt: skip
    credential: Any = type("Credential", (), {"references": [given]})()
    erasing.erase_referee(credential, "acc-else")
    assert credential.references == [given]
    erasing.erase_referee(credential, "acc-dana")
    (left,) = credential.references
    assert (left.name, left.text, left.public, left.referee_id) == ("", "", False, "acc-dana")


def test_a_credential_that_was_shown_is_hidden(world: World) -> None:
    shared: list[Sharing] = []
    credential: Any = type(
        "Credential",
        (),
        {
            "sharing": Sharing(public=True, name="Kim"),
            "status_index": 3,
            "revocation": None,
            "files": [],
            "share": lambda _, sharing, index: shared.append(sharing),
        },
    )()
    erasing.erase_credential(credential)
    assert shared == [Sharing()]
    assert credential.sharing == Sharing()
