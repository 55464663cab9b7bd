"""Rate limits over a store that gateways share, and while it is away."""

from typing import Any

import pytest
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage

from services.gateway import throttle
from services.gateway.problems import TooMany
from services.gateway.throttle import MEMORY, Throttle, network, open_store


class Leaving(MemoryStorage):
    """A store that can be away."""

    away, asked = False, 0

    def acquire_sliding_window_entry(self, *args: Any, **options: Any) -> bool:
        self.asked += 1
        if self.away:
            raise StorageError(OSError("connection refused"))
        return super().acquire_sliding_window_entry(*args, **options)


def test_gateways_with_one_store_count_together() -> None:
    store = MemoryStorage()
    one, other = (Throttle("2/minute", "2/minute", store) for _ in range(2))
    assert [one.request("acc-kim").remaining, other.request("acc-kim").remaining] == [1, 0]
    with pytest.raises(TooMany):
        one.request("acc-kim")
    assert Throttle("2/minute", "2/minute").request("acc-kim").remaining == 1


def test_while_the_store_is_away_each_gateway_counts_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Leaving()
    gateway, store.away = Throttle("2/minute", "2/minute", store), True
    assert [gateway.request("acc-kim").remaining for _ in range(2)] == [1, 0]
    with pytest.raises(TooMany):
        gateway.request("acc-kim")
    assert store.asked == 1, "Nobody else waits for it meanwhile."
    store.away = False
    monkeypatch.setattr(gateway, "_away_until", 0.0)
    assert gateway.request("acc-kim").remaining == 1
    assert throttle.STORE_AWAY < 60


def test_the_store_is_named_by_its_address() -> None:
    assert open_store(MEMORY) is None
    assert isinstance(open_store("redis://:secret@cache.example:6379/1"), RedisStorage)


def test_whoever_has_a_network_of_addresses_is_counted_once() -> None:
    """Else one machine would try passwords from 2^64 addresses."""
    gateway = Throttle("2/minute", "2/minute")
    for place in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"):
        gateway.sign_in("create_session", place)
    with pytest.raises(TooMany):
        gateway.sign_in("create_session", "2001:db8:1:2::7")
    gateway.sign_in("create_session", "2001:db8:1:3::1")
    assert [network(one) for one in ("192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0", "None")] == [
        *("192.0.2.7", "192.0.2.7", "fe80::/64", "None")
    ]
