"""The AsyncAPI documents are what the contracts say, and valid by the official parser."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from deploy.catalogue import PUBLIC, contracts
from shared.envelope import CONTRACTS
from tests import node

JUDGE = Path(__file__).with_name("asyncapi_judge.cjs")
PARSER = (
    "@asyncapi/parser",
    "3.6.3",
    "MUC8xIUMcS2qNvqrqyx/ie0txu3d/OdIsrXs7UCzawdyR6P07gh35DpOqPz/z57s1UA3vERVpcheZYl3h8cVtw==",
)
PLATFORM, PARTNERS = CONTRACTS / "asyncapi.json", PUBLIC / "asyncapi.json"
INFORMATION = 2  # Severities: 0 error, 1 warning, 2 information, 3 hint.
Judged = dict[str, Any]


def shouting(document: Any) -> None:
    document["operations"]["publish"]["action"] = "shout"


def leading_nowhere(document: Any) -> None:
    document["operations"]["publish"]["channel"] = {"$ref": "#/channels/nowhere"}


def of_an_unknown_kind(document: Any) -> None:
    next(iter(document["components"]["messages"].values()))["payload"] = {"type": "nonsense"}


FAULTS = (shouting, leading_nowhere, of_an_unknown_kind)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """What the parser finds: in ours, and in copies with one fault each. It is asked once."""
    folder = tmp_path_factory.mktemp("wrong")
    names = {str(PLATFORM): "platform", str(PARTNERS): "partners"}
    for fault in FAULTS:
        document = json.loads(PARTNERS.read_text())
        fault(document)
        wrong = folder / f"{fault.__name__}.json"
        wrong.write_text(json.dumps(document))
        names[str(wrong)] = fault.__name__
    parser = node.bundle(*PARSER) / "browser" / "index.js"
    found = node.run_json(JUDGE, str(parser), *names)
    return {names[file]: about for file, about in found.items()}


def grave(about: dict[str, Any]) -> list[Any]:
    return [one for one in about["diagnostics"] if one["severity"] < INFORMATION]


def test_the_platform_s_document_has_every_event_and_both_of_its_ends(judged: Judged) -> None:
    found = judged["platform"]
    ends = sum(1 + len(contract["consumers"]) for contract in contracts().values())
    assert (grave(found), found["messages"]) == ([], len(contracts()))
    assert found["operations"] == ends


def test_the_partners_document_has_every_public_event_in_two_ways(judged: Judged) -> None:
    found = judged["partners"]
    assert (grave(found), found["messages"]) == ([], len(contracts(PUBLIC)))
    assert found["operations"] == 2


@pytest.mark.parametrize("fault", [fault.__name__ for fault in FAULTS])
def test_the_parser_finds_what_is_wrong(judged: Judged, fault: str) -> None:
    assert grave(judged[fault]) != []


@pytest.mark.parametrize("file", [PLATFORM, PARTNERS], ids=["platform", "partners"])
def test_every_example_is_a_whole_event_as_its_schema_has_it(file: Path) -> None:
    """The parser does not look at examples."""
    components = json.loads(file.read_text())["components"]
    for name, message in components["messages"].items():
        schema = {**message["payload"], "components": components}
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        for example in message["examples"]:
            assert [e.message for e in validator.iter_errors(example["payload"])] == [], name
            assert example["payload"]["type"] == name
