"""What a partner keeps: each event once, and how far it has read, in one SQLite transaction.

Every way of getting events repeats some of them. The id is the same over all ways, so one table
with the id as its key is all the care that is needed. Do your own work where `take` returns True,
in the same transaction if it is in the same database.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT, subject TEXT, event TEXT);
CREATE TABLE IF NOT EXISTS positions (way TEXT PRIMARY KEY, position TEXT);
"""


class Inbox:
    """One file; several of these programs may use it at once."""

    def __init__(self, file: str | Path) -> None:
        self._database = sqlite3.connect(file, timeout=10)
        with self._database:
            self._database.executescript(TABLES)

    def take(self, event: dict[str, Any], way: str = "", position: str = "") -> bool:
        """Keep the event and the position behind it; False where it was there already."""
        row = (event["id"], event["type"], event["subject"], json.dumps(event))
        with self._database:
            added = self._database.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", row)
            if way:
                self._go_on(way, position)
        return added.rowcount == 1

    def go_on(self, way: str, position: str) -> None:
        """From here on, next time."""
        with self._database:
            self._go_on(way, position)

    def position(self, way: str) -> str | None:
        """Where to go on reading this way."""
        row = self._database.execute("SELECT position FROM positions WHERE way = ?", (way,))
        found = row.fetchone()
        return found[0] if found else None

    def _go_on(self, way: str, position: str) -> None:
        place = (way, position)
        self._database.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", place)


def show(way: str, event: dict[str, Any], new: bool) -> None:
    """One line for each event that arrives."""
    about = {name: event[name] for name in ("id", "type", "subject")}
    print(json.dumps({"way": way, "new": new, **about}), flush=True)
