"""`stint audit`: whether the log of who did what is whole, and a copy of it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

import click
import orjson
from pymongo.errors import PyMongoError

from services.gateway import config
from services.gateway.audit import Entry, Verdict, entry_id, exported
from services.gateway.audit import verify as walk
from services.gateway.audit_store import AuditRecords
from shared.platform import Platform

BROKEN = 1  # The exit code that says so.
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The log of who did what: append-only, each entry bound to the one before."""


@audit.command()
@click.option("--file", "path", type=FILE, help="A copy made by `export`, instead of the log.")
def verify(path: Path | None) -> None:
    """Walk every chain and name the first entry that does not fit (exit code 1).

    The heads that it prints are worth keeping elsewhere: a later walk has to pass through them.
    """
    try:
        verdict = _of_file(path) if path else _of_database()
    except PyMongoError as exc:
        _stop(f"the database does not answer: {exc}")
    except (ValueError, KeyError, TypeError) as exc:
        _stop(f"this is no export of the audit log: {exc}")
    for head in verdict.heads:
        click.echo(f"{entry_id(head['chain'], head['sequence'])} {head['hash']}")
    if verdict.broken:
        click.echo(f"broken: {verdict.broken}", err=True)
        raise SystemExit(BROKEN)
    click.echo(f"whole: {verdict.entries} entries in {verdict.chains} chains")


@audit.command()
@click.argument("out", type=click.File("wb"), default="-")
def export(out: BinaryIO) -> None:
    """Write every entry as a line of JSON, chain by chain."""
    platform = Platform(config.from_env(), "gateway")
    try:
        for entry in AuditRecords(platform).all():
            out.write(exported(entry))
    except PyMongoError as exc:
        _stop(f"the database does not answer: {exc}")
    finally:
        platform.client.close()


def _of_database() -> Verdict:
    platform = Platform(config.from_env(), "gateway")
    try:
        records = AuditRecords(platform)
        return walk(records.all(), records.hash_of)
    finally:
        platform.client.close()


def _of_file(path: Path) -> Verdict:
    hashes = {entry_id(one["chain"], one["sequence"]): str(one["hash"]) for one in _lines(path)}
    return walk(_lines(path), hashes.get)


def _lines(path: Path) -> Iterator[Entry]:
    with path.open("rb") as lines:
        yield from map(orjson.loads, lines)


def _stop(reason: str) -> NoReturn:
    click.echo(" ".join(reason.split()), err=True)
    sys.exit(2)
