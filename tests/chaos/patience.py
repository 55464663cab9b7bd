"""A client that tries again, under the same Idempotency-Key, until it has an answer."""

import random
import time
from collections.abc import Callable
from typing import Any

import requests

from deploy.demo.client import Api, Json, Problem
from tests.e2e.journey import PASSWORD

PATIENCE = 180.0  # seconds; no fault lasts as long, but faults follow upon faults.
FIRST_WAIT, LONGEST_WAIT = 0.1, 1.0  # seconds between two looks
UNAUTHENTICATED, SERVER_ERROR = 401, 500


class PatientApi(Api):
    """What got no answer, or a 5xx, is sent again as it was; a refusal is a refusal."""

    patience = PATIENCE  # Of all clients; a run with a planted bug has less.
    retries = 0  # Of all clients together; a figure of the report, so races do not matter.

    def until(
        self,
        path: str,
        holds: Callable[[Any], Any],
        what: str,
        seconds: float | None = None,
        **query: Any,
    ) -> Any:
        """As a page that refreshes more and more slowly, to leave the machine to the services."""
        seconds = seconds or self.patience
        deadline, answer, wait = time.monotonic() + seconds, None, FIRST_WAIT
        while time.monotonic() < deadline:
            try:
                answer = self.get(path, **query)
                if holds(answer):
                    return answer
            except Problem as problem:
                answer = str(problem)
            time.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT)
        raise Problem(f"{what} did not happen within {seconds:.0f} s; {path} said {answer}")

    def until_posted(self, path: str, body: Json, seconds: float | None = None) -> Json:
        return super().until_posted(path, body, seconds or self.patience)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self._send_once(method, path, options)
            except requests.RequestException as exc:
                if time.monotonic() > deadline:
                    raise Problem(f"{method} {path}: {exc!r}") from exc
            except Problem as problem:
                if time.monotonic() > deadline or not self._may_pass(problem):
                    raise
            PatientApi.retries += 1
            time.sleep(random.uniform(0.2, 1.0))

    def _send_once(self, method: str, path: str, options: Any) -> Any:
        if hasattr(options.get("data"), "seek"):
            options["data"].seek(0)
        return super()._send(method, path, **options)

    def _may_pass(self, problem: Problem) -> bool:
        if problem.status == UNAUTHENTICATED and "Authorization" in self.session.headers:
            self.sign_in(self.account["email"], PASSWORD)  # The token was one for minutes.
            return True
        return problem.status >= SERVER_ERROR
