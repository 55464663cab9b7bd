"""The stage of the sample service."""

from tests.integration.messaging.stage import (
    module_runs,
    module_sample,
    module_wire,
    runs,
    sample,
    wire,
)

__all__ = ["module_runs", "module_sample", "module_wire", "runs", "sample", "wire"]
