"""Every contract against its producer, its consumers and its own examples."""

import dataclasses
import importlib
import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from deploy.catalogue import contracts
from shared.envelope import Contracts, Malformed, pack, parse

CONTRACTS = contracts()
EXAMPLES = [
    (type_, i) for type_, contract in CONTRACTS.items() for i in range(len(contract["examples"]))
]
CONSUMED = [
    (type_, name) for type_, contract in CONTRACTS.items() for name in contract["consumers"]
]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def class_name(type_: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"[.-]", type_.rsplit(".", 1)[0]))


def handler_name(type_: str) -> str:
    return "on_" + re.sub(r"[.-]", "_", type_.rsplit(".", 1)[0])


def event_class(type_: str) -> Any:
    events = importlib.import_module(f"services.{CONTRACTS[type_]['producer']}.events")
    return getattr(events, class_name(type_))


@pytest.fixture(scope="module")
def validators() -> Contracts:
    return Contracts.load()


@pytest.mark.parametrize("type_", CONTRACTS)
def test_a_contract_says_what_happened_and_shows_two_examples_at_least(type_: str) -> None:
    contract = CONTRACTS[type_]
    assert contract["description"].endswith(".")
    assert len(contract["examples"]) >= 2
    assert set(contract) == {"description", "producer", "consumers", "schema", "examples"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+\.v[1-9]", type_)


@pytest.mark.parametrize(("type_", "i"), EXAMPLES)
def test_every_example_keeps_the_contract(type_: str, i: int, validators: Contracts) -> None:
    validators.check(type_, CONTRACTS[type_]["examples"][i])


@pytest.mark.parametrize("type_", CONTRACTS)
def test_an_event_without_a_required_field_is_malformed(type_: str, validators: Contracts) -> None:
    data = dict(CONTRACTS[type_]["examples"][0])
    del data[CONTRACTS[type_]["schema"]["required"][0]]
    with pytest.raises(Malformed):
        validators.check(type_, data)


@pytest.mark.parametrize("type_", CONTRACTS)
def test_the_producer_has_a_class_with_exactly_the_fields_of_the_contract(type_: str) -> None:
    class_ = event_class(type_)
    fields = {field.name for field in dataclasses.fields(class_)}
    assert class_.type == type_
    assert fields == set(CONTRACTS[type_]["schema"]["properties"])


@pytest.mark.parametrize(("type_", "i"), EXAMPLES)
def test_what_the_producer_sends_keeps_the_contract(
    type_: str, i: int, validators: Contracts
) -> None:
    fact = event_class(type_)(**CONTRACTS[type_]["examples"][i])
    entry = pack(fact, source="test", subject="thing:1", version=1, now=NOW)
    event = parse(entry["body"])
    validators.check(type_, event.data)
    assert event.data == CONTRACTS[type_]["examples"][i]


@pytest.mark.parametrize(("type_", "consumer"), CONSUMED)
def test_every_consumer_has_a_handler_of_that_name(type_: str, consumer: str) -> None:
    module = importlib.import_module(f"services.{consumer}.service")
    services = [
        thing for thing in vars(module).values() if getattr(thing, "name", None) == consumer
    ]
    (service,) = (thing for thing in services if isinstance(thing, type))
    method = getattr(service, handler_name(type_))
    (entrypoint,) = method.nameko_entrypoints
    assert type_ in entrypoint.types


@pytest.mark.parametrize(("type_", "consumer"), CONSUMED)
def test_every_consumer_reads_the_examples_and_ignores_what_is_new(
    type_: str, consumer: str
) -> None:
    schemas = importlib.import_module(f"services.{consumer}.schemas")
    schema = getattr(schemas, class_name(type_))()
    for example in CONTRACTS[type_]["examples"]:
        schema.load({**orjson.loads(orjson.dumps(example)), "added_later": True})


def test_no_service_handles_an_event_that_its_contract_does_not_name() -> None:
    for name in ("projects", "applications", "matching", "payments"):
        module = importlib.import_module(f"services.{name}.service")
        named = {handler_name(type_) for type_, consumer in CONSUMED if consumer == name}
        (service,) = (
            thing
            for thing in vars(module).values()
            if isinstance(thing, type) and getattr(thing, "name", None) == name
        )
        handlers = {method for method in dir(service) if method.startswith("on_")}
        assert handlers == named
