"""The document tells what the application does: every operation, every header, every problem."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.principal import permissions
from tests.api_examples import Examples, example_in, operations
from tests.unit.gateway.asking import ask
from tests.unit.gateway.conftest import World

TABLE = {name: row for name, row in permissions().items() if "http" in row}
TAKING = [name for name, row in TABLE.items() if not row["http"].startswith(("GET", "DELETE"))]


@cache
def read(app: Any) -> dict[str, Any]:
    document: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return document


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return read(world.app)


def answers(operation: dict[str, Any], low: int, high: int) -> dict[int, dict[str, Any]]:
    """The documented answers with such a status."""
    known = {int(code): told for code, told in operation["responses"].items() if code.isdigit()}
    return {code: told for code, told in known.items() if low <= code <= high}


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_permission_with_a_path_is_an_operation_there_and_the_other_way_round(
    document: dict[str, Any],
) -> None:
    offered = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, method, operation in operations(document)
    }
    assert offered == {name: row["http"] for name, row in TABLE.items()}


def test_every_post_documents_the_idempotency_key(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        names = [parameter.get("name") for parameter in operation.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "post"), path


def test_every_failure_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    for path, method, operation in operations(document):
        refused = answers(operation, 400, 599)
        assert {401, 403, 404, 422, 429, 500, 503} <= refused.keys(), (method, path)
        for status, reference in refused.items():
            told = responses[reference["$ref"].rpartition("/")[2]]
            assert told["description"].startswith(HTTPStatus(status).phrase)
            assert list(told["content"]) == ["application/problem+json"]
        assert "default" not in operation["responses"], "it would let any status pass"


def test_every_problem_has_an_example_for_each_code_that_is_no_pattern(
    document: dict[str, Any],
) -> None:
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    validator = jsonschema_rs.validator_for(schema)
    for name, told in document["components"]["responses"].items():
        (media,) = told["content"].values()
        assert media["examples"], name
        for code, example in media["examples"].items():
            validator.validate(example["value"])
            assert example["value"]["status"] == int(name.rpartition("_")[2])
            assert f"`{code}`" in told["description"]


def test_every_operation_says_what_it_is_for_whom_and_where_it_belongs(
    document: dict[str, Any],
) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"].startswith("For: "), where
        assert all(tags[tag] for tag in operation["tags"]), where
        assert len(operation["tags"]) == 1, where


def test_every_parameter_is_described_and_has_an_example_that_fits(
    document: dict[str, Any],
) -> None:
    for path, methods in document["paths"].items():
        ours = [
            p for name, told in methods.items() if name != "parameters" for p in told["parameters"]
        ]
        for parameter in [*methods.get("parameters", []), *ours]:
            where = f"{parameter['name']} of {path} (services/gateway/examples.yml or schemas/)"
            assert parameter.get("description"), where
            schema = {**parameter["schema"], "components": document["components"]}
            jsonschema_rs.validator_for(schema).validate(example_in(parameter))


def test_who_may_come_without_a_token_is_documented(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        roles = permissions()[operation["operationId"]]["allow"]
        assert ({} in operation["security"]) == ("anonymous" in roles)
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert "API key" in scheme.pop("description")
    assert scheme == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def test_every_body_and_every_answer_has_an_example_that_fits_its_schema(
    document: dict[str, Any],
) -> None:
    checked = 0
    for path, method, operation in operations(document):
        told = [operation.get("requestBody", {}), *answers(operation, 200, 299).values()]
        for media_type, media in (
            (t, m) for each in told for t, m in each.get("content", {}).items()
        ):
            where = f"{method} {path}: {media_type}"
            assert "example" in media, where
            schema = {**media["schema"], "components": document["components"]}
            error = next(jsonschema_rs.validator_for(schema).iter_errors(media["example"]), None)
            assert error is None, f"{where}: {error}"
            checked += 1
    assert checked > len(TABLE)


@pytest.mark.parametrize("operation", TAKING)
def test_the_example_of_a_body_is_taken_and_the_answer_s_is_given(
    world: World, document: dict[str, Any], operation: str
) -> None:
    answer = ask(world, Examples(document), operation)
    if TABLE[operation]["service"] == "gateway":
        assert answer.status_code not in (400, 415, 422), answer.text
    else:
        assert len(world.rpc.calls(operation)) == 1, answer.text
        assert answer.status_code in (200, 201), answer.text


def test_answers_may_grow_while_requests_refuse_what_they_do_not_know(
    document: dict[str, Any],
) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Brief"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Project"]


def test_every_path_parameter_is_declared(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        declared = {p["name"] for p in methods.get("parameters", [])}
        assert declared == set(re.findall(r"{(\w+)}", path))


def test_the_parameters_of_a_query_are_declared_with_their_bounds(
    document: dict[str, Any],
) -> None:
    parameters = document["paths"]["/v1/projects"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in parameters}
    assert {"q", "skill", "currency", "limit", "after", "mine"} <= by_name.keys()
    assert by_name["limit"]["schema"]["maximum"] == 100


def test_raw_bytes_are_documented_as_such(document: dict[str, Any]) -> None:
    upload = document["paths"]["/v1/files"]["post"]
    assert "application/octet-stream" in upload["requestBody"]["content"]
    download = document["paths"]["/v1/files/{file_id}"]["get"]["responses"]
    assert {"200", "206", "304", "416"} <= download.keys()
    assert download["200"]["content"]["*/*"]["schema"]["format"] == "binary"
    events = document["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]
    assert {"application/json", "text/event-stream"} == events.keys()
