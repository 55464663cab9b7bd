"""The server under bad clients, shortages and the end."""

import json
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Databases, Gateway, everything
from tests.integration.surroundings import Surroundings
from tests.servers import ServiceProcess
from tests.waiting import wait_until

HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"
GARBAGE = {
    "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no version": b"HELLO\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "long line": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    "long header": HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n",
    "many headers": HEAD + b"X-Y: " + b"a" * 4000 + b"\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
    "length no number": HEAD + b"Content-Length: ten\r\n\r\n",
    "length negative": HEAD + b"Content-Length: -1\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "other coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "unknown method": b"BREW /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "trace": b"TRACE /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "broken chunks": b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


def test_garbage_is_answered_with_problems_and_harms_nobody(gateway: Gateway) -> None:
    for what, raw in GARBAGE.items():
        answer = gateway.say(raw)
        assert b"<html" not in answer.lower(), what
        if answer:
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head[9:12] in (b"400", b"405", b"408", b"414", b"431", b"505"), (what, head)
            assert b"application/problem+json" in head, what
            assert json.loads(body)["code"], what
    for _ in range(50):
        with gateway.connect() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            line.sendall(b"POST /v1/accounts HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    assert gateway.client().get("/health").json() == {"status": "ok"}
    assert gateway.process.alive


def test_paths_and_methods_that_are_none_are_problems_too(gateway: Gateway) -> None:
    client = gateway.client()
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "//v1//projects", 404),
        ("DELETE", "/v1/me/", 404),
        ("PUT", "/", 405),
        ("PUT", "/v1/me", 405),
    ):
        answer = client(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, status), path
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-Id"]
    assert client("OPTIONS", "/v1/projects").status_code == 204
    assert client("HEAD", "/health").status_code == 200


def test_slow_clients_hold_up_nobody_else(gateway: Gateway) -> None:
    """More half-sent requests than there are workers."""
    with ExitStack() as lines:
        for _ in range(300):
            line = lines.enter_context(gateway.connect())
            line.sendall(
                b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 500\r\n\r\n{"
            )
        started = time.monotonic()
        assert gateway.client().get("/health").status_code == 200
        assert time.monotonic() - started < 5


def test_running_out_of_file_descriptors_is_survived(fresh_gateway: Gateway) -> None:
    client = fresh_gateway.client()
    assert client.get("/health").status_code == 200
    pid = fresh_gateway.process.pid
    in_use = len(list(_descriptors(pid)))
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (in_use + 20, hard))
    with ExitStack() as lines:
        for _ in range(60):
            lines.enter_context(fresh_gateway.connect()).sendall(b"GET / HTTP/1.1\r\n")
        wait_until(
            lambda: any(
                line.get("event") == "accept-failed" for line in fresh_gateway.process.lines()
            ),
            20,
            "the shortage",
        )
        assert fresh_gateway.process.alive
    wait_until(lambda: _healthy(fresh_gateway), 20, "the recovery")


def _descriptors(pid: int) -> Any:
    return Path(f"/proc/{pid}/fd").iterdir()


def _healthy(gateway: Gateway) -> bool:
    try:
        return gateway.client().get("/health", timeout=2).status_code == 200
    except OSError:
        return False


def test_connections_over_the_limit_are_turned_away_with_a_problem(
    start_gateway: Callable[..., Gateway],
) -> None:
    gateway = start_gateway(HTTP_CONNECTIONS="5")
    with ExitStack() as lines:
        for _ in range(5):
            line = lines.enter_context(gateway.connect())
            line.sendall(HEAD + b"\r\n")
            assert b"200 OK" in line.recv(4096)
        refused = gateway.say(HEAD + b"\r\n")
        assert refused.startswith(b"HTTP/1.1 503")
        assert json.loads(refused.partition(b"\r\n\r\n")[2])["code"] == "too-many-connections"
    wait_until(lambda: _healthy(gateway), 10, "a free place")


def test_a_download_under_way_is_finished_before_the_end(
    fresh_gateway: Gateway, start_stub: Callable[[str], ServiceProcess]
) -> None:
    client = fresh_gateway.client().register()
    size = 8 * 1024 * 1024
    stored = client("POST", "/v1/files?name=a.txt", data=b"a" * size).json()
    with fresh_gateway.connect() as line, fresh_gateway.connect() as idle:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        line.sendall(
            f"GET /v1/files/{stored['file_id']} HTTP/1.1\r\nHost: x\r\n".encode()
            + b"Authorization: "
            + client.token
            + b"\r\n\r\n"
        )
        head = line.recv(1000)
        os.kill(fresh_gateway.process.pid, signal.SIGTERM)
        wait_until(lambda: idle.recv(1) == b"", 10, "the end of the idle connection")
        with pytest.raises(OSError):
            fresh_gateway.connect()
        assert fresh_gateway.process.alive
        body = (head + everything(line)).partition(b"\r\n\r\n")[2]
    assert len(body) == size
    assert fresh_gateway.process.wait_exit(15) == 0


def test_a_stream_of_events_goes_on_over_a_restart(
    fresh_gateway: Gateway,
    start_stub: Callable[[str], ServiceProcess],
    start_gateway: Callable[..., Gateway],
    databases: Databases,
    around: Surroundings,
) -> None:
    start_stub("notifications")
    client, log = (
        fresh_gateway.client().register(),
        databases(fresh_gateway, "notifications")["log"],
    )
    log.insert_one({"sequence": 1, "type": "payout.paid.v1", "id": "e-1"})
    headers = {"Accept": "text/event-stream"}
    with client.get("/v1/events", headers=headers, stream=True) as answer:
        lines = answer.iter_lines(decode_unicode=True)
        assert next(lines) == "retry: 2000"
        assert _next_id(lines) == "e-1"
        log.insert_one({"sequence": 2, "type": "payout.paid.v1", "id": "e-2"})
        around.tell("payout.paid", candidate_id=client.get("/v1/me").json()["id"])
        assert _next_id(lines) == "e-2"
        started = time.monotonic()
        os.kill(fresh_gateway.process.pid, signal.SIGTERM)
        assert [line for line in lines if line.startswith("id:")] == []
    assert fresh_gateway.process.wait_exit(15) == 0
    assert time.monotonic() - started < 10
    log.insert_one({"sequence": 3, "type": "payout.paid.v1", "id": "e-3"})
    start_gateway()
    headers["Last-Event-ID"] = "e-2"
    with client.get("/v1/events", headers=headers, stream=True) as answer:
        assert _next_id(answer.iter_lines(decode_unicode=True)) == "e-3"


def _next_id(lines: Any) -> str:
    return next(line for line in lines if line.startswith("id: "))[4:]


def test_requests_under_way_at_the_end_are_answered(fresh_gateway: Gateway) -> None:
    body = b'{"email": "nobody@example.com", "password": "wrong wrong wrong"}'
    request = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(fresh_gateway.connect()) for _ in range(20)]
        for line in lines:
            line.sendall(HEAD + b"\r\n")
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
        for line in lines:
            line.sendall(request + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        first = lines[0].recv(100)
        os.kill(fresh_gateway.process.pid, signal.SIGTERM)
        answers = [first, *(everything(line) for line in lines[1:])]
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 401"}
    assert fresh_gateway.process.wait_exit(15) == 0
