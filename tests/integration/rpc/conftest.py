"""The stage of the sample service, and somebody who calls it."""

from collections.abc import Iterator

import pytest

from shared.caller import Caller
from tests.integration.messaging.stage import (
    Wire,
    module_runs,
    module_sample,
    module_wire,
    runs,
    sample,
    wire,
)

__all__ = ["module_runs", "module_sample", "module_wire", "runs", "sample", "wire"]


@pytest.fixture
def caller(wire: Wire) -> Iterator[Caller]:
    caller = Caller(wire.uri)
    caller.start()
    yield caller
    caller.stop()


@pytest.fixture
def patient_caller(wire: Wire) -> Iterator[Caller]:
    """Waits long enough for a broker that takes its time to drop connections."""
    caller = Caller(wire.uri, limit=10)
    caller.start()
    yield caller
    caller.stop()


@pytest.fixture(scope="module")
def module_caller(module_wire: Wire) -> Iterator[Caller]:
    caller = Caller(module_wire.uri)
    caller.start()
    yield caller
    caller.stop()
