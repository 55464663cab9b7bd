"""Single sign-on: an organisation's OpenID provider."""

import re
from typing import Any

from marshmallow import fields, post_load, pre_load, validate

from services.gateway.schemas.base import (
    Request,
    View,
    Whole,
    choice,
    identifier,
    number,
    string,
    texts,
)

ISSUER = "https://login.example.edu"
DOMAIN = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}$")
VERIFIER = re.compile(r"^[A-Za-z0-9._~-]{43,128}$")
# What a member becomes; schools bring candidates and educators, who belong to no company.
ROLES = ["evaluator", "recruiter", "candidate", "educator"]


def domain() -> fields.String:
    """A domain of e-mail addresses, in lower case."""
    rule = Whole(DOMAIN, error="Not a domain such as example.edu.")
    return fields.String(validate=rule, metadata={"example": "example.edu"})


class NewConnection(Request):
    """A client of the provider whose callback is `callback_url`, and whose people it brings."""

    issuer = fields.Url(
        required=True,
        schemes={"https", "http"},
        require_tld=False,
        validate=validate.Length(8, 500),
        metadata={"example": ISSUER},
    )
    client_id = string(1, 200, "stint", required=True)
    client_secret = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 500),
        metadata={"example": "a secret of the provider"},
    )
    domains = texts(domain(), 1, 20, required=True)
    role = choice(ROLES, load_default="evaluator")


class Connection(View):
    """`pending` until an operator has seen that the domains are the organisation's."""

    id = identifier("org-0199", required=True)
    version = number(0, 10**9, 1, required=True)
    status = choice(["none", "pending", "approved"], required=True)
    issuer = string(0, 500, ISSUER, required=True)
    client_id = string(0, 200, "stint", required=True)
    domains = texts(fields.String(metadata={"example": "example.edu"}), 0, 20, required=True)
    role = choice(ROLES, required=True)
    callback_url = string(1, 500, "https://api.example.com/v1/sso/callback", required=True)


class Beginning(Request):
    """How a frontend has its browser come back; a program sends neither, and is answered JSON."""

    return_to = fields.String(
        load_default="",
        validate=validate.Length(0, 500),
        metadata={
            "description": "Where the browser ends: one of SSO_RETURN_URLS, letter by letter.",
            "example": "https://app.example.com/signed-in",
        },
    )
    code_challenge = fields.String(
        validate=Whole(CHALLENGE, error="43 characters: BASE64URL(SHA256(verifier))."),
        metadata={
            "description": "The S256 challenge (RFC 7636) that the code is bound to.",
            "example": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        },
    )

    @post_load
    def named(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"return_to": data["return_to"], "challenge": data.get("code_challenge", "")}


class SignInCode(Request):
    """What the browser brought back behind `#code=`, and the verifier of its challenge."""

    code = string(1, 100, "Ww3fJx0ZkU2lq6mWcC9yAbb1q0a8Zq1l9Qm7v3nXb1E", required=True)
    code_verifier = fields.String(
        required=True,
        load_only=True,
        validate=Whole(VERIFIER, error="43 to 128 letters, digits and -._~."),
        metadata={"example": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    )


class ProviderAnswer(Request):
    """What the provider sends the browser back with; it may say more than that."""

    state = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={
            "description": "What the gateway sent the browser there with.",
            "example": "c3RhdGU",
        },
    )
    code = fields.String(
        load_default="",
        validate=validate.Length(0, 4000),
        metadata={"description": "What the gateway trades for who it is.", "example": "Y29kZQ"},
    )
    error = fields.String(
        load_default="",
        validate=validate.Length(0, 200),
        metadata={"description": "Why nobody was signed in.", "example": "access_denied"},
    )
    iss = fields.String(
        load_default="",
        validate=validate.Length(0, 500),
        metadata={"description": "Which provider it was.", "example": ISSUER},
    )

    @pre_load
    def known(self, data: Any, **_: Any) -> dict[str, Any]:
        return {name: data[name] for name in self.fields if name in data}
