"""The servers of the integration tests, for the tests here that need no whole stack."""

from tests.integration.conftest import (
    broker,
    database,
    database_prefix,
    mail_sink,
    service_env,
    start_service,
    vhost,
)

__all__ = [
    "broker",
    "database",
    "database_prefix",
    "mail_sink",
    "service_env",
    "start_service",
    "vhost",
]
