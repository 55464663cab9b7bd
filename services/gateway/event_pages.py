"""The page that tells partners which events there are, from assets that we serve ourselves."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, send_from_directory
from werkzeug import Response
from werkzeug.exceptions import NotFound

from shared.envelope import CONTRACTS

STATIC = Path(__file__).parent / "static" / "events"
DOCUMENT = "asyncapi.json"
ASSETS = ("asyncapi-react.min.js", "asyncapi-react.min.css", "events.js")


# The component compiles its schemas when it is loaded. Nothing of a visitor's is on this page.
COMPILES = ("script-src 'self'", "script-src 'self' 'unsafe-eval'")


def register(app: Flask, page: Callable[[Response], Response]) -> None:
    """`/docs/events` and what belongs to it; `page` adds the headers of a page."""

    @app.get("/docs/events")
    def events_page() -> Response:
        answer = page(send_from_directory(STATIC, "events.html"))
        policy = answer.headers["Content-Security-Policy"]
        answer.headers["Content-Security-Policy"] = policy.replace(*COMPILES)
        return answer

    @app.get("/docs/events/<asset>")
    def events_asset(asset: str) -> Response:
        if asset == DOCUMENT:
            return page(send_from_directory(CONTRACTS / "public", DOCUMENT))
        if asset not in ASSETS:
            raise NotFound
        return page(send_from_directory(STATIC, asset))
