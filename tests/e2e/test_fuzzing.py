"""No request that the document allows or forbids gets an answer that it does not tell of.

A few requests for each operation; `make fuzz` sends many.
"""

import os

import pytest

from deploy.embedded.stack import Stack
from shared.principal import permissions
from tests.counting import Count
from tests.e2e.fuzzing import Fuzzer
from tests.e2e.world import World, build

OPERATIONS = [name for name, row in permissions().items() if "http" in row]
THOROUGH = "FUZZ_CASES" in os.environ
CASES = int(os.environ.get("FUZZ_CASES", "1"))


@pytest.fixture(scope="module")
def fuzzer(stack: Stack) -> Fuzzer:
    world: World = build(stack)
    return Fuzzer(world)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_to_whatever_is_sent_is_documented(
    fuzzer: Fuzzer, operation: str, count: Count
) -> None:
    sent = fuzzer.try_out(operation, CASES, thorough=THOROUGH)
    count("requests made by schemathesis", sent)
    count("operations that schemathesis has tried")
