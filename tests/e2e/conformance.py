"""Whether what the gateway really answers is what its OpenAPI document says."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import jsonschema_rs
import requests

from shared.principal import permissions

CODE = re.compile(r"`([a-z0-9*-]+)`")


class Document:
    """The document of the gateway at `base`."""

    def __init__(self, base: str) -> None:
        self._told: Any = requests.get(f"{base}/openapi.json", timeout=30).json()
        self._validator = cache(self._make_validator)

    def faults(self, operation: str, answer: requests.Response) -> Iterator[str]:
        """What the document does not say of this answer."""
        told = self._responses(operation).get(str(answer.status_code))
        if told is None:
            yield f"the status {answer.status_code} is not documented"
            return
        told = self._resolved(told)
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        content = told.get("content", {})
        if answer.content and not {media_type, "*/*"} & content.keys():
            yield f"{media_type} is not documented for {answer.status_code}"
        elif media_type.endswith(("/json", "+json")) and media_type in content:
            yield from self._wrong(operation, answer, media_type)
        if answer.status_code >= 400 and not _named(answer.json()["code"], told["description"]):
            yield f"the code {answer.json()['code']} is not documented for {answer.status_code}"

    def links(self) -> Iterator[tuple[str, dict[str, str]]]:
        """What makes a thing, and what its answer says that can be done with it: the parameter that
        takes its id, by operation."""
        for path in self._told["paths"].values():
            for about in (part for name, part in path.items() if name != "parameters"):
                if links := about["responses"].get("201", {}).get("links"):
                    yield (
                        about["operationId"],
                        {name: next(iter(link["parameters"])) for name, link in links.items()},
                    )

    def _wrong(self, operation: str, answer: requests.Response, media_type: str) -> Iterator[str]:
        validator = self._validator(operation, str(answer.status_code), media_type)
        for error in validator.iter_errors(answer.json()):
            yield f"{'/'.join(map(str, error.instance_path))}: {error.message}"

    def _make_validator(self, operation: str, status: str, media_type: str) -> Any:
        told = self._resolved(self._responses(operation)[status])
        components = {"schemas": self._told["components"]["schemas"]}
        schema = {**told["content"][media_type]["schema"], "components": components}
        return jsonschema_rs.validator_for(schema, validate_formats=True)

    def _responses(self, operation: str) -> Any:
        method, path = permissions()[operation]["http"].split(" ")
        return self._told["paths"][path][method.lower()]["responses"]

    def _resolved(self, told: Any) -> Any:
        if "$ref" not in told:
            return told
        return self._told["components"]["responses"][told["$ref"].rpartition("/")[2]]


def _named(code: str, description: str) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in CODE.findall(description))
