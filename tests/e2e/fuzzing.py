"""Requests that schemathesis makes of the OpenAPI document, valid and not, sent as everybody.

A case is made once and sent as each role: making it costs more than sending it.
"""

import itertools
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
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
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
# does both for every operation), use_after_free and ensure_resource_availability (no links),
# allow_header_conformance (/projects/from-template is a /projects/{project_id} for Allow).
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# An ETag that is none is refused by 412, and whatever else is refused by any status of these.
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
FRESH = 600  # seconds that tokens are used
LIMIT = 30  # seconds for an answer
ANY_VERSION = {"If-Match": "*"}


class Fuzzer:
    """Of one gateway."""

    def __init__(self, world: World) -> None:
        self._base, self._ids = world.journey.owner.base, world.ids
        config = schemathesis.Config.from_dict(CONFIG)
        self._schema: Any = schemathesis.openapi.from_url(
            f"{self._base}/openapi.json", config=config
        )
        self._line, self._ours = requests.Session(), world.ours
        self._line.trust_env = False  # Looking for proxies takes longer than an answer.
        self._signed_in = float("-inf")
        self._people: dict[str, dict[str, str]] = {"anonymous": {}}

    def try_out(self, operation: str, cases: int, *, thorough: bool) -> int:
        """Send so many valid and so many invalid requests; how many requests that were.

        The first of each is sent as everybody, the others by those who may. Thorough are besides
        all of the values at and beyond the bounds, each sent by one of them.
        """
        self._sign_in()
        allowed, sent = list(permissions()[operation]["allow"]), 0
        for mode in MODES:
            for number, case in enumerate(self._drawn(operation, mode, cases)):
                for role in self._people if number == 0 else allowed:
                    self._send(case, self._people[role])
                    sent += 1
        if thorough:
            for role, case in zip(itertools.cycle(allowed), self._bounds(operation), strict=False):
                self._send(case, self._people[role])
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

    def _drawn(self, name: str, mode: GenerationMode, cases: int) -> list[Case]:
        operation = self._schema.find_operation_by_id(name)
        fixed: dict[str, Any] = {"path_parameters": self._known(name) or None}
        if mode is GenerationMode.POSITIVE and operation.method.upper() != "GET":
            fixed["headers"] = ANY_VERSION
        return drawn(operation.as_strategy(generation_mode=mode, **fixed), cases)

    def _bounds(self, name: str) -> Iterator[Case]:
        operation = self._schema.find_operation_by_id(name)
        config = self._schema.config.generation_for(operation=operation)
        for case in self._schema.iter_coverage_cases(
            operation, generation_modes=list(MODES), generation_config=config
        ):
            self._make_real(case, name)
            yield case

    def _make_real(self, case: Case, name: str) -> None:
        """What is asked for is there, and the example of a key or an ETag stands in no way."""
        tried = case.meta.phase.data if case.meta else None
        place, parameter = getattr(tried, "parameter_location", None), tried and tried.parameter
        if place is not ParameterLocation.PATH and case.path_parameters:
            case.path_parameters.update(self._known(name))
        for header in ("If-Match", "Idempotency-Key"):
            if case.headers and parameter != header:
                case.headers.pop(header, None)

    def _known(self, name: str) -> dict[str, str]:
        _, path = permissions()[name]["http"].split(" ")
        return {id_: self._ids[id_] for id_ in self._ids if f"{{{id_}}}" in path}


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
