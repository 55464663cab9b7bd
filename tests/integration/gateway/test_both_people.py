"""What holds for the gateway's records holds for the fakes of its unit tests: one suite over both.

Here API keys, resets, sign-ins, and what is listed of people.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from services.gateway.domain import Account, Proof, Role, Session, Standing
from services.gateway.exports import Export
from services.gateway.impersonation import Impersonation
from services.gateway.members import MemberInvitation
from tests.integration.gateway.sides import Side
from tests.unit.gateway.fakes import FakeClock

KIM, DANA, NORTH = "acc-kim", "acc-dana", "org-north"
START = FakeClock().moment
HOUR = timedelta(hours=1)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row.get("id") or row["_id"] for row in rows]


def pages(ask: Any, limit: int = 2) -> list[list[str]]:
    """All pages, by the cursor that each names."""
    found, after = [], None
    while True:
        rows, after = ask(limit, after)
        found.append(ids(rows))
        if after is None:
            return found


def key(id: str, **more: Any) -> dict[str, Any]:
    about = {"account_id": KIM, "org_id": None, "revoked_at": None}
    return {"id": id, "secret_hash": f"hash of {id}", **about, **more}


def test_an_api_key_is_added_once_and_found_by_its_secret(side: Side) -> None:
    assert side.api_keys.add(key("k1"))["id"] == "k1"

    assert side.api_keys.add(key("k1", secret_hash="another"))["secret_hash"] == "hash of k1"
    assert side.api_keys.by_secret("hash of k1")["id"] == "k1"
    assert side.api_keys.by_secret("another") is None
    assert side.api_keys.find("none") is None


def test_a_secret_opens_one_key(side: Side) -> None:
    side.api_keys.add(key("k1"))
    side.api_keys.add(key("k2", secret_hash="hash of k1"))

    assert side.api_keys.by_secret("hash of k1")["id"] == "k1"
    assert side.api_keys.find("k2") is None


def test_an_api_key_is_revoked_at_the_first_time(side: Side) -> None:
    for id_ in ("k1", "k2"):
        side.api_keys.add(key(id_))
    for moment in (START, START + HOUR):
        side.api_keys.revoke("k1", moment)
    side.api_keys.revoke("none", START)

    assert side.api_keys.find("k1")["revoked_at"] == START
    assert side.api_keys.by_secret("hash of k1")["revoked_at"] == START
    assert side.api_keys.count(KIM) == 1
    assert ids(side.api_keys.good(KIM)) == ["k2"]


def test_all_api_keys_of_one_person_are_revoked(side: Side) -> None:
    for one in (key("k1"), key("k2"), key("hers", account_id=DANA)):
        side.api_keys.add(one)
    side.api_keys.revoke("k1", START)
    side.api_keys.revoke_all(KIM, START + HOUR)

    assert side.api_keys.find("k1")["revoked_at"] == START
    assert side.api_keys.find("k2")["revoked_at"] == START + HOUR
    assert (side.api_keys.count(KIM), side.api_keys.count(DANA)) == (0, 1)


def test_api_keys_are_listed_by_id_page_by_page(side: Side) -> None:
    for id_ in ("k3", "k1", "k5", "k2", "k4"):
        side.api_keys.add(key(id_, org_id=NORTH))
    side.api_keys.add(key("k0", account_id=DANA))
    side.api_keys.revoke("k2", START)

    theirs = [["k1", "k2"], ["k3", "k4"], ["k5"]]
    for owner in ({"account_id": KIM}, {"org_id": NORTH}):
        assert pages(lambda *args, owner=owner: side.api_keys.page(owner, *args)) == theirs
    assert side.api_keys.page({"account_id": "nobody"}, 2, None) == ([], None)
    assert side.api_keys.page({"account_id": DANA}, 1, None)[1] is None


def test_the_last_use_of_an_api_key_is_noted_about_once_a_minute(side: Side) -> None:
    def noted() -> datetime | None:
        [row] = side.api_keys.page({"account_id": KIM}, 2, None)[0]
        return row["last_used_at"]

    side.api_keys.add(key("k-used"))
    assert noted() is None
    for seconds, expected in ((0, 0), (59, 0), (60, 60), (100, 60)):
        side.api_keys.used("k-used", START + timedelta(seconds=seconds))
        assert noted() == START + timedelta(seconds=expected)


def test_each_address_waits_once_since_it_last_asked(side: Side) -> None:
    for email, moment in (("a@x", START), ("b@x", START), ("a@x", START + HOUR)):
        side.resets.ask(email, moment)
    assert sorted(side.resets.waiting()) == [("a@x", START + HOUR), ("b@x", START)]

    side.resets.done("a@x", START)
    side.resets.done("none", START)
    side.resets.done("b@x", START)
    assert side.resets.waiting() == [("a@x", START + HOUR)]


def test_a_hundred_resets_come_at_once(side: Side) -> None:
    for number in range(101):
        side.resets.ask(f"{number}@x", START)

    assert len(side.resets.waiting()) == 100


def test_a_sign_in_comes_back_once_and_in_time(side: Side) -> None:
    for id_ in ("s1", "s2"):
        side.states.keep(id_, {"org_id": NORTH}, START + HOUR)
    assert side.states.take("s1", START)["org_id"] == NORTH

    assert side.states.take("s1", START) is None
    assert side.states.take("s2", START + HOUR) is None
    assert side.states.take("s2", START) is None, "it was taken too late"


def test_a_sign_in_is_begun_once(side: Side) -> None:
    side.states.keep("s1", {"org_id": NORTH}, START + HOUR)
    with pytest.raises(DuplicateKeyError):
        side.states.keep("s1", {"org_id": "org-other"}, START + HOUR)

    assert side.states.take("s1", START)["org_id"] == NORTH


def account(id: str, role: Role = Role.RECRUITER, **more: Any) -> Account:
    about = {"email": f"{id}@x.example", "name": id, "password_hash": "", "created_at": START}
    return Account(**{"id": id, "role": role, "org_id": NORTH, **about, **more})


def test_the_members_of_an_organisation_are_its_active_accounts(side: Side) -> None:
    for id_ in ("a5", "a2", "a4", "a1", "a3"):
        role = Role.OWNER if id_ in ("a2", "a4") else Role.RECRUITER
        side.create(account(id_, role, standing=Standing.ACTIVE))
    side.create(
        account("a0", Role.OWNER),
        account("a6", Role.OWNER, standing=Standing.CLOSED),
        account("a7", Role.OWNER, org_id="org-other", standing=Standing.ACTIVE),
        account("a8", Role.CANDIDATE, org_id=None, standing=Standing.ACTIVE),
    )

    assert pages(lambda *args: side.lists.members(NORTH, *args)) == [
        ["a1", "a2"],
        ["a3", "a4"],
        ["a5"],
    ]
    assert sorted(side.lists.owners_of(NORTH)) == ["a2", "a4"]
    rows = side.lists.colleagues(NORTH)
    assert sorted((row["_id"], row["role"]) for row in rows)[:2] == [
        ("a1", "recruiter"),
        ("a2", "owner"),
    ]
    assert len(rows) == 5
    for ask in (side.lists.owners_of, side.lists.colleagues):
        assert ask("org-nowhere") == []


def test_invitations_are_listed_by_id_page_by_page(side: Side) -> None:
    for id_, org_id in (("i2", NORTH), ("i1", NORTH), ("i3", NORTH), ("i0", "org-other")):
        proof = Proof("hash", "", START, START + HOUR)
        side.create(
            MemberInvitation(id_, org_id, "a@x", Role.RECRUITER, DANA, START, START + HOUR, proof)
        )

    assert pages(lambda *args: side.lists.invitations_of(NORTH, *args)) == [["i1", "i2"], ["i3"]]
    assert pages(lambda *args: side.lists.invitations_of(NORTH, *args), 3) == [["i1", "i2", "i3"]]


def test_sessions_that_go_on_come_the_latest_first(side: Side) -> None:
    until = START + HOUR
    side.create(
        Session("s1", KIM, "h", START, until, epoch=1),
        Session("s3", KIM, "h", START, until, epoch=1),
        Session("s2", KIM, "h", START, until, epoch=1),
        Session("s4", KIM, "h", START, START, epoch=1),
        Session("s5", KIM, "h", START, until, epoch=0),
        Session("s6", KIM, "h", START, until, epoch=1, ended="signed-out"),
        Session("s7", DANA, "h", START, until, epoch=1),
    )

    assert ids(side.lists.sessions_of(KIM, 1, START)) == ["s3", "s2", "s1"]
    assert side.lists.sessions_of(KIM, 1, until) == []
    assert sorted(side.keeping.sessions(account(KIM))) == ["s1", "s2", "s3", "s4", "s5"]


def test_a_hundred_sessions_are_shown(side: Side) -> None:
    side.create(*(Session(f"s{n:03}", KIM, "h", START, START + HOUR) for n in range(101)))

    shown = ids(side.lists.sessions_of(KIM, 0, START))
    assert (shown[0], shown[-1], len(shown)) == ("s100", "s001", 100)


def test_impersonations_are_listed_of_one_account_or_of_all(side: Side) -> None:
    for id_, whose in (("i2", KIM), ("i1", DANA), ("i3", KIM), ("i4", KIM)):
        side.create(Impersonation(id_, whose, "acc-op", "why", "T-1", "read", START, START + HOUR))

    listed = side.lists.list_impersonations
    assert pages(lambda *args: listed(KIM, *args)) == [["i2", "i3"], ["i4"]]
    assert pages(lambda *args: listed(None, *args)) == [["i1", "i2"], ["i3", "i4"]]
    assert listed("nobody", 2, None) == ([], None)


def test_what_somebody_keeps_is_theirs_alone(side: Side) -> None:
    for id_, whose in (("x1", KIM), ("x2", KIM), ("x3", DANA)):
        side.create(Export(id_, whose, "candidate", None, START, None))
        side.files.add({"file_id": f"f-{id_}", "owner_id": whose, "sha256": "aa", "size": 1})
    side.files.hand_in(["f-x1"], "eng-1")

    assert sorted(side.lists.exports_of(KIM)) == ["x1", "x2"]
    kept = {row["file_id"]: row["engagements"] for row in side.keeping.files(account(KIM))}
    assert kept == {"f-x1": ["eng-1"], "f-x2": []}
