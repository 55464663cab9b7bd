"""The audit log: what is written, in which order, and that no change of it goes unseen."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from pymongo.errors import AutoReconnect

from services.gateway.audit import Audit, Entry, exported, hash_of, verify
from services.gateway.recording import shortened
from tests.unit.gateway.conftest import World, kim
from tests.unit.gateway.fake_database import FakeAuditRecords
from tests.unit.gateway.fakes import FakeClock


@pytest.fixture
def records() -> FakeAuditRecords:
    return FakeAuditRecords()


def chain(records: FakeAuditRecords, name: str = "chn-1") -> Audit:
    return Audit(records, FakeClock(), name)


def written(*names: str) -> FakeAuditRecords:
    records = FakeAuditRecords()
    for name in names:
        audit = chain(records, name)
        for n in range(3):
            audit.begin({"kind": "begun", "operation": f"op_{n}"})
    return records


def broken(records: FakeAuditRecords) -> str:
    return verify(iter(records.all()), records.hash_of).broken


def log_of(world: World) -> list[Entry]:
    world.ports.privacy.audit.flush()
    return [entry for entry in world.ports.privacy.records.all() if "operation" in entry]


def test_every_chain_is_whole_and_its_heads_are_told() -> None:
    verdict = verify(iter(written("chn-1", "chn-2").all()), written("chn-1", "chn-2").hash_of)
    assert (verdict.entries, verdict.chains, verdict.broken) == (8, 2, "")
    assert [(head["chain"], head["sequence"]) for head in verdict.heads] == [
        ("chn-1", 4),
        ("chn-2", 4),
    ]


def change(records: FakeAuditRecords) -> None:
    records.kept["chn-1:000000000003"]["operation"] = "another"


def change_and_hash_again(records: FakeAuditRecords) -> None:
    change(records)
    entry = records.kept["chn-1:000000000003"]
    entry["hash"] = hash_of(entry)


def leave_out(records: FakeAuditRecords) -> None:
    del records.kept["chn-1:000000000002"]


def cut_off(records: FakeAuditRecords) -> None:
    del records.kept["chn-1:000000000004"]


def leave_out_a_chain(records: FakeAuditRecords) -> None:
    for id_ in [id_ for id_ in records.kept if id_.startswith("chn-1")]:
        del records.kept[id_]


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (change, "chn-1:000000000003 was changed"),
        (change_and_hash_again, "chn-1:000000000004 does not follow from the one before it"),
        (leave_out, "chn-1:000000000002 is missing"),
        (cut_off, "chn-1:000000000004 is missing or was changed, as chn-2:000000000001 says"),
        (
            leave_out_a_chain,
            "chn-1:000000000004 is missing or was changed, as chn-2:000000000001 says",
        ),
    ],
)
def test_the_first_break_is_named(tamper: Callable[[FakeAuditRecords], None], told: str) -> None:
    records = written("chn-1", "chn-2")
    tamper(records)
    assert broken(records) == told


def test_an_exported_line_has_all_that_its_hash_is_made_of() -> None:
    lines = [orjson.loads(exported(entry)) for entry in written("chn-1").all()]
    hashes = {f"{one['chain']}:{one['sequence']:012d}": one["hash"] for one in lines}
    assert verify(iter(lines), hashes.get).broken == ""


def test_what_was_noted_before_comes_first(records: FakeAuditRecords) -> None:
    audit = chain(records)
    audit._later.append({"kind": "ended", "operation": "first"})
    audit.begin({"kind": "begun", "operation": "second"})
    assert [one.get("operation") for one in records.all()] == [None, "first", "second"]


def test_while_the_database_is_away_nothing_is_begun_and_nothing_that_happened_is_lost(
    records: FakeAuditRecords,
) -> None:
    audit = chain(records)
    audit.begin({"kind": "begun", "operation": "one"})
    records.fails = AutoReconnect("away")
    audit._later.append({"kind": "ended", "operation": "one"})
    for _ in range(3):
        with pytest.raises(AutoReconnect):
            audit.begin({"kind": "begun", "operation": "never"})
    audit.flush()
    records.fails = None
    audit.begin({"kind": "begun", "operation": "two"})
    told = [(one["kind"], one.get("operation")) for one in records.all()][1:]
    assert ("ended", "one") in told
    assert told[-1] == ("begun", "two")
    assert told.count(("begun", "never")) == 1  # The one that may have been kept: it is linked.
    assert broken(records) == ""


def test_an_answer_that_was_lost_makes_no_second_entry(records: FakeAuditRecords) -> None:
    audit = chain(records)
    records.fails, records.lost_answer = AutoReconnect("gone"), True
    with pytest.raises(AutoReconnect):
        audit.begin({"kind": "begun", "operation": "one"})
    records.fails = None
    audit.begin({"kind": "begun", "operation": "two"})
    assert [one.get("operation") for one in records.all()] == [None, "one", "two"]
    assert broken(records) == ""


def test_a_change_is_in_the_log_before_and_after_without_its_content(world: World) -> None:
    kim(world)
    answer = world.client("candidate").post(
        "/v1/projects/prj-1/inquiries", {"text": "May I use a script of my own?"}
    )
    begun, ended = log_of(world)
    assert (begun["kind"], ended["kind"]) == ("begun", "ended")
    for entry in (begun, ended):
        assert entry["operation"] == "ask_inquiry"
        assert entry["principal_id"] == "acc-kim"
        assert "prj-1" in entry["subjects"]
        assert entry["request_id"] == answer.headers["X-Request-Id"]
        assert entry["address"] == "127.0.0.0/24"
        assert "script" not in str(entry)
    assert (ended["status"], ended["code"]) == (answer.status_code, "ok")


def test_without_the_log_nothing_is_done(world: World) -> None:
    world.ports.privacy.records.fails = AutoReconnect("away")
    answer = world.client("owner").post("/v1/projects/prj-1/close")
    assert answer.status_code == 503
    assert world.rpc.asked == []


def test_what_people_read_is_not_in_the_log_but_what_operators_read(world: World) -> None:
    world.rpc.answers["get_engagement"] = {"id": "eng-1", "version": 1}
    world.client("candidate").get("/v1/engagements/eng-1")
    assert log_of(world) == []
    world.client("operator").get("/v1/engagements/eng-1")
    world.client("operator").get("/v1/projects")
    assert [(one["kind"], one["subjects"]) for one in log_of(world)] == [
        ("begun", ["eng-1"]),
        ("ended", ["eng-1"]),
    ]


def test_who_is_refused_is_in_the_log(world: World) -> None:
    world.client("candidate").post("/v1/projects/prj-1/close")
    (entry,) = log_of(world)
    assert (entry["kind"], entry["operation"], entry["code"]) == (
        "refused",
        "close_project",
        "operation-forbidden",
    )


@pytest.mark.parametrize("password", ["secret of kim li", "another one of hers"])
def test_a_sign_in_names_the_account_and_no_address(world: World, password: str) -> None:
    person = {"role": "candidate", "email": "kim@example.com", "name": "Kim Li"}
    world.client().post("/v1/accounts", {**person, "password": "secret of kim li"})
    given = {"email": "Kim@example.com", "password": password}
    answer = world.client().post("/v1/sessions", given)
    entry = log_of(world)[-1]
    (account_id,) = world.accounts.documents
    assert entry["subjects"] == [account_id]
    assert entry["status"] == answer.status_code
    assert "kim@" not in str(log_of(world)).lower()


def test_operators_page_the_log_with_filters(world: World) -> None:
    for project in ("prj-1", "prj-2"):
        world.client("owner").post(f"/v1/projects/{project}/close")
    world.ports.privacy.audit.flush()
    api = world.client("operator")
    page = api.get("/v1/audit?subject_id=prj-2&limit=1").get_json()
    (entry,) = page["items"]
    assert (entry["kind"], entry["subjects"]) == ("begun", ["prj-2"])
    after = api.get(f"/v1/audit?subject_id=prj-2&after={page['next']}").get_json()
    assert [one["kind"] for one in after["items"]] == ["ended"]
    assert api.get("/v1/audit?after=nonsense").status_code == 422


def test_the_log_is_taken_away_as_lines(world: World) -> None:
    world.client("owner").post("/v1/projects/prj-1/close")
    answer = world.client("operator").get("/v1/audit/export")
    assert answer.content_type == "application/x-ndjson"
    lines: list[Any] = [orjson.loads(line) for line in answer.data.splitlines()]
    assert [one["kind"] for one in lines[:2]] == ["opened", "begun"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, kept: str) -> None:
    assert shortened(address) == kept
