"""Proving who one is: links by mail, passwords, sessions, a second factor."""

from marshmallow import fields, validate

from services.gateway.schemas.accounts import address, secret
from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    moment,
    number,
    string,
    texts,
)

LINK = "acc-0199.3fJx0Zk"
DEVICE = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def token(example: str = LINK) -> fields.String:
    """What is behind the `#token=` of a link."""
    return fields.String(
        required=True, validate=validate.Length(1, 200), metadata={"example": example}
    )


def known() -> fields.String:
    """The password that one has."""
    return fields.String(
        required=True,
        validate=validate.Length(1, 256),
        load_only=True,
        metadata={"example": "correct horse battery staple"},
    )


def code() -> fields.String:
    """Six digits of an authenticator, or a recovery code."""
    return fields.String(
        required=True, validate=validate.Length(6, 40), metadata={"example": "492039"}
    )


class LinkToken(Request):
    token = token()


class NewEmail(Request):
    """The new address counts once the link that is sent to it has been opened."""

    email = address(required=True)
    password = known()


class ResetWish(Request):
    email = fields.String(
        required=True, validate=validate.Length(1, 254), metadata={"example": "ada@example.com"}
    )


class Reset(Request):
    """All sessions are over. API keys stay, and the mail about it names them, where they are not
    revoked with it."""

    token = token()
    password = secret(required=True)
    revoke_keys = flag(False, load_default=False)


class PasswordChange(Request):
    """All other sessions are over; API keys as with a reset."""

    current_password = known()
    password = secret(required=True)
    revoke_keys = flag(False, load_default=False)


class Accepted(View):
    """It is under way; a mail follows where there is somebody to be written to."""

    status = choice(["accepted"], required=True)


class ListedSession(View):
    """A sign-in; `device` is the User-Agent of then, shortened."""

    id = identifier("ses-0199", required=True)
    device = string(0, 80, DEVICE, required=True)
    created_at = moment(required=True)
    last_used_at = moment(allow_none=True)
    expires_at = moment(required=True)
    current = flag(True, required=True)


class Sessions(View):
    items = listed(ListedSession, required=True)


class PasswordAgain(Request):
    password = known()


class Code(Request):
    code = code()


class PasswordAndCode(Request):
    password = known()
    code = code()


class ChallengeAnswer(Request):
    """The `challenge` of the problem `second-factor-required`, and a code."""

    challenge = fields.String(
        required=True,
        validate=validate.Length(1, 4096),
        metadata={"example": "eyJhbGciOiJFZDI1NTE5In0.e30.c2ln"},
    )
    code = code()


class SecondFactor(View):
    on = flag(True, required=True)
    confirmed_at = moment(allow_none=True)
    recovery_codes_left = number(0, 100, 10, required=True)


class Enrolment(View):
    """Shown this once; `otpauth_uri` is what an authenticator reads as a QR code."""

    secret = string(1, 100, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", required=True)
    otpauth_uri = string(1, 1000, "otpauth://totp/Stint:ada%40example.com", required=True)


class RecoveryCodes(View):
    """Shown this once; each opens the account once in place of a code."""

    recovery_codes = texts(string(1, 40, "k3vp-7qxa-m2dn"), 0, 100, required=True)
