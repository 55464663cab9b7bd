"""The services' databases, for the commands that look after all of them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deploy.cli.main import Refusal
from shared.batches import RECORDS
from shared.platform import connect

Document = dict[str, Any]
LONGEST_REASON = 200  # characters; pymongo tells its whole view of the servers


@dataclass(frozen=True)
class Databases:
    """The databases whose names begin with `<prefix>_`, by service."""

    client: MongoClient[Document]
    prefix: str

    def of(self, service: str) -> Database[Document]:
        return self.client[f"{self.prefix}_{service}"]

    def services(self) -> list[str]:
        """Whose databases there are."""
        start = f"{self.prefix}_"
        names = sorted(self.client.list_database_names())
        return [name.removeprefix(start) for name in names if name.startswith(start)]

    def collections(self) -> Iterator[tuple[str, str]]:
        """(service, collection) of all that there are.

        The notes on what is announced come before the documents: whoever copies all of them in this
        order has none that is newer than what it speaks of.
        """
        for service in self.services():
            names = self.of(service).list_collection_names()
            for name in sorted(names, key=lambda name: (name != RECORDS, name)):
                if not name.startswith("system."):
                    yield service, name


def with_databases(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `databases`; a database that is away ends it with one line, code 2."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        databases = open_databases()
        try:
            return command(*args, databases=databases, **options)
        except PyMongoError as exc:
            raise Refusal(f"the database does not answer: {reason(exc)}") from None
        finally:
            databases.client.close()

    return run


def open_databases() -> Databases:
    """Those that MONGO_URI and DATABASE_PREFIX name; connects when first asked."""
    uri = os.environ.get("MONGO_URI")
    if not uri:
        raise Refusal("missing settings: MONGO_URI")
    try:
        return Databases(connect(uri), os.environ.get("DATABASE_PREFIX") or "stint")
    except PyMongoError as exc:
        raise Refusal(f"MONGO_URI is no address of a database: {reason(exc)}") from None


def reason(error: Exception) -> str:
    """The error in one short line."""
    text = " ".join(str(error).split(", Timeout:")[0].split())
    return text[:LONGEST_REASON] or type(error).__name__
