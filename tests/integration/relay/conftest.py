"""The tally service of the store's tests, seen from the broker."""

from tests.integration.store.conftest import environment, inbox  # noqa: F401
