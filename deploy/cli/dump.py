"""A backup on disk: one BSON file per collection, the files, and a manifest that proves both."""

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import decode_file_iter
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection

from deploy.cli.main import Refusal
from shared.records import RAW

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES, FILES = "databases", "files"
KEY_LABEL = b"stint backup"
CHUNK = 1024 * 1024
DOCUMENTS_AT_ONCE, BYTES_AT_ONCE = 1000, 8 * 1024 * 1024

Tick = Callable[[int], None]
Facts = dict[str, Any]


@dataclass(frozen=True)
class Dump:
    """The folder of one backup. Collection files are as mongodump writes them: BSON, end to end."""

    folder: Path

    def write_collection(self, service: str, collection: Collection[Any], tick: Tick) -> Facts:
        """Every document in the order of its id; each is as it was at one moment of the backup."""
        path = self.folder / DATABASES / service / f"{collection.name}.bson"
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, count, size = hashlib.sha256(), 0, 0
        found = collection.with_options(codec_options=RAW).find({}).sort("_id", 1)
        with path.open("wb") as out:
            for document in found:
                out.write(document.raw)
                digest.update(document.raw)
                count, size = count + 1, size + len(document.raw)
                tick(1)
        return {"documents": count, "bytes": size, "sha256": digest.hexdigest()}

    def write_files(self, source: Path, passed_over: Iterable[str]) -> dict[str, Facts]:
        """Copies of all files below the folder, by relative path; one that vanishes was no file."""
        facts = {}
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source)
            if path.is_file() and name.parts[0] not in passed_over:
                copy = self.folder / FILES / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                try:
                    shutil.copy2(path, copy)
                except FileNotFoundError:
                    continue
                facts[str(name)] = facts_of(copy)
        return facts

    def write_manifest(self, facts: Facts) -> None:
        text = json.dumps({"format": FORMAT, **facts}, indent=2)
        (self.folder / MANIFEST).write_text(text + "\n")

    def read_manifest(self) -> Facts:
        """Raises Refusal where there is none that this version can read."""
        try:
            found: Facts = json.loads((self.folder / MANIFEST).read_text())
        except (OSError, ValueError) as exc:
            raise Refusal(f"{self.folder} is no backup: {exc}") from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise Refusal(f"{self.folder} is of another format than {FORMAT}")
        return found

    def parts(self, manifest: Facts) -> Iterator[tuple[Path, Facts]]:
        """Every file that the manifest names, with what it says of it."""
        for service, collections in manifest["databases"].items():
            for name, facts in collections.items():
                yield self.folder / DATABASES / service / f"{name}.bson", facts
        for name, facts in (manifest["files"] or {}).items():
            yield self.folder / FILES / name, facts

    def verify(self, manifest: Facts, tick: Tick) -> None:
        """Raises Refusal for the first file that is missing or not as it was written."""
        for path, facts in self.parts(manifest):
            try:
                there = facts_of(path)
            except OSError as exc:
                raise Refusal(f"the backup is not whole: {exc}") from None
            if there["sha256"] != facts["sha256"]:
                raise Refusal(f"the backup is damaged: {path} has changed")
            tick(1)

    def read_collection(self, service: str, collection: Collection[Any], tick: Tick) -> None:
        """Insert every document, byte for byte."""
        path = self.folder / DATABASES / service / f"{collection.name}.bson"
        with path.open("rb") as file:
            for batch in _batches(decode_file_iter(file, RAW)):
                collection.insert_many(batch, ordered=False)
                tick(len(batch))

    def read_files(self, names: Iterable[str], target: Path) -> None:
        """Copy the files to their folder; those of the same name are replaced."""
        for name in names:
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            unfinished = copy.with_name(f"{copy.name}.restored")
            shutil.copy2(self.folder / FILES / name, unfinished)
            unfinished.replace(copy)


def facts_of(path: Path) -> Facts:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def sizes(manifest: Facts) -> tuple[int, int]:
    """How many documents and files it is about."""
    collections = [c for service in manifest["databases"].values() for c in service.values()]
    return sum(each["documents"] for each in collections), len(manifest["files"] or ())


def key_print() -> str | None:
    """Tells whether ID_KEY is the same, and nothing else of it."""
    key = os.environ.get("ID_KEY")
    return hmac.digest(key.encode(), KEY_LABEL, "sha256").hex()[:16] if key else None


def _batches(documents: Iterable[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.raw)
        if len(batch) == DOCUMENTS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
