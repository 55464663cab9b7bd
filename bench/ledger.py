"""`python -m bench.ledger`: operations per second through the ledger, with few and many entries.

An operation is recorded in its escrow with its key, answered by a bank in memory, entered in the
journal and marked: what payments does for each charge, release and transfer, by its own use cases,
on a real database, one after the other. Every size has a database of its own on one server;
they take turns. Writes `bench/results/ledger.json` and `.md`; exit code 1 where a million entries
make it slower than the goal.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pymongo

from bench import results
from deploy.embedded.database import Database
from services.payments import store, usecases
from services.payments.config import Settings
from services.payments.store.journal import STAMP, Ledger, ensure_indexes
from shared import clock
from shared.envelope import Event
from shared.platform import Platform
from tests.servers import new_prefix, run_folder
from tests.unit.payments.fakes import START, FakeBank, World
from tests.unit.payments.story import KIM, OWNER, TRIO, call

SIZES, ENGAGEMENTS, ROUNDS = (1_000, 1_000_000), 60, 3
GOAL = 1.25  # Times as long as with the fewest, at most.
KINDS = 3  # Operations of one engagement: charge, release, transfer.
AT_ONCE = 5_000
PRICE = 26_405


class Desk:
    """Payments on one database, with a bank that costs nothing."""

    def __init__(self, uri: str, prefix: str) -> None:
        names = {"environment": "development", "amqp_uri": "amqp://nowhere", "ladder": {}}
        settings = Settings(mongo_uri=uri, database_prefix=prefix, **names)
        self.platform = Platform(settings, "payments")
        world = World()
        bank: Any = FakeBank(clock.now)  # type: ignore[arg-type]
        self.ledger = Ledger(self.platform)
        self.desk = usecases.Desk(
            **vars(world.desk)
            | {
                "escrows": store.escrows(self.platform),
                "journal": self.ledger,
                "bank": bank,
                "now": clock.now,
            }
        )
        self.platform.prepare()
        usecases.put_payment_method(self.desk, call("card", OWNER), "tok_visa")
        usecases.open_payout_account(self.desk, call("account", KIM), "US")

    def engagements(self, names: list[str]) -> None:
        for name in names:
            self.engagement(name)

    def engagement(self, name: str) -> None:
        """Charge, release and pay, each entered."""
        facts = {"engagement_id": name, "application_id": "app-1", **TRIO}
        about = usecases.Engagement(**facts, fee_amount=PRICE, fee_currency="USD")
        usecases.open_escrow(self.desk, about, heard(f"{name}-accepted"))
        candidate_id = TRIO["candidate_id"]
        escrow = usecases.release_funds(self.desk, name, candidate_id, heard(f"{name}-done"))
        if escrow.paid + escrow.fee_taken != PRICE:
            raise SystemExit(f"{name} was not paid: {escrow.status}")


def main() -> int:
    options = _options()
    with run_folder() as folder, ExitStack() as stack:
        database = Database(folder / "database", folder)
        database.start()
        desks = {}
        for size in sorted(options.sizes or SIZES):
            prefix = stack.enter_context(new_prefix(database))
            took = timed(partial(crowd, database.uri, prefix, size))
            desks[size] = Desk(database.uri, prefix)
            print(f"{size} entries in {took:.0f} s", flush=True)
        report = measure(desks, options.engagements, options.rounds)
    results.write("ledger", report, table(report))
    print(table(report))
    return 0 if report["reached"] else 1


def crowd(uri: str, prefix: str, size: int) -> None:
    """Entries that are there and that nobody touches; not journalled, and indexed at last."""
    address = uri.replace("journal=true", "journal=false")
    with pymongo.MongoClient[Any](address, socketTimeoutMS=600_000) as client:
        database = client[f"{prefix}_payments"]
        entries = database.journal
        for start in range(0, size, AT_ONCE):
            rows = [_entry(number) for number in range(start, min(start + AT_ONCE, size))]
            entries.insert_many(rows, ordered=False)
        ensure_indexes(database)


def measure(desks: dict[int, Desk], engagements: int, rounds: int) -> dict[str, Any]:
    """The sizes take turns; ratios are to the least one, in the same round."""
    seconds: dict[int, list[float]] = {size: [] for size in desks}
    for desk in desks.values():
        desk.engagement("warm")
    for number in range(rounds):
        for size, desk in desks.items():
            names = [f"eng-{number}-{at}" for at in range(engagements)]
            seconds[size].append(timed(partial(desk.engagements, names)))
            print(f"round {number + 1}: {size} entries: {seconds[size][-1]:.2f} s", flush=True)
    least = min(desks)
    operations = engagements * KINDS
    sizes = {
        str(size): {
            "operations_per_second": results.spread([operations / one for one in took]),
            "ratio": results.spread([a / b for a, b in zip(took, seconds[least], strict=True)]),
            **balances(desks[size].ledger),
        }
        for size, took in seconds.items()
    }
    reached = all(found["ratio"]["median"] <= GOAL for found in sizes.values())
    about = {"operations": operations, "rounds": rounds, "goal": GOAL, "reached": reached}
    return {"machine": results.machine(), **about, "sizes": sizes}


def balances(ledger: Ledger) -> dict[str, float]:
    """Seconds for all balances: of every entry, and of a closing and what came after it."""
    whole = timed(ledger.totals)
    found = ledger.totals()
    if sum(found.values()):
        raise SystemExit("the trial balance is not zero")
    if ledger.closing() is None:  # Few entries make none of themselves.
        ledger.close(clock.now() - timedelta(minutes=10), found)
    return {"recomputed_s": round(whole, 3), "cached_s": round(timed(ledger.totals), 4)}


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def table(report: dict[str, Any]) -> str:
    rows = [
        (
            f"{int(size):,}",
            _shown(found["operations_per_second"], 0),
            f"{found['ratio']['median']:.2f} x",
            f"{found['recomputed_s']:.2f} s",
            f"{1000 * found['cached_s']:.0f} ms",
        )
        for size, found in report["sizes"].items()
    ]
    head = ("entries", "operations/s (least to most)", "as long as with the fewest")
    return results.markdown((*head, "balances recomputed", "balances from a closing"), rows)


def heard(id_: str) -> Event:
    return Event(
        id=id_, type="thing.happened.v1", source="bench", subject="x:1", time=START, data={}
    )


def _entry(number: int) -> dict[str, Any]:
    """A charge of an engagement of its own, of long ago."""
    at = START - timedelta(seconds=number % 10**6)
    name = f"old-{number:07}"
    postings = [
        {"account": "processor_balance", "of": "memory", "amount": PRICE - 3},
        {"account": "processing_fees", "of": "", "amount": 3},
        {"account": "held_funds", "of": name, "amount": -PRICE},
    ]
    about = {"kind": "charge", "engagement_id": name, "currency": "USD", "bank_id": f"ch_{name}"}
    return {"_id": f"{name}:charge:1", **about, "postings": postings, "created_at": at, STAMP: at}


def _shown(spread: results.Spread, places: int) -> str:
    median, least, most = (f"{spread[name]:.{places}f}" for name in ("median", "least", "most"))
    return f"{median} ({least} to {most})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", help="entries that are there; least first")
    parser.add_argument("--engagements", type=int, default=ENGAGEMENTS, help="in each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
