"""The examples of the OpenAPI document, from which tests make requests."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
JSON_TYPE = "application/json"
METHODS = ("get", "post", "put", "patch", "delete")


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and description of every operation."""
    for path, methods in document["paths"].items():
        yield from ((path, name, methods[name]) for name in METHODS if name in methods)


class Examples:
    """Requests and answers as the document shows them."""

    def __init__(self, document: Json) -> None:
        self._told = {told["operationId"]: told for _, _, told in operations(document)}

    def body(self, operation: str, real: Mapping[str, str]) -> Json:
        """The JSON body with what is `real` in place of the examples; None where there is none."""
        content = self._told[operation].get("requestBody", {}).get("content", {})
        return filled(content.get(JSON_TYPE, {}).get("example"), real)

    def raw(self, operation: str) -> tuple[str, str] | None:
        """The media type and the text of a body that is no JSON; None where there is none."""
        content = self._told[operation].get("requestBody", {}).get("content", {})
        found = ((kind, media["example"]) for kind, media in content.items() if kind != JSON_TYPE)
        return next(found, None)

    def query(self, operation: str, real: Mapping[str, str]) -> Json:
        """What a query cannot do without; beside raw bytes it says all there is about them."""
        return filled(self._parameters(operation, "query", self.raw(operation) is not None), real)

    def headers(self, operation: str) -> dict[str, str]:
        """The headers that have to be there."""
        return self._parameters(operation, "header", False)

    def _parameters(self, operation: str, place: str, every: bool) -> dict[str, Any]:
        found = [one for one in self._told[operation]["parameters"] if one["in"] == place]
        needed = [one for one in found if every or one.get("required")]
        return {one["name"]: example_in(one) for one in needed}

    def answer(self, operation: str) -> Json:
        """The JSON of success; None where there is none."""
        for status, told in self._told[operation]["responses"].items():
            if status.startswith("2") and JSON_TYPE in told.get("content", {}):
                return told["content"][JSON_TYPE]["example"]
        return None


def example_in(parameter: Json) -> Json:
    """Of a parameter of the document."""
    return parameter.get("example", parameter["schema"].get("example"))


def filled(example: Json, real: Mapping[str, str]) -> Json:
    """The example with real ids and addresses wherever it has one of these texts."""
    if isinstance(example, dict):
        return {name: filled(inner, real) for name, inner in example.items()}
    if isinstance(example, list):
        return [filled(inner, real) for inner in example]
    return real.get(example, example) if isinstance(example, str) else example
