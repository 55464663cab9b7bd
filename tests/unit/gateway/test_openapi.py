"""The document tells what the application does: every operation, every header, every problem."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.principal import permissions
from tests.unit.gateway.conftest import World

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return world.client().get("/openapi.json").get_json()


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield path, method, operation


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
    table = {name: row["http"] for name, row in permissions().items() if "http" in row}
    assert offered == table


def test_every_post_documents_the_idempotency_key(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        names = [parameter.get("name") for parameter in operation.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "post"), path


def test_every_failure_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    for path, method, operation in operations(document):
        refused = answers(operation, 400, 599)
        assert {401, 403, 404, 422, 429, 503} <= refused.keys(), (method, path)
        for reference in refused.values():
            name = reference["$ref"].rpartition("/")[2]
            assert list(responses[name]["content"]) == ["application/problem+json"]


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
        for media in (each.get("content", {}).get("application/json") for each in told):
            if media is None:
                continue
            schema = {**media["schema"], "components": document["components"]}
            error = next(jsonschema_rs.validator_for(schema).iter_errors(media["example"]), None)
            assert error is None, f"{method} {path}: {error}"
            checked += 1
    assert checked > 60


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
    download = document["paths"]["/v1/files/{file_id}"]["get"]
    assert "application/octet-stream" in download["responses"]["200"]["content"]
    events = document["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]
    assert {"application/json", "text/event-stream"} == events.keys()
