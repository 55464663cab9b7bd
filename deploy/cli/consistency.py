"""What holds across the services once all messages have arrived; read from their databases.

Only operators' commands look across databases. What does not hold is told in one line each: after
a restore of a backup that was made while the services ran, replaying the archive puts it right.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pymongo.collection import Collection

from deploy.cli.databases import Databases, Document

IDS_AT_ONCE = 1000
PAID = "paid"
PAUSE = 5.0  # seconds
MOVED = {"charge": "funded", "release": "released", "transfer": "paid", "refund": "refunded"}

Check = Callable[[Databases], Iterator[str]]


def complaints(databases: Databases) -> Iterator[str]:
    """One line for each thing that is not as it has to be."""
    for check in CHECKS:
        yield from check(databases)


def lasting_complaints(
    databases: Databases, sleep: Callable[[float], object] = time.sleep
) -> list[str]:
    """Those that are still true a few seconds later: the others were messages under way."""
    found = list(complaints(databases))
    if not found:
        return []
    sleep(PAUSE)
    still = set(complaints(databases))
    return [line for line in found if line in still]


def _escrows(databases: Databases) -> Iterator[str]:
    """Both follow from the same event: neither is without the other."""
    engagements = databases.of("projects")["engagements"]
    escrows = databases.of("payments")["escrows"]
    for id_ in _missing(engagements, "_id", escrows, "_id"):
        yield f"engagement {id_} has no escrow"
    for id_ in _missing(escrows, "_id", engagements, "_id"):
        yield f"escrow {id_} has no engagement"


def _applications(databases: Databases) -> Iterator[str]:
    applications = databases.of("applications")["applications"]
    accepted = {"status": "accepted", "engagement_id": {"$gt": ""}}
    engagements = databases.of("projects")["engagements"]
    for id_ in _missing(applications, "engagement_id", engagements, "_id", accepted):
        yield f"engagement {id_} is missing, although its application was accepted"


def _credentials(databases: Databases) -> Iterator[str]:
    engagements = databases.of("projects")["engagements"]
    credentials = databases.of("applications")["credentials"]
    done = {"status": "completed"}
    for id_ in _missing(engagements, "_id", credentials, "engagement_id", done):
        yield f"engagement {id_} is completed and has no credential"


def _payouts(databases: Databases) -> Iterator[str]:
    """Accepted work is known to whoever pays, and a payout to whoever shows it."""
    engagements = databases.of("projects")["engagements"]
    escrows = databases.of("payments")["escrows"]
    for batch in _batches(engagements.find({"status": "completed"}, {"payment.status": 1})):
        wanted = {"_id": {"$in": [engagement["_id"] for engagement in batch]}}
        found = {e["_id"]: e for e in escrows.find(wanted, {"status": 1, "accepted_at": 1})}
        for engagement in batch:
            escrow = found.get(engagement["_id"])
            if escrow and not escrow.get("accepted_at"):
                yield f"engagement {escrow['_id']} is completed, its escrow has not heard of it"
            elif escrow and escrow.get("status") == PAID != _payment_status(engagement):
                yield f"escrow {escrow['_id']} is paid, its engagement has not heard of it"


def _payment_status(engagement: Document) -> str:
    return str((engagement.get("payment") or {}).get("status"))


def _entries(databases: Databases) -> Iterator[str]:
    """Each entry sums to zero, and the account balances with them."""
    for entry in databases.of("payments")["journal"].find({}, {"postings.amount": 1}):
        if total := sum(posting["amount"] for posting in entry["postings"]):
            yield f"journal entry {entry['_id']} sums to {total}"


def _operations(databases: Databases) -> Iterator[str]:
    """What an escrow says has moved is what its operations moved, and each is in the journal."""
    journal = databases.of("payments")["journal"]
    wanted = {"operations": 1, **dict.fromkeys(MOVED.values(), 1)}
    for batch in _batches(databases.of("payments")["escrows"].find({}, wanted)):
        posted = {
            operation["key"]
            for escrow in batch
            for operation in escrow.get("operations", ())
            if operation.get("posted")
        }
        for key in sorted(posted - _ids(journal, "_id", posted)):
            yield f"operation {key} is marked as posted and is not in the journal"
        for escrow in batch:
            yield from _figures(escrow)


def _figures(escrow: Document) -> Iterator[str]:
    for kind, figure in MOVED.items():
        done = [one for one in escrow.get("operations", ()) if one["state"] == "succeeded"]
        moved = sum(one["amount"] for one in done if one["kind"] == kind)
        moved -= sum(_taken_back(kind, one) for one in done if one["kind"] == "reversal")
        if moved != escrow.get(figure, 0):
            said = escrow.get(figure, 0)
            yield f"escrow {escrow['_id']}: {figure} is {said}, its operations moved {moved}"


def _taken_back(kind: str, reversal: Document) -> int:
    """What was released counts with the platform's share of it, what was paid without."""
    amount = int(reversal["amount"])
    whole = amount + int(reversal.get("fee_amount", 0))
    return {"release": whole, "transfer": amount}.get(kind, 0)


def _submissions(databases: Databases) -> Iterator[str]:
    """What was handed in is on record at the gateway, unchanged."""
    records = databases.of("gateway")["files"]
    engagements = databases.of("projects")["engagements"]
    for batch in _batches(engagements.find({}, {"submissions.files": 1})):
        handed_in = {
            file["file_id"]: (file["sha256"], engagement["_id"])
            for engagement in batch
            for submission in engagement.get("submissions", ())
            for file in submission.get("files", ())
        }
        found = records.find({"_id": {"$in": list(handed_in)}}, {"sha256": 1})
        known = {record["_id"]: record["sha256"] for record in found}
        for id_, (sha256, engagement_id) in handed_in.items():
            if known.get(id_) != sha256:
                yield f"file {id_} of engagement {engagement_id} is not on record as it was"


CHECKS: tuple[Check, ...] = (
    _escrows,
    _applications,
    _credentials,
    _payouts,
    _entries,
    _operations,
    _submissions,
)


def _missing(
    source: Collection[Document],
    field: str,
    target: Collection[Document],
    key: str,
    where: Document | None = None,
) -> Iterator[str]:
    """Values of the source's field that no document of the target has as its key."""
    for batch in _batches(source.find(where or {}, {field: 1})):
        wanted = {document[field] for document in batch if document.get(field)}
        yield from sorted(wanted - _ids(target, key, wanted))


def _ids(collection: Collection[Document], key: str, values: Iterable[str]) -> set[Any]:
    found = collection.find({key: {"$in": list(values)}}, {key: 1})
    return {document[key] for document in found}


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == IDS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
