"""Which questions a database was asked, and how it finds the answers: by an index, or by a scan."""

import json
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import monitoring

FILTERS = {"find": "filter", "count": "query"}
STAGES = ("COLLSCAN", "IXSCAN", "IDHACK")


@dataclass
class Watch(monitoring.CommandListener):
    """Keeps the filters of one database's commands while it is `on`, one of each shape."""

    on: str = ""
    seen: dict[tuple[str, ...], tuple[str, dict[str, Any]]] = field(default_factory=dict)
    commands: int = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.database_name != self.on:
            return
        self.commands += 1
        for name, wanted in _filters(event.command_name, event.command):
            self.seen.setdefault((name, *sorted(wanted)), (name, dict(wanted)))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Only the questions are of interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Whoever has asked hears of it."""


def _filters(command: str, body: Any) -> list[tuple[str, dict[str, Any]]]:
    name = str(body.get(command, ""))
    if command in FILTERS:
        return [(name, body.get(FILTERS[command], {}))]
    of = {"update": ("updates", "q"), "delete": ("deletes", "q")}.get(command)
    return [(name, one[of[1]]) for one in body.get(of[0], ())] if of else []


def plans(uri: str, database: str, watch: Watch) -> dict[str, list[str]]:
    """By question, the stages that the server explains. One by `_id` has no other: SecantusDB
    explains the filter of a save (`_id` and version) as a scan and does none.
    """
    found = {}
    with pymongo.MongoClient[Any](uri, socketTimeoutMS=60_000) as client:
        for (name, *fields), (_, wanted) in sorted(watch.seen.items()):
            said = ["IDHACK"] if "_id" in fields else _explained(client[database], name, wanted)
            found[f"{name} by {', '.join(fields) or 'nothing'}"] = said
    return found


def _explained(database: Any, name: str, wanted: dict[str, Any]) -> list[str]:
    asked = {"find": name, "filter": wanted}
    text = json.dumps(database.command("explain", asked, verbosity="queryPlanner"), default=str)
    return [stage for stage in STAGES if f'"{stage}"' in text]
