"""The Flask application: what surrounds every operation."""

import time
from pathlib import Path
from typing import Any

import flask_swagger_ui
import orjson
import structlog
from eventlet import tpool
from flask import Flask, g, request, send_from_directory
from flask_cors import CORS
from werkzeug import Response
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from services.gateway import (
    basic,
    compression,
    documents,
    event_pages,
    identity,
    privacy,
    problems,
    recording,
    resources,
    store,
    versioning,
)
from services.gateway.api_keys import PREFIX, ApiKeys
from services.gateway.auth import Passwords, principal_of
from services.gateway.calls import request_id
from services.gateway.config import MEBIBYTE, Settings
from services.gateway.files import Files, FolderFiles
from services.gateway.ports import EXTENSION, Ports, ports
from services.gateway.problems import Unauthenticated
from services.gateway.throttle import Throttle, network, open_store
from services.gateway.upload_records import UploadRecords
from services.gateway.uploads import Parts
from shared.container import AWAY
from shared.errors import StintError, Unavailable
from shared.platform import Platform
from shared.principal import ANONYMOUS

log = structlog.get_logger(__name__)

HERE = Path(__file__).parent
SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
HOOKS = "/v1/hooks/"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
EXPOSED = [
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "Sunset",
    "X-Request-Id",
]


def build(platform: Platform) -> Flask:
    """The application on real ports."""
    settings: Any = platform.settings
    passwords, keys = Passwords(tpool.execute), store.ApiKeyRecords(platform)
    session_store, api_keys = store.sessions(platform), ApiKeys(keys, platform.now)
    people = identity.build(platform, passwords, session_store, api_keys)
    files, records = _files(settings), store.FileRecords(platform)
    return create(
        Ports(
            settings=settings,
            now=platform.now,
            **people,
            keys=store.Keys(platform),
            files=files,
            file_records=records,
            quota=store.Quota(platform, settings.max_owner_files, settings.max_owner_bytes),
            api_keys=api_keys,
            members=store.members,
            staging=settings.files_dir / "incoming",
            throttle=Throttle(
                settings.rate_limit, settings.sign_in_limit, open_store(settings.rate_store)
            ),
            uploads=UploadRecords(platform),
            parts=Parts(settings.files_dir / "uploads", tpool.execute),
            privacy=privacy.build(
                platform, people["accounts"], session_store, passwords, keys, records, files
            ),
        )
    )


def _files(settings: Settings) -> Files:
    if not settings.s3_bucket:
        return FolderFiles(settings.files_dir / "kept", tpool.execute)
    from services.gateway.s3_files import S3Files  # boto3 is an extra.

    return S3Files(settings.s3_bucket, settings.s3_endpoint)


def create(made: Ports) -> Flask:
    """The application on these ports."""
    app = Flask("stint", static_folder=None)
    app.config.update(
        API_TITLE="Stint",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=MEBIBYTE,
        API_SPEC_OPTIONS={
            "info": {"description": "Paid micro-internships, from the brief to the hire offer."},
        },
    )
    # Else `//v1` is answered with a redirect in HTML.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = made
    compression.prepare(app)
    app.before_request(_identify)
    app.after_request(_finish)
    _register_errors(app)
    api = documents.Api(app)
    for resource in resources.ALL:
        api.register_blueprint(resource, url_prefix="/v1")
    _register_pages(app, orjson.dumps(documents.finish(api.spec)))
    event_pages.register(app, _page)
    if made.settings.cors_origins:
        CORS(
            app,
            resources={r"/v1/*": {"origins": list(made.settings.cors_origins)}},
            expose_headers=EXPOSED,
            max_age=600,
        )
    hops = made.settings.proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _identify() -> None:
    """Who asks; a bad token is told by the operation, so that public pages stay public."""
    g.started, g.request_id = time.perf_counter(), request_id(request.environ)
    g.principal, g.session_id, g.until, g.refused, g.allowance = ANONYMOUS, "", None, None, None
    g.scopes, g.counted_as = None, network(str(request.remote_addr))
    try:
        _sign_in(basic.as_bearer(request.headers.get("Authorization"), request.path))
    except Unauthenticated as exc:
        g.refused = exc
    if request.path.startswith("/v1/") and request.method != "OPTIONS":
        g.allowance = ports().throttle.request(g.counted_as)


