"""Registration, sessions, oneself, one's organisation."""

from typing import Any

from flask import g, request

from services.gateway import accounts
from services.gateway.calls import RPC, current
from services.gateway.domain import Account, Organisation, normal
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.schemas import accounts as schemas
from services.gateway.schemas.base import PageQuery, page_of
from shared.errors import Unavailable

resource = Resource("accounts", __name__, description="Accounts, sessions and organisations")


@resource.operation(
    "POST",
    "/accounts",
    body=schemas.Registration,
    answer=schemas.Account,
    status=201,
    sign_in=True,
)
def register_account(body: dict[str, Any]) -> Any:
    return account_view(_registered(**body))


@resource.operation(
    "POST", "/sessions", body=schemas.SignIn, answer=schemas.Session, status=201, sign_in=True
)
def create_session(body: dict[str, Any]) -> Any:
    email = normal(body["email"])
    made = ports().sessions.create(current(), email, body["password"], device())
    return session_view(made)


@resource.operation(
    "POST", "/sessions/refresh", body=schemas.RefreshToken, answer=schemas.Session, sign_in=True
)
def refresh_session(body: dict[str, Any]) -> Any:
    return session_view(ports().sessions.refresh(current(), body["refresh_token"]))


@resource.operation("DELETE", "/sessions/current")
def end_session() -> None:
    ports().sessions.end(current(), g.session_id)


@resource.operation("GET", "/me", answer=schemas.Account)
def get_me() -> Any:
    return account_view(ports().accounts.accounts.load(current().principal.id))


@resource.operation("PATCH", "/me", body=schemas.MeChanges, answer=schemas.Account)
def update_me(body: dict[str, Any]) -> Any:
    return account_view(_reachable(ports().accounts.amend(current(), **body)))


@resource.operation(
    "POST",
    "/organisation/members",
    body=schemas.NewMember,
    answer=schemas.Account,
    status=201,
)
def add_member(body: dict[str, Any]) -> Any:
    ports().sessions.require_live(g.session_id, current().principal)
    return account_view(_registered(org_id=current().principal.org_id, **body))


@resource.operation(
    "GET", "/organisation/members", query=PageQuery, answer=page_of(schemas.Account)
)
def list_members(query: dict[str, Any]) -> Any:
    found, following = ports().members(str(current().principal.org_id), **query)
    return {"items": [accounts.listed(fields) for fields in found], "next": following}


@resource.operation(
    "POST",
    "/organisations/<org_id>/verify",
    body=schemas.Verification,
    optional_body=True,
    answer=schemas.Organisation,
)
def verify_organisation(org_id: str, body: dict[str, Any]) -> Any:
    changed = ports().accounts.organisations.change(
        org_id, current(), lambda organisation: Organisation.verify(organisation, body["level"])
    )
    return accounts.organisation_view(changed)


def account_view(account: Account) -> dict[str, Any]:
    return accounts.view(account, ports().accounts.organisations.find)


def session_view(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "account": account_view(made["account"])}


def device() -> str:
    """What the request was sent with, as it says itself."""
    return str(request.user_agent.string)


def _registered(**about: Any) -> Account:
    return ports().accounts.register(current(), rpc=request.environ[RPC], **about)


def _reachable(account: Account) -> Account:
    """The contact is pushed at once; while notifications is away the sweep goes on trying."""
    try:
        return ports().accounts.push_contact(account, request.environ[RPC])
    except Unavailable:
        return account


def person() -> dict[str, str]:
    """What must not be read in what the caller writes to who may not know them.

    Only the gateway knows it. It goes with the text that it is taken out of, and is not kept.
    """
    account = ports().accounts.accounts.load(current().principal.id)
    return {"name": account.name, "email": account.email}
