"""Uploads and downloads: what is taken, who gets it, how it is served."""

import io
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.gateway.files import FolderFiles, check_content, clean_name, receive
from shared.errors import Invalid, NotFound, Unavailable
from tests.unit.gateway.conftest import World, make_world

CSV = b"name,email\nAda,ada@example.com\n"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 200


def docx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return buffer.getvalue()


def upload(world: World, body: bytes = CSV, name: str = "a.csv", **options: Any) -> Any:
    role = options.pop("role", "candidate")
    return world.client(role).post("/v1/files", data=body, query_string={"name": name}, **options)


def test_a_file_is_kept_with_its_hash_and_size(world: World) -> None:
    answer = upload(world, name="contacts.csv")
    told = answer.get_json()
    assert answer.status_code == 201
    assert told == {
        "file_id": told["file_id"],
        "name": "contacts.csv",
        "sha256": sha256(CSV).hexdigest(),
        "size": len(CSV),
        "media_type": "text/csv",
    }
    assert answer.headers["Location"] == f"/v1/files/{told['file_id']}"
    assert list(world.ports.staging.iterdir()) == []


def test_it_comes_back_as_an_attachment_that_no_browser_runs(world: World) -> None:
    file_id = upload(world, name="Zażółć 1.csv").get_json()["file_id"]
    answer = world.client("candidate").get(f"/v1/files/{file_id}")
    assert answer.data == CSV
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''Za%C5%BC%C3%B3%C5%82%C4%87%201.csv"
    )
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(CSV))


def test_a_file_that_a_credential_shows_is_served_to_anybody_under_a_name_of_ours(
    world: World,
) -> None:
    told = upload(world, name="Kim Li contacts.csv").get_json()
    path = f"/v1/verify/crd-1/files/{told['sha256']}"
    agreed = {"candidate_id": "acc-kim", "engagement_id": "eng-1", "sha256": told["sha256"]}
    world.rpc.answers["get_shown_file"] = agreed
    assert world.client().get(path).status_code == 404, "it was not handed in to that work"
    world.files.hand_in([told["file_id"]], "eng-1")
    answer = world.client().get(path)
    assert (answer.status_code, answer.data) == (200, CSV)
    name = f"work-{told['sha256'][:12]}.csv"
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache", "no cache outlives a consent"
    world.rpc.answers["get_shown_file"] = {**agreed, "candidate_id": "acc-other"}
    assert world.client().get(path).status_code == 404
    world.rpc.answers["get_shown_file"] = NotFound("file-not-found", "No.")
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert world.client().get(path, headers=etag).status_code == 404


def test_a_part_of_a_file_can_be_asked_for(world: World) -> None:
    path = f"/v1/files/{upload(world).get_json()['file_id']}"
    client = world.client("candidate")
    part = client.get(path, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, CSV[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(CSV)}"
    tail = client.get(path, headers={"Range": "bytes=-4"})
    assert tail.data == CSV[-4:]
    beyond = client.get(path, headers={"Range": f"bytes={len(CSV)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(CSV)}"
    assert client.get(path, headers={"Range": "lines=1"}).status_code == 200


def test_a_file_that_the_client_has_is_not_sent_again(world: World) -> None:
    path = f"/v1/files/{upload(world).get_json()['file_id']}"
    etag = world.client("candidate").get(path).headers["ETag"]
    again = world.client("candidate").get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    head = world.client("candidate")("HEAD", path)
    assert (head.status_code, head.data) == (200, b"")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("report.pdf", PDF),
        ("report.docx", docx()),
        ("archive.zip", docx()),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50),
        ("photo.JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50),
        ("notes.md", "# Zażółć\n".encode()),
    ],
)
def test_content_that_is_what_its_name_says_is_taken(world: World, name: str, body: bytes) -> None:
    assert upload(world, body, name).status_code == 201


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("report.pdf", b"<html><script>alert(1)</script></html>"),
        ("report.pdf", CSV),
        ("picture.png", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
        ("data.csv", b"\xff\xfe\0a\0b"),
        ("data.csv", b"a,b\n\0"),
        ("data.csv", b"\x7fELF\x02\x01\x01" + b"\0" * 50),
        ("report.docx", b"MZ" + b"\0" * 100),
    ],
)
def test_content_that_is_not_what_its_name_says_is_refused(
    world: World, name: str, body: bytes
) -> None:
    answer = upload(world, body, name)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "file-type-mismatch")
    assert world.files.kept == {}
    assert list(world.ports.staging.iterdir()) == []