def _sign_in(header: str | None) -> None:
    """A person by a token, or a machine by a key, which counts apart from who made it."""
    scheme, _, secret = (header or "").partition(" ")
    if scheme.lower() == "basic" and request.path.startswith(HOOKS):
        return  # A hook's own secret, which the service that owns it checks.
    if scheme.lower() == "bearer" and secret.strip().startswith(PREFIX):
        found = ports().api_keys.read(secret.strip())
        g.principal, g.until, g.scopes = found.principal, found.until, found.scopes
        g.counted_as = found.key_id
        return
    g.principal, g.session_id, g.until = principal_of(header, ports().tokens)
    if g.principal != ANONYMOUS:
        g.counted_as = g.principal.acting or g.principal.id


def _finish(answer: Response) -> Response:
    headers = answer.headers
    headers["X-Request-Id"] = g.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault("Content-Security-Policy", API_POLICY)
    headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in headers else "no-store")
    headers.add("Vary", "Authorization")
    basic.challenge(answer, request.path)
    if ports().settings.environment == "production":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if g.allowance is not None:
        headers.update(g.allowance.headers)
    for name, value in versioning.headers(request.endpoint, request.view_args):
        headers.add(name, value)
    if request.method == "OPTIONS" and answer.status_code == 200:
        answer.status_code = 204
        headers.pop("Content-Type", None)
    recording.end(answer)
    answer = compression.shrink(answer)
    _tell(answer)
    return answer


def _tell(answer: Response) -> None:
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=answer.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
        request_id=g.request_id,
        principal=g.principal.id,
        **({"acting": g.principal.acting} if g.principal.acting else {}),
    )


def _register_errors(app: Flask) -> None:
    away = Unavailable("database-unavailable", "The gateway cannot reach its data just now.")
    app.register_error_handler(StintError, lambda error: problems.from_error(error, g.request_id))
    app.register_error_handler(HTTPException, lambda error: problems.from_http(error, g.request_id))
    for kind in AWAY:
        app.register_error_handler(kind, lambda _: problems.from_error(away, g.request_id))
    app.register_error_handler(Exception, lambda error: problems.unexpected(error, g.request_id))


def _register_pages(app: Flask, document: bytes) -> None:
    @app.get("/")
    def index() -> Response:
        links = {"docs": "/docs", "events": "/docs/events", "openapi": "/openapi.json"}
        links |= {"problems": problems.PAGE, "health": "/health"}
        return _json(orjson.dumps({"name": "stint", **links}))

    @app.get("/health")
    def health() -> Response:
        return _json(b'{"status":"ok"}')

    @app.get("/openapi.json")
    def openapi() -> Response:
        return _json(document)

    @app.get(problems.PAGE)
    def problem_page() -> Response:
        return _page(send_from_directory(HERE / "static", "problems.html"))

    @app.get("/.well-known/jwks.json")
    def keys() -> Response:
        answer = _json(orjson.dumps(ports().tokens.published()))
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    @app.get("/docs")
    def docs() -> Response:
        return _page(send_from_directory(HERE / "static", "docs.html"))

    @app.get("/docs/<asset>")
    def docs_asset(asset: str) -> Response:
        if asset == "docs.js":
            return _page(send_from_directory(HERE / "static", asset))
        if asset not in ASSETS:
            raise NotFound
        return _page(send_from_directory(SWAGGER, asset))


def _json(body: bytes) -> Response:
    return Response(body, content_type="application/json")


def _page(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = DOCS_POLICY
    return answer
