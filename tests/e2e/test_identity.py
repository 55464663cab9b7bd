"""Who somebody is, over the running stack: letters, codes, invitations, a real OpenID provider."""

import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pymongo
import pyotp
import pytest
import requests

from deploy.embedded.processes import free_ports, listens
from deploy.embedded.stack import Stack
from services.gateway.handover import challenge_of
from tests.e2e.accounts import add_account
from tests.e2e.journey import PASSWORD, Api, Problem, address
from tests.waiting import wait_until

OTHER = "another horse and another staple"
TOKEN = re.compile(r"#token=(\S+)")


def registered(stack: Stack, role: str = "candidate", **more: Any) -> tuple[Api, str]:
    email = address(role)
    body = {"role": role, "email": email, "password": PASSWORD, "name": "Ada", **more}
    Api(stack.url).post("/v1/accounts", body)
    return Api(stack.url).sign_in(email, PASSWORD), email


def owner_of(stack: Stack) -> Api:
    return registered(stack, "owner", organisation_name="Northwind")[0]


def letter(stack: Stack, to: str, subject: str) -> str:
    """The secret of the link in the last letter of this kind to this address."""
    told = wait_until(
        lambda: [mail for mail in stack.mail.messages(to) if subject in mail["subject"]],
        20,
        f"a letter to {to}",
    )
    found = TOKEN.search(text_of(stack.mail.read(told[-1])))
    return found[1] if found else ""


def text_of(message: Message) -> str:
    part = next(each for each in message.walk() if each.get_content_type() == "text/plain")
    return bytes(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]


def letters(stack: Stack, to: str) -> list[dict[str, Any]]:
    with pymongo.MongoClient[dict[str, Any]](stack.database.uri, tz_aware=True) as client:
        return list(client["stint_notifications"]["letters"].find({"to": to}))


def refused(api: Api, path: str, body: dict[str, Any]) -> str:
    with pytest.raises(Problem) as told:
        api.post(path, body)
    return told.value.code


def test_an_address_is_verified_by_a_letter_whose_secret_is_kept_nowhere(stack: Stack) -> None:
    ada, email = registered(stack)
    assert ada.post("/v1/email-verifications") == {"status": "accepted"}
    token = letter(stack, email, "Confirm your e-mail address")
    [sent] = wait_until(lambda: [one for one in letters(stack, email) if one["mail"] == "sent"])
    assert ("link" in sent, token in str(sent)) == (False, False)
    Api(stack.url).post("/v1/email-verifications/confirm", {"token": token})
    assert ada.get("/v1/me")["email_verified"]
    logs = "".join(log.read_text(errors="replace") for log in stack.services.logs.glob("*.log"))
    assert token not in logs
    with pymongo.MongoClient[dict[str, Any]](stack.database.uri) as client:
        kept = [
            document
            for service in ("gateway", "notifications")
            for name in client[f"stint_{service}"].list_collection_names()
            for document in client[f"stint_{service}"][name].find()
        ]
    assert token not in str(kept)


def test_a_forgotten_password_is_replaced_and_everything_is_signed_out(stack: Stack) -> None:
    ada, email = registered(stack)
    Api(stack.url).post("/v1/password-resets", {"email": email})
    token = letter(stack, email, "Choose a new password")
    body = {"token": token, "password": OTHER}
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda _: (
                    requests.post(
                        f"{stack.url}/v1/password-resets/confirm", json=body, timeout=30
                    ).status_code
                ),
                range(2),
            )
        )
    assert sorted(answers) == [204, 409]
    assert refused(ada, "/v1/me/email", {"email": address("x"), "password": OTHER}) == (
        "session-over"
    )
    assert Api(stack.url).sign_in(email, OTHER).get("/v1/sessions")["items"][0]["current"]
    letter(stack, email, "Your password was changed")


def test_of_many_refreshes_at_once_one_wins_and_the_session_is_over(stack: Stack) -> None:
    _, email = registered(stack)
    credentials = {"email": email, "password": PASSWORD}
    signed_in = requests.post(f"{stack.url}/v1/sessions", json=credentials, timeout=30).json()
    body = {"refresh_token": signed_in["refresh_token"]}

    def refresh(token: dict[str, str]) -> requests.Response:
        return requests.post(f"{stack.url}/v1/sessions/refresh", json=token, timeout=30)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: refresh(body), range(6)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    for answer in won:
        assert refresh({"refresh_token": answer.json()["refresh_token"]}).status_code == 401
    assert refresh(body).status_code == 401


def test_signing_in_takes_a_code_which_is_taken_once(stack: Stack) -> None:
    ada, email = registered(stack)
    secret = ada.post("/v1/second-factor", {"password": PASSWORD})["secret"]
    totp = pyotp.TOTP(secret)
    now = time.time()
    recovery = ada.post("/v1/second-factor/confirm", {"code": totp.at(now)})["recovery_codes"]
    credentials = {"email": email, "password": PASSWORD}
    told = requests.post(f"{stack.url}/v1/sessions", json=credentials, timeout=30).json()
    assert told["code"] == "second-factor-required"
    answer = {"challenge": told["challenge"], "code": totp.at(now + 30)}

    def prove(_: object) -> int:
        path = f"{stack.url}/v1/sessions/second-factor"
        return requests.post(path, json=answer, timeout=30).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(prove, range(3))) == [201, 401, 401]
    answer["code"] = recovery[0]
    assert [prove(_) for _ in range(2)] == [201, 401]


