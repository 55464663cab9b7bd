"""All that is kept of somebody, gathered into one file for them."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson
import structlog

from services.gateway.accounts import Rpc
from services.gateway.events import Event, ExportFinished
from services.gateway.files import Files
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, NotFound, StintError
from shared.principal import Principal, permissions
from shared.store import Store

log = structlog.get_logger(__name__)

KEPT = timedelta(days=7)
LEASE = timedelta(minutes=2)  # Whoever gathers has so long before another process tries.
README = """What Stint keeps of you, one file for each service; every line is one record, as JSON.
Ids of other people and of companies are opaque here as everywhere. What you uploaded is listed in
account.jsonl: fetch it with GET /v1/files/ID.
"""
Fields = dict[str, Any]
Own = Callable[[str], Iterator[tuple[str, Fields]]]  # Account id -> (section, record).


class Status(StrEnum):
    COLLECTING = "collecting"
    READY = "ready"
    EXPIRED = "expired"


@dataclass
class Export:
    """One request of a person; its file has its id, and goes after a week."""

    id: str
    account_id: str
    role: str
    org_id: str | None
    created_at: datetime
    due_at: datetime | None
    status: Status = Status.COLLECTING
    holder: str = ""
    size: int | None = None
    sha256: str | None = None
    expires_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def claim(self, holder: str, now: datetime) -> None:
        """Take the gathering upon oneself; see `holder` for who has it."""
        if self.due_at is not None and self.due_at <= now:
            self.holder, self.due_at = holder, now + LEASE

    def finish(self, size: int, sha256: str, now: datetime) -> None:
        """The file is there; the person is told."""
        if self.status is Status.COLLECTING:
            self.status, self.size, self.sha256 = Status.READY, size, sha256
            self.expires_at = self.due_at = now + KEPT
            self.events.append(ExportFinished(self.id, self.account_id, self.expires_at))

    def expire(self) -> None:
        self.status, self.due_at, self.size, self.sha256 = Status.EXPIRED, None, None, None

    @property
    def person(self) -> Principal:
        return Principal(self.account_id, self.role, self.org_id)


class Of(Protocol):
    def __call__(self, account_id: str) -> list[str]:
        """Ids of somebody's exports."""


class Exports:
    """Takes requests at once and gathers in the background: services answer page by page."""

    def __init__(
        self, kept: Store[Export], of: Of, own: Own, files: Files, staging: Path, now: Clock
    ) -> None:
        self.kept, self._of, self._own = kept, of, own
        self._files, self._staging, self._now = files, staging, now
        self._holder = uuid4().hex

    def ask(self, call: Call) -> Fields:
        """A new export; raises Conflict while another one is being gathered."""
        by, id_ = call.principal, f"exp-{call.id}"
        others = [self.kept.load(one) for one in self._of(by.id) if one != id_]
        if any(one.status is Status.COLLECTING for one in others):
            raise Conflict("export-under-way", "An export is being gathered: wait for it.")
        now = self._now()
        return view(self.kept.create(call, Export(id_, by.id, by.role, by.org_id, now, now)))

    def get(self, by: Principal, id_: str) -> Fields:
        return view(self._load("get_export", by, id_))

    def content(self, by: Principal, id_: str) -> tuple[Iterator[bytes], Export]:
        """Its bytes; raises Conflict where they are not there yet, or no more."""
        found = self._load("download_export", by, id_)
        if found.status is not Status.READY or found.size is None:
            raise Conflict("export-not-ready", "Its file is not there yet, or no more.")
        return self._files.read(found.id, 0, found.size), found

    def sweep(self, rpc: Rpc) -> None:
        """Gather what is asked for, and remove what has expired."""
        for id_ in self.kept.due(self._now()):
            mine = self.kept.change(id_, None, lambda one: one.claim(self._holder, self._now()))
            if mine.holder != self._holder:
                continue
            try:
                self._go_on(mine, rpc)
            except StintError as exc:
                log.warning("export-held", export=id_, code=exc.code)

    def remove(self, account_id: str) -> None:
        """None of somebody's files stays."""
        for id_ in self._of(account_id):
            self._files.remove(id_)
            self.kept.change(id_, None, Export.expire)

    def _go_on(self, export: Export, rpc: Rpc) -> None:
        if export.status is Status.READY:
            self._files.remove(export.id)
            self.kept.change(export.id, None, Export.expire)
        elif export.status is Status.COLLECTING:
            size, sha256 = self._gather(export, rpc)
            self.kept.change(export.id, None, lambda one: one.finish(size, sha256, self._now()))

    def _gather(self, export: Export, rpc: Rpc) -> tuple[int, str]:
        """The archive, under the export's id; made anew where a crash interrupted it."""
        self._staging.mkdir(parents=True, exist_ok=True)
        path = self._staging / f"{uuid4().hex}.zip"
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("README.txt", README)
                _write(archive, "account", self._own(export.account_id))
                for service in permissions()["export_person"]["parts"]:
                    _write(archive, service, _pages(rpc, service, export))
            with path.open("rb") as made:
                digest = hashlib.file_digest(made, "sha256").hexdigest()
            size = path.stat().st_size
            self._files.keep(export.id, path)
        finally:
            path.unlink(missing_ok=True)
        return size, digest

    def _load(self, operation: str, by: Principal, id_: str) -> Export:
        found = self.kept.find(id_)
        by.require(operation, person_id=found.account_id if found else None)
        if found is None:
            raise NotFound("export-not-found", "There is no such export.")
        return found


def _write(archive: zipfile.ZipFile, name: str, found: Iterator[tuple[str, Fields]]) -> None:
    with archive.open(f"{name}.jsonl", "w") as out:
        for section, record in found:
            out.write(orjson.dumps({"kind": section, **record}, default=str) + b"\n")


def _pages(rpc: Rpc, service: str, export: Export) -> Iterator[tuple[str, Fields]]:
    """All that the service keeps of the person, asked for as that person."""
    after: str | None = None
    call = Call(principal=export.person, correlation_id=export.id)
    while True:
        id_ = str(uuid5(NAMESPACE_URL, f"{export.id}|{service}|{after}"))
        found = rpc.call(
            service,
            "export_person",
            replace(call, id=id_),
            person_id=export.account_id,
            after=after,
        )
        yield from ((found["section"], one) for one in found["items"])
        after = found["next"]
        if after is None:
            return


def view(export: Export) -> Fields:
    names = ("id", "version", "created_at", "size", "sha256", "expires_at")
    shown = {name: getattr(export, name) for name in names}
    ready = export.status is Status.READY
    url = f"/v1/me/exports/{export.id}/content" if ready else None
    return {**shown, "status": str(export.status), "url": url}
