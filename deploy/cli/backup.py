"""`stint backup`: every database and the files, to a folder."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from deploy.cli.channel import connect, declared
from deploy.cli.conduct import as_json, progress
from deploy.cli.databases import Databases, with_databases
from deploy.cli.dump import Dump, Facts, key_print, sizes
from deploy.cli.main import Refusal
from deploy.cli.times import iso
from shared import config
from shared.topology import ARCHIVE, UNROUTED, parked_name, plan, read_handlers

STAGED = ("incoming",)  # Uploads that are under way.


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@as_json
@with_databases
def backup(databases: Databases, folder: Path, as_json: bool) -> None:
    """Write every database and the files to DIR, which must not exist yet.

    \b
      DIR/databases/<service>/<collection>.bson   documents as mongodump writes them
      DIR/files/...                               what FILES_DIR holds
      DIR/manifest.json                           counts, sizes and sha256 of each of them

    Exact with the gateway stopped and nothing under way (`stint doctor` says when). Beside a
    working system it is nearly so: each document is as it was at one moment, but not all at the
    same one; after a restore, replaying the archive completes it, and the restore says how.

    Not in it: what waits in the broker's queues (it is counted), files that S3 keeps, and the
    settings: keep ID_KEY with it. It holds people's data and signing keys: keep it safe.
    """
    if folder.exists():
        raise Refusal(f"{folder} is there already")
    dump = Dump(folder.with_name(f"{folder.name}.unfinished"))
    shutil.rmtree(dump.folder, ignore_errors=True)  # Of a backup that was broken off.
    dump.folder.mkdir(mode=0o700, parents=True)
    facts = _about(databases)
    facts["databases"] = _write_databases(databases, dump)
    facts["files"] = _write_files(dump)
    facts["made_at"] = iso(datetime.now(UTC))
    dump.write_manifest(facts)
    dump.folder.rename(folder)
    _tell(facts, as_json)


def _about(databases: Databases) -> Facts:
    return {
        "started_at": iso(datetime.now(UTC)),
        "prefix": databases.prefix,
        "id_key": key_print(),
        "under_way": _under_way(),
    }


def _under_way() -> int | None:
    """Messages in the services' queues and on the ladder; None where no broker can be asked."""
    if not os.environ.get("AMQP_URI"):
        return None
    broker = config.read_broker()
    queues = [queue.name for queue in plan(read_handlers(), broker.ladder).queues]
    kept = (ARCHIVE, UNROUTED)
    working = [q for q in queues if q not in kept and not q.endswith(parked_name(""))]
    try:
        with connect(broker.amqp_uri) as connection:
            found = declared(connection, *working)
    except Refusal:
        return None
    return sum(each.message_count for each in found.values())


def _write_databases(databases: Databases, dump: Dump) -> Facts:
    written: Facts = {}
    collections = list(databases.collections())
    with progress("writing documents") as advance:
        for service, name in collections:
            facts = dump.write_collection(service, databases.of(service)[name], advance)
            written.setdefault(service, {})[name] = facts
    return written


def _write_files(dump: Dump) -> Facts | None:
    """None where there is no folder of files."""
    source = os.environ.get("FILES_DIR")
    if os.environ.get("S3_BUCKET"):
        click.echo("the files are in S3: they are not part of this backup", err=True)
        return None
    if not source or not Path(source).is_dir():
        click.echo("there is no folder FILES_DIR: the backup has no files", err=True)
        return None
    return dump.write_files(Path(source), STAGED)


def _tell(facts: Facts, as_json: bool) -> None:
    documents, files = sizes(facts)
    if as_json:
        click.echo(json.dumps({"documents": documents, "files": files, **facts}))
        return
    click.echo(f"{documents} documents of {len(facts['databases'])} services and {files} files")
    if facts["under_way"]:
        click.echo(f"{facts['under_way']} messages under way are not in it", err=True)
