"""Who works for an organisation: invitations, roles, leaving."""

from typing import Any

from flask import g, request

from services.gateway.calls import RPC, current
from services.gateway.members import invitation_view
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.accounts import account_view
from services.gateway.resources.identity import live
from services.gateway.schemas import members as schemas
from services.gateway.schemas.accounts import Account
from services.gateway.schemas.base import PageQuery, page_of
from shared.principal import ANONYMOUS

resource = Resource("members", __name__, description="Members of organisations")


@resource.operation(
    "POST",
    "/organisation/invitations",
    body=schemas.NewMemberInvitation,
    answer=schemas.MemberInvitation,
    status=201,
    sign_in=True,
)
def invite_member(body: dict[str, Any]) -> Any:
    return ports().memberships.invite(current(), live(), rpc=request.environ[RPC], **body)


@resource.operation(
    "GET", "/organisation/invitations", query=PageQuery, answer=page_of(schemas.MemberInvitation)
)
def list_member_invitations(query: dict[str, Any]) -> Any:
    made = ports()
    found, following = made.member_invitations(str(current().principal.org_id), **query)
    return {"items": [invitation_view(each, made.now()) for each in found], "next": following}


@resource.operation("DELETE", "/organisation/invitations/<member_invitation_id>")
def revoke_member_invitation(member_invitation_id: str) -> None:
    ports().memberships.revoke(current(), member_invitation_id)


@resource.operation(
    "POST",
    "/organisation/invitations/accept",
    body=schemas.Acceptance,
    answer=Account,
    status=201,
    sign_in=True,
)
def accept_member_invitation(body: dict[str, Any]) -> Any:
    account = None if g.principal == ANONYMOUS else live()
    token = body.pop("token")
    joined = ports().memberships.accept(current(), token, body, account, request.environ[RPC])
    return account_view(joined)


@resource.operation(
    "PATCH", "/organisation/members/<member_id>", body=schemas.MemberChange, answer=Account
)
def change_member(member_id: str, body: dict[str, Any]) -> Any:
    live()
    rpc = request.environ[RPC]
    return account_view(ports().memberships.change_role(current(), member_id, body["role"], rpc))


@resource.operation("DELETE", "/organisation/members/<member_id>")
def remove_member(member_id: str) -> None:
    live()
    ports().memberships.remove(current(), member_id, request.environ[RPC])
