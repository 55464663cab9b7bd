"""`stint backup` and `stint restore`: whole, unchanged, and never over other data."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from deploy.embedded.database import Database
from tests.integration.operations.conftest import Stint
from tests.servers import new_prefix

Docs = dict[str, dict[str, list[dict[str, Any]]]]
ENTRY = {"_id": "eng-1:charge:1", "postings": [{"amount": 5}, {"amount": -5}]}
ESCROW = {
    "_id": "eng-1",
    "funded": 5,
    "operations": [
        {
            "key": "eng-1:charge:1",
            "kind": "charge",
            "amount": 5,
            "state": "succeeded",
            "posted": True,
        }
    ],
}
DATA: Docs = {
    "projects": {"engagements": [{"_id": "eng-1", "status": "active", "handled": ["m-1"]}]},
    "payments": {"escrows": [ESCROW], "journal": [ENTRY]},
    "gateway": {"accounts": [{"_id": f"acc-{n}", "big": 2**40, "bytes": b"\0"} for n in range(9)]},
}


class Place:
    """Databases under one prefix, and a folder of files; `settings` lead commands to them."""

    def __init__(self, client: Any, prefix: str, files: Path, monkeypatch: Any) -> None:
        self.client, self.prefix, self.files = client, prefix, files
        self._patch = monkeypatch

    def enter(self) -> None:
        self._patch.setenv("DATABASE_PREFIX", self.prefix)
        self._patch.setenv("FILES_DIR", str(self.files))

    def put(self, data: Docs) -> None:
        for service, collections in data.items():
            for name, documents in collections.items():
                self.client[f"{self.prefix}_{service}"][name].insert_many(documents)

    def read(self) -> Docs:
        """Everything that is there."""
        found: Docs = {}
        for database in self.client.list_database_names():
            if database.startswith(f"{self.prefix}_"):
                service = database.removeprefix(f"{self.prefix}_")
                for name in self.client[database].list_collection_names():
                    documents = list(self.client[database][name].find().sort("_id"))
                    found.setdefault(service, {})[name] = documents
        return found


@pytest.fixture
def places(
    stint: Stint, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Place, Place]]:
    """One with data, whose commands are run, and an empty one."""
    with (
        pymongo.MongoClient(database.uri) as client,
        new_prefix(database) as one,
        new_prefix(database) as other,
    ):
        full = Place(client, one, tmp_path / "one", monkeypatch)
        empty = Place(client, other, tmp_path / "other", monkeypatch)
        for name, text in (("kept/a/b", "hello"), ("keys/k", "secret"), ("incoming/x", "half")):
            path = full.files / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
        full.put(DATA)
        full.enter()
        yield full, empty


@pytest.fixture
def saved(stint: Stint, places: tuple[Place, Place], tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    assert stint("backup", str(folder)).exit_code == 0
    return folder


def test_a_backup_is_restored_document_by_document(
    stint: Stint, places: tuple[Place, Place], saved: Path
) -> None:
    full, empty = places
    empty.enter()

    done = stint("restore", str(saved))

    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == "12 documents and 2 files restored"
    assert done.stdout.splitlines()[1].startswith("everything fits")
    assert empty.read() == full.read()
    files = {str(path.relative_to(empty.files)): path.read_text()
             for path in empty.files.rglob("*") if path.is_file()}  # fmt: skip
    assert files == {"kept/a/b": "hello", "keys/k": "secret"}


def test_the_manifest_counts_and_only_the_owner_may_read_it(
    stint: Stint, places: tuple[Place, Place], saved: Path
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())

    assert manifest["databases"]["gateway"]["accounts"]["documents"] == 9
    assert len(manifest["databases"]["payments"]["journal"]["sha256"]) == 64
    assert manifest["files"]["kept/a/b"]["bytes"] == 5
    assert manifest["started_at"] <= manifest["made_at"]
    assert saved.stat().st_mode & 0o077 == 0
    assert not saved.with_name("backup.unfinished").exists()


def test_a_folder_that_is_there_is_not_written_to(stint: Stint, saved: Path) -> None:
    again = stint("backup", str(saved))

    assert again.exit_code == 2
    assert again.stderr == f"Error: {saved} is there already\n"


def test_data_that_is_there_is_kept_unless_forced(
    stint: Stint, places: tuple[Place, Place], saved: Path
) -> None:
    full, empty = places
    empty.enter()
    empty.put({"matching": {"evidence": [{"_id": "x"}]}, "gateway": {"accounts": [{"_id": "y"}]}})

    refused = stint("restore", str(saved))
    assert (refused.exit_code, list(empty.read())) == (2, ["gateway", "matching"])
    assert "is not empty; --force throws away what is there" in refused.stderr
    unsaid = stint("restore", str(saved), "--force")
    assert unsaid.exit_code == 2
    assert "1 documents of matching.evidence will be gone" in unsaid.stderr
    forced = stint("restore", str(saved), "--force", "--yes")

    assert forced.exit_code == 0, forced.output
    assert empty.read() == {**full.read(), "matching": {"evidence": []}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("manifest.json", None, "is no backup"),
        ("manifest.json", "[]", "is of another format"),
        ("databases/payments/journal.bson", None, "the backup is not whole"),
        ("databases/gateway/accounts.bson", "x", "the backup is damaged"),
        ("files/kept/a/b", "HELLO", "the backup is damaged"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    stint: Stint,
    places: tuple[Place, Place],
    saved: Path,
    name: str,
    content: str | None,
    said: str,
) -> None:
    _, empty = places
    empty.enter()
    (saved / name).unlink()
    if content is not None:
        (saved / name).write_text(content)

    refused = stint("restore", str(saved))

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert (empty.read(), empty.files.exists()) == ({}, False)


def test_another_id_key_is_refused(
    stint: Stint, places: tuple[Place, Place], saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids that are derived from people would never be found again."""
    _, empty = places
    empty.enter()
    monkeypatch.setenv("ID_KEY", "another" * 8)

    refused = stint("restore", str(saved))

    assert (refused.exit_code, empty.read()) == (2, {})
    assert "ID_KEY" in refused.stderr


