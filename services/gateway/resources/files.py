"""Uploads and downloads, and who may have which file."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from flask import g, request
from werkzeug import Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified, parse_range_header

from services.gateway.calls import ask, current
from services.gateway.files import check_content, clean_name, media_type, receive
from services.gateway.headers import FILE_NAME, RANGE
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.file_access import require_access
from services.gateway.schemas.files import FileName, FileReference
from services.gateway.store import Fields
from shared.errors import Conflict, Invalid, NotFound
from shared.principal import Principal

resource = Resource("files", __name__, description="Uploaded files")
REFERENCE = ("file_id", "name", "sha256", "size", "media_type")
RAW = "application/octet-stream"
ITS_OWN = "*/*"  # A file is served as what its name says.


@resource.operation(
    "POST",
    "/files",
    query=FileName,
    answer=FileReference,
    status=201,
    location="/v1/files/{file_id}",
    repeats=False,
    accepts=RAW,
    takes=(FILE_NAME,),
)
def upload_file(query: dict[str, Any]) -> Any:
    given = query.get("name") or unquote(request.headers.get("X-File-Name", ""))
    if not given:
        raise Invalid("file-name-missing", "Name the file: ?name= or X-File-Name.")
    if request.mimetype.startswith("multipart/"):
        raise Invalid("file-not-raw", "Send the bytes of the file as the body, not a form.")
    name = clean_name(given)
    request.max_content_length = ports().settings.max_file_bytes
    _require_room(request.content_length or 1)
    with receive(request.stream, ports().staging) as staged:
        check_content(staged, name)
        # The id follows from the call: an upload that is sent again is the same file.
        record = file_record(f"fil-{current().id}", name, staged.sha256, staged.size)
        if is_kept(record["file_id"]):
            return reference(_noted(record))
        keep = partial(ports().files.keep, record["file_id"], staged.path)
        return reference(kept(record, keep))


def _require_room(size: int) -> None:
    """Before it is read, so that who has no room left does not send it all for nothing."""
    if size <= request.max_content_length and not is_kept(f"fil-{current().id}"):  # type: ignore[operator]
        ports().quota.require_room(g.principal.id, size)


def is_kept(file_id: str) -> bool:
    """Whether its bytes are there."""
    found = ports().file_records.find(file_id)
    return found is not None and found.get("kept_by") != ""


def kept(record: Fields, keep: Callable[[], None]) -> Fields:
    """The record of a file that was checked, whose bytes are kept and counted then."""
    owner_id, size = record["owner_id"], record["size"]
    place, counts = ports().quota.hold(owner_id, record["file_id"], size), False
    try:
        noted = _noted(record)
        keep()
        counts = ports().file_records.mark_kept(noted["file_id"], place)
    finally:
        if counts:
            ports().quota.settle(owner_id, place)
        else:  # Not kept, or at the same time by another request under this key.
            ports().quota.release(owner_id, place, size)
    return noted


def _noted(record: Fields) -> Fields:
    """The record as it is kept. It decides between uploads under one key, before any bytes do."""
    kept = ports().file_records.add(record)
    if (kept["sha256"], kept["name"]) != (record["sha256"], record["name"]):
        raise Conflict("idempotency-key-reused", "This Idempotency-Key was sent with another file.")
    return kept


def file_record(file_id: str, name: str, sha256: str, size: int) -> Fields:
    """What is known of a file of the caller."""
    principal: Principal = g.principal
    return {
        "file_id": file_id,
        "owner_id": principal.id,
        "org_id": principal.org_id,
        "name": name,
        "sha256": sha256,
        "size": size,
        "media_type": media_type(name),
        "created_at": ports().now(),
    }


@resource.operation("GET", "/files/<file_id>", sends=ITS_OWN, takes=(RANGE,))
def download_file(file_id: str) -> Response:
    record = ports().file_records.find(file_id)
    if record is None:
        raise NotFound("file-not-found", "There is no such file, or it is not yours.")
    require_access(record)
    return served(record)


def served(record: Fields) -> Response:
    """The file, unless the caller has it, to somebody who may have it."""
    etag = record["sha256"]
    if not is_resource_modified(request.environ, etag=etag):
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    return _content(record)


def _content(record: Fields) -> Response:
    """The bytes, or the one range that was asked for; never anything that a browser would run."""
    size = record["size"]
    start, stop, status = 0, size, 200
    wanted = parse_range_header(request.headers.get("Range"))
    if wanted is not None and len(wanted.ranges) == 1:
        span = wanted.range_for_length(size)
        if span is None:
            raise RequestedRangeNotSatisfiable(length=size)
        (start, stop), status = span, 206
    body = (
        ()
        if request.method == "HEAD"
        else ports().files.read(record["file_id"], start, stop - start)
    )
    answer = Response(body, status=status, content_type=record["media_type"])
    answer.content_length = stop - start
    answer.set_etag(record["sha256"])
    answer.headers["Accept-Ranges"] = "bytes"
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(record['name'])}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def require_own(file_ids: Sequence[str]) -> dict[str, Fields]:
    """The records of these files; raises Invalid where one was not uploaded by the caller."""
    found = ports().file_records.owned(list(file_ids), current().principal.id) if file_ids else {}
    missing = {
        f"file_ids.{at}": "You have uploaded no such file."
        for at, file_id in enumerate(file_ids)
        if file_id not in found
    }
    if missing:
        raise Invalid("file-not-found", "Upload a file before you hand it in.", missing)
    return found


def attach(file_ids: Sequence[str], application_id: str) -> None:
    """Note that an application carries these files: whoever reads them there may fetch them."""
    if file_ids:
        ports().file_records.hand_in(list(dict.fromkeys(file_ids)), application_id)


def hand_in(file_ids: Sequence[str], engagement_id: str, where: str = "") -> list[Fields]:
    """References to these files, which the engagement's members may fetch once it holds them, or
    who sees the message or the flag (`where`) that carries them.

    Noted before the work is handed in, so that no crash leaves work that nobody can fetch. Only an
    engagement that the caller is part of is noted: each one costs a download a question.
    """
    unique = list(dict.fromkeys(file_ids))
    if not unique:
        return []
    found = require_own(unique)
    ask("projects", "get_engagement", engagement_id=engagement_id)
    ports().file_records.hand_in(unique, where or engagement_id)
    return [reference(found[file_id]) for file_id in unique]


def reference(record: Fields) -> Fields:
    """What others see of a file's record."""
    return {name: record[name] for name in REFERENCE}
