"""Proving who one is: links by mail, passwords, a second factor."""

from typing import Any

from flask import g, request

from services.gateway.calls import RPC, current
from services.gateway.domain import Account, normal
from services.gateway.operations import Resource
from services.gateway.ports import ports
from services.gateway.resources.accounts import device, session_view
from services.gateway.schemas import identity as schemas
from services.gateway.schemas.accounts import Session
from services.gateway.second_factor import view

resource = Resource("identity", __name__, description="Proving who one is")
ACCEPTED = {"status": "accepted"}


def live() -> Account:
    """Whose request it is, where their session goes on: for what a stolen token must not do."""
    return ports().sessions.require_live(g.session_id, current().principal)


@resource.operation(
    "POST", "/email-verifications", answer=schemas.Accepted, status=202, sign_in=True
)
def ask_verification() -> Any:
    ports().recovery.ask_verification(current(), request.environ[RPC])
    return ACCEPTED


@resource.operation("POST", "/email-verifications/confirm", body=schemas.LinkToken, sign_in=True)
def confirm_email(body: dict[str, Any]) -> None:
    ports().recovery.confirm_email(current(), body["token"], request.environ[RPC])


@resource.operation(
    "POST",
    "/me/email",
    body=schemas.NewEmail,
    answer=schemas.Accepted,
    status=202,
    sign_in=True,
)
def change_email(body: dict[str, Any]) -> Any:
    live()
    ports().recovery.change_email(current(), rpc=request.environ[RPC], **body)
    return ACCEPTED


@resource.operation("POST", "/me/password", body=schemas.PasswordChange, sign_in=True)
def change_password(body: dict[str, Any]) -> None:
    live()
    ports().recovery.change_password(
        current(),
        g.session_id,
        body["current_password"],
        body["password"],
        body["revoke_keys"],
        request.environ[RPC],
    )


@resource.operation(
    "POST",
    "/password-resets",
    body=schemas.ResetWish,
    answer=schemas.Accepted,
    status=202,
    sign_in=True,
)
def ask_password_reset(body: dict[str, Any]) -> Any:
    ports().recovery.ask_reset(normal(body["email"]))
    return ACCEPTED


@resource.operation("POST", "/password-resets/confirm", body=schemas.Reset, sign_in=True)
def reset_password(body: dict[str, Any]) -> None:
    ports().recovery.reset_password(current(), rpc=request.environ[RPC], **body)


@resource.operation("GET", "/second-factor", answer=schemas.SecondFactor)
def get_second_factor() -> Any:
    return view(ports().accounts.accounts.load(current().principal.id))


@resource.operation(
    "POST",
    "/second-factor",
    body=schemas.PasswordAgain,
    answer=schemas.Enrolment,
    status=201,
    sign_in=True,
)
def enrol_second_factor(body: dict[str, Any]) -> Any:
    live()
    return ports().second_factors.enrol(current(), body["password"])


@resource.operation(
    "POST",
    "/second-factor/confirm",
    body=schemas.Code,
    answer=schemas.RecoveryCodes,
    sign_in=True,
)
def confirm_second_factor(body: dict[str, Any]) -> Any:
    live()
    return ports().second_factors.confirm(current(), body["code"], request.environ[RPC])


@resource.operation("POST", "/second-factor/remove", body=schemas.PasswordAndCode, sign_in=True)
def remove_second_factor(body: dict[str, Any]) -> None:
    live()
    ports().second_factors.remove(current(), rpc=request.environ[RPC], **body)


@resource.operation(
    "POST",
    "/sessions/second-factor",
    body=schemas.ChallengeAnswer,
    answer=Session,
    status=201,
    sign_in=True,
)
def prove_second_factor(body: dict[str, Any]) -> Any:
    made = ports()
    account = made.sessions.challenged(body["challenge"])
    proved = made.second_factors.check(current(), account, body["code"])
    return session_view(made.sessions.begin(current(), proved, device()))


@resource.operation("GET", "/sessions", answer=schemas.Sessions)
def list_sessions() -> Any:
    made = ports()
    account = made.accounts.accounts.load(current().principal.id)
    found = made.sessions_of(account.id, account.epoch, made.now())
    return {"items": [made.sessions.view(each, g.session_id) for each in found]}


@resource.operation("DELETE", "/sessions")
def end_sessions() -> None:
    ports().sessions.end_all(current())


@resource.operation("DELETE", "/sessions/<session_id>")
def end_one_session(session_id: str) -> None:
    ports().sessions.end_one(current(), session_id)
