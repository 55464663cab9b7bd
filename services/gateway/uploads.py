"""Uploads in pieces: each is a file that grows until it is whole, checked and kept.

How much of it is here is what the file says, so that no crash and no cut connection can lose or
repeat a byte: who comes again asks for the offset and goes on from there.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import uuid4

from services.gateway.files import CHUNK, Staged
from shared.errors import Conflict, Invalid

LIFE = timedelta(hours=24)
MOST_OPEN = 20  # Uploads of one person at a time.
Fields = dict[str, Any]


class Uploads(Protocol):
    """What was announced: whose it is, and what it is to be."""

    def add(self, record: Fields) -> Fields: ...
    def find(self, id: str) -> Fields | None: ...
    def count(self, owner_id: str, now: datetime) -> int: ...
    def finish(self, id: str) -> None: ...


class Parts:
    """The files that grow; `run` executes what takes long outside the event loop."""

    def __init__(
        self, folder: Path, run: Callable[..., Any] = lambda function, *args: function(*args)
    ) -> None:
        self._folder, self._run = folder, run

    def offset(self, upload_id: str) -> int:
        """How many bytes are here."""
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, upload_id: str, offset: int, stream: IO[bytes], most: int) -> int:
        """Add what comes, as far as it comes; returns the next offset.

        Raises Conflict where these bytes are not the next ones, or another request sends them, and
        Invalid where it would be more than `most` bytes.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._path(upload_id).open("ab") as out, _alone(out):
            here = out.seek(0, os.SEEK_END)
            if here != offset:
                errors = {"offset": f"The next byte is number {here}."}
                raise Conflict("upload-offset-wrong", f"{here} bytes are here.", errors)
            while chunk := stream.read(CHUNK):
                if out.tell() + len(chunk) > most:
                    raise Invalid("upload-too-long", f"{most} bytes were announced.")
                out.write(chunk)
            return out.tell()

    @contextmanager
    def whole(self, upload_id: str) -> Iterator[Staged | None]:
        """What is here under a second name, which may be moved away; None where nothing is."""
        path = self._path(upload_id)
        if not path.exists():
            yield None
            return
        copy = self._folder / f"{uuid4().hex}.part"
        with path.open("rb") as found, _alone(found):
            os.link(path, copy)
            try:
                digest = self._run(_hashed, path)
                yield Staged(copy, digest, path.stat().st_size)
            finally:
                copy.unlink(missing_ok=True)

    def forget(self, upload_id: str) -> None:
        self._path(upload_id).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> None:
        """Remove what nobody has added to for as long as an upload lives."""
        before = (now - LIFE).timestamp()
        for path in self._folder.glob("*.upload"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _path(self, upload_id: str) -> Path:
        # Ids are ours, and hashed all the same: nothing of a request becomes a path.
        return self._folder / f"{hashlib.sha256(upload_id.encode()).hexdigest()}.upload"


@contextmanager
def _alone(file: IO[bytes]) -> Iterator[None]:
    """Only one request at a time, whichever process on this folder has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Conflict("upload-busy", "Another request is sending this upload.") from None
    yield


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
