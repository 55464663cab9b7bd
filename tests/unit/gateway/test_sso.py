"""Single sign-on: who is let in on a provider's word, and which addresses a provider may have."""

import gzip
import io
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from requests import Response
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse
from werkzeug.http import parse_cookie

from services.gateway import oidc
from services.gateway.domain import Account, Organisation, Role, Standing
from services.gateway.handover import challenge_of
from services.gateway.proofs import SecondFactor
from services.gateway.sso import Person, require_allowed
from shared.addresses import all_public
from shared.errors import Conflict, Invalid
from tests.unit.gateway.conftest import PEOPLE, World, make_world, sign_in_all

PASSWORD = "correct horse battery staple"
ORG = "/v1/organisations/org-north/sso"
SETTINGS = {
    "issuer": "https://login.north.example",
    "client_id": "stint",
    "client_secret": "a secret of the provider",
    "domains": ["north.example"],
}
GRACE = Person("sub-1", "Grace@North.example", "Grace Hopper")


@pytest.fixture
def north(world: World) -> World:
    sign_in_all(world)
    organisation = Organisation("org-north", "Northwind", world.clock(), version=1)
    world.organisations.put(organisation)
    world.provider.person = GRACE
    return world


def configure(world: World, role: str = "operator", **changes: Any) -> Any:
    return world.client(role)("PUT", ORG, json={**SETTINGS, **changes})


def come_back(world: World, **changes: str) -> Any:
    """Sign in there, and be sent back."""
    started = world.client().get("/v1/sso/org-north")
    assert started.status_code == 302, started.text
    cookie = parse_cookie(started.headers["Set-Cookie"])["stint_sso"]
    state = world.provider.begun[-1]["state"]
    query = {"state": state, "code": "a-code", "session_state": "x", **changes}
    headers = {"Cookie": f"stint_sso={query.pop('cookie', cookie)}"}
    return world.client().get("/v1/sso/callback", query_string=query, headers=headers)


def test_an_owner_s_provider_waits_for_an_operator(north: World) -> None:
    made = configure(north, "owner")
    assert (made.status_code, made.get_json()["status"]) == (200, "pending")
    assert made.get_json()["callback_url"] == "https://api.example.com/v1/sso/callback"
    assert SETTINGS["client_secret"] not in made.text
    assert north.client().get("/v1/sso/org-north").get_json()["code"] == "sso-not-configured"
    approved = north.client("operator").post(f"{ORG}/approve", {})
    assert approved.get_json()["status"] == "approved"
    assert come_back(north).status_code == 200
    again = configure(north, "owner", client_secret="another secret").get_json()
    assert again["status"] == "approved"
    for change in ({"domains": ["gmail.com"]}, {"issuer": "https://evil.example"}):
        assert configure(north, "owner", **change).get_json()["status"] == "pending"
    assert north.client("owner")("DELETE", ORG).status_code == 204
    assert north.client("owner").get(ORG).get_json()["status"] == "none"


def test_a_new_person_gets_a_verified_account_without_a_password(north: World) -> None:
    configure(north)
    made = come_back(north)
    account = made.get_json()["account"]
    assert (made.status_code, account["email"]) == (200, "grace@north.example")
    assert (account["role"], account["org_id"]) == ("evaluator", "org-north")
    assert account["email_verified"]
    [(issuer, client, code, begun, callback)] = north.provider.finished
    assert callback == "https://api.example.com/v1/sso/callback"
    assert (issuer, client) == (SETTINGS["issuer"], ("stint", SETTINGS["client_secret"]))
    assert (code, {*begun}) == ("a-code", {"state", "nonce", "verifier"})
    credentials = {"email": "grace@north.example", "password": ""}
    assert north.client().post("/v1/sessions", {**credentials, "password": "x"}).status_code == 401
    assert come_back(north).get_json()["account"]["id"] == account["id"]


