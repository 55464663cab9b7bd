"""Requests that schemathesis makes of the OpenAPI document, valid and not, sent as everybody.

A case is made once and sent as each role: making it costs more than sending it.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.principal import permissions
from tests.e2e.journey import PASSWORD
from tests.e2e.world import World

# Not asked: positive_data_acceptance (a rule of a state or between fields is no part of a JSON
# schema, and 422 is its answer), ignored_auth and object_level_authorization (the permission matrix
# does both for every operation), use_after_free and ensure_resource_availability (no links).
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    allow_header_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
FRESH = 600  # seconds that tokens are used
LIMIT = 30  # seconds for an answer
ANY_VERSION = {"If-Match": "*"}


class Fuzzer:
    """Of one gateway."""

    def __init__(self, world: World) -> None:
        self._base, self._ids = world.journey.owner.base, world.ids
        self._schema: Any = schemathesis.openapi.from_url(f"{self._base}/openapi.json")
        self._line, self._ours = requests.Session(), world.ours
        self._signed_in = float("-inf")
        self._people: dict[str, dict[str, str]] = {"anonymous": {}}

    def try_out(self, operation: str, cases: int, *, thorough: bool) -> int:
        """Send so many valid and so many invalid requests; how many requests that were.

        Who may not do it sends one of each, unless it is to be thorough.
        """
        allowed, sent = permissions()[operation]["allow"], 0
        self._sign_in()
        for number, case in self._cases(operation, cases, thorough):
            for role, headers in self._people.items():
                if number == 0 or thorough or role in allowed:
                    self._send(case, headers)
                    sent += 1
        return sent

    def _sign_in(self) -> None:
        """Anew before the tokens run out."""
        if time.monotonic() - self._signed_in < FRESH:
            return
        self._signed_in = time.monotonic()
        for role, api in self._ours.items():
            api.sign_in(api.account["email"], PASSWORD)
            self._people[role] = {"Authorization": str(api.session.headers["Authorization"])}

    def _send(self, case: Case, headers: dict[str, str]) -> None:
        case.call_and_validate(
            self._base, session=self._line, headers=headers, checks=CHECKS, timeout=LIMIT
        )

    def _cases(self, name: str, cases: int, thorough: bool) -> Iterator[tuple[int, Case]]:
        operation = self._schema.find_operation_by_id(name)
        _, path = permissions()[name]["http"].split(" ")
        known = {id_: self._ids[id_] for id_ in self._ids if f"{{{id_}}}" in path}
        for mode in MODES:
            fixed: dict[str, Any] = {"path_parameters": known or None}
            if mode is GenerationMode.POSITIVE and not path_only(operation):
                fixed["headers"] = ANY_VERSION
            strategy = operation.as_strategy(generation_mode=mode, **fixed)
            yield from enumerate(drawn(strategy, cases))
        if thorough:
            config = self._schema.config.generation_for(operation=operation)
            yield from (
                (1, case)
                for case in self._schema.iter_coverage_cases(
                    operation, generation_modes=list(MODES), generation_config=config
                )
            )


def path_only(operation: Any) -> bool:
    return operation.method.upper() == "GET"


def drawn(strategy: Any, cases: int) -> list[Case]:
    """So many cases of the strategy, the same ones every time; none where it has none."""
    found: list[Case] = []

    @settings(
        max_examples=cases,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def draw(case: Case) -> None:
        found.append(case)

    with suppress(Unsatisfiable):
        draw()
    return found
