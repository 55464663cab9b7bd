"""Files in an S3 bucket, whichever system answers there.

Clients may send and fetch past the gateway, by requests that are signed here. What is sent so lies
under `incoming/` until the gateway has read and checked it; a rule of the bucket removes the rest
after a day.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.gateway.files import CHUNK, Direct, Staged, receive
from shared.errors import Conflict, Invalid, NotFound, Unavailable

# Its own threads would be green here: one stream at a time leaves the event loop to others.
ONE_STREAM = TransferConfig(use_threads=False)
SETTINGS = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"max_attempts": 2},
    signature_version="s3v4",  # The older one signs neither length nor checksum.
)
SENDING, FETCHING = timedelta(minutes=15), timedelta(minutes=5)


class S3Files:
    """The bucket exists already; credentials come from the environment, as boto3 looks for them."""

    def __init__(self, bucket: str, endpoint: str = "") -> None:
        self._bucket = bucket
        self._client: Any = boto3.client("s3", endpoint_url=endpoint or None, config=SETTINGS)

    def keep(self, file_id: str, staged: Path) -> None:
        try:
            self._client.upload_file(str(staged), self._bucket, file_id, Config=ONE_STREAM)
        except (BotoCoreError, ClientError, boto3.exceptions.S3UploadFailedError) as exc:
            raise Unavailable("files-unavailable", "Files cannot be stored right now.") from exc

    def read(self, file_id: str, start: int, length: int) -> Iterator[bytes]:
        span = f"bytes={start}-{start + length - 1}"
        found = self._get(file_id, Range=span)
        if found is None:
            raise NotFound("file-not-found", "There is no such file.")
        return iter(found["Body"].iter_chunks(CHUNK))

    def direct_put(self, upload_id: str, size: int, sha256: str) -> Direct:
        """The length and the hash are signed: the bucket takes nothing else."""
        checksum = _checksum(sha256)
        about = {"ContentLength": size, "ChecksumSHA256": checksum}
        url = self._signed("put_object", SENDING, Key=_incoming(upload_id), **about)
        headers = {"Content-Length": str(size), "x-amz-checksum-sha256": checksum}
        return Direct({"method": "PUT", "url": url, "headers": headers}, SENDING)

    @contextmanager
    def sent(
        self, upload_id: str, size: int, folder: Path
    ) -> Iterator[tuple[Staged, Callable[[str], None]] | None]:
        """It is read once, for its hash and its type; then the bucket copies what was read."""
        found = self._get(_incoming(upload_id))
        if found is None:
            yield None
            return
        with closing(found["Body"]) as body:
            if found["ContentLength"] > size:
                raise Invalid("upload-differs", "More bytes have come than were announced.")
            with receive(_Body(body), folder) as staged:
                about = _incoming(upload_id), found["ETag"], _checksum(staged.sha256)
                yield staged, partial(self._adopt, *about)

    def direct_get(self, file_id: str, name: str, media_type: str) -> Direct:
        about = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "ResponseContentType": media_type,
            "ResponseCacheControl": "private, no-store",
        }
        url = self._signed("get_object", FETCHING, Key=file_id, **about)
        return Direct({"method": "GET", "url": url, "headers": {}}, FETCHING)

    def _adopt(self, key: str, etag: str, checksum: str, file_id: str) -> None:
        """Copy exactly what was checked: a PUT that came meanwhile changes the tag.

        Some systems ignore the tag; the checksum of the copy tells on them.
        """
        to: dict[str, Any] = {"Bucket": self._bucket, "Key": file_id}
        source = {"Bucket": self._bucket, "Key": key}
        try:
            copy = self._client.copy_object(
                **to, CopySource=source, CopySourceIfMatch=etag, ChecksumAlgorithm="SHA256"
            )
            if copy.get("CopyObjectResult", {}).get("ChecksumSHA256", checksum) != checksum:
                self._client.delete_object(**to)
                raise Conflict("upload-changed", "It was sent again meanwhile.")
            self._client.delete_object(**source)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("PreconditionFailed", "412"):
                raise Conflict("upload-changed", "It was sent again meanwhile.") from exc
            raise Unavailable("files-unavailable", "Files cannot be stored right now.") from exc
        except BotoCoreError as exc:
            raise Unavailable("files-unavailable", "Files cannot be stored right now.") from exc

    def _get(self, key: str, **about: Any) -> Any:
        """The object; None where there is none."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key, **about)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise _unreadable() from exc
        except BotoCoreError as exc:
            raise _unreadable() from exc

    def _signed(self, method: str, life: timedelta, **about: Any) -> str:
        about["Bucket"] = self._bucket
        seconds = int(life.total_seconds())
        return str(self._client.generate_presigned_url(method, Params=about, ExpiresIn=seconds))

    def remove(self, file_id: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=file_id)
        except (BotoCoreError, ClientError) as exc:
            raise Unavailable("files-unavailable", "Files cannot be removed right now.") from exc


class _Body:
    """The bytes of an object; a line that breaks is Unavailable."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int) -> bytes:
        try:
            return bytes(self._body.read(size))
        except BotoCoreError as exc:
            raise _unreadable() from exc


def _unreadable() -> Unavailable:
    return Unavailable("files-unavailable", "Files cannot be read right now.")


def _checksum(sha256: str) -> str:
    """As S3 writes it."""
    return b64encode(bytes.fromhex(sha256)).decode()


def _incoming(upload_id: str) -> str:
    return f"incoming/{upload_id}"
