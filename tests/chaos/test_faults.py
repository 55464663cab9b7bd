"""What a seed makes go wrong, and the network that can fail."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.supervision import SERVICES
from tests.chaos.faults import LATE, LONGEST, schedule
from tests.chaos.proxy import HOST, Network
from tests.waiting import wait_until


def test_a_seed_gives_the_same_faults_again() -> None:
    assert schedule(7, 300) == schedule(7, 300)
    assert schedule(7, 300) != schedule(8, 300)


def test_a_long_run_does_everything_to_everybody() -> None:
    done = {(fault.target, fault.kind) for fault in schedule(1, 600)}

    assert {(service, kind) for service in SERVICES for kind in ("kill", "freeze")} <= done
    kinds = ("kill", "freeze", "cut", "stall", "drop")
    assert {(ground, kind) for ground in ("broker", "database") for kind in kinds} <= done
    assert ("mail", "kill") in done


def test_ten_minutes_have_a_hundred_faults() -> None:
    for seed in range(20):
        faults = schedule(seed, 600)
        assert len(faults) >= 100
        assert all(fault.at <= 600 + LATE * LONGEST for fault in faults)


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets."""
    server = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=[connection], daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture
def network(echo: int, tmp_path: Path) -> Iterator[Network]:
    network = Network(tmp_path, tmp_path, {"echo": echo})
    network.start()
    yield network
    network.process.terminate()


def connect(network: Network) -> socket.socket:
    return socket.create_connection((HOST, network.ports["echo"]), timeout=5)


def ask(line: socket.socket, data: bytes = b"hello") -> bytes:
    line.sendall(data)
    answer = b""
    while len(answer) < len(data) and (part := line.recv(1 << 20)):
        answer += part
    return answer


def refused(network: Network) -> bool:
    try:
        with connect(network) as line:
            return ask(line) == b""
    except OSError:
        return True


def test_a_sound_network_carries_everything(network: Network) -> None:
    with connect(network) as line:
        assert ask(line) == b"hello"
        large = bytes(range(256)) * 4_000
        sender = threading.Thread(target=line.sendall, args=[large])
        sender.start()
        got = b""
        while len(got) < len(large):
            got += line.recv(65536)
        sender.join()
        assert got == large


def test_a_cut_network_breaks_every_connection_and_refuses_new_ones(network: Network) -> None:
    with connect(network) as line:
        assert ask(line) == b"hello"
        network.cut("echo")
        assert _is_broken(line)
    assert refused(network)

    network.heal("echo")

    with connect(network) as line:
        assert ask(line) == b"hello"


def test_a_stalled_network_holds_everything_back_and_loses_nothing(network: Network) -> None:
    with connect(network) as line:
        assert ask(line) == b"hello"
        network.stall("echo")
        line.sendall(b"later")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.recv(10)
        network.heal("echo")
        line.settimeout(5)
        assert line.recv(10) == b"later"


def test_a_drop_breaks_half_of_the_connections(network: Network) -> None:
    lines = [connect(network) for _ in range(6)]
    assert [ask(line) for line in lines] == [b"hello"] * 6

    network.drop("echo")

    def broken() -> int:
        return sum(_is_broken(line) for line in lines)

    wait_until(lambda: broken() == 3)
    for line in lines:
        line.close()


def _is_broken(line: socket.socket) -> bool:
    try:
        return ask(line) != b"hello"
    except OSError:
        return True
