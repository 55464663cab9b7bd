"""A private SecantusDB: MongoDB's wire protocol over WiredTiger, in a process of its own."""

import sys
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from deploy.embedded.processes import Child, free_ports

START_SECONDS = 30
# Without journal=true an acknowledged write is lost by a kill -9; without the time limits a
# client waits on a frozen server for ever.
OPTIONS = (
    "retryWrites=false&journal=true&directConnection=true&serverSelectionTimeoutMS=3000"
    "&connectTimeoutMS=3000&socketTimeoutMS=10000&waitQueueTimeoutMS=5000"
)


class Database:
    """One server. Its port stays the same over a restart."""

    def __init__(self, folder: Path, stack: Path | None = None) -> None:
        self.folder = folder.resolve()
        (self.port,) = free_ports(1)
        self.server = Child(
            "SecantusDB",
            [
                Path(sys.executable).with_name("secantusd-py"),
                "--standalone",
                *("--config", self.folder / "secantusd.toml"),
                *("--host", "127.0.0.1"),
                *("--port", str(self.port)),
                *("--storage-path", self.folder / "data"),
                *("--log-level", "WARNING"),
            ],
            stack=stack or self.folder,
            log=self.folder / "console.log",
        )

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?{OPTIONS}"

    @property
    def alive(self) -> bool:
        return self.server.alive

    @property
    def pids(self) -> dict[str, int]:
        return {"database": self.server.pid}

    def begin(self) -> None:
        """Start it without waiting; `wait_ready` does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # A file of its own, so that none of this user's is found.
        (self.folder / "secantusd.toml").write_text("")
        self.server.start()

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        self.server.wait_until(self._answers, seconds)

    def start(self) -> None:
        self.begin()
        self.wait_ready()

    def stop(self) -> None:
        self.server.terminate(15)

    def kill(self) -> None:
        """`kill -9`, as a crash of the server."""
        self.server.kill()

    def restart(self) -> None:
        """Start it again after `kill` or `stop`, on the same port and data."""
        self.server.terminate(15)
        self.start()

    def freeze(self) -> None:
        self.server.freeze()

    def thaw(self) -> None:
        self.server.thaw()

    def _answers(self) -> bool:
        client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
            self.uri, serverSelectionTimeoutMS=300
        )
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True