def test_a_school_brings_candidates_who_belong_to_no_company(north: World) -> None:
    north.client("operator")("PUT", ORG, json={**SETTINGS, "role": "candidate"})
    account = come_back(north).get_json()["account"]
    assert (account["role"], account["org_id"]) == ("candidate", None)


def known(world: World, **changes: Any) -> Account:
    details = {"name": "Grace", "password_hash": f"hash of {PASSWORD}", "org_id": "org-north"}
    account = Account(
        **{
            "id": "acc-grace",
            "email": "grace@north.example",
            "role": Role.RECRUITER,
            "created_at": world.clock(),
            "standing": Standing.ACTIVE,
            "contact_told": 1,
            **details,
            **changes,
        }
    )
    world.accounts.put(account)
    world.claims.take(account.email, account.id)
    return account


def test_a_member_is_known_again_by_the_verified_address(north: World) -> None:
    configure(north)
    known(north, email_verified_at=north.clock())
    account = come_back(north).get_json()["account"]
    assert (account["id"], account["role"]) == ("acc-grace", "recruiter")
    assert north.accounts.load("acc-grace").password_hash == f"hash of {PASSWORD}"


def test_a_password_of_whoever_registered_the_address_unverified_is_gone(north: World) -> None:
    configure(north)
    known(north)
    assert come_back(north).status_code == 200
    assert north.accounts.load("acc-grace").password_hash == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"org_id": "org-another"},
        {"org_id": None, "role": Role.OPERATOR},
        {"org_id": None, "role": Role.CANDIDATE},
        {"standing": Standing.REFUSED},
    ],
)
def test_nobody_s_account_is_opened_by_another_organisation_s_provider(
    north: World, changes: dict[str, Any]
) -> None:
    configure(north)
    known(north, email_verified_at=north.clock(), **changes)
    refused = come_back(north)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "account-elsewhere")


@pytest.mark.parametrize("email", ["eve@evil.example", "eve@sub.north.example", "north.example"])
def test_a_provider_vouches_for_its_domains_alone(north: World, email: str) -> None:
    configure(north)
    north.provider.person = Person("sub-2", email, "Eve")
    assert come_back(north).get_json()["code"] == "sso-domain-refused"


def test_only_the_browser_that_began_comes_back_and_once(north: World) -> None:
    configure(north)
    assert come_back(north, cookie="another").get_json()["code"] == "sso-state-refused"
    assert come_back(north, state="another").get_json()["code"] == "sso-state-refused"
    assert come_back(north, iss="https://other.example").get_json()["code"] == "sso-issuer-mixed-up"
    assert come_back(north, error="access_denied").get_json()["code"] == "sso-cancelled"
    assert come_back(north).status_code == 200
    state = north.provider.begun[-1]["state"]
    again = north.client().get(
        f"/v1/sso/callback?state={state}&code=x", headers={"Cookie": f"stint_sso={state}"}
    )
    assert (again.status_code, again.get_json()["code"]) == (409, "sso-state-refused")


def test_a_sign_in_at_a_provider_takes_ten_minutes_at_most(north: World) -> None:
    configure(north)
    started = north.client().get("/v1/sso/org-north")
    cookie = started.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/v1/sso"} <= {*cookie.split("; ")}
    state = parse_cookie(cookie)["stint_sso"]
    north.clock.forward(minutes=10)
    late = north.client().get(
        f"/v1/sso/callback?state={state}&code=x", headers={"Cookie": f"stint_sso={state}"}
    )
    assert late.get_json()["code"] == "sso-state-refused"


APP, OTHER_APP = "https://app.example.com/signed-in", "https://other.example.com/"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-x"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BEGINNING = {"code_challenge": challenge_of(VERIFIER)}


@pytest.fixture
def fronted(tmp_path: Path) -> World:
    world = make_world(tmp_path, sso_return_urls=(APP, OTHER_APP))
    sign_in_all(world)
    world.organisations.put(Organisation("org-north", "Northwind", world.clock(), version=1))
    world.provider.person = GRACE
    configure(world)
    return world


