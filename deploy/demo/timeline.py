"""The live timeline: what each service handled, read from the services' own logs as it happens."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

PAUSE = 0.1


class Timeline:
    """Follows `<folder>/*.log` and prints each handled event of the correlated flows."""

    def __init__(self, folder: Path, console: Console) -> None:
        self.folder, self.console = folder, console
        self.since: datetime | None = None
        self.handled = 0
        self._offsets: dict[Path, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self, since: datetime) -> None:
        """Print from now on; times are counted from `since`."""
        self.since = since
        for _ in self._new_lines():
            pass
        self._thread.start()

    def stop(self) -> None:
        """Print what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        while not self._stop.wait(PAUSE):
            self._print()
        self._print()

    def _print(self) -> None:
        for line in sorted(self._new_lines(), key=lambda line: line["timestamp"]):
            self.handled += 1
            self.console.print(self._row(line), highlight=False)

    def _row(self, line: dict[str, Any]) -> str:
        assert self.since is not None
        after = (datetime.fromisoformat(line["timestamp"]) - self.since).total_seconds()
        outcome = "" if line["outcome"] == "ok" else f" [yellow]{line['outcome']}[/yellow]"
        name = line["type"].removesuffix(".v1")
        hop = f"{line['source']:<13} -> {line['handler']} [dim]({line['ms']:.0f} ms)[/dim]"
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
