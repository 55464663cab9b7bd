"""Answers above a size travel as br or gzip, except where that could tell a secret.

BREACH reads a secret out of the length of a compressed answer that also repeats what the attacker
put into the request. Answers with secrets (tokens, API keys, links) are answers to POST, and those
are sent as they are. Nothing signs a request in by itself (there is no cookie), so that no foreign
page can make a browser ask in somebody's name either.
"""

from typing import Any

from flask import Flask, current_app, request
from werkzeug import Response

LEAST = 1024  # bytes; below, headers and processor cost more than the line saves.
MEDIA_TYPES = [
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
]
EXTENSION = "stint.compression"


def prepare(app: Flask) -> None:
    """Make what shrinks the answers of this application."""
    from flask_compress import Compress  # Three compressors: only a gateway needs them loaded.

    app.config.update(
        COMPRESS_REGISTER=False,  # Called by `shrink`, which knows what must not be compressed.
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=MEDIA_TYPES,
        COMPRESS_MIN_SIZE=LEAST,
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=6,
        COMPRESS_STREAMS=False,
    )
    app.extensions[EXTENSION] = Compress(app)


def shrink(answer: Response) -> Response:
    """The answer as it travels; `"3"` becomes `"3:br"`, as those are other bytes."""
    if request.method not in ("GET", "HEAD") or answer.is_streamed:
        return answer
    compressor: Any = current_app.extensions[EXTENSION]
    found: Response = compressor.after_request(answer)
    return found
