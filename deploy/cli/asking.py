"""Commands that ask a service, as an operator, over the broker."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from deploy.cli.channel import connect
from deploy.cli.main import Refusal
from deploy.cli.settings import with_broker
from shared.caller import Caller
from shared.config import Broker
from shared.envelope import Call
from shared.errors import StintError
from shared.principal import Principal

SECONDS = 10.0
Ask = Callable[..., Any]
Command = Callable[..., None]


def somebody() -> Principal:
    """The operator at the keyboard: two people who have to agree have two accounts here."""
    return Principal(f"stint-command-{getpass.getuser()}", "operator")


def asking(service: str, seconds: float = SECONDS) -> Callable[[Command], Command]:
    """Give a command `ask`, which calls the service; what it refuses is one line, exit code 2."""

    def decorate(command: Command) -> Command:
        @with_broker
        @wraps(command)
        def run(*args: Any, broker: Broker, **options: Any) -> None:
            with _caller(broker, seconds) as caller:
                try:
                    command(*args, ask=_asker(caller, service), **options)
                except StintError as exc:
                    faults = "; ".join(f"{name}: {text}" for name, text in exc.errors.items())
                    raise Refusal(f"{exc.detail} {faults}".strip()) from None

        return run

    return decorate


def _asker(caller: Caller, service: str) -> Ask:
    return lambda method, **given: caller.call(service, method, Call(principal=somebody()), **given)


@contextmanager
def _caller(broker: Broker, seconds: float) -> Iterator[Caller]:
    connect(broker.amqp_uri).close()  # Else the caller would try again, and say so each time.
    caller = Caller(broker.amqp_uri, limit=seconds)
    caller.start()
    try:
        yield caller
    finally:
        caller.stop()
