"""What services really answer is what the OpenAPI document says."""

from typing import Any

import jsonschema_rs
import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.test_permissions import OPERATIONS, call
from tests.e2e.world import World, build

Document = dict[str, Any]


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


@pytest.fixture(scope="module")
def document(world: World) -> Document:
    found: Document = requests.get(f"{world.journey.owner.base}/openapi.json", timeout=30).json()
    return found


def told(document: Document, operation: str, status: int) -> Document:
    """The documented answer of this status; KeyError where there is none."""
    method, path = OPERATIONS[operation]["http"].split(" ")
    answer: Document = document["paths"][path][method.lower()]["responses"][str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_as_documented(world: World, document: Document, operation: str) -> None:
    allowed = OPERATIONS[operation]["allow"]
    for role, api in {**world.ours, "anonymous": None}.items():
        if role not in allowed:
            continue
        answer = call(world, operation, api)
        content = told(document, operation, answer.status_code).get("content", {})
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        if "json" not in media_type:
            continue
        schema = {**content[media_type]["schema"], "components": document["components"]}
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        faults = [
            f"{'/'.join(map(str, e.instance_path))}: {e.message}"
            for e in validator.iter_errors(answer.json())
        ]
        assert faults == [], f"{operation} as {role}: {answer.text[:500]}"
