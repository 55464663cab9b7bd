"""What Prometheus reads at /metrics: one process is one service."""

from collections.abc import Callable, Mapping
from functools import partial

from prometheus_client import Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

messages = Counter("stint_messages", "Settled events by outcome.", ["handler", "outcome"])
handler_seconds = Histogram(
    "stint_handler_seconds", "From the broker to settled.", ["handler"], buckets=SECONDS
)
calls = Counter("stint_calls", "Answered calls by outcome.", ["method", "outcome"])
call_seconds = Histogram(
    "stint_call_seconds", "From the broker to answered.", ["method"], buckets=SECONDS
)
differences = Gauge(
    "stint_differences", "What the last comparison found that should not be.", ["comparison"]
)
oldest = Gauge(
    "stint_oldest_seconds", "For how long the oldest of what is kept for somebody is.", ["what"]
)
hub_delay = Gauge("stint_hub_delay_seconds", "How late the last tick of the event loop was.")
_outbox = Gauge("stint_outbox_pending", "Events saved here that the broker has not confirmed yet.")
_relayed = Gauge("stint_relay_events", "Events since the start, by what the relay did.", ["what"])


def watch_relay(pending: Callable[[], int], counts: Mapping[str, int]) -> None:
    """Read the number of pending events and the relay's counts whenever someone asks."""
    _outbox.set_function(pending)
    for what in ("published", "confirmed", "refused", "returned", "swept"):
        _relayed.labels(what).set_function(partial(counts.__getitem__, what))


def render() -> bytes:
    """The metrics in Prometheus' text format."""
    return generate_latest()
