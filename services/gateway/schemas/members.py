"""Invitations into an organisation, and what its members are."""

from services.gateway.schemas.accounts import address, secret
from services.gateway.schemas.base import (
    Request,
    View,
    called,
    choice,
    iana_zone,
    identifier,
    language,
    moment,
    number,
)
from services.gateway.schemas.identity import token

MEMBER_ROLES = ["recruiter", "evaluator", "owner"]


class NewMemberInvitation(Request):
    """Whoever reads this mailbox joins as this, within seven days."""

    email = address(required=True)
    role = choice(MEMBER_ROLES, required=True)


class MemberInvitation(View):
    id = identifier("min-0199", required=True)
    version = number(1, 10**9, 1, required=True)
    email = address(required=True)
    role = choice(MEMBER_ROLES, required=True)
    status = choice(["open", "accepted", "revoked", "expired"], required=True)
    invited_by = identifier("acc-0199", required=True)
    created_at = moment(required=True)
    expires_at = moment(required=True)


class Acceptance(Request):
    """Whoever is signed in joins with that account; else `name` and `password` make a new one."""

    token = token("min-0199.3fJx0Zk")
    name = called(1, 100, "Grace Hopper")
    password = secret()
    locale = language(load_default="en")
    time_zone = iana_zone(load_default="UTC")


class MemberChange(Request):
    role = choice(MEMBER_ROLES, required=True)