@pytest.mark.parametrize("name", ["run.exe", "page.html", "image.svg", "noextension", "a.csv.sh"])
def test_other_types_are_refused_by_name(world: World, name: str) -> None:
    answer = upload(world, CSV, name)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "file-type-refused")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\cv.PDF", "cv.pdf"),
        ("a\nb\x00c.csv", "abc.csv"),
        ("  .hidden.txt ", "hidden.txt"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ("\u202egnp.exe.txt", "gnp.exe.txt"),
    ],
)
def test_a_name_is_only_ever_a_name(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


def test_a_file_needs_a_name_and_content(world: World) -> None:
    missing = world.client("candidate").post("/v1/files", data=CSV)
    assert missing.get_json()["code"] == "file-name-missing"
    assert upload(world, b"").get_json()["code"] == "file-empty"
    form = world.client("candidate").post(
        "/v1/files?name=a.csv", data={"file": (io.BytesIO(CSV), "a.csv")}
    )
    assert form.get_json()["code"] == "file-not-raw"


def test_the_name_may_come_percent_encoded_in_a_header(world: World) -> None:
    answer = world.client("candidate").post(
        "/v1/files", data=CSV, headers={"X-File-Name": "za%C5%BC.csv"}
    )
    assert answer.get_json()["name"] == "zaż.csv"


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    world = make_world(tmp_path, max_file_bytes=1000)
    answer = upload(world, b"a" * 1001, "a.txt")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")
    assert not world.ports.staging.exists() or list(world.ports.staging.iterdir()) == []
    assert upload(world, b"a" * 1000, "a.txt").status_code == 201


def test_an_upload_sent_again_under_its_key_is_the_same_file(world: World) -> None:
    headers = {"Idempotency-Key": "upload-1"}
    first = upload(world, headers=headers).get_json()
    again = upload(world, headers=headers)
    assert (again.status_code, again.get_json()) == (201, first)
    other = upload(world, b"other,content\n", headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (409, "idempotency-key-reused")
    renamed = upload(world, name="another.csv", headers=headers)
    assert (renamed.status_code, renamed.get_json()["code"]) == (409, "idempotency-key-reused")
    assert len(world.files.kept) == 1
    path = f"/v1/files/{first['file_id']}"
    assert world.client("candidate").get(path).data == CSV


def test_a_stranger_is_told_that_there_is_no_such_file(world: World) -> None:
    path = f"/v1/files/{upload(world).get_json()['file_id']}"
    assert world.client("owner").get(path).status_code == 404
    assert world.client().get(path).status_code == 401
    assert world.client("operator").get(path).status_code == 200
    assert world.client("candidate").get("/v1/files/fil-none").status_code == 404


def test_a_colleague_gets_what_the_organisation_uploaded(world: World) -> None:
    path = f"/v1/files/{upload(world, role='owner').get_json()['file_id']}"
    assert world.client("recruiter").get(path).status_code == 200
    assert world.client("candidate").get(path).status_code == 404


def hand_in(world: World, file_ids: list[str]) -> Any:
    body = {"file_ids": file_ids, "note": "Done."}
    return world.client("candidate").post("/v1/engagements/eng-1/deliverables", body)


def test_what_is_handed_in_is_described_from_the_gateway_s_own_records(world: World) -> None:
    stored = upload(world).get_json()
    world.rpc.answers["submit_deliverable"] = {"id": "eng-1", "version": 4}
    assert hand_in(world, [stored["file_id"], stored["file_id"]]).status_code == 200
    [(_, arguments)] = world.rpc.calls("submit_deliverable")
    sent = {"engagement_id": "eng-1", "files": [stored], "note": "Done.", "ai_use": None}
    assert arguments == sent


def test_another_s_file_cannot_be_handed_in(world: World) -> None:
    theirs = upload(world, role="owner").get_json()["file_id"]
    answer = hand_in(world, ["fil-none", theirs])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "file-not-found")
    pointers = [error["pointer"] for error in answer.get_json()["errors"]]
    assert pointers == ["#/file_ids/0", "#/file_ids/1"]
    assert world.rpc.asked == []


def test_who_may_see_the_engagement_gets_what_was_handed_in_to_it(world: World) -> None:
    stored = upload(world).get_json()
    hand_in(world, [stored["file_id"]])
    view = {"id": "eng-1", "version": 4, "deliverables": [{"files": [stored]}]}
    world.rpc.answers["get_engagement"] = view
    assert world.client("evaluator").get(f"/v1/files/{stored['file_id']}").data == CSV
    *_, (call, _) = world.rpc.calls("get_engagement")
    assert call.principal.id == "acc-eve"


def test_a_file_is_not_noted_for_an_engagement_that_is_not_the_uploader_s(world: World) -> None:
    stored = upload(world).get_json()
    world.rpc.answers["get_engagement"] = NotFound("engagement-not-found", "None.")
    assert hand_in(world, [stored["file_id"]]).status_code == 404
    assert world.files.kept[stored["file_id"]]["engagements"] == []
    assert world.rpc.calls("submit_deliverable") == []


def test_of_two_files_under_one_key_at_once_the_bytes_of_the_first_stay(world: World) -> None:
    key = {"Idempotency-Key": "upload-1"}
    stored = upload(world, headers=key).get_json()
    world.files.find = lambda _: None  # type: ignore[method-assign]  # As the second saw it.
    assert upload(world, b"other,bytes\n", headers=key).status_code == 409
    del world.files.find
    assert world.client("candidate").get(f"/v1/files/{stored['file_id']}").data == CSV


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"id": "eng-1", "deliverables": []}, 404),
        (NotFound("not-found", "Not yours."), 404),
        (Unavailable("service-unavailable", "Away."), 503),
    ],
)
def test_who_may_not_see_it_there_does_not_get_it(world: World, answer: Any, status: int) -> None:
    stored = upload(world).get_json()
    hand_in(world, [stored["file_id"]])
    world.rpc.answers["get_engagement"] = answer
    assert world.client("owner").get(f"/v1/files/{stored['file_id']}").status_code == status