def browse(world: World, beginning: dict[str, str] = BEGINNING, **changes: str) -> tuple[str, Any]:
    """A person signs in there, in a browser: where they end, and with what behind the `#`."""
    started = world.client().get("/v1/sso/org-north", query_string=beginning, headers=BROWSER)
    if started.status_code != 302:
        return landed(started)
    cookie = parse_cookie(started.headers["Set-Cookie"])["stint_sso"]
    query = {"state": world.provider.begun[-1]["state"], "code": "a-code", **changes}
    headers = {**BROWSER, "Cookie": f"stint_sso={cookie}"}
    return landed(world.client().get("/v1/sso/callback", query_string=query, headers=headers))


def landed(answer: Any) -> tuple[str, dict[str, str]]:
    assert answer.status_code == 303, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "stint_sso=;" in answer.headers["Set-Cookie"]
    place, _, behind = answer.headers["Location"].partition("#")
    return place, dict(parse_qsl(behind))


def redeem(world: World, code: str, verifier: str = VERIFIER) -> Any:
    return world.client().post("/v1/sessions/sso", {"code": code, "code_verifier": verifier})


def test_a_browser_ends_at_the_frontend_with_a_code_that_is_traded_once(fronted: World) -> None:
    place, told = browse(fronted)
    assert (place, {*told}, told["org_id"]) == (APP, {"code", "org_id"}, "org-north")
    assert fronted.sessions.documents.keys() == {f"ses-{role}" for role in PEOPLE}, "none before"
    made = redeem(fronted, told["code"])
    assert (made.status_code, made.get_json()["account"]["email"]) == (201, "grace@north.example")
    assert redeem(fronted, told["code"]).get_json()["code"] == "sso-code-refused"


def test_a_code_is_good_for_a_minute_and_for_whoever_began(fronted: World) -> None:
    code = browse(fronted)[1]["code"]
    for verifier in (VERIFIER + "x", VERIFIER):  # A wrong one uses the code up.
        assert redeem(fronted, code, verifier).get_json()["code"] == "sso-code-refused"
    code = browse(fronted)[1]["code"]
    fronted.clock.forward(minutes=1)
    assert redeem(fronted, code).status_code == 409
    state = fronted.provider.begun[-1]["state"]
    assert redeem(fronted, state).status_code == 409, "no state is a code"


def test_a_code_is_worth_nothing_once_its_person_signed_out_everywhere(fronted: World) -> None:
    code = browse(fronted)[1]["code"]
    [grace] = [one for one in fronted.accounts.all() if one.name == "Grace Hopper"]
    fronted.accounts.change(grace.id, None, Account.end_sessions)
    assert redeem(fronted, code).get_json()["code"] == "sso-code-refused"


def test_a_second_factor_is_asked_for_when_the_code_is_traded(fronted: World) -> None:
    now = fronted.clock()
    account = known(fronted, email_verified_at=now)
    factor = SecondFactor("sealed", now, confirmed_at=now)
    fronted.accounts.alter(account.id, second_factor=factor)
    asked = redeem(fronted, browse(fronted)[1]["code"])
    assert (asked.status_code, asked.get_json()["code"]) == (401, "second-factor-required")
    assert asked.get_json()["challenge"]


def test_a_browser_goes_to_listed_addresses_alone(fronted: World) -> None:
    assert browse(fronted, {**BEGINNING, "return_to": OTHER_APP})[0] == OTHER_APP
    for evil in ("https://evil.example/", APP + "/", APP + "@evil.example", "//evil.example", "x"):
        place, told = browse(fronted, {**BEGINNING, "return_to": evil})
        assert (place, told) == (APP, {"error": "return-refused", "org_id": "org-north"})
        query = {**BEGINNING, "return_to": evil}
        asked = fronted.client().get("/v1/sso/org-north", query_string=query)
        assert (asked.status_code, "Location" in asked.headers) == (422, False)


