"""Files in an S3 bucket, whichever system answers there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.gateway.files import CHUNK
from shared.errors import NotFound, Unavailable

# Its own threads would be green here: one stream at a time leaves the event loop to others.
ONE_STREAM = TransferConfig(use_threads=False)
SETTINGS = Config(connect_timeout=3, read_timeout=20, retries={"max_attempts": 2})


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
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=file_id, Range=span)
        except ClientError as exc:
            if exc.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound("file-not-found", "There is no such file.") from exc
            raise Unavailable("files-unavailable", "Files cannot be read right now.") from exc
        except BotoCoreError as exc:
            raise Unavailable("files-unavailable", "Files cannot be read right now.") from exc
        return iter(found["Body"].iter_chunks(CHUNK))