def test_a_colleague_is_invited_by_mail_and_loses_everything_when_removed(stack: Stack) -> None:
    owner, email = owner_of(stack), address("grace")
    owner.post("/v1/organisation/invitations", {"email": email, "role": "recruiter"})
    token = letter(stack, email, "Northwind invites you")
    body = {"token": token, "name": "Grace", "password": PASSWORD}
    made = Api(stack.url).post("/v1/organisation/invitations/accept", body)
    grace = Api(stack.url).sign_in(email, PASSWORD)
    key = grace.post("/v1/api-keys", {"name": "Export", "scopes": ["list_projects"]})
    owner.patch(f"/v1/organisation/members/{made['id']}", {"role": "owner"})
    me = owner.account["id"]
    answer = requests.delete(
        f"{stack.url}/v1/organisation/members/{made['id']}",
        headers={"Authorization": str(owner.session.headers["Authorization"])},
        timeout=30,
    )
    assert answer.status_code == 204
    with_key = {"Authorization": f"Bearer {key['key']}"}
    assert requests.get(f"{stack.url}/v1/projects", headers=with_key, timeout=30).status_code == 401
    left = [each["id"] for each in owner.get("/v1/organisation/members")["items"]]
    assert left == [me]
    with pytest.raises(Problem) as told:
        owner.patch(f"/v1/organisation/members/{me}", {"role": "recruiter"})
    assert told.value.code == "last-owner"


def test_the_keys_that_sign_tokens_are_published(stack: Stack) -> None:
    keys = requests.get(f"{stack.url}/.well-known/jwks.json", timeout=30).json()["keys"]
    assert [{"kty", "crv", "x", "kid", "use", "alg"} <= {*key} for key in keys] == [True]
    assert "d" not in keys[0]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider of others' code, in a process of its own."""
    (port,) = free_ports(1)
    command = [Path(sys.executable).with_name("oidc-provider-mock"), "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as provider:
        try:
            wait_until(lambda: listens(port), 20, "the provider")
            yield f"http://localhost:{port}"
        finally:
            provider.terminate()


def at_provider(
    stack: Stack, issuer: str, org_id: str, email: str, **beginning: str
) -> requests.Response:
    """A browser that signs in at the provider and is sent back."""
    browser = requests.Session()
    begun = browser.get(
        f"{stack.url}/v1/sso/{org_id}", params=beginning, allow_redirects=False, timeout=30
    )
    assert begun.status_code == 302, begun.text
    query = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert (query["code_challenge_method"], query["response_type"]) == (["S256"], ["code"])
    sent = browser.post(
        begun.headers["Location"], data={"sub": email}, allow_redirects=False, timeout=30
    )
    back: str = sent.headers["Location"]
    assert back.startswith(f"{stack.url}/v1/sso/callback?"), back
    return browser.get(back, allow_redirects=False, timeout=30)


def test_a_school_s_people_sign_in_at_their_own_provider(stack: Stack, issuer: str) -> None:
    owner, operator = owner_of(stack), add_account(stack, "operator")
    org_id, domain = owner.account["org_id"], f"{address('d').partition('@')[0]}.example"
    settings = {
        "issuer": issuer,
        "client_id": "stint",
        "client_secret": "a secret",
        "domains": [domain],
    }
    owner.put(f"/v1/organisations/{org_id}/sso", settings)
    operator.post(f"/v1/organisations/{org_id}/sso/approve")
    email = f"grace@{domain}"

    def claims(sub: str, **told: Any) -> None:
        requests.put(f"{issuer}/users/{sub}", json=told, timeout=30).raise_for_status()

    claims(email, email=email, email_verified=True, name="Grace")
    first = at_provider(stack, issuer, org_id, email)
    assert first.status_code == 200, first.text
    account = first.json()["account"]
    assert (account["email"], account["org_id"]) == (email, org_id)
    again = at_provider(stack, issuer, org_id, email)
    assert again.json()["account"]["id"] == account["id"]
    verifier = secrets.token_urlsafe(48)
    page = {"return_to": f"{stack.url}/", "code_challenge": challenge_of(verifier)}
    sent = at_provider(stack, issuer, org_id, email, **page)
    place, _, behind = sent.headers["Location"].partition("#")
    assert (sent.status_code, place) == (303, page["return_to"])
    code = {"code": parse_qs(behind)["code"][0], "code_verifier": verifier}
    traded = requests.post(f"{stack.url}/v1/sessions/sso", json=code, timeout=30)
    assert traded.json()["account"]["id"] == account["id"], traded.text
    claims(f"eve@{domain}", email=f"eve@{domain}", email_verified=False, name="Eve")
    refusal = at_provider(stack, issuer, org_id, f"eve@{domain}")
    assert refusal.json()["code"] == "sso-email-unverified"
    claims("mallory", email="mallory@evil.example", email_verified=True, name="Mallory")
    refusal = at_provider(stack, issuer, org_id, "mallory")
    assert refusal.json()["code"] == "sso-domain-refused"
