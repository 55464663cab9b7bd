"""A Stripe without memory, in this process: judges each request, answers with Stripe's examples."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import stripe

from tests.contract.stripe import spec

FIXTURES: dict[str, Any] = json.loads(Path(__file__).with_name("fixtures.json").read_text())
Answer = tuple[int, dict[str, Any]]
Script = Callable[[str, str, dict[str, Any]], Answer | None]


class StandIn(stripe.HTTPClient):
    """`script(verb, path, parameters)` may answer instead of the examples. Sends nothing.

    `calls` has verb, path as in Stripe's document, parameters and key of all that was accepted.
    """

    name = "stand-in"

    def __init__(self, script: Script = lambda _verb, _path, _sent: None) -> None:
        super().__init__()
        self.script = script
        self.calls: list[tuple[str, str, dict[str, Any], str]] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        given = dict(headers or {})
        body = post_data.decode() if isinstance(post_data, bytes) else post_data or ""
        operation, sent = spec.judge(method, url, given, body)
        key = given.get("Idempotency-Key", "")
        self.calls.append((operation.verb, operation.path, sent, key))
        code, answer = self.answer(operation, url, sent, key)
        if code == 200:
            operation.judge_answer(answer)
        return spec.as_json(answer), code, {"request-id": "req_stand_in"}

    def answer(self, operation: spec.Operation, url: str, sent: dict[str, Any], key: str) -> Answer:
        """What the script says, else Stripe's example."""
        scripted = self.script(operation.verb, operation.path, sent)
        return scripted or (200, example(operation, sent))

    def close(self) -> None:
        """Nothing is open."""


def example(operation: spec.Operation, sent: dict[str, Any]) -> dict[str, Any]:
    """Stripe's example of the answer, with what was sent where it has a field of that name."""
    found: dict[str, Any] = _pick(operation.shape())
    found |= {name: value for name, value in sent.items() if name in found and _plain(value)}
    return found | ({"metadata": sent["metadata"]} if "metadata" in sent else {})


def fixture(name: str, **other: Any) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(FIXTURES[name])
    return found | other


def listing(url: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(items), "has_more": False, "url": url}


def _plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _pick(shape: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[-1]
        about = spec.document()["components"]["schemas"][name]
        return fixture(about.get("x-resourceId") or name)
    if "anyOf" in shape:
        return _pick(shape["anyOf"][0])
    items, url = (shape["properties"][name] for name in ("data", "url"))
    return listing(url.get("pattern", "/v1/x").strip("^"), _pick(items["items"]))
