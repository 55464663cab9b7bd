"""Runs in an environment of its own: Stripe's core as `seahaven-stripe-world` has it, over HTTP.

The package wants CPython 3.14 for its lazy annotations alone: on 3.13 its modules are compiled as
if they began with `from __future__ import annotations`.
"""

import __future__

import importlib.machinery
import sys
from typing import Any

PACKAGES = ("seahaven", "seahaven_stripe_world")


class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        lazy = __future__.annotations.compiler_flag
        return compile(data, path, "exec", lazy, dont_inherit=True, optimize=_optimize)

    def get_code(self, fullname: str) -> Any:
        """Never from a cache, which may hold the module as it was compiled without this."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class Finder:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.split(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and spec.origin and spec.origin.endswith(".py"):
            spec.loader = Loader(name, spec.origin)
        return spec


if sys.version_info < (3, 14):
    sys.meta_path.insert(0, Finder())

import seahaven.http  # noqa: E402 (only findable from here on)
from seahaven_stripe_world import world  # noqa: E402
from seahaven_stripe_world.http_api import handle  # noqa: E402

seahaven.http.main(world, handle)
