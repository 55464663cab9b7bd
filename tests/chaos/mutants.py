"""`python -m tests.chaos.mutants [NAME ...]`: bugs planted in a copy of the code, and found.

A run on the untouched copy comes first: what finds bugs in sound code finds nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.processes import HOME
from deploy.embedded.state import STACKS

COPIED = ("deploy", "services", "shared", "tests")
RUN_SECONDS = 900
PLAN = ("--seed", "5", "--minutes", "0.9", "--gap", "1.8", "--players", "8", "--patience", "100")


@dataclass(frozen=True)
class Mutant:
    """`old` stands in `file` once; `found_by` are the checks of which one has to fail."""

    file: str
    old: str
    new: str
    found_by: Sequence[str]
    plan: Sequence[str] = ()


MUTANTS = {
    "acknowledge-before-save": Mutant(
        "shared/messaging.py",
        "            event = self._read(delivery)\n        except",
        "            event = self._read(delivery)\n            message.ack()\n"
        "            message.ack = lambda *_: None\n        except",
        ["journeys_end", "each_event_once"],
    ),
    "trim-before-confirm": Mutant(
        "shared/outbox.py",
        "        self.offer(record.id, record.pending)\n",
        "        self.offer(record.id, record.pending)\n"
        "        for event in record.pending:\n"
        '            self.settle(record.id, event["id"])\n',
        ["journeys_end", "each_event_once"],
        [
            "--minutes",
            "1.5",
            "--gap",
            "1.2",
            "--only",
            "broker",
            "projects",
            "applications",
            "payments",
        ],
    ),
    "new-bank-key-on-retry": Mutant(
        "services/payments/usecases/settling.py",
        "    return send(escrow.id, operation)",
        "    from dataclasses import replace\n"
        "    from uuid import uuid4\n"
        "    if operation.attempts:\n"
        '        operation = replace(operation, key=f"{operation.key}:{uuid4()}")\n'
        "    return send(escrow.id, operation)",
        ["one_charge", "one_payout", "bank_and_ledger_agree"],
        ["--only", "payments"],
    ),
    "forget-what-was-under-way": Mutant(
        "shared/relay.py",
        "        self._queue.extendleft(reversed(self._flight.values()))\n",
        "",
        ["journeys_end", "all_comes_to_rest", "outboxes_are_empty"],
        ["--only", "broker"],
    ),
    "leave-events-to-the-sweep": Mutant(
        "shared/outbox.py",
        "        self.offer(record.id, record.pending)\n",
        "",
        ["few_swept"],
        ["--minutes", "0.05"],
    ),
    "drop-poison": Mutant(
        "shared/messaging.py",
        "            delivery.park(exc)\n            self._tell(",
        "            delivery.ack()\n            self._tell(",
        ["only_poison_is_parked"],
        ["--minutes", "0.3"],
    ),
    "park-without-a-retry": Mutant(
        "shared/messaging.py",
        "        delivery.retry(self.ladder[delivery.attempt - 1], exc)\n",
        "        delivery.park(exc)\n",
        ["only_poison_is_parked"],
    ),
}


def copy_of(name: str) -> Path:
    """The code as it is, with the mutant's change."""
    copy = STACKS / "mutants" / name
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for folder in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HOME / folder, copy / folder, ignore=ignored)
    if name in MUTANTS:
        mutant = MUTANTS[name]
        file = copy / mutant.file
        text = file.read_text()
        if text.count(mutant.old) != 1:
            raise SystemExit(f"{name}: {mutant.file} is not as this mutant expects it")
        file.write_text(text.replace(mutant.old, mutant.new))
    return copy


def failures(name: str, plan: Sequence[str]) -> set[str]:
    """The checks that a run on this copy fails."""
    copy = copy_of(name)
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.run", *PLAN, *plan],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    failed = {line.split()[1].rstrip(":") for line in done.stdout.splitlines() if "FAIL " in line}
    (STACKS / "mutants" / f"{name}.log").write_text(done.stdout + done.stderr)
    if bool(failed) != bool(done.returncode):
        raise SystemExit(f"{name}: the run broke off:\n{done.stdout}\n{done.stderr}")
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", choices=["sound", *MUTANTS, []], metavar="NAME")
    names = parser.parse_args().names or ["sound", *MUTANTS]
    survivors = [name for name in names if not told(name)]
    if survivors:
        raise SystemExit(f"not as it should be: {', '.join(survivors)}")


def told(name: str) -> bool:
    """Say what was found, and whether it is what should be."""
    mutant = MUTANTS.get(name)
    found = failures(name, mutant.plan if mutant else ())
    good = bool(found & set(mutant.found_by)) if mutant else not found
    what = f"found by {', '.join(sorted(found))}" if found else "nothing found"
    sys.stdout.write(f"{'ok  ' if good else 'FAIL'} {name}: {what}\n")
    sys.stdout.flush()
    return good


if __name__ == "__main__":
    main()
