"""A service's database without the service."""

from typing import Any

from shared.config import Common
from shared.platform import Platform


def quiet_platform(mongo_uri: str, prefix: str, service: str, **more: Any) -> Platform:
    """A platform that loads and saves and announces nothing: this process is not patched."""
    settings = Common(
        environment="development",
        amqp_uri="amqp://nobody.invalid/",
        mongo_uri=mongo_uri,
        database_prefix=prefix,
    )
    return Platform(settings, service, **more)
