"""The audit log: who did what, in chains that show where anything in them was changed.

Each gateway process writes a chain of its own, so none waits for another: every entry holds the
hash of the one before it. The first entry of a chain names the last ones of the chains that are
there, and so does one every few minutes: what is cut off or left out as a whole shows as well.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import eventlet
import orjson
import structlog

from shared.broker import describe
from shared.clock import Clock
from shared.coalescer import Coalescer
from shared.container import AWAY

log = structlog.get_logger(__name__)

Entry = dict[str, Any]
BEGINNING = "0" * 64  # What the first entry of a chain has for the hash before it.
OPENED, ANCHORED = "opened", "anchored"  # Entries about other chains.
BEGUN, ENDED, REFUSED = "begun", "ended", "refused"  # Entries about requests.
UNHASHED = ("_id", "hash")


class Records(Protocol):
    """Where entries are kept."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Insert them in order; one that is there already stays."""

    def heads(self) -> list[Entry]:
        """The last entries of the newest chains."""


class Audit:
    """Writes this process's chain.

    `begin` comes before an effect and waits until the entry is kept: without a log there is no
    effect. `note` comes after it and makes nobody wait; what could not be kept is tried again, and
    where the process dies before, an entry that was begun and never ended says so.
    """

    def __init__(self, records: Records, now: Clock, chain: str) -> None:
        self._records, self._now, self.chain = records, now, chain
        self._append: Coalescer[Entry | None, None] = Coalescer(self._write)
        self._later: list[Entry] = []
        self._unsure: list[Entry] = []  # Linked, and not known to be kept.
        self._sequence, self._hash = 0, BEGINNING
        self._anchored = 0

    def begin(self, facts: Entry) -> None:
        """Keep it now; raises what the database client raises while the database is away."""
        self._append(facts)

    def note(self, facts: Entry) -> None:
        """Keep it soon."""
        self._later.append(facts)
        eventlet.spawn_n(self.flush)

    def anchor(self) -> None:
        """Name the last entries of the chains, this one's too, if there is anything new."""
        if self._sequence > self._anchored:
            self._anchored = self._sequence + 1  # With the anchor itself.
            self.note({"kind": ANCHORED, "heads": _named(self._records.heads())})

    def flush(self) -> None:
        """Keep what was noted; what fails is tried again with the next entry."""
        if not (self._later or self._unsure):
            return
        try:
            self._append(None)
        except AWAY as exc:
            log.warning("audit-held", error=describe(exc), entries=len(self._later))

    def _write(self, asked: Sequence[Entry | None]) -> list[None]:
        # Nothing is linked behind entries that may be lost: a chain has no gaps. So while the
        # database is away only what already happened waits here, never what is asked for.
        self._settle()
        facts, self._later = [*self._later, *filter(None, asked)], []
        self._unsure = list(self._linked(facts))
        self._settle()
        return [None] * len(asked)

    def _settle(self) -> None:
        if self._unsure:
            self._records.append(self._unsure)
            self._unsure = []

    def _linked(self, facts: Iterable[Entry]) -> Iterator[Entry]:
        if not self._sequence:
            yield self._link({"kind": OPENED, "heads": _named(self._records.heads())})
        for one in facts:
            yield self._link(one)

    def _link(self, facts: Entry) -> Entry:
        self._sequence += 1
        entry = {
            "_id": entry_id(self.chain, self._sequence),
            "chain": self.chain,
            "sequence": self._sequence,
            "at": self._now(),
            "previous": self._hash,
            **{name: value for name, value in facts.items() if value not in (None, "", [])},
        }
        self._hash = entry["hash"] = hash_of(entry)
        return entry


def _named(entries: Iterable[Entry]) -> list[Entry]:
    return [{name: one[name] for name in ("chain", "sequence", "hash")} for one in entries]


def entry_id(chain: str, sequence: int) -> str:
    """Sorts the entries of a chain by their numbers, and chains by when they began."""
    return f"{chain}:{sequence:012d}"


def hash_of(entry: Entry) -> str:
    """SHA-256 over the hash before it and the content, in one fixed spelling."""
    content = {name: value for name, value in entry.items() if name not in UNHASHED}
    content["at"] = at_of(entry)
    body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return sha256(entry["previous"].encode() + body).hexdigest()


def at_of(entry: Entry) -> str:
    at = entry["at"]
    return at if isinstance(at, str) else str(at.isoformat(timespec="milliseconds"))


def exported(entry: Entry) -> bytes:
    """The entry as a line of JSON, from which its hash can be computed again."""
    shown = {name: value for name, value in entry.items() if name != "_id"}
    return orjson.dumps({**shown, "at": at_of(entry)}, option=orjson.OPT_SORT_KEYS) + b"\n"


@dataclass
class Verdict:
    """What a walk over all chains found; `broken` names the first entry that does not fit."""

    entries: int = 0
    chains: int = 0
    broken: str = ""
    heads: list[Entry] = field(default_factory=list)


def verify(entries: Iterable[Entry], find: Callable[[str], str | None]) -> Verdict:
    """Walk all entries, chain by chain in order; `find` gives the hash of one by its id."""
    verdict, last = Verdict(), None
    anchors: list[tuple[str, Entry]] = []
    for entry in entries:
        verdict.broken = _fault(entry, last)
        if verdict.broken:
            return verdict
        verdict.entries += 1
        if last is None or last["chain"] != entry["chain"]:
            verdict.chains += 1
            verdict.heads += _named([last] if last else [])
        anchors += [(_name(entry), head) for head in entry.get("heads", ())]
        last = entry
    verdict.heads += _named([last] if last else [])
    verdict.broken = next(_missing(anchors, find), "")
    return verdict


def _fault(entry: Entry, last: Entry | None) -> str:
    first = last is None or last["chain"] != entry["chain"]
    expected = 1 if first or last is None else last["sequence"] + 1
    previous = BEGINNING if first or last is None else last["hash"]
    if entry["sequence"] != expected:
        return f"{entry_id(entry['chain'], expected)} is missing"
    if entry["previous"] != previous:
        return f"{_name(entry)} does not follow from the one before it"
    if entry["hash"] != hash_of(entry):
        return f"{_name(entry)} was changed"
    return ""


def _missing(
    anchors: Iterable[tuple[str, Entry]], find: Callable[[str], str | None]
) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for name, head in anchors:
        id_ = entry_id(head["chain"], head["sequence"])
        if (id_, head["hash"]) in seen:
            continue
        seen.add((id_, head["hash"]))
        if find(id_) != head["hash"]:
            yield f"{id_} is missing or was changed, as {name} says"


def _name(entry: Entry) -> str:
    return entry_id(entry["chain"], entry["sequence"])
