"""What does not fit after a restore is told, one line each."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.operations.conftest import Stint
from tests.integration.operations.data import DATA, Docs, Place, places

__all__ = ["places"]


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
