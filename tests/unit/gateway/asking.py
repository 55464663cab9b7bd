"""Any operation of the API, asked for as its documentation shows it."""

from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from services.gateway.documents import examples
from services.gateway.domain import Account, Role, Standing
from shared.principal import permissions
from tests.api_examples import Examples
from tests.unit.gateway.conftest import PEOPLE, World

FILE = "fil-0199"
IN_PATHS = {name: told["example"] for name, told in examples()["parameters"].items()}


def ask(
    world: World,
    shown: Examples,
    operation: str,
    ids: Mapping[str, str] | None = None,
    real: Mapping[str, str] | None = None,
    file: Mapping[str, Any] | None = None,
) -> TestResponse:
    """The answer to somebody who may, of services that answer what is documented.

    `ids` are for the path, `real` replaces examples, `file` is one that the caller has uploaded.
    """
    row, real = permissions()[operation], real or {}
    role = next((role for role in row["allow"] if role in PEOPLE), "")
    _known(world, role, {**_file(), **(file or {})})
    world.rpc.answers[operation] = shown.answer(operation) or {}
    method, path = row["http"].split(" ")
    options: dict[str, Any] = {"headers": shown.headers(operation)}
    if raw := shown.raw(operation):
        options |= {"content_type": raw[0], "data": raw[1].encode()}
    elif (body := shown.body(operation, real)) is not None:
        options["json"] = body
    return world.client(role)(
        method,
        path.format(**{**IN_PATHS, **(ids or {})}),
        query_string=shown.query(operation, real),
        **options,
    )


def _known(world: World, role: str, file: dict[str, Any]) -> None:
    """An account, its organisation and its file."""
    if not role:
        return
    person = PEOPLE[role]
    account = Account(
        id=person.id,
        role=Role(role),
        org_id=person.org_id,
        email=f"{role}@example.com",
        name=role.title(),
        password_hash="",
        created_at=world.clock(),
        email_verified_at=world.clock(),
        standing=Standing.ACTIVE,
        version=1,
    )
    world.accounts.put(account)
    world.files.kept.pop(file["file_id"], None)
    world.files.add({**file, "owner_id": person.id, "org_id": person.org_id})


def _file() -> dict[str, Any]:
    return {
        "file_id": FILE,
        "name": "a.csv",
        "sha256": "0" * 64,
        "size": 4,
        "media_type": "text/csv",
    }
