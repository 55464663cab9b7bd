"""The shape of nameko-examples: an HTTP gateway, RPC proxies, marshmallow, services on a database.

Three services in a process each, as `nameko run` starts them; a submission is announced by nameko's
own dispatcher, as nameko-examples announces an order.
"""

import os
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields
from nameko.events import EventDispatcher
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.web.handlers import http
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError
from werkzeug import Request, Response

from bench.rivals import market
from shared.errors import StintError

JSON = "application/json"


class Storage(DependencyProvider):
    def setup(self) -> None:
        client: MongoClient[Any] = MongoClient(os.environ["MONGO_URI"])
        self.database = client[os.environ["MARKET_DATABASE"]]

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.database


class AnswerSchema(Schema):
    question_id = fields.Str(required=True)
    text = fields.Str(required=True)


class ApplicationSchema(Schema):
    class Meta:
        unknown = RAISE

    answers = fields.List(fields.Nested(AnswerSchema), load_default=list)


class ShopGateway:
    name = "shop-gateway"
    projects = RpcProxy("shop-projects")
    applications = RpcProxy("shop-applications")

    @http("GET", "/v1/projects/<string:project_id>")
    def get_project(self, request: Request, project_id: str) -> Response:
        try:
            market.who(request.headers.get("Authorization"))
        except StintError as exc:
            return _told(401, {"detail": exc.detail})
        found = self.projects.get(project_id)
        return _told(200, found) if found else _told(404, {"detail": "No such project."})

    @http("POST", "/v1/projects/<string:project_id>/applications")
    def submit_application(self, request: Request, project_id: str) -> Response:
        try:
            principal = market.who(request.headers.get("Authorization"))
            body = ApplicationSchema().loads(request.get_data(as_text=True))
        except (StintError, ValidationError) as exc:
            return _told(422, {"detail": str(exc)})
        made = self.applications.submit(project_id, principal.id, body["answers"])
        return _told(201, made) if "id" in made else _told(409, made)


class ShopProjects:
    name = "shop-projects"
    storage = Storage()

    @rpc
    def get(self, project_id: str) -> market.Fields | None:
        found = self.storage.projects.find_one({"_id": project_id})
        return market.shown(found) if found else None


class ShopApplications:
    name = "shop-applications"
    storage = Storage()
    announce = EventDispatcher()

    @rpc
    def submit(self, project_id: str, candidate_id: str, answers: list[Any]) -> market.Fields:
        try:
            made = _run(self.storage, market.submit(project_id, candidate_id, answers))
        except market.Refused as exc:
            return {"detail": str(exc)}
        self.announce("application_submitted", {"application_id": made["id"]})
        return made


def _run(database: Any, steps: market.Steps) -> market.Fields:
    """Make each call that the steps ask for."""
    try:
        ask = next(steps)
        while True:
            method = getattr(database[ask.collection], ask.method)
            try:
                answer = method(*ask.arguments, **ask.options)
            except DuplicateKeyError as exc:
                ask = steps.throw(exc)
            else:
                ask = steps.send(answer)
    except StopIteration as end:
        found: market.Fields = end.value
        return found


def _told(status: int, body: Any) -> Response:
    return Response(orjson.dumps(body), status=status, mimetype=JSON)
