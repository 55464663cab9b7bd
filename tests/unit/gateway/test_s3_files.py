"""Files in a bucket, against what the SDK itself expects of S3."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.errors import NotFound, Unavailable

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
