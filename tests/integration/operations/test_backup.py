"""`stint backup` and `stint restore`: whole, unchanged, and never over other data."""

import json
from pathlib import Path

import pytest

from tests.integration.operations.conftest import Stint
from tests.integration.operations.data import Place, places, saved

__all__ = ["places", "saved"]


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
