"""A call carries who asks and what for, and brings back the result or the very error."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.caller import LIMIT, Caller
from shared.envelope import Call
from shared.errors import Conflict, Invalid, NotFound, StintError, Unavailable
from shared.principal import Principal
from tests.integration.messaging.stage import Runs
from tests.servers import ServiceProcess
from tests.waiting import wait_until

CALL = Call(
    principal=Principal("acc-1", "owner", "org-1"),
    correlation_id="cor-1",
    traceparent="00-abc-def-01",
    expected_version=7,
)


def test_a_call_carries_the_principal_and_the_expected_version_and_brings_back_json(
    module_sample: ServiceProcess, module_caller: Caller
) -> None:
    answer = module_caller.call("sample", "echo", CALL, value={"text": "źdźbło", "none": None})

    assert answer == {
        "value": {"text": "źdźbło", "none": None},
        "by": "acc-1",
        "role": "owner",
        "org_id": "org-1",
        "correlation_id": "cor-1",
        "traceparent": "00-abc-def-01",
        "expected_version": 7,
        "at": "2030-01-02T03:04:05.678000+00:00",
    }


@pytest.mark.parametrize(
    ("what", "kind", "code"),
    [
        ("invalid", Invalid, "thing-is-wrong"),
        ("conflict", Conflict, "thing-is-taken"),
        ("not-found", NotFound, "thing-not-found"),
        ("unavailable", Unavailable, "bank-unavailable"),
        ("not-yet", Unavailable, "thing-not-seen"),
        ("bug", Unavailable, "internal-error"),
        ("exit", Unavailable, "internal-error"),
        ("stray-timeout", Unavailable, "deadline-passed"),
    ],
)
def test_errors_cross_as_they_are_and_bugs_as_internal_errors(
    module_sample: ServiceProcess,
    module_caller: Caller,
    what: str,
    kind: type[StintError],
    code: str,
) -> None:
    with pytest.raises(kind) as caught:
        module_caller.call("sample", "do", Call(), what=what)

    assert caught.value.code == code
    assert "secret" not in caught.value.detail


def test_the_traceback_of_a_bug_is_in_the_log_only(
    module_sample: ServiceProcess, module_caller: Caller
) -> None:
    call = Call()

    with pytest.raises(Unavailable):
        module_caller.call("sample", "do", call, what="bug")

    (line,) = wait_until(
        lambda: [line for line in module_sample.lines() if line.get("call_id") == call.id]
    )
    assert line["outcome"] == "error"
    assert "ValueError: a bug" in line["exception"]


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("sing", {}, "unknown-method"),
        ("_do", {}, "unknown-method"),
        ("do", {}, "wrong-arguments"),
        ("do", {"what": "x", "why": "y"}, "wrong-arguments"),
    ],
)
def test_what_cannot_be_called_like_that_is_invalid(
    module_sample: ServiceProcess,
    module_caller: Caller,
    method: str,
    arguments: dict[str, str],
    code: str,
) -> None:
    with pytest.raises(Invalid) as caught:
        module_caller.call("sample", method, Call(), **arguments)

    assert caught.value.code == code


def test_a_result_that_is_no_json_is_an_internal_error(
    module_sample: ServiceProcess, module_caller: Caller
) -> None:
    with pytest.raises(Unavailable, match="went wrong"):
        module_caller.call("sample", "no_json", Call())


def test_many_calls_at_once_run_side_by_side_and_get_their_own_answers(
    module_sample: ServiceProcess, module_caller: Caller
) -> None:
    def ask(number: int) -> bool:
        module_caller.call("sample", "do", Call(), what="sleep", seconds=0.5)
        return bool(module_caller.call("sample", "echo", Call(), value=number)["value"] == number)

    began = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(ask, range(30)))

    assert all(answers)
    assert time.monotonic() - began < 30 * 0.5 / 3


def test_a_large_answer_arrives_whole(module_sample: ServiceProcess, module_caller: Caller) -> None:
    text = "x" * 500_000

    assert module_caller.call("sample", "echo", Call(), value=text)["value"] == text


def test_a_method_that_takes_too_long_is_stopped_and_its_caller_told_in_time(
    module_sample: ServiceProcess, module_caller: Caller, module_runs: Runs
) -> None:
    """Finding 8: nameko waits for ever, and keeps an entry for every answer that never came."""
    call, began = Call(), time.monotonic()

    with pytest.raises(Unavailable):
        module_caller.call("sample", "do", call, what="sleep", seconds=60)

    assert LIMIT - 0.2 < time.monotonic() - began < LIMIT + 2
    assert module_caller.pending == 0
    assert module_runs.ended(call.id) == 0
