"""One collection of raw documents: group commit, and what this process saved last."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bson import CodecOptions, UuidRepresentation, decode, encode
from bson.errors import InvalidDocument, InvalidStringData
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, ReplaceOne, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from shared.batch import SAVED_IN, Batch
from shared.coalescer import Coalescer
from shared.errors import Invalid

DUPLICATE = 11000
FLUSHED_ONCE = 3  # Replacements from which one write more is less than a flush for each.
FLUSHED = "flushed"  # The field that this write sets.
VISIBLE = WriteConcern(w=1, j=False)
LARGEST = 16 * 1024 * 1024 - 16 * 1024  # Bytes; the database's limit, less what a write adds.
HELD, HELD_BYTES = 5_000, 64 * 1024 * 1024

OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
RAW: CodecOptions[RawBSONDocument] = CodecOptions(RawBSONDocument, tz_aware=True)


class LostRace(Exception):
    """Someone else has saved this aggregate first: reload and try again."""


@dataclass(frozen=True, slots=True)
class Record:
    """A document as it is stored, with what its saving means for its outbox."""

    id: str
    version: int
    raw: bytes
    pending: Sequence[dict[str, Any]] = ()


class Announcer(Protocol):
    """Hears of each save, even where its caller has given up, and before it is sent."""

    def learn(self, documents: Iterable[Mapping[str, Any]]) -> None: ...
    def begin(self, records: Sequence[Record]) -> Batch | None: ...
    def end(self, batch: Batch, failed: Iterable[int]) -> None: ...
    def saved(self, record: Record) -> None: ...


class Records:
    """Loads and saves by id; the announcer hears of it.

    Documents are kept as bytes: what one use case does to its copy no other can see, one that the
    database would refuse fails alone, and the bound of the map is true.
    """

    def __init__(
        self,
        collection: Collection[dict[str, Any]],
        announcer: Announcer,
        one_log: Callable[[], bool],
    ) -> None:
        self._collection, self._announcer, self._one_log = collection, announcer, one_log
        self._raw = collection.with_options(codec_options=RAW)
        self._find = Coalescer(self._find_all)
        self._replace = Coalescer(self._replace_all)
        self._map = _Map()

    def held(self, id_: str) -> dict[str, Any] | None:
        """What this process saved or changed last: it may be old, so only a save may follow it."""
        raw = self._map.get(id_) if _storable(id_) else None
        return None if raw is None else decode(raw, OPTIONS)

    def load(self, id_: str, *, hold: bool = False) -> dict[str, Any] | None:
        """The document as it is now, a copy of the caller's own; `hold` when a change follows."""
        raw = self._find((id_, hold)) if _storable(id_) else None
        if raw is None:
            return None
        document = decode(raw, OPTIONS)
        if hold:
            self._map.put(id_, document["version"], raw)
        return document

    def save(self, record: Record) -> None:
        """Write it where its version follows the stored one; raises LostRace where it does not."""
        self._replace(record)

    def _find_all(self, wanted: Sequence[tuple[str, bool]]) -> Sequence[bytes | None]:
        """Who holds a document is going to save it, so has to know what of it is announced."""
        cursor = self._raw.find({"_id": {"$in": list({id_ for id_, _ in wanted})}})
        found = {document["_id"]: document for document in cursor}
        self._announcer.learn(found[id_] for id_, hold in wanted if hold and id_ in found)
        return [bytes(found[id_].raw) if id_ in found else None for id_, _ in wanted]

    def _replace_all(self, records: Sequence[Record]) -> Sequence[BaseException | None]:
        """One unordered bulk. What has another version stored collides with its `_id`."""
        batch = self._announcer.begin(records)
        stamped = [_stamped(record, batch) for record in records]
        failures: dict[int, BaseException] = {}
        otherwise: BaseException | None = None
        flushed = batch if batch and self._is_flushed_once(records) else None
        table = (
            self._collection.with_options(write_concern=VISIBLE) if flushed else self._collection
        )
        try:
            table.bulk_write([_write(record) for record in stamped], ordered=False)
        except BulkWriteError as exc:
            details: Mapping[str, Any] = exc.details
            failures = {error["index"]: _failure(error) for error in details["writeErrors"]}
            otherwise = _concern(details["writeConcernErrors"])
        finally:
            if batch:
                self._announcer.end(batch, failures)
        if flushed:
            self._flush(flushed, [r for at, r in enumerate(stamped) if at not in failures])
        return [self._settle(r, failures.get(at, otherwise)) for at, r in enumerate(stamped)]

    def _is_flushed_once(self, records: Sequence[Record]) -> bool:
        """Some databases flush their log for every replacement of a bulk, if asked to flush at all.

        Where all is in one log, the flush of what comes last makes durable what came before it.
        """
        replacements = sum(record.version > 1 for record in records)
        stampable = all(record.pending for record in records)
        return replacements >= FLUSHED_ONCE and stampable and self._one_log()

    def _flush(self, batch: Batch, saved: Sequence[Record]) -> None:
        """Raises AutoReconnect where the last document is gone, so perhaps others too.

        A server that was killed and started again in between has forgotten it, and does not match.
        """
        if not saved:
            return
        last = max(enumerate(saved), key=lambda pair: (pair[1].version > 1, pair[0]))[1]
        own = {"_id": last.id, SAVED_IN: batch.name(last.version)}
        done = self._collection.bulk_write([UpdateOne(own, {"$set": {FLUSHED: True}})])
        if not done.matched_count:
            raise AutoReconnect(f"{last.id} is not known to be durable")

    def _settle(self, record: Record, failure: BaseException | None) -> BaseException | None:
        if failure is None:
            self._map.put(record.id, record.version, record.raw)
            self._announcer.saved(record)
        elif isinstance(failure, LostRace):
            self._map.outdate(record.id, record.version)
        return failure