def changed(service: str, collection: str, base: Docs = DATA, **fields: Any) -> Docs:
    """DATA with other fields in the first document of a collection."""
    data = {name: dict(collections) for name, collections in base.items()}
    first, *rest = data[service].get(collection, [{}])
    data[service][collection] = [{**first, **fields}, *rest]
    return data


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (changed("projects", "engagements", _id="eng-2"), "engagement eng-2 has no escrow"),
        (changed("projects", "engagements", _id="eng-2"), "escrow eng-1 has no engagement"),
        (
            changed("projects", "engagements", status="completed"),
            "engagement eng-1 is completed and has no credential",
        ),
        (
            changed("projects", "engagements", status="completed"),
            "engagement eng-1 is completed, its escrow has not heard of it",
        ),
        (
            changed(
                "projects",
                "engagements",
                base=changed("payments", "escrows", status="paid", accepted_at=1),
                status="completed",
                payment={"status": "released"},
            ),
            "escrow eng-1 is paid, its engagement has not heard of it",
        ),
        (
            changed("payments", "journal", postings=[{"amount": 5}, {"amount": -4}]),
            "journal entry eng-1:charge:1 sums to 1",
        ),
        (
            changed("payments", "journal", _id="eng-1:charge:2"),
            "operation eng-1:charge:1 is marked as posted and is not in the journal",
        ),
        (
            changed("payments", "escrows", funded=6),
            "escrow eng-1: funded is 6, its operations moved 5",
        ),
        (
            changed(
                "projects",
                "engagements",
                submissions=[{"files": [{"file_id": "fil-1", "sha256": "ab"}]}],
            ),
            "file fil-1 of engagement eng-1 is not on record as it was",
        ),
    ],
)
def test_what_does_not_fit_is_told_after_the_restore(
    stint: Stint,
    places: tuple[Place, Place],
    tmp_path: Path,
    data: Docs,
    complaint: str,
) -> None:
    full, empty = places
    for service, collections in DATA.items():
        for name in collections:
            full.client[f"{full.prefix}_{service}"][name].delete_many({})
    full.put(data)
    assert stint("backup", str(tmp_path / "odd")).exit_code == 0
    empty.enter()

    done = stint("restore", str(tmp_path / "odd"), "--json")

    assert done.exit_code == 1
    assert complaint in json.loads(done.stdout)["complaints"]
    assert (
        "stint archive replay --from"
        in stint("restore", str(tmp_path / "odd"), "--force", "--yes").stderr
    )
