"""Files in a bucket, against what the SDK itself expects of S3."""

import io
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.errors import Conflict, Invalid, NotFound, Unavailable

boto3 = pytest.importorskip("boto3", reason="the extra `s3` is not installed")
from botocore.response import StreamingBody  # noqa: E402
from botocore.stub import ANY, Stubber  # noqa: E402

from services.gateway.s3_files import S3Files  # noqa: E402


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> S3Files:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    return S3Files("stint-files", "https://s3.example")


@pytest.fixture
def bucket(files: S3Files) -> Iterator[Any]:
    with Stubber(files._client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_file_is_put_under_its_id(files: S3Files, bucket: Any, tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(b"content")
    wanted = {"Bucket": "stint-files", "Key": "fil-1", "Body": ANY, "ChecksumAlgorithm": ANY}
    bucket.add_response("put_object", {}, wanted)
    files.keep("fil-1", staged)


def test_a_range_of_it_is_read_in_chunks(files: S3Files, bucket: Any) -> None:
    body = StreamingBody(io.BytesIO(b"content"), 7)
    wanted = {"Bucket": "stint-files", "Key": "fil-1", "Range": "bytes=3-9"}
    bucket.add_response("get_object", {"Body": body}, wanted)
    assert b"".join(files.read("fil-1", 3, 7)) == b"content"


@pytest.mark.parametrize(("code", "error"), [("NoSuchKey", NotFound), ("SlowDown", Unavailable)])
def test_what_s3_refuses_is_said_in_our_words(
    files: S3Files, bucket: Any, code: str, error: type[Exception]
) -> None:
    bucket.add_client_error("get_object", code)
    with pytest.raises(error):
        files.read("fil-1", 0, 1)


def test_a_bucket_that_takes_nothing_is_unavailable(
    files: S3Files, bucket: Any, tmp_path: Path
) -> None:
    staged = tmp_path / "staged"
    staged.write_bytes(b"content")
    bucket.add_client_error("put_object", "AccessDenied")
    with pytest.raises(Unavailable):
        files.keep("fil-1", staged)


def test_a_client_may_send_exactly_what_was_announced_and_nothing_else(files: S3Files) -> None:
    digest = sha256(b"content").hexdigest()
    direct = files.direct_put("upl-1", 7, digest)
    address = urlsplit(direct.request["url"])
    signed = parse_qs(address.query)["X-Amz-SignedHeaders"][0].split(";")
    assert address.path.endswith("/incoming/upl-1")
    assert {"content-length", "host", "x-amz-checksum-sha256"} <= set(signed)
    assert set(direct.request["headers"]) == {"Content-Length", "x-amz-checksum-sha256"}
    assert b64decode(direct.request["headers"]["x-amz-checksum-sha256"]).hex() == digest
    assert parse_qs(address.query)["X-Amz-Expires"] == [str(int(direct.life.total_seconds()))]


def test_a_link_serves_an_attachment_of_the_type_that_was_checked(files: S3Files) -> None:
    direct = files.direct_get("fil-1", "zaż.csv", "text/csv")
    asked = parse_qs(urlsplit(direct.request["url"]).query)
    assert asked["response-content-disposition"] == ["attachment; filename*=UTF-8''za%C5%BC.csv"]
    assert asked["response-content-type"] == ["text/csv"]
    assert int(asked["X-Amz-Expires"][0]) <= 300


def sent(bucket: Any, body: bytes = b"content") -> None:
    found = {
        "Body": StreamingBody(io.BytesIO(body), len(body)),
        "ContentLength": len(body),
        "ETag": '"tag"',
    }
    bucket.add_response("get_object", found, {"Bucket": "stint-files", "Key": "incoming/upl-1"})


def test_what_a_client_sent_is_read_before_it_counts_and_only_that_is_kept(
    files: S3Files, bucket: Any, tmp_path: Path
) -> None:
    sent(bucket)
    copy = {
        "Bucket": "stint-files",
        "Key": "fil-1",
        "CopySource": {"Bucket": "stint-files", "Key": "incoming/upl-1"},
        "CopySourceIfMatch": '"tag"',
        "ChecksumAlgorithm": "SHA256",
    }
    bucket.add_response("copy_object", {}, copy)
    bucket.add_response("delete_object", {}, {"Bucket": "stint-files", "Key": "incoming/upl-1"})
    with files.sent("upl-1", 7, tmp_path) as found:
        assert found is not None
        staged, keep = found
        assert staged.path.read_bytes() == b"content"
        assert (staged.size, staged.sha256) == (7, sha256(b"content").hexdigest())
        keep("fil-1")
    assert list(tmp_path.iterdir()) == []


def test_what_was_sent_again_after_the_check_is_not_kept(
    files: S3Files, bucket: Any, tmp_path: Path
) -> None:
    sent(bucket)
    bucket.add_client_error("copy_object", "PreconditionFailed")
    with files.sent("upl-1", 7, tmp_path) as found:
        assert found is not None
        with pytest.raises(Conflict):
            found[1]("fil-1")


def test_a_copy_of_other_bytes_is_taken_away_again(
    files: S3Files, bucket: Any, tmp_path: Path
) -> None:
    sent(bucket)
    other = {"CopyObjectResult": {"ChecksumSHA256": "b3RoZXI="}}
    bucket.add_response("copy_object", other)
    bucket.add_response("delete_object", {}, {"Bucket": "stint-files", "Key": "fil-1"})
    with files.sent("upl-1", 7, tmp_path) as found:
        assert found is not None
        with pytest.raises(Conflict):
            found[1]("fil-1")


def test_nothing_sent_is_none_and_too_much_is_not_read(
    files: S3Files, bucket: Any, tmp_path: Path
) -> None:
    bucket.add_client_error("get_object", "NoSuchKey")
    with files.sent("upl-1", 7, tmp_path) as found:
        assert found is None
    sent(bucket, b"content and more")
    with pytest.raises(Invalid), files.sent("upl-1", 7, tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