def test_a_portfolio_shows_only_one_s_own_files(world: World) -> None:
    theirs = upload(world, role="owner").get_json()["file_id"]
    profile = {
        "headline": "Student",
        "skills": [],
        "weekly_hours": 10,
        "portfolio": [{"title": "Work", "file_id": theirs}],
    }
    answer = world.client("candidate")("PUT", "/v1/profile", json=profile)
    assert answer.status_code == 422
    assert world.rpc.asked == []


def test_a_received_file_that_is_not_kept_is_removed(tmp_path: Path) -> None:
    with receive(io.BytesIO(CSV), tmp_path) as staged:
        assert staged.path.read_bytes() == CSV
        with pytest.raises(Invalid):
            check_content(staged, "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_same_file_kept_again_is_the_same_file(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "kept")
    for _ in range(2):
        with receive(io.BytesIO(CSV), tmp_path / "incoming") as staged:
            files.keep("fil-1", staged.path)
    assert b"".join(files.read("fil-1", 0, len(CSV))) == CSV
    with pytest.raises(NotFound):
        files.read("fil-2", 0, 1)


def test_who_keeps_too_much_is_refused_before_anything_is_kept(tmp_path: Path) -> None:
    world = make_world(tmp_path, max_owner_files=1)
    headers = {"Idempotency-Key": "upload-1"}
    stored = upload(world, headers=headers).get_json()
    refused = upload(world)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "storage-full")
    assert list(world.files.kept) == [stored["file_id"]]
    again = upload(world, headers=headers)
    assert (again.status_code, again.get_json()) == (201, stored)


def test_a_file_that_could_not_be_kept_takes_no_room(world: World) -> None:
    def full(file_id: str, staged: Path) -> None:
        raise Unavailable("storage-unavailable", "Away.")

    files: Any = world.ports.files
    files.keep, headers = full, {"Idempotency-Key": "upload-1"}
    assert upload(world, headers=headers).status_code == 503
    quota: Any = world.ports.quota
    assert (quota.held, quota.settled) == ([], [])
    del files.keep
    assert upload(world, headers=headers).status_code == 201
    assert (quota.held, len(quota.settled)) == ([], 1)
