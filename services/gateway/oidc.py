"""An OpenID provider as a relying party sees it: the one door to Authlib, and to strangers.

Whoever configures a provider says which address the gateway asks: in production that is https to
public addresses only, checked on the connection itself, where no answer of DNS can be changed any
more; nothing is redirected, nothing is long, and everything ends soon.
"""

from socket import getaddrinfo, socket
from typing import Any
from urllib.parse import urlsplit

import structlog
from eventlet import Timeout

from services.gateway.sso import Person
from shared.addresses import all_public
from shared.clock import Clock
from shared.errors import Conflict

log = structlog.get_logger(__name__)

TIMEOUT = 5.0  # Seconds, of a connection and of each read.
LONGEST_WAIT = 10.0  # For a whole answer, however it trickles, its name's resolution included.
LONGEST = 256 * 1024
LEEWAY = 60  # Seconds that the provider's clock may be off.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "Ed25519", "EdDSA"]
SCOPE = "openid email profile"


class OpenIdProvider:
    """Authorization code with PKCE, and an id token that is verified in every respect."""

    def __init__(self, strict: bool, now: Clock) -> None:
        self._strict, self._now = strict, now

    def begin(self, issuer: str, client_id: str, state: dict[str, str], callback: str) -> str:
        """Where the browser signs in."""
        with self._session(client_id, "", callback) as session:
            about = self._about(session, issuer)
            url, _ = session.create_authorization_url(
                about["authorization_endpoint"],
                state=state["state"],
                nonce=state["nonce"],
                code_verifier=state["verifier"],
            )
            return str(url)

    def finish(
        self,
        issuer: str,
        client: tuple[str, str],
        code: str,
        state: dict[str, str],
        callback: str,
    ) -> Person:
        """Whom the code stands for; raises Conflict where anything about it is not right."""
        with self._session(*client, callback) as session:
            about = self._about(session, issuer)
            methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" not in methods:
                session.token_endpoint_auth_method = "client_secret_post"
            token = _asked(
                lambda: session.fetch_token(
                    about["token_endpoint"],
                    code=code,
                    code_verifier=state["verifier"],
                    grant_type="authorization_code",
                    timeout=TIMEOUT,
                )
            )
            keys = _asked(lambda: _get(session, about["jwks_uri"]))
            claims = self._verified(token, keys, issuer, client[0], state["nonce"])
            if "email" not in claims and about.get("userinfo_endpoint"):
                claims |= self._userinfo(session, about["userinfo_endpoint"], claims["sub"])
        if not isinstance(claims.get("email"), str) or claims.get("email_verified") is not True:
            raise Conflict("sso-email-unverified", "The provider names no verified address.")
        return Person(claims["sub"], claims["email"], str(claims.get("name") or ""))

    def _about(self, session: Any, issuer: str) -> dict[str, Any]:
        """The provider's own description, which has to be of this very issuer."""
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        about = _asked(lambda: _get(session, address))
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not isinstance(about, dict) or not all(isinstance(about.get(k), str) for k in needed):
            raise _senseless("Its description is incomplete.")
        if about.get("issuer") != issuer:
            raise _senseless("It calls itself by another name.")
        if not about["authorization_endpoint"].startswith(("https://", "http://")):
            raise _senseless("Its sign-in page has no address.")
        return about

    def _userinfo(self, session: Any, address: str, subject: str) -> dict[str, Any]:
        told = _asked(lambda: session.get(address, timeout=TIMEOUT).json())
        if not isinstance(told, dict) or told.get("sub") != subject:
            raise _senseless("It tells of somebody else.")
        return {name: told.get(name) for name in ("email", "email_verified", "name")}

    def _verified(
        self, token: Any, keys: Any, issuer: str, client_id: str, nonce: str
    ) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            read = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            needed: Any = {"essential": True}
            jwt.JWTClaimsRegistry(
                now=int(self._now().timestamp()),
                leeway=LEEWAY,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": client_id},
                nonce={"essential": True, "value": nonce},
                exp=needed,
                iat=needed,
                sub=needed,
            ).validate(read.claims)
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            log.warning("id-token-refused", issuer=issuer, error=type(exc).__name__)
            raise Conflict("sso-id-refused", "The provider's id token is not right.") from None
        claims: dict[str, Any] = read.claims
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", client_id) != client_id or (several and "azp" not in claims):
            raise Conflict("sso-id-refused", "The provider's id token is for somebody else.")
        return dict(claims)

    def _session(self, client_id: str, secret: str, callback: str) -> Any:
        # Here, since Authlib takes a third of a second to import and few requests need it.
        from authlib.integrations.requests_client import OAuth2Session

        session = OAuth2Session(
            client_id,
            secret,
            scope=SCOPE,
            redirect_uri=callback,
            code_challenge_method="S256",
        )
        session.trust_env = False
        session.headers["Accept-Encoding"] = "identity"
        adapter = _adapter(self._strict)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


def _adapter(strict: bool) -> Any:
    """Carries requests; a stranger's answer is neither followed elsewhere nor read without end."""
    from requests import Response
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPSConnectionPool

    class Checked(HTTPSConnection):
        def _new_conn(self) -> socket:
            made: socket = super()._new_conn()
            if not all_public([made.getpeername()[0]]):
                made.close()
                raise OSError("not a public address")
            return made

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Checked

    class Careful(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            if strict:
                self.poolmanager.pool_classes_by_scheme = {"https": Pool}

        def send(self, request: Any, *arguments: Any, **options: Any) -> Response:
            if strict:
                _require_public(request.url)
            return read(super().send(request, *arguments, **{**options, "stream": True}))

    return Careful(max_retries=0)


def read(answer: Any) -> Any:
    """The answer with its body, as it came: a little that is packed may unpack without end."""
    body = answer.raw.read(LONGEST + 1, decode_content=False)
    answer.close()
    packed = answer.headers.get("Content-Encoding", "identity") != "identity"
    if len(body) > LONGEST or answer.is_redirect or packed:
        raise OSError("too long, packed, or redirected")
    answer._content = body
    return answer


def _require_public(url: str) -> None:
    """Before a connection is tried, so that not even that tells what is inside."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise OSError("not https")
    found = {str(entry[4][0]) for entry in getaddrinfo(parts.hostname, parts.port or 443)}
    if not all_public(found):
        raise OSError("not a public address")


def _get(session: Any, address: str) -> Any:
    """What is there for everybody."""
    return session.get(address, timeout=TIMEOUT, withhold_token=True).json()


def _asked(ask: Any) -> Any:
    """What the provider answers; whatever goes wrong there is no fault of ours."""
    try:
        with Timeout(LONGEST_WAIT):
            return ask()
    except (Exception, Timeout) as exc:  # noqa: BLE001 Sockets, TLS, JSON, Authlib's own errors.
        log.warning("provider-failed", error=type(exc).__name__)
        raise Conflict("sso-provider-failed", "The provider cannot be asked just now.") from None


def _senseless(why: str) -> Conflict:
    return Conflict("sso-provider-failed", f"The provider makes no sense: {why}")
