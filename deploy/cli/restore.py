"""`stint restore`: a backup's documents and files, into empty databases."""

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from deploy.cli.conduct import agree, agreed, as_json, progress
from deploy.cli.consistency import complaints
from deploy.cli.databases import Databases, with_databases
from deploy.cli.dump import Dump, Facts, key_print, sizes
from deploy.cli.main import Refusal
from deploy.cli.times import iso

MOST_COMPLAINTS = 20
LADDER = timedelta(hours=2)  # The longest that a message is on its way.


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Throw away what the databases hold now.")
@agreed
@as_json
@with_databases
def restore(databases: Databases, folder: Path, force: bool, yes: bool, as_json: bool) -> None:
    """Read DIR, which `stint backup` made, into empty databases; then check that all fits.

    Stop the services first and start them afterwards: they keep documents in memory. Every file of
    the backup is checked before anything is written. Exit code 1 when something does not fit; each
    such thing is one line.

    What was under way when the backup was made comes back by replaying the archive; the command
    for that is printed. What people did after the backup is lost: do not replay later events.
    """
    dump = Dump(folder)
    manifest = dump.read_manifest()
    with progress("checking", sum(1 for _ in dump.parts(manifest))) as advance:
        dump.verify(manifest, advance)
    _require_same_key(manifest, force)
    _require_folder(manifest)
    _require_empty(databases, force)
    agree(_plan(databases, manifest, force), yes or not force)
    _read(databases, dump, manifest, force)
    found = list(complaints(databases))
    _tell_complaints(manifest, found, as_json)
    click.get_current_context().exit(1 if found else 0)


def _require_same_key(manifest: Facts, force: bool) -> None:
    """Ids that are derived from people under another key would never be found again."""
    here, there = key_print(), manifest.get("id_key")
    if here and there and here != there and not force:
        raise Refusal("ID_KEY is not the one that the backup was made with")


def _require_folder(manifest: Facts) -> None:
    if manifest["files"] and not os.environ.get("FILES_DIR"):
        raise Refusal("the backup has files: FILES_DIR has to say where they go")


def _require_empty(databases: Databases, force: bool) -> None:
    for service, name in databases.collections():
        if not force and databases.of(service)[name].find_one({}, {"_id": 1}):
            raise Refusal(f"{service}.{name} is not empty; --force throws away what is there")


def _plan(databases: Databases, manifest: Facts, force: bool) -> Iterator[str]:
    if force:
        for service, name in databases.collections():
            if count := databases.of(service)[name].count_documents({}):
                yield f"{count} documents of {service}.{name} will be gone"
    documents, files = sizes(manifest)
    yield f"{documents} documents and {files} files of {manifest['made_at']} will be restored"


def _read(databases: Databases, dump: Dump, manifest: Facts, force: bool) -> None:
    if force:
        for service, name in databases.collections():
            databases.of(service)[name].delete_many({})  # Its indexes stay.
    with progress("restoring", sizes(manifest)[0]) as advance:
        for service, collections in manifest["databases"].items():
            for name, facts in collections.items():
                collection = databases.of(service)[name]
                dump.read_collection(service, collection, advance)
                if (count := collection.count_documents({})) != facts["documents"]:
                    raise Refusal(
                        f"{service}.{name} has {count} documents, not {facts['documents']}: "
                        "is a service running?"
                    )
    if files := manifest["files"]:
        dump.read_files(files, Path(os.environ["FILES_DIR"]))


def _tell_complaints(manifest: Facts, found: list[str], as_json: bool) -> None:
    documents, files = sizes(manifest)
    if as_json:
        facts: dict[str, Any] = {"documents": documents, "files": files, "complaints": found}
        click.echo(json.dumps(facts))
        return
    click.echo(f"{documents} documents and {files} files restored")
    for line in found[:MOST_COMPLAINTS]:
        click.echo(line)
    if len(found) > MOST_COMPLAINTS:
        click.echo(f"and {len(found) - MOST_COMPLAINTS} more")
    if found or manifest["under_way"]:
        click.echo(f"start the services, then `{_replay(manifest)}`", err=True)
    if not found:
        click.echo("everything fits: engagements, escrows, journal, credentials, files")


def _replay(manifest: Facts) -> str:
    """What was under way had been sent at most as long before as the ladder waits."""
    since = iso(datetime.fromisoformat(manifest["started_at"]) - LADDER)
    return f"stint archive replay --from {since} --to {manifest['made_at']} --to-all"
