"""The live timeline: what each service handled, read from the services' own logs as it happens."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.catalogue import contracts

PAUSE = 0.1  # seconds between looks
QUIET = 4  # looks without anything new
DETAILS = {"agreement.accepted.v1", "conflict.declared.v1"}  # Said with the signature anyway.


class Timeline:
    """Follows `<folder>/*.log` and prints each handled event of the correlated flows."""

    def __init__(self, folder: Path, console: Console) -> None:
        self.folder, self.console = folder, console
        self.since: datetime | None = None
        self.handled = 0
        self._producers = {type_: contract["producer"] for type_, contract in contracts().items()}
        self._offsets: dict[Path, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Print from now on."""
        for _ in self._new_lines():
            pass
        self._thread.start()

    def count_from(self, since: datetime) -> None:
        """Times are counted from here on; nothing is printed before this was said once."""
        self.since = since

    def stop(self) -> None:
        """Print what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def catch_up(self) -> None:
        """Return when nothing new was printed for a moment: what happened so far is on the page."""
        quiet = 0
        while quiet < QUIET:
            before = self.handled
            time.sleep(PAUSE)
            quiet = quiet + 1 if self.handled == before else 0

    def _follow(self) -> None:
        while not self._stop.wait(PAUSE):
            self._print()
        self._print()

    def _print(self) -> None:
        if self.since is None:
            return
        for line in sorted(self._new_lines(), key=lambda line: line["timestamp"]):
            self.handled += 1
            if line["type"] not in DETAILS:
                self.console.print(self._row(line), highlight=False)

    def _row(self, line: dict[str, Any]) -> str:
        since = self.since or datetime.now(UTC)
        after = (datetime.fromisoformat(line["timestamp"]) - since).total_seconds()
        outcome = "" if line["outcome"] == "ok" else f" [yellow]{line['outcome']}[/yellow]"
        name = line["type"].removesuffix(".v1")
        source = self._producers[line["type"]]
        hop = (
            f"{source:<13} -> {line['service']}.{line['handler']} [dim]({line['ms']:.0f} ms)[/dim]"
        )
        return f"  [dim]+{after:7.3f} s[/dim]  [bold]{name:<24}[/bold] {hop}{outcome}"

    def _new_lines(self) -> Iterator[dict[str, Any]]:
        for path in self.folder.glob("*.log"):
            with path.open("rb") as log:
                log.seek(self._offsets.get(path, 0))
                for raw in log:
                    if not raw.endswith(b"\n"):
                        break
                    self._offsets[path] = self._offsets.get(path, 0) + len(raw)
                    line = _parse(raw)
                    if line.get("event") == "handled":
                        yield line


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
