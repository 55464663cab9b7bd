"""Being forgotten: asked for, called off, deferred, and done once for all."""

from typing import Any

import pytest

from services.gateway.domain import Account, Role, Session, Standing
from services.gateway.erasure import Stage
from tests.unit.gateway.conftest import World

PASSWORD = "secret of kim li"
HELD = {"code": "money-held", "detail": "Money is held.", "subject": "eng-1"}


@pytest.fixture
def kim(world: World) -> Account:
    """A candidate with an address, a password, a session and an uploaded file."""
    account = Account(
        id="acc-kim",
        email="kim@example.com",
        name="Kim Li",
        role=Role.CANDIDATE,
        password_hash=f"hash of {PASSWORD}",
        created_at=world.clock(),
        standing=Standing.ACTIVE,
    )
    world.accounts.put(account)
    world.ports.accounts.emails.take(account.email, account.id)
    late = world.clock()
    world.sessions.put(Session("ses-candidate", account.id, "hash", late, late))
    world.rpc.answers["list_hindrances"] = {"items": []}
    return account


def ask(world: World, role: str = "candidate", **body: str) -> Any:
    return world.client(role).post("/v1/me/erasure", body or {"password": PASSWORD})


def go_on(world: World, **by: float) -> None:
    world.clock.forward(**by)
    world.ports.privacy.erasures.sweep(world.rpc)


def stored(world: World) -> Account:
    found: Account = world.accounts.load("acc-kim")
    return found


def stage(world: World) -> str:
    (found,) = world.ports.privacy.erasures.kept.all()  # type: ignore[attr-defined]
    return str(found.stage)


def told(world: World) -> list[str]:
    events = world.ports.privacy.erasures.kept.announced  # type: ignore[attr-defined]
    return [event.type for event in events]


def test_after_14_days_the_account_is_closed_and_once_no_token_lives_it_is_emptied(
    world: World, kim: Account
) -> None:
    answer = ask(world)
    assert (answer.status_code, answer.get_json()["stage"]) == (202, "asked")
    go_on(world, days=13)
    assert stored(world).standing is Standing.ACTIVE
    go_on(world, days=1)
    assert (stage(world), stored(world).standing) == ("closing", Standing.CLOSED)
    assert world.sessions.load("ses-candidate").ended == "account-closed"
    assert stored(world).email == kim.email
    go_on(world, minutes=16)
    left = stored(world)
    assert (stage(world), left.standing) == ("erased", Standing.ERASED)
    assert (left.id, left.email, left.name, left.password_hash) == (
        "acc-kim",
        "",
        "Erased person",
        "",
    )
    assert world.ports.accounts.emails.owner(kim.email) is None
    (event,) = world.accounts.announced
    assert (event.type, event.data["account_id"]) == ("account.erased.v1", "acc-kim")


def test_a_second_time_changes_nothing(world: World, kim: Account) -> None:
    ask(world)
    go_on(world, days=14)
    go_on(world, minutes=16)
    before = stored(world)
    erasures: Any = world.ports.privacy.erasures.kept
    (erasure_id,) = erasures.documents
    erasures.alter(erasure_id, stage=Stage.CLOSING, due_at=world.clock())
    go_on(world)
    assert stored(world) == before
    assert len(world.accounts.announced) == 1


def test_it_can_be_called_off_until_it_is_due(world: World, kim: Account) -> None:
    ask(world)
    assert world.client("candidate")("DELETE", "/v1/me/erasure").get_json()["stage"] == "called_off"
    go_on(world, days=20)
    assert stored(world).standing is Standing.ACTIVE
    assert told(world) == ["erasure.asked.v1", "erasure.cancelled.v1"]
    assert ask(world).get_json()["stage"] == "asked"


def test_too_late_is_too_late(world: World, kim: Account) -> None:
    ask(world)
    go_on(world, days=14)
    answer = world.client("candidate")("DELETE", "/v1/me/erasure")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "erasure-under-way")


def test_it_waits_for_money_and_work_and_tells_why(world: World, kim: Account) -> None:
    world.rpc.answers["list_hindrances"] = {"items": [HELD]}
    found = ask(world).get_json()["hindrances"]
    assert {one["code"] for one in found} == {"money-held"}
    go_on(world, days=14)
    go_on(world, days=1.1)
    assert (stage(world), stored(world).standing) == ("asked", Standing.ACTIVE)
    assert told(world) == ["erasure.asked.v1", "erasure.deferred.v1"]
    world.rpc.answers["list_hindrances"] = {"items": []}
    go_on(world, days=1.1)
    assert stage(world) == "closing"


def test_what_comes_up_in_between_opens_the_account_again(world: World, kim: Account) -> None:
    ask(world)
    go_on(world, days=14)
    world.rpc.answers["list_hindrances"] = {"items": [HELD]}
    go_on(world, minutes=16)
    assert (stage(world), stored(world).standing) == ("asked", Standing.ACTIVE)


@pytest.mark.parametrize(
    ("body", "status"), [({"password": "not hers at all"}, 422), ({}, 202), (None, 202)]
)
def test_it_takes_the_password_or_a_fresh_sign_in(
    world: World, kim: Account, body: Any, status: int
) -> None:
    assert world.client("candidate").post("/v1/me/erasure", body).status_code == status


def test_an_old_sign_in_is_not_enough(world: World, kim: Account) -> None:
    world.clock.forward(minutes=11)
    answer = world.client("candidate").post("/v1/me/erasure", {})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "sign-in-again")


def member(world: World, id_: str, role: Role) -> None:
    account = Account(
        id=id_,
        email=f"{id_}@example.com",
        name="Somebody",
        role=role,
        password_hash=f"hash of {PASSWORD}",
        created_at=world.clock(),
        org_id="org-north",
        standing=Standing.ACTIVE,
    )
    world.accounts.put(account)


def test_the_last_owner_hands_over_first(world: World, kim: Account) -> None:
    member(world, "acc-dana", Role.OWNER)
    member(world, "acc-rae", Role.RECRUITER)
    answer = ask(world, "owner")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "last-owner")
    member(world, "acc-2", Role.OWNER)
    assert ask(world, "owner").status_code == 202


def test_with_the_last_person_the_organisation_s_affairs_count(world: World, kim: Account) -> None:
    member(world, "acc-dana", Role.OWNER)
    ask(world, "owner")
    asked = [arguments["org_id"] for _, arguments in world.rpc.calls("list_hindrances")]
    assert set(asked) == {"org-north"}


def test_files_go_but_not_the_work_that_was_handed_in(world: World, kim: Account) -> None:
    for name, places in {"fil-cv": ["app-1"], "fil-work": ["eng-1"], "fil-new": []}.items():
        record = {"file_id": name, "owner_id": kim.id, "engagements": places}
        world.files.kept[name] = record
    ask(world)
    go_on(world, days=14)
    go_on(world, minutes=16)
    assert set(world.files.kept) == {"fil-work"}
