"""Many entries of long ago at once: each what payments would have written, kept by its own code."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pymongo

from services.payments.domain import Entry
from services.payments.store.journal import document_of, ensure_indexes
from tests.unit.payments.fakes import World
from tests.unit.payments.story import Story
from tests.unit.payments.tales import transfer

AT_ONCE = 5_000
RATE = 1_500  # Entries of an hour.


def age(count: int) -> timedelta:
    """For how long so many have been coming in."""
    return timedelta(hours=count / RATE)


def pattern() -> list[Entry]:
    """The entries of one engagement, as its use cases make them: charge, release, transfer."""
    world = World()
    transfer(Story(world))
    return list(world.journal.entries.values())


def entries(count: int, until: datetime) -> Iterator[tuple[Entry, datetime]]:
    """So many, of one engagement after the other, with the moment at which each was inserted."""
    made = pattern()
    for number in range(count):
        entry, at = made[number % len(made)], until - age(count - number)
        yield of_engagement(entry, f"old-{number // len(made):07}", at), at


def of_engagement(entry: Entry, name: str, at: datetime) -> Entry:
    """The same of another engagement."""
    own = entry.engagement_id
    return replace(
        entry,
        id=entry.id.replace(own, name),
        engagement_id=name,
        created_at=at,
        bank_id=entry.bank_id.replace(own, name),
        postings=tuple(replace(one, of=name) if one.of == own else one for one in entry.postings),
    )


def fill(uri: str, database: str, count: int, until: datetime) -> dict[tuple[str, str], int]:
    """Insert them, not journalled and indexed at last; the balances that they come to."""
    sums: dict[tuple[str, str], int] = {}
    address = uri.replace("journal=true", "journal=false")
    with pymongo.MongoClient[Any](address, socketTimeoutMS=600_000) as client:
        made = entries(count, until)
        while some := list(islice(made, AT_ONCE)):
            rows = [document_of(entry, at) for entry, at in some]
            client[database].journal.insert_many(rows, ordered=False)
            for entry, _ in some:
                _add(sums, entry)
        ensure_indexes(client[database])
    return sums


def _add(sums: dict[tuple[str, str], int], entry: Entry) -> None:
    for one in entry.postings:
        name = one.name if one.account == "processor_balance" else one.account
        sums[name, entry.currency] = sums.get((name, entry.currency), 0) + one.amount
