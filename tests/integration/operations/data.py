"""Small databases and files to back up and restore."""

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
