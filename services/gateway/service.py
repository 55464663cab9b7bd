"""The gateway: HTTP outside, calls inside. The application is Flask's; nameko runs it."""

from typing import Any

from werkzeug import Request, Response

from services.gateway import app
from services.gateway.calls import HINTS, RPC
from services.gateway.ports import EXTENSION
from services.gateway.web import METHODS, http
from shared.hints import Hints
from shared.messaging import every, provide
from shared.rpc import RpcClient
from shared.sweep import each


class GatewayService:
    name = "gateway"

    app = provide(app.build)
    rpc = RpcClient()
    hints = Hints()

    @http(METHODS, "/")
    def root(self, request: Request) -> Response:
        return self._answer(request)

    @http(METHODS, "/<path:path>")
    def everything(self, request: Request, path: str) -> Response:
        return self._answer(request)

    @every(2)
    def finish_accounts(self) -> None:
        ports: Any = self.app.extensions[EXTENSION]
        sweepers = (ports.accounts, ports.recovery, ports.memberships)
        each(sweepers, lambda sweeper: sweeper.sweep(self.rpc))

    @every(3600)
    def forget_uploads(self) -> None:
        ports: Any = self.app.extensions[EXTENSION]
        ports.parts.sweep(ports.now())

    @every(2)
    def sweep_privacy(self) -> None:
        ports: Any = self.app.extensions[EXTENSION]
        ports.privacy.sweep(self.rpc)

    @every(600)
    def anchor_audit(self) -> None:
        ports: Any = self.app.extensions[EXTENSION]
        ports.privacy.audit.anchor()

    def _answer(self, request: Request) -> Response:
        return Response.from_app(self.app, {**request.environ, RPC: self.rpc, HINTS: self.hints})
