"""Requests over kept connections, as fast as they are answered, and how long each took."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """An answer that was not the expected one: then its time says nothing."""


@dataclass
class Taken:
    """What a run of requests took; times in milliseconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    cpu: float = 0.0  # milliseconds of processor time for each request, where it was asked for

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, percent: int) -> float:
        return statistics.quantiles(self.times, n=100)[percent - 1]


def request(
    method: str, path: str, token: str = "", body: bytes = b"", media_type: str = "application/json"
) -> bytes:
    """The bytes of a request over a connection that is kept."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def play(port: int, requests: Sequence[bytes], connections: int, status: int) -> Taken:
    """Send all of them over so many connections; raises Refused for another status."""
    return asyncio.run(_play(port, iter(requests), connections, status))


def play_for(port: int, one: bytes, seconds: float, status: int) -> Taken:
    """Send the same request again and again over one connection, for so long."""
    until = time.perf_counter() + seconds

    def again() -> Iterator[bytes]:
        while time.perf_counter() < until:
            yield one

    return asyncio.run(_play(port, again(), 1, status))


async def _play(port: int, requests: Iterator[bytes], connections: int, status: int) -> Taken:
    taken, began = Taken(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_line(port, requests, status, taken))
    taken.seconds = time.perf_counter() - began
    return taken


async def _line(port: int, requests: Iterator[bytes], status: int, taken: Taken) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wanted = str(status).encode()
    for one in requests:
        began = time.perf_counter()
        writer.write(one)
        head, body = await _answer(reader)
        taken.times.append((time.perf_counter() - began) * 1000)
        if head[9:12] != wanted:
            raise Refused((head + body).decode(errors="replace")[:1000])
    writer.close()


async def _answer(reader: Any) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line[15:])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    return head, await reader.readexactly(length)
