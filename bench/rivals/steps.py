"""The steps as a careful author writes them on pymongo: guarded by status, safe to repeat.

Each stores its state before it answers what to announce; the message is acknowledged after the
broker has confirmed that. A crash between two of these repeats the step: the guard finds it done,
and the same is announced again.
"""

from datetime import UTC, datetime
from typing import Any

from bench.journey import Facts, earned, score

QUEUES = ("submitted", "evaluated", "paid", "offered")
QUORUM = {"x-queue-type": "quorum"}


class Lost(Exception):
    """Somebody else has changed the document first: the message has to come again."""


def evaluate(database: Any, message: Facts) -> Facts:
    found = database.engagements.find_one({"_id": message["engagement_id"]})
    if found["status"] == "submitted":
        change = {"status": "evaluated", "score": score(found["rubric"]), "evaluated_at": now()}
        expect(database.engagements.update_one(*conditional(found, change)))
        found |= change
    return evaluated(found)


def pay(database: Any, message: Facts) -> Facts:
    found = database.escrows.find_one({"_id": f"escrow-{message['engagement_id']}"})
    if found["status"] == "held":
        change = {"status": "paid", "paid_amount": earned(found["amount"]), "paid_at": now()}
        expect(database.escrows.update_one(*conditional(found, change)))
        found |= change
    return paid(found, message)


def offer(database: Any, message: Facts) -> Facts:
    id_, new = offered(message)
    database.offers.update_one({"_id": id_}, {"$setOnInsert": new}, upsert=True)
    return {"engagement_id": message["engagement_id"], "offer_id": id_}


def conditional(found: Facts, change: Facts) -> tuple[Facts, Facts]:
    """Filter and update: only where nobody has saved another version."""
    expected = {"_id": found["_id"], "version": found["version"]}
    return expected, {"$set": change, "$inc": {"version": 1}}


def expect(result: Any) -> None:
    if not result.matched_count:
        raise Lost


def evaluated(found: Facts) -> Facts:
    return {
        "engagement_id": found["_id"],
        "candidate_id": found["candidate_id"],
        "score": found["score"],
    }


def paid(found: Facts, message: Facts) -> Facts:
    return message | {"amount": found["paid_amount"], "currency": found["currency"]}


def offered(message: Facts) -> tuple[str, Facts]:
    about = {"candidate_id": message["candidate_id"], "score": message["score"]}
    return f"offer-{message['engagement_id']}", {
        **about,
        "version": 1,
        "status": "offered",
        "offered_at": now(),
    }


def now() -> datetime:
    return datetime.now(UTC)