def test_whatever_goes_wrong_the_frontend_hears_of_it_by_its_code(fronted: World) -> None:
    elsewhere = {**BEGINNING, "return_to": OTHER_APP}
    assert browse(fronted, {}) == (APP, {"error": "challenge-missing", "org_id": "org-north"})
    place, told = browse(fronted, elsewhere, error="<script>")
    assert (place, told) == (OTHER_APP, {"error": "sso-cancelled", "org_id": "org-north"})
    assert browse(fronted, elsewhere, state="x")[1] == {"error": "sso-state-refused"}
    fronted.provider.person = Person("sub-2", "eve@evil.example", "Eve")
    place, told = browse(fronted, elsewhere)
    assert (place, told["error"]) == (OTHER_APP, "sso-domain-refused")
    nowhere = fronted.client().get("/v1/sso/callback", headers=BROWSER)
    assert landed(nowhere) == (APP, {"error": "invalid-request"})
    fronted.client("operator")("DELETE", ORG)
    assert browse(fronted)[1]["error"] == "sso-not-configured"


def test_a_browser_that_asks_too_often_hears_of_it_too(tmp_path: Path) -> None:
    world = make_world(tmp_path, sso_return_urls=(APP,), sign_in_limit="1/minute")
    answers = [world.client().get("/v1/sso/org-none", headers=BROWSER) for _ in range(2)]
    errors = [landed(answer)[1]["error"] for answer in answers]
    assert errors == ["challenge-missing", "too-many-requests"]


def test_a_program_is_answered_json_where_there_is_a_frontend(fronted: World) -> None:
    for accept in ("application/json", "*/*"):
        asked = fronted.client().get("/v1/sso/callback?state=x", headers={"Accept": accept})
        assert (asked.status_code, asked.get_json()["code"]) == (409, "sso-state-refused")
    assert come_back(fronted).get_json()["access_token"]


def test_without_a_frontend_there_is_nowhere_to_send_a_browser(north: World) -> None:
    configure(north)
    for query in (BEGINNING, {"return_to": APP, **BEGINNING}):
        asked = north.client().get("/v1/sso/org-north", query_string=query, headers=BROWSER)
        assert (asked.status_code, asked.get_json()["code"]) == (422, "return-refused")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0"),
        *("::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "224.0.0.1"),
    ],
)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not all_public([address])


def test_the_internet_s_addresses_are_public() -> None:
    assert all_public(["93.184.216.34"])
    assert all_public(["2606:2800:220:1:248:1893:25c8:1946"])


def test_in_production_a_provider_speaks_https_and_is_not_inside() -> None:
    with pytest.raises(Invalid):
        require_allowed("http://login.example.com", strict=True)
    require_allowed("https://login.example.com", strict=True)
    require_allowed("http://localhost:9400", strict=False)
    provider = oidc.OpenIdProvider(strict=True, now=lambda: None)  # type: ignore[arg-type,return-value]
    state = {"state": "s", "nonce": "n", "verifier": "v" * 43}
    for issuer in ("http://127.0.0.1:1", "https://127.0.0.1:1"):
        with pytest.raises(Conflict) as told:
            provider.begin(issuer, "stint", state, "https://api.example.com/cb")
        assert told.value.code == "sso-provider-failed"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (gzip.compress(b"{}" + b" " * 50_000_000), {"Content-Encoding": "gzip"}, 200),
        (b" " * (oidc.LONGEST + 1), {}, 200),
        (b"", {"Location": "http://169.254.169.254/"}, 302),
    ],
    ids=["packed", "long", "redirected"],
)
def test_what_a_provider_sends_is_short_plain_and_from_there(
    body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = Response()
    answer.raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
    answer.headers, answer.status_code = CaseInsensitiveDict(headers), status
    with pytest.raises(OSError, match="too long, packed, or redirected"):
        oidc.read(answer)