class _Map:
    """The newest raw documents, bounded by number and bytes; the longest unused leave first."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._bytes = 0

    def get(self, id_: str) -> bytes | None:
        if id_ not in self._held:
            return None
        self._held.move_to_end(id_)
        return self._held[id_][1]

    def put(self, id_: str, version: int, raw: bytes) -> None:
        if id_ in self._held and self._held[id_][0] > version:
            return
        self._drop(id_)
        self._held[id_] = (version, raw)
        self._bytes += len(raw)
        while len(self._held) > HELD or self._bytes > HELD_BYTES:
            self._drop(next(iter(self._held)))

    def outdate(self, id_: str, version: int) -> None:
        """A save as this version has lost: what is older than it is of no use."""
        if id_ in self._held and self._held[id_][0] < version:
            self._drop(id_)

    def _drop(self, id_: str) -> None:
        _, raw = self._held.pop(id_, (0, b""))
        self._bytes -= len(raw)


def to_raw(document: Mapping[str, Any]) -> bytes:
    """The bytes to store; raises Invalid for what no database of ours can hold."""
    try:
        raw = encode(document, codec_options=OPTIONS)
    except (InvalidDocument, InvalidStringData, OverflowError, UnicodeEncodeError) as exc:
        raise Invalid("not-storable", f"This cannot be stored: {exc}") from exc
    if len(raw) > LARGEST:
        raise Invalid("too-large", f"This needs {len(raw)} bytes to store; the limit is {LARGEST}.")
    return raw


def _storable(id_: object) -> bool:
    """One id that cannot be encoded would fail the whole batch that it is in."""
    if not isinstance(id_, str):
        return False
    try:
        return bool(id_.encode())
    except UnicodeEncodeError:
        return False


def _stamped(record: Record, batch: Batch | None) -> Record:
    if batch is None or not record.pending:
        return record
    raw = batch.stamp(record.raw, record.version)
    return Record(record.id, record.version, raw, record.pending)


def _write(record: Record) -> InsertOne[Any] | ReplaceOne[Any]:
    """A first version is inserted: databases take a batch of those in one go."""
    document = RawBSONDocument(record.raw)
    if record.version == 1:
        return InsertOne(document)
    return ReplaceOne({"_id": record.id, "version": record.version - 1}, document, upsert=True)


def _failure(error: Mapping[str, Any]) -> BaseException:
    if error.get("code") == DUPLICATE:
        return LostRace(error.get("errmsg"))
    return WriteError(str(error.get("errmsg")), error.get("code"), error)


def _concern(errors: Sequence[Mapping[str, Any]]) -> BaseException | None:
    """A write that not enough servers have taken may still vanish: not a success."""
    if not errors:
        return None
    error = errors[0]
    timed_out = bool(error.get("errInfo", {}).get("wtimeout"))
    category = WTimeoutError if timed_out else WriteConcernError
    return category(str(error.get("errmsg")), error.get("code"), error)
