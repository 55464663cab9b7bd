"""`python -m bench.ledger`: operations per second through the ledger, with few and many entries.

An operation is recorded in its escrow with its key, answered by a bank in memory, entered in the
journal and marked: what payments does for each charge, release and transfer, by its own use cases,
on a real database, one after the other. Every size has a database of its own on one server;
they take turns. The entries that are there are what those use cases would have written, and the
balances have to be theirs. Writes `bench/results/ledger.json` and `.md`; exit code 1 where more
entries make it slower than the goal, or the database answers a question of it by a scan.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo import monitoring

from bench import results
from bench.crowd import age, fill, pattern
from bench.watching import Watch, plans
from deploy.embedded.database import Database
from services.payments import store, usecases
from services.payments.config import Settings
from services.payments.store.journal import Ledger
from shared import clock
from shared.envelope import Event
from shared.platform import Platform
from tests.servers import new_prefix, run_folder
from tests.unit.payments.fakes import START, FakeBank, World
from tests.unit.payments.story import KIM, OWNER, TRIO, call

SIZES, ENGAGEMENTS, ROUNDS = (1_000, 100_000, 1_000_000), 60, 3
GOAL = 1.25  # Times as long as with the fewest, at most.
KINDS = 3  # Operations of one engagement: charge, release, transfer.
PRICE = 26_405


class Desk:
    """Payments on one database, with a bank that costs nothing."""

    def __init__(self, uri: str, prefix: str, sums: dict[tuple[str, str], int]) -> None:
        self.uri, self.database, self._sums = uri, f"{prefix}_payments", sums
        self._own = 0
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
        self._own += 1

    def expected(self) -> dict[tuple[str, str], int]:
        """What all accounts are worth: of the crowd, and of the engagements since."""
        sums = Counter(self._sums)
        for entry in pattern():
            for one in entry.postings:
                name = one.name if one.account == "processor_balance" else one.account
                sums[name, entry.currency] += one.amount * self._own
        return {key: balance for key, balance in sums.items() if balance}


def main() -> int:
    options = _options()
    watch = Watch()
    monitoring.register(watch)
    with run_folder() as folder, ExitStack() as stack:
        database = Database(folder / "database", folder)
        database.start()
        desks = {}
        for size in sorted(options.sizes or SIZES):
            prefix = stack.enter_context(new_prefix(database))
            desks[size] = prepared(database.uri, prefix, size)
        report = measure(desks, options.engagements, options.rounds, watch)
    results.write("ledger", report, table(report))
    print(table(report))
    return 0 if report["reached"] else 1


def prepared(uri: str, prefix: str, size: int) -> Desk:
    """Payments over so many entries of the last weeks; it knows what they come to."""
    began, now = time.perf_counter(), clock.now()
    sums = fill(uri, f"{prefix}_payments", size, now - timedelta(hours=1))
    desk = Desk(uri, prefix, sums)
    long_ago = now - timedelta(hours=2) - age(size)
    desk.ledger.close(long_ago, {})  # Nothing was before that: all of it is to be added up.
    print(f"{size} entries in {time.perf_counter() - began:.0f} s", flush=True)
    return desk


def measure(desks: dict[int, Desk], engagements: int, rounds: int, watch: Watch) -> dict[str, Any]:
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
            **watched(desks[size], watch),
            **balances(desks[size]),
        }
        for size, took in seconds.items()
    }
    scanned = [name for found in sizes.values() for name in found["scans"]]
    flat = all(found["ratio"]["median"] <= GOAL for found in sizes.values())
    reached = flat and not scanned
    about = {"operations": operations, "rounds": rounds, "goal": GOAL, "reached": reached}
    return {"machine": results.machine(), **about, "sizes": sizes}


def watched(desk: Desk, watch: Watch) -> dict[str, Any]:
    """The questions of one more engagement, and which of them the database answers by a scan."""
    watch.on, watch.seen, watch.commands = desk.database, {}, 0
    desk.engagement("watched")
    desk.ledger.of("watched")
    desk.ledger.under(["watched:charge:1"])
    watch.on = ""
    found = plans(desk.uri, desk.database, watch)
    scans = sorted(name for name, stages in found.items() if "COLLSCAN" in stages)
    return {"commands": watch.commands, "plans": found, "scans": scans}


def balances(desk: Desk) -> dict[str, float]:
    """Seconds for all balances: of every entry, and of a closing and what came after it.

    They have to be those of what was written, and sum to zero.
    """
    found: dict[tuple[str, str], int] = {}
    whole = timed(lambda: found.update(desk.ledger.totals()))
    cached = timed(desk.ledger.totals)
    if sum(found.values()) or found != desk.expected() or desk.ledger.totals() != found:
        raise SystemExit(f"the trial balance is not that of what was written: {found}")
    if desk.ledger.closing() is None:
        raise SystemExit("no closing was made")
    return {"recomputed_s": round(whole, 3), "cached_s": round(cached, 4)}


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
            f"{found['commands'] / KINDS:.0f}",
            ", ".join(found["scans"]) or "none",
        )
        for size, found in report["sizes"].items()
    ]
    head = ("entries", "operations/s (least to most)", "as long as with the fewest")
    rest = ("balances recomputed", "balances from a closing", "commands each", "scans")
    return results.markdown((*head, *rest), rows)


def heard(id_: str) -> Event:
    return Event(
        id=id_, type="thing.happened.v1", source="bench", subject="x:1", time=START, data={}
    )


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
