"""The permission table against each service's RPC, as if the gateway had checked nothing."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.stack import Stack
from shared.caller import Caller
from shared.envelope import Call
from shared.errors import Forbidden, NotFound, StintError, Unavailable
from shared.principal import Principal, permissions
from tests.counting import Count
from tests.e2e.asking import examples, told
from tests.e2e.world import World, build, principal
from tests.unit.gateway.asking import ask
from tests.unit.gateway.conftest import World as Gateway
from tests.unit.gateway.conftest import make_world

OPERATIONS = {name: row for name, row in permissions().items() if row["service"] != "gateway"}
STRANGERS = [
    (operation, role)
    for operation, row in OPERATIONS.items()
    for role, relation in row["allow"].items()
    if relation in ("org", "person")
    and role in ("candidate", "owner", "recruiter", "evaluator")
    and "{" in row.get("http", "")
]
ROLES = ("anonymous", "candidate", "owner", "recruiter", "evaluator", "educator", "partner")
ROLES += ("operator",)
Arguments = dict[str, Any]
TRIED = "calls of the permission matrix, past the gateway"
# What no request causes.
COMMANDS: dict[str, Arguments] = {
    "check_ledger": {},
    "reconcile_ledger": {},
    "explain_break": {"ref": "txn_x", "account": "bank", "reason": "Drawn by hand."},
    "list_streams": {},
    "get_stream": {"partner_id": "par-x"},
    "open_stream": {"partner_id": "par-x"},
    "close_stream": {"partner_id": "par-x"},
    "put_contact": {
        "person_id": "acc-x",
        "email": "a@example.com",
        "name": "A",
        "role": "candidate",
        "org_id": None,
        "locale": "en",
        "time_zone": "UTC",
    },
    "send_letter": {
        "letter_id": "let-x",
        "kind": "password-changed",
        "to": "a@example.com",
        "name": "A",
    },
}


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.broker.amqp_uri(), limit=10)
    caller.start()
    yield caller
    caller.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """A gateway without services, of which one learns what it would ask them."""
    return make_world(tmp_path_factory.mktemp("gateway"))


@pytest.fixture(scope="module")
def arguments(world: World, gateway: Gateway) -> Callable[[str], Arguments]:
    """What the gateway sends for the request that the documentation shows."""
    view = world.journey.candidate.get(world.journey.engagement)
    # Of a kind that may be a resume too.
    file = view["deliverables"][0]["files"][0] | {"media_type": "text/plain", "name": "done.txt"}

    @cache
    def sent(operation: str) -> Arguments:
        if operation in COMMANDS:
            return COMMANDS[operation]
        real = told(world, operation, world.ours["candidate"]) | {"fil-0199": file["file_id"]}
        shown = examples(world.journey.owner.base)
        gateway.rpc.asked.clear()
        answer = ask(gateway, shown, operation, ids=world.ids, real=real, file=file)
        calls = gateway.rpc.calls(operation)
        assert len(calls) == 1, (operation, answer.text)
        return calls[0][1]

    return sent


def refusal(
    caller: Caller, operation: str, sent: Arguments, by: Principal
) -> type[StintError] | None:
    """The kind of error that the service answers, if any; that it is away is no answer."""
    call = Call(id=str(uuid4()), principal=by)
    try:
        caller.call(OPERATIONS[operation]["service"], operation, call, **sent)
    except Unavailable as exc:
        raise AssertionError(f"{operation} as {by.role}: {exc!r}") from exc
    except StintError as exc:
        if exc.code in ("unknown-method", "wrong-arguments"):
            raise
        return type(exc)
    return None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_service_refuses_every_role_that_the_table_does_not_name(
    caller: Caller,
    world: World,
    operation: str,
    arguments: Callable[[str], Arguments],
    count: Count,
) -> None:
    people = {role: principal(world.ours.get(role)) for role in ROLES}
    for role, by in people.items():
        refused = refusal(caller, operation, arguments(operation), by)
        count(TRIED)
        named = role in OPERATIONS[operation]["allow"]
        assert (refused is Forbidden) is not named, (role, refused)


@pytest.mark.parametrize(("operation", "role"), STRANGERS)
def test_a_service_hides_what_belongs_to_others(
    caller: Caller,
    world: World,
    operation: str,
    role: str,
    arguments: Callable[[str], Arguments],
    count: Count,
) -> None:
    by = principal(world.strangers[role])
    count(TRIED)
    assert refusal(caller, operation, arguments(operation), by) is NotFound


def test_a_principal_cannot_claim_a_role_that_does_not_exist(caller: Caller, world: World) -> None:
    nobody, sent = Principal("acc-x", "superuser", world.ids["org_id"]), world.ids["engagement_id"]
    assert refusal(caller, "get_engagement", {"engagement_id": sent}, nobody) is Forbidden
