"""`stint account`: the people that nobody registers as by themselves."""

import os
import sys
from typing import Any, NoReturn

import click
from pymongo.errors import PyMongoError
from uuid_utils.compat import uuid7

from services.gateway import config, store
from services.gateway.accounts import Accounts
from services.gateway.auth import Passwords
from services.gateway.schemas.accounts import Registration
from shared.envelope import Call
from shared.errors import StintError
from shared.platform import Platform

PASSWORD = "STINT_ACCOUNT_PASSWORD"
ROLES = ("operator", "educator", "partner")


@click.group()
def account() -> None:
    """Accounts that cannot be registered over HTTP."""


@account.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--email", required=True)
@click.option("--name", default="", help="What the person is called; the address by default.")
def add(role: str, email: str, name: str) -> None:
    """Add an account; its password is asked for, or comes from stdin or STINT_ACCOUNT_PASSWORD."""
    password = _password()
    fields = {"email": email, "password": password, "name": name or email.partition("@")[0]}
    faults = Registration(only=tuple(fields)).validate(fields)
    if faults:
        _stop("; ".join(f"{field}: {' '.join(texts)}" for field, texts in faults.items()))
    try:
        click.echo(_add(role, fields))
    except (StintError, PyMongoError) as exc:
        _stop(str(exc))


def _add(role: str, fields: dict[str, Any]) -> str:
    """The new account's id. The running gateway announces it and pushes its contact."""
    platform = Platform(config.from_env(), "gateway")
    accounts = Accounts(
        store.accounts(platform),
        store.organisations(platform),
        store.emails(platform),
        Passwords(),
        platform.now,
    )
    platform.prepare()
    try:
        return accounts.register(Call(id=str(uuid7())), role=role, verified=True, **fields).id
    finally:
        platform.client.close()


def _password() -> str:
    if given := os.environ.get(PASSWORD):
        return given
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def _stop(reason: str) -> NoReturn:
    click.echo(" ".join(reason.split()), err=True)
    raise SystemExit(2)
