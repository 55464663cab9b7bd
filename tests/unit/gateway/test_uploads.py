"""Uploads in pieces: where they go on, what counts, and whose they are."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.gateway.files import Direct, receive
from services.gateway.uploads import LIFE, MOST_OPEN, Parts
from shared.errors import Conflict, Invalid, Unavailable
from tests.unit.gateway.conftest import World, make_world
from tests.unit.gateway.test_files import CSV, PDF

HALF = len(CSV) // 2


def announce(world: World, body: bytes = CSV, name: str = "a.csv", **options: Any) -> Any:
    wanted = {"name": name, "size": len(body), "sha256": sha256(body).hexdigest()}
    return world.client(options.pop("role", "candidate")).post("/v1/uploads", wanted, **options)


def send(world: World, id_: str, part: bytes, offset: int, role: str = "candidate") -> Any:
    path, raw = f"/v1/uploads/{id_}", {"Content-Type": "application/octet-stream"}
    query = {"offset": offset}
    return world.client(role)("PATCH", path, data=part, query_string=query, headers=raw)


def complete(world: World, id_: str, role: str = "candidate") -> Any:
    return world.client(role).post(f"/v1/uploads/{id_}/complete")


def test_what_comes_in_pieces_is_one_file_in_the_end(world: World) -> None:
    made = announce(world, name="../contacts.CSV")
    upload = made.get_json()
    assert (made.status_code, upload["offset"], upload["name"]) == (201, 0, "contacts.csv")
    assert made.headers["Location"] == f"/v1/uploads/{upload['id']}"
    assert upload["direct"] is None
    assert send(world, upload["id"], CSV[:HALF], 0).get_json()["offset"] == HALF
    early = complete(world, upload["id"])
    assert (early.status_code, early.get_json()["code"]) == (409, "upload-incomplete")
    assert send(world, upload["id"], CSV[HALF:], HALF).status_code == 200
    stored = complete(world, upload["id"])
    assert stored.status_code == 201
    told = stored.get_json()
    assert (told["sha256"], told["size"]) == (upload["sha256"], len(CSV))
    assert world.client("candidate").get(stored.headers["Location"]).data == CSV
    again = complete(world, upload["id"])
    assert (again.status_code, again.get_json()) == (201, told)
    late = send(world, upload["id"], b"x", 0)
    assert (late.status_code, late.get_json()["code"]) == (409, "upload-complete")
    assert list((world.ports.staging.parent / "uploads").iterdir()) == []


def test_a_piece_that_is_not_the_next_one_changes_nothing_and_learns_which_is(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    send(world, id_, CSV[:HALF], 0)
    for offset in (0, HALF + 1):
        refused = send(world, id_, CSV[:3], offset)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "upload-offset-wrong")
        assert str(HALF) in refused.get_json()["detail"]
    assert world.client("candidate").get(f"/v1/uploads/{id_}").get_json()["offset"] == HALF


def test_more_than_was_announced_is_refused_before_it_is_read(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    assert send(world, id_, CSV + b"x", 0).status_code == 413
    assert world.client("candidate").get(f"/v1/uploads/{id_}").get_json()["offset"] == 0


def test_more_than_was_announced_in_a_body_of_unknown_length_is_not_kept(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    with pytest.raises(Invalid):
        parts.append("upl-1", 0, io.BytesIO(b"12345"), 4)
    assert parts.offset("upl-1") == 0


def test_other_bytes_than_were_announced_do_not_count_and_may_be_sent_again(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    send(world, id_, CSV.upper(), 0)
    refused = complete(world, id_)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "upload-differs")
    assert world.files.kept == {}
    send(world, id_, CSV, 0)
    assert complete(world, id_).status_code == 201


def test_content_that_its_name_does_not_tell_is_refused(world: World) -> None:
    id_ = announce(world, CSV, "a.pdf").get_json()["id"]
    send(world, id_, CSV, 0)
    assert complete(world, id_).get_json()["code"] == "file-type-mismatch"
    other = announce(world, PDF, "a.pdf").get_json()["id"]
    send(world, other, PDF, 0)
    assert complete(world, other).get_json()["media_type"] == "application/pdf"


@pytest.mark.parametrize("role", ["owner", "operator", ""])
def test_an_upload_is_its_sender_s_alone(world: World, role: str) -> None:
    id_ = announce(world).get_json()["id"]
    statuses = {
        world.client(role).get(f"/v1/uploads/{id_}").status_code,
        send(world, id_, CSV, 0, role).status_code,
        complete(world, id_, role).status_code,
    }
    assert statuses == {{"owner": 404, "operator": 403, "": 401}[role]}


def test_an_upload_can_be_announced_twice_and_is_the_same_one(world: World) -> None:
    headers = {"Idempotency-Key": "large-1"}
    first, again = (announce(world, headers=headers).get_json() for _ in range(2))
    assert first == again
    assert announce(world, PDF, "a.pdf", headers=headers).status_code == 409


def test_size_count_and_room_are_limited(tmp_path: Path) -> None:
    world = make_world(tmp_path, max_file_bytes=10)
    refused = announce(world, b"a" * 11, "a.txt")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "file-too-large")
    for _ in range(MOST_OPEN):
        assert announce(world, b"a", "a.txt").status_code == 201
    assert announce(world, b"a", "a.txt").get_json()["code"] == "too-many-uploads"
    world.clock.forward(hours=25)
    assert announce(world, b"a", "a.txt").status_code == 201
    full = make_world(tmp_path / "other", max_owner_files=0)
    assert announce(full).get_json()["code"] == "storage-full"


def test_an_upload_expires(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    world.clock.forward(seconds=LIFE.total_seconds())
    assert world.client("candidate").get(f"/v1/uploads/{id_}").status_code == 404


def test_a_crash_between_keeping_and_noting_is_mended_by_the_same_request(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    send(world, id_, CSV, 0)
    records: Any = world.files

    def crash(*_: Any) -> bool:
        raise Unavailable("database-unavailable", "Away.")

    records.mark_kept = crash
    assert complete(world, id_).status_code == 503
    del records.mark_kept
    stored = complete(world, id_)
    assert stored.status_code == 201
    assert world.client("candidate").get(stored.headers["Location"]).data == CSV


def test_two_requests_at_once_cannot_mix_their_bytes(tmp_path: Path) -> None:
    parts = Parts(tmp_path)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with pytest.raises(Conflict) as caught:
                parts.append("upl-1", 0, io.BytesIO(b"other"), 99)
            assert caught.value.code == "upload-busy"
            return super().read(size)

    assert parts.append("upl-1", 0, Slow(b"mine"), 99) == 4


def test_what_nobody_goes_on_with_is_removed_after_a_day(tmp_path: Path, world: World) -> None:
    parts = Parts(tmp_path)
    for name in ("old", "new"):
        parts.append(name, 0, io.BytesIO(b"bytes"), 99)
    before = (world.clock() - timedelta(hours=25)).timestamp()
    now = world.clock().timestamp()
    old, new = (parts._path(name) for name in ("old", "new"))
    os.utime(old, (before, before))
    os.utime(new, (now, now))
    parts.sweep(world.clock())
    assert (parts.offset("old"), parts.offset("new")) == (0, 5)


def test_a_link_to_a_file_of_the_folder_is_its_own_address(world: World) -> None:
    id_ = announce(world).get_json()["id"]
    send(world, id_, CSV, 0)
    address = complete(world, id_).headers["Location"]
    link = world.client("candidate").get(f"{address}/link").get_json()
    assert link == {"url": address, "direct": False, "expires_at": None}
    assert world.client("owner").get(f"{address}/link").status_code == 404


def test_what_went_past_the_gateway_counts_once_it_was_checked(world: World) -> None:
    files, kept, body = world.ports.files, [], [CSV.upper()]

    @contextmanager
    def sent(upload_id: str, size: int, folder: Path) -> Iterator[Any]:
        with receive(io.BytesIO(body[0]), folder) as staged:
            yield staged, kept.append

    request = {"method": "PUT", "url": "https://s3.example/x", "headers": {"a": "b"}}
    files.direct_put = lambda *_: Direct(request, timedelta(minutes=15))  # type: ignore[method-assign]
    files.sent = sent  # type: ignore[assignment]
    upload = announce(world).get_json()
    until = world.clock() + timedelta(minutes=15)
    told = upload["direct"]
    assert datetime.fromisoformat(told.pop("expires_at")) == until
    assert told == request
    assert complete(world, upload["id"]).get_json()["code"] == "upload-differs"
    assert kept == []
    body[0] = CSV
    stored = complete(world, upload["id"]).get_json()
    assert kept == [stored["file_id"]]
    assert world.files.kept[stored["file_id"]]["kept_by"]
