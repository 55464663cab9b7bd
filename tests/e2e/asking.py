"""Any operation of the running gateway, asked for as its documentation shows it."""

import io
from functools import cache
from typing import Any
from uuid import uuid4

import requests

from shared.principal import permissions
from tests.api_examples import Examples
from tests.e2e.journey import PASSWORD, Api, address
from tests.e2e.world import World

READING = ("GET", "HEAD")


@cache
def line() -> requests.Session:
    """Kept open: a matrix of thousands of requests would spend its time on connecting."""
    return requests.Session()


@cache
def examples(base: str) -> Examples:
    """Of the gateway that answers there."""
    return Examples(requests.get(f"{base}/openapi.json", timeout=30).json())


def call(
    world: World, operation: str, api: Api | None, token: str | None = None
) -> requests.Response:
    """The operation as this person, as nobody, or as whoever has the token."""
    method, path = permissions()[operation]["http"].split(" ")
    base = world.journey.owner.base
    shown, real = examples(base), told(world, operation, api)
    headers = {**shown.headers(operation), **_signed(operation, api, token)}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid4())
    sent: dict[str, Any] = {"json": None if method in READING else shown.body(operation, real)}
    if raw := shown.raw(operation):
        headers["Content-Type"], sent = raw[0].replace("*/*", "application/json"), {"data": raw[1]}
    answer = line().request(
        method,
        base + path.format(**world.ids),
        params=shown.query(operation, real),
        headers=headers,
        timeout=30,
        allow_redirects=False,
        **sent,
    )
    if operation == "end_sessions" and api is not None:
        api.sign_in(api.account["email"], PASSWORD)
    return answer


def _signed(operation: str, api: Api | None, token: str | None) -> dict[str, str]:
    if token is not None:
        return {"Authorization": f"Bearer {token}"}
    if api is None:
        return {}
    if operation == "end_session":  # Another one than that which all else is asked in.
        return {"Authorization": f"Bearer {session_of(api)['access_token']}"}
    return {"Authorization": str(api.session.headers["Authorization"])}


def session_of(api: Api) -> Any:
    """A new session of this person."""
    credentials = {"email": api.account["email"], "password": PASSWORD}
    return requests.post(f"{api.base}/v1/sessions", json=credentials, timeout=30).json()


def told(world: World, operation: str, api: Api | None) -> dict[str, str]:
    """What stands for the ids of the documentation in this world, for this person."""
    journey, ids = world.journey, world.ids
    if operation == "create_session":
        return {"ada@example.com": journey.owner.account["email"]}
    if operation == "refresh_session":
        return {"ses-0199.3fJx0Zk": session_of(journey.owner)["refresh_token"]}
    return {
        "acc-0199": journey.candidate.account["id"],
        "ada@example.com": address("new"),
        "app-0199": ids["application_id"],
        "https://login.example.edu": "http://127.0.0.1:9",  # Nobody is there.
        "eng-0198": journey.engagement_id,
        "esco-1d4a": journey.people.skill(),
        "fil-0199": file_of(world, api),
        "asm-mfrggzdfmztwq2lknnwg23tpoa": ids["assessment_id"],
        "prj-0198": ids["assessment_project_id"],
        "qst-1": journey.question_id,
    }


def file_of(world: World, api: Api | None) -> str:
    """A file that is one's own, where one may have any: something else is what is asked for."""
    if api is None or api.account["role"] not in permissions()["upload_file"]["allow"]:
        return world.ids["file_id"]
    if api.account["id"] not in world.files:
        stored = api.upload_bytes("again.txt", "text/plain", io.BytesIO(b"a,b\n"))
        world.files[api.account["id"]] = stored["file_id"]
    return world.files[api.account["id"]]
