"""Uploaded files: received in a stream, checked, and kept under a name of ours."""

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Protocol
from uuid import uuid4

import puremagic

from shared.errors import Invalid, NotFound

CHUNK = 64 * 1024
LONGEST_NAME = 150
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
# What may be uploaded: by extension, the media type it is served as. Nothing that a browser runs.
BINARY = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".odt": f"{OPEN}.text",
    ".ods": f"{OPEN}.spreadsheet",
    ".odp": f"{OPEN}.presentation",
}
TEXT = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".py": "text/x-python",
    ".sql": "application/sql",
}
MEDIA_TYPES = BINARY | TEXT
# Formats that are one container to a reader of the first bytes.
ALIKE = ({".jpg", ".jpeg"}, {".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})


class Files(Protocol):
    """Where the bytes are kept, by file id."""

    def keep(self, file_id: str, staged: Path) -> None:
        """Take over the staged file; the same id again replaces it with the same bytes."""

    def read(self, file_id: str, start: int, length: int) -> Iterator[bytes]:
        """These bytes in chunks; NotFound before the first one where there is no such file."""

    def direct_put(self, upload_id: str, size: int, sha256: str) -> "Direct | None":
        """How a client may send the bytes past the gateway, where the store allows that."""

    def sent(
        self, upload_id: str, size: int, folder: Path
    ) -> AbstractContextManager[tuple["Staged", Callable[[str], None]] | None]:
        """What a client sent so, to be checked, and what keeps those bytes under a file id."""

    def direct_get(self, file_id: str, name: str, media_type: str) -> "Direct | None":
        """How a client may fetch it past the gateway, as an attachment."""

    def remove(self, file_id: str) -> None:
        """Keep it no longer; one that is not there is no error."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Direct:
    """A signed request (method, url, headers) and how long it is good for."""

    request: dict[str, Any]
    life: timedelta


@dataclass(frozen=True)
class Staged:
    """A received file that nobody else sees yet."""

    path: Path
    sha256: str
    size: int


@contextmanager
def receive(stream: Readable, folder: Path) -> Iterator[Staged]:
    """The stream as a file of its own, hashed on the way; removed at the end if it was not kept."""
    folder.mkdir(parents=True, exist_ok=True)
    path, digest, size = folder / f"{uuid4().hex}.part", hashlib.sha256(), 0
    try:
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
        yield Staged(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def clean_name(raw: str) -> str:
    """The last part of what the client called it, without what a file system could stumble on."""
    last = unicodedata.normalize("NFC", raw).replace("\\", "/").rpartition("/")[2]
    name = "".join(char for char in last if char.isprintable()).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot or f".{extension.lower()}" not in MEDIA_TYPES:
        known = " ".join(sorted(MEDIA_TYPES))
        raise Invalid(
            "file-type-refused",
            f"The file's name ends in none of: {known}.",
            {"name": "unknown type"},
        )
    room = LONGEST_NAME - len(extension) - 1
    return f"{stem.encode()[:room].decode(errors='ignore') or 'file'}.{extension.lower()}"


def media_type(name: str) -> str:
    """What a cleaned name is served as."""
    return MEDIA_TYPES[extension_of(name)]


def extension_of(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


def check_content(staged: Staged, name: str) -> None:
    """Raise Invalid where the bytes are not what the name says."""
    if staged.size == 0:
        raise Invalid("file-empty", "The file is empty.")
    extension = extension_of(name)
    fits = _is_text(staged.path) if extension in TEXT else _is_binary(staged.path, extension)
    if not fits:
        raise Invalid("file-type-mismatch", f"The content is not what {extension} files hold.")


def _is_binary(path: Path, extension: str) -> bool:
    try:
        found = {match.extension for match in puremagic.magic_file(path)}
    except (puremagic.PureError, ValueError):
        return False
    family = next((group for group in ALIKE if extension in group), {extension})
    return bool(found & family)


def _is_text(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", newline="") as text:
            while chunk := text.read(CHUNK):
                if "\0" in chunk:
                    return False
    except UnicodeDecodeError:
        return False
    return True


class FolderFiles:
    """Files in a folder; `run` executes the flush to the disk outside the event loop."""

    def __init__(
        self, root: Path, run: Callable[..., Any] = lambda function, *args: function(*args)
    ) -> None:
        self._root, self._run = root, run

    def keep(self, file_id: str, staged: Path) -> None:
        target = self._path(file_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._run(_flush, staged)
        os.replace(staged, target)
        self._run(_flush, target.parent)

    def read(self, file_id: str, start: int, length: int) -> Iterator[bytes]:
        try:
            source = self._path(file_id).open("rb")
        except FileNotFoundError:
            raise NotFound("file-not-found", "There is no such file.") from None
        return _chunks(source, start, length)

    def direct_put(self, upload_id: str, size: int, sha256: str) -> None:
        """Nobody but the gateway writes here."""

    def sent(self, upload_id: str, size: int, folder: Path) -> AbstractContextManager[None]:
        return nullcontext()

    def direct_get(self, file_id: str, name: str, media_type: str) -> None:
        """Nobody but the gateway reads here."""

    def remove(self, file_id: str) -> None:
        self._path(file_id).unlink(missing_ok=True)

    def _path(self, file_id: str) -> Path:
        # Ids are ours, and hashed all the same: nothing of a request becomes a path.
        digest = hashlib.sha256(file_id.encode()).hexdigest()
        return self._root / digest[:2] / digest


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _chunks(source: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with source:
        source.seek(start)
        while length > 0 and (chunk := source.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
