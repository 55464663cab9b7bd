"""Large files: announced, sent in pieces or straight to the store, counted once they are whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import g, request

from services.gateway.calls import current
from services.gateway.files import Staged, check_content, clean_name, media_type
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.file_access import require_access
from services.gateway.resources.files import RAW, file_record, is_kept, kept, reference
from services.gateway.schemas.files import FileReference
from services.gateway.schemas.uploads import FileLink, NewUpload, Offset, Upload
from services.gateway.store import Fields
from services.gateway.uploads import LIFE, MOST_OPEN
from shared.errors import Conflict, Invalid, NotFound

resource = Resource("uploads", __name__, description="Large files, in pieces")
PATH = "/uploads/<upload_id>"
Keep = Callable[[str], None]  # Keeps the bytes under this file id.


@resource.operation(
    "POST", "/uploads", body=NewUpload, answer=Upload, status=201, location="/v1/uploads/{id}"
)
def create_upload(body: dict[str, Any]) -> Any:
    name, most = clean_name(body["name"]), ports().settings.max_file_bytes
    if body["size"] > most:
        errors = {"size": f"At most {most}."}
        raise Invalid("file-too-large", f"A file has at most {most} bytes.", errors)
    ports().quota.require_room(g.principal.id, body["size"])
    return _view(ports().uploads.add(_record({**body, "name": name})))


def _record(body: dict[str, Any]) -> Fields:
    """The ids follow from the call: what is announced again is the same upload."""
    id_, now, owner_id = current().id, ports().now(), g.principal.id
    known = ports().uploads.find(f"upl-{id_}")
    if known is None and ports().uploads.count(owner_id, now) >= MOST_OPEN:
        raise Conflict("too-many-uploads", f"Finish one first: {MOST_OPEN} are open.")
    about = {"owner_id": owner_id, "created_at": now, "expires_at": now + LIFE}
    return {"id": f"upl-{id_}", "file_id": f"fil-{id_}", **about, **body}


@resource.operation("GET", PATH, answer=Upload)
def get_upload(upload_id: str) -> Any:
    return _view(_own("get_upload", upload_id))


@resource.operation("PATCH", PATH, query=Offset, answer=Upload, accepts=RAW)
def append_upload(upload_id: str, query: dict[str, Any]) -> Any:
    record = _own("append_upload", upload_id)
    if is_kept(record["file_id"]):
        raise Conflict("upload-complete", "All of it has come.")
    left = max(0, record["size"] - query["offset"])
    # A body of unknown length has to come to its end before the limit is reached.
    request.max_content_length = left if request.content_length is not None else left + 1
    ports().parts.append(upload_id, query["offset"], request.stream, record["size"])
    return _view(record)


@resource.operation(
    "POST",
    f"{PATH}/complete",
    answer=FileReference,
    status=201,
    location="/v1/files/{file_id}",
)
def complete_upload(upload_id: str) -> Any:
    record = _own("complete_upload", upload_id)
    file_id = record["file_id"]
    if not is_kept(file_id):
        with _sent(record) as (staged, keep):
            _check(record, staged)
            about = file_record(file_id, record["name"], staged.sha256, staged.size)
            kept(about, partial(keep, file_id))
    ports().parts.forget(upload_id)
    ports().uploads.finish(upload_id)
    return reference(ports().file_records.find(file_id) or {})


@contextmanager
def _sent(record: Fields) -> Iterator[tuple[Staged, Keep]]:
    """What has come, from whichever side, and what keeps it; Conflict where nothing has."""
    files, parts = ports().files, ports().parts
    with parts.whole(record["id"]) as staged:
        if staged is not None:
            path = staged.path
            yield staged, lambda file_id: files.keep(file_id, path)
            return
    with files.sent(record["id"], record["size"], ports().staging) as found:
        if found is None:
            raise _incomplete(record, 0)
        yield found


def _check(record: Fields, staged: Staged) -> None:
    """It is what was announced, and what its name says; else it has to be sent again."""
    if staged.size < record["size"]:
        raise _incomplete(record, staged.size)
    if (staged.size, staged.sha256) != (record["size"], record["sha256"]):
        ports().parts.forget(record["id"])
        raise Invalid("upload-differs", "These are not the bytes that were announced: send again.")
    check_content(staged, record["name"])


def _incomplete(record: Fields, size: int) -> Conflict:
    return Conflict("upload-incomplete", f"{size} of {record['size']} bytes have come.")


def _own(operation: str, upload_id: str) -> Fields:
    record = ports().uploads.find(upload_id)
    if record is None or record["expires_at"] <= ports().now():
        raise NotFound("upload-not-found", "There is no such upload, or it has expired.")
    current().principal.require(operation, person_id=record["owner_id"])
    return record


def _view(record: Fields) -> Fields:
    names = ("id", "name", "size", "sha256", "expires_at")
    direct = ports().files.direct_put(record["id"], record["size"], record["sha256"])
    until = direct and {**direct.request, "expires_at": ports().now() + direct.life}
    return {
        **{name: record[name] for name in names},
        "media_type": media_type(record["name"]),
        "offset": ports().parts.offset(record["id"]),
        "direct": until,
    }


@resource.operation("GET", "/files/<file_id>/link", answer=FileLink)
def link_file(file_id: str) -> Any:
    record = ports().file_records.find(file_id)
    if record is None:
        raise NotFound("file-not-found", "There is no such file, or it is not yours.")
    require_access(record)
    direct = ports().files.direct_get(file_id, record["name"], record["media_type"])
    if direct is None:
        return {"url": f"/v1/files/{file_id}", "direct": False, "expires_at": None}
    expires_at = ports().now() + direct.life
    return {"url": direct.request["url"], "direct": True, "expires_at": expires_at}
