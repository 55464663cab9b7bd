"""The network between the services and what they stand on: it can be cut, stalled and healed.

`Network` starts it as a process of its own, so that a busy test does not slow the traffic down.
"""

import asyncio
import json
import random
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.embedded.processes import Child, free_ports, listens

HOST = "127.0.0.1"


class Network:
    """A line per target; services connect to `ports` in place of the targets' own."""

    def __init__(self, folder: Path, stack: Path, targets: Mapping[str, int]) -> None:
        self._control, *ports = free_ports(1 + len(targets))
        self.ports = dict(zip(targets, ports, strict=True))
        plan = [(name, self.ports[name], port) for name, port in targets.items()]
        self.process = Child(
            "the network",
            [sys.executable, "-m", "tests.chaos.proxy", str(self._control), json.dumps(plan)],
            stack=stack,
            log=folder / "network.log",
        )

    def start(self) -> None:
        self.process.start()
        self.process.wait_until(lambda: listens(self._control), 20)

    def cut(self, target: str) -> None:
        """Break every connection and refuse new ones."""
        self._tell("cut", target)

    def stall(self, target: str) -> None:
        """Hold back every byte in both directions; connections stay."""
        self._tell("stall", target)

    def drop(self, target: str) -> None:
        """Break about half of the connections, once."""
        self._tell("drop", target)

    def heal(self, target: str) -> None:
        self._tell("heal", target)

    def _tell(self, what: str, target: str) -> None:
        with socket.create_connection((HOST, self._control), timeout=20) as line:
            line.sendall(f"{what} {target}\n".encode())
            if line.recv(16) != b"done\n":
                raise RuntimeError(f"the network did not {what} {target}")


class Side(asyncio.Protocol):
    """One end of a connection: what it reads goes to the other end."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self.transport: Any = None
        self.other: Side | None = None
        self._ended = ended
        self._full = self._stalled = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        if self.other is not None:
            self.other.transport.close()
        self._ended()

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.hold(full=True)

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.hold(full=False)

    def hold(self, *, full: bool | None = None, stalled: bool | None = None) -> None:
        """Read nothing while the other end is full, or the line is stalled."""
        self._full = self._full if full is None else full
        self._stalled = self._stalled if stalled is None else stalled
        if self.transport.is_closing():
            return
        if self._full or self._stalled:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()


class Line:
    """All connections to one target, and what is wrong with them."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = self._stalled = False
        self._pairs: set[tuple[Side, Side]] = set()

    async def listen(self, port: int) -> None:
        await asyncio.get_running_loop().create_server(self._accept, HOST, port)

    def cut(self) -> None:
        self._cut = True
        self._abort(list(self._pairs))

    def stall(self) -> None:
        self._hold(stalled=True)

    def drop(self) -> None:
        pairs = list(self._pairs)
        self._abort(random.sample(pairs, (len(pairs) + 1) // 2))

    def heal(self) -> None:
        self._cut = False
        self._hold(stalled=False)

    def _hold(self, *, stalled: bool) -> None:
        self._stalled = stalled
        for pair in self._pairs:
            for side in pair:
                side.hold(stalled=stalled)

    def _abort(self, pairs: list[tuple[Side, Side]]) -> None:
        for pair in pairs:
            for side in pair:
                side.transport.abort()

    def _accept(self) -> Side:
        return Near(self)

    async def connect(self, near: "Near") -> None:
        """Open the far end; until then nothing is read at the near one."""
        far = Side(lambda: None)
        try:
            if self._cut:
                raise ConnectionRefusedError
            await asyncio.get_running_loop().create_connection(lambda: far, HOST, self._target)
        except OSError:
            near.transport.abort()
            return
        if self._cut or near.transport.is_closing():
            far.transport.abort()
            near.transport.abort()
            return
        near.other, far.other = far, near
        near.pair = (near, far)
        self._pairs.add(near.pair)
        for side in near.pair:
            side.hold(full=False, stalled=self._stalled)

    def forget(self, pair: tuple[Side, Side]) -> None:
        self._pairs.discard(pair)


class Near(Side):
    """The end that a service holds."""

    def __init__(self, line: Line) -> None:
        super().__init__(self._over)
        self._line = line
        self.pair: tuple[Side, Side] | None = None
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.hold(full=True)
        self._opening = asyncio.ensure_future(self._line.connect(self))

    def _over(self) -> None:
        if self.pair:
            self._line.forget(self.pair)


async def serve(control: int, plan: list[tuple[str, int, int]]) -> None:
    lines = {}
    for name, port, target in plan:
        lines[name] = Line(target)
        await lines[name].listen(port)

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = (await reader.readline()).decode().split()
        if len(words) == 2:  # Not a mere look whether somebody listens.
            getattr(lines[words[1]], words[0])()
            writer.write(b"done\n")
        writer.close()

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with await asyncio.start_server(obey, HOST, control):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), json.loads(sys.argv[2])))
