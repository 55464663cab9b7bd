"""`stint partner`: who reads public events over AMQP, and with which passwords."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

import click
from rich.table import Table

from deploy.cli.asking import Ask, asking
from deploy.cli.conduct import agree, agreed, as_json, console
from deploy.cli.main import Refusal
from deploy.cli.partner_access import Access, User
from shared.config import read_broker
from shared.partner_bus import ID, stream_name

SERVICE = "notifications"
partner_id = click.argument("partner_id")


def with_access(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its `access` to the broker's users; an id that cannot be one is refused."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        id_ = options.get("partner_id", "x")
        if not ID.fullmatch(id_):
            raise Refusal(f"{id_!r} is no id of a partner: letters, digits, - and _")
        command(*args, access=Access(read_broker()), **options)

    return run


@click.group()
def partner() -> None:
    """Let partners read their public events from a stream on the broker.

    A partner is one that `POST /v1/partners` has made. It has two users, so that a new password
    works beside the one in use; a password is shown once. Needs MANAGEMENT_URI.
    """


@partner.command()
@partner_id
@as_json
@with_access
@asking(SERVICE)
def create(ask: Ask, access: Access, partner_id: str, as_json: bool) -> None:
    """Give PARTNER_ID a stream, a user and a password."""
    if _users(access, partner_id):
        raise Refusal(f"{partner_id} has access already: `stint partner rotate` makes a password")
    ask("get_stream", partner_id=partner_id)  # Whether there is such a partner at all.
    access.make_stream(partner_id)
    ask("open_stream", partner_id=partner_id)
    _show(access, *access.issue(partner_id, "a"), as_json)


@partner.command()
@partner_id
@click.option("--finish", is_flag=True, help="Instead: end the older password.")
@as_json
@with_access
def rotate(access: Access, partner_id: str, finish: bool, as_json: bool) -> None:
    """Make a second password for PARTNER_ID; the one in use works on until --finish.

    Of two that work the older one gives way to the new one.
    """
    users = _users(access, partner_id)
    if not users:
        raise Refusal(f"{partner_id} has no access: `stint partner create` gives it")
    if finish:
        for user in users[:-1]:
            access.remove(user)
        click.echo(f"only {users[-1].name} reads {stream_name(partner_id)}")
        return
    _show(access, *access.issue(partner_id, "b" if users[-1].slot == "a" else "a"), as_json)


@partner.command()
@partner_id
@click.option("--delete-stream", is_flag=True, help="Also delete what the stream keeps.")
@agreed
@with_access
@asking(SERVICE)
def revoke(ask: Ask, access: Access, partner_id: str, delete_stream: bool, yes: bool) -> None:
    """Take all access over AMQP from PARTNER_ID; webhooks and polling go on."""
    users = _users(access, partner_id)
    stream = stream_name(partner_id)
    plan = [f"{user.name} is deleted, its connections end" for user in users]
    plan += [
        f"the stream {stream} is {'deleted' if delete_stream else 'kept, for 30 days at most'}"
    ]
    agree(plan, yes)
    for user in users:
        access.remove(user)
    ask("close_stream", partner_id=partner_id)
    if delete_stream:
        access.delete_stream(partner_id)
    click.echo(f"{partner_id} reads nothing over AMQP any more")


@partner.command()
@as_json
@with_access
@asking(SERVICE)
def ls(ask: Ask, access: Access, as_json: bool) -> None:
    """List the streams: who reads them, how far they have come, what they lack."""
    kept, users = access.streams(), access.users()
    rows = [
        {
            **stream,
            "users": [user.name for user in users if user.partner_id == stream["id"]],
            "kept": kept.get(stream_name(stream["id"])),
        }
        for stream in ask("list_streams")["items"]
    ]
    if as_json:
        click.echo(json.dumps(rows))
    elif rows:
        console().print(_table(rows))
    else:
        click.echo("no partner reads over AMQP")


def _users(access: Access, partner_id: str) -> list[User]:
    return [user for user in access.users() if user.partner_id == partner_id]


def _show(access: Access, user: User, password: str, as_json: bool) -> None:
    """The only time that a password is seen."""
    parts = urlsplit(access.uri)
    host = parts.netloc.rpartition("@")[2]
    given = {
        "partner_id": user.partner_id,
        "user": user.name,
        "password": password,
        "vhost": access.vhost,
        "queue": stream_name(user.partner_id),
        "uri": f"{parts.scheme}://{user.name}:{password}@{host}/{quote(access.vhost, safe='')}",
    }
    if as_json:
        click.echo(json.dumps(given))
        return
    for name, value in given.items():
        click.echo(f"{name:<12}{value}")
    click.echo("The password is shown this once and kept nowhere.", err=True)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("partner", "name", "open", "users", "brought", "lacks", "kept")
    for row in rows:
        shown = (row["id"], row["name"], "yes" if row["open"] else "no", "\n".join(row["users"]))
        table.add_row(*shown, *(str(row[name]) for name in ("position", "lacking", "kept")))
    return table
