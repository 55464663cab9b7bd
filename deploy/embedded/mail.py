"""A mail server that delivers nowhere: each message becomes a file, and a line in an index."""

import asyncio
import json
import signal
import sys
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from deploy.embedded.processes import Child, free_ports, listens

INDEX = "index.jsonl"
HOST = "127.0.0.1"


class MailSink:
    """The process, and what it got."""

    def __init__(self, folder: Path, stack: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.host = HOST
        (self.port,) = free_ports(1)
        self._server = Child(
            "the mail sink",
            [sys.executable, "-m", "deploy.embedded.mail", str(self.port), self.folder],
            stack=stack or self.folder,
            log=self.folder / "console.log",
        )

    @property
    def pids(self) -> dict[str, int]:
        return {"mail": self._server.pid}

    def begin(self) -> None:
        """Start it without waiting; `wait_ready` does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server.start()

    def wait_ready(self, seconds: float = 20) -> None:
        self._server.wait_until(lambda: listens(self.port), seconds)

    def start(self) -> None:
        self.begin()
        self.wait_ready()

    def stop(self) -> None:
        self._server.terminate(5)

    def kill(self) -> None:
        self._server.kill()

    def restart(self) -> None:
        self._server.terminate(5)
        self.start()

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        """What arrived, oldest first: file, from, to (a list), subject, message_id."""
        index = self.folder / INDEX
        # What is written meanwhile may be seen in part: a line counts once it has its end.
        lines = index.read_text().split("\n")[:-1] if index.exists() else []
        received = [json.loads(line) for line in lines]
        return [mail for mail in received if to is None or to in mail["to"]]

    def read(self, message: dict[str, Any]) -> Message:
        return message_from_bytes((self.folder / message["file"]).read_bytes())

    def clear(self) -> None:
        """Forget what arrived."""
        for file in (*self.folder.glob("*.eml"), self.folder / INDEX):
            file.unlink(missing_ok=True)


class _Keep:
    """aiosmtpd's handler: writes the message, then its line, so that a line's file is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = 1 + max((int(file.stem) for file in folder.glob("*.eml")), default=0)

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        name = f"{self._next:05d}.eml"
        self._next += 1
        (self._folder / name).write_bytes(raw)
        headers = message_from_bytes(raw)
        line = {
            "file": name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": str(make_header(decode_header(headers.get("Subject", "")))),
            "message_id": headers.get("Message-ID"),
        }
        with (self._folder / INDEX).open("a") as index:
            index.write(json.dumps(line) + "\n")
        return "250 OK"


async def serve(port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    keep = _Keep(folder)
    server = await loop.create_server(
        lambda: SMTP(keep, hostname="localhost", enable_SMTPUTF8=True), HOST, port
    )
    async with server:
        await stopped.wait()


def main() -> None:
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))


if __name__ == "__main__":
    main()
