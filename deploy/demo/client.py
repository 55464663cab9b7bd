"""A small client of the gateway, as a frontend would use it: JSON in and out."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import requests

Json = dict[str, Any]


class Problem(Exception):
    """The gateway's problem document (with `status` and `code`), or a state that did not come."""

    def __init__(self, text: str, status: int = 0, code: str = "") -> None:
        super().__init__(text)
        self.status, self.code = status, code


class Api:
    """One person's (or nobody's) view of the gateway at `base`."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.account: Json = {}
        self.session = requests.Session()

    def sign_in(self, email: str, password: str) -> "Api":
        """Keep the access token of a new session; returns itself."""
        self.session.headers.pop("Authorization", None)
        answer = self.post("/v1/sessions", {"email": email, "password": password})
        self.session.headers["Authorization"] = f"Bearer {answer['access_token']}"
        self.account = self.get("/v1/me")
        return self

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer of a read."""
        return self._send("GET", path, params=query)

    def fetch(self, path: str) -> bytes:
        """The bytes of a file."""
        answer = self.session.get(self.base + path, timeout=30)
        if not answer.ok:
            raise _problem(f"GET {path}", answer)
        return answer.content

    def post(self, path: str, body: Json | None = None) -> Any:
        """The JSON answer of a command, sent once in effect however often it is tried."""
        return self._send("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})

    def sign_kickoff(self, engagement: str) -> Json:
        """Read the kick-off of the engagement at this path, and sign what was read."""
        read = self.get(f"{engagement}/kickoff")["to_sign"]
        signed: Json = self.post(f"{engagement}/kickoff", {**read, "conflict": {"declared": False}})
        return signed

    def patch(self, path: str, body: Json) -> Any:
        """The JSON answer of a change of some fields."""
        return self._send("PATCH", path, json=body)

    def put(self, path: str, body: Json) -> Any:
        """The JSON answer of a replacement."""
        return self._send("PUT", path, json=body)

    def upload(self, path: Path, media_type: str) -> Json:
        """Stream a file to storage; returns its reference."""
        with path.open("rb") as body:
            return self.upload_bytes(path.name, media_type, body)

    def upload_bytes(self, name: str, media_type: str, body: BinaryIO) -> Json:
        """Stream bytes to storage under this name; returns their reference."""
        headers = {"Content-Type": media_type, "Idempotency-Key": str(uuid4())}
        stored: Json = self._send(
            "POST", "/v1/files", params={"name": name}, data=body, headers=headers
        )
        return stored

    def until_posted(self, path: str, body: Json, seconds: float = 20) -> Json:
        """Post as soon as what the path names has reached the service that takes it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                view: Json = self.post(path, body)
                return view
            except Problem as problem:
                if problem.status != 404 or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def until(
        self, path: str, holds: Callable[[Any], Any], what: str, seconds: float = 60, **query: Any
    ) -> Any:
        """Read until `holds`, as a page that refreshes; Problem after `seconds`."""
        deadline, answer = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                answer = self.get(path, **query)
                if holds(answer):
                    return answer
            except Problem as problem:
                answer = str(problem)
            time.sleep(0.05)
        raise Problem(f"{what} did not happen within {seconds:.0f} s; {path} said {answer}")

    def _send(self, method: str, path: str, **options: Any) -> Any:
        answer = self.session.request(method, self.base + path, timeout=30, **options)
        if not answer.ok:
            raise _problem(f"{method} {path}", answer)
        return answer.json() if answer.content else None


def _problem(what: str, answer: requests.Response) -> Problem:
    try:
        told = answer.json()
    except ValueError:
        return Problem(f"{what}: {answer.status_code} {answer.text[:200]}", answer.status_code)
    text = f"{what}: {told.get('code')}: {told.get('detail')} {told.get('errors') or ''}"
    return Problem(text.strip(), answer.status_code, str(told.get("code")))
