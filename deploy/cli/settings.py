"""Where the broker is, for the commands that talk to it: from the variables that services read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from deploy.cli.main import Refusal
from shared import config


def with_broker(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `broker`; one that is away ends it with one line and exit code 2."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        broker = config.read_broker()
        try:
            return command(*args, broker=broker, **options)
        except BrokenPipeError:
            raise  # Whoever read our output has gone: click ends quietly.
        except (OSError, OperationalError, AMQPError) as exc:
            raise Refusal(f"the broker does not answer: {exc}") from None

    return run
