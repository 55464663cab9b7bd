"""The two requests in one process: FastAPI on uvicorn with pymongo's asynchronous client."""

import os
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from bench.rivals import market
from shared.errors import StintError
from shared.principal import Principal

app = FastAPI(openapi_url=None)
client: AsyncMongoClient[Any] = AsyncMongoClient(os.environ["MONGO_URI"])
database = client[os.environ["MARKET_DATABASE"]]
Authorization = Annotated[str | None, Header()]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Answer(Strict):
    question_id: str
    text: str


class Application(Strict):
    answers: list[Answer] = []


def _who(authorization: str | None) -> Principal:
    try:
        return market.who(authorization)
    except StintError as exc:
        raise HTTPException(401, exc.detail) from exc


@app.get("/v1/projects/{project_id}")
async def get_project(project_id: str, authorization: Authorization = None) -> dict[str, Any]:
    _who(authorization)
    found = await database.projects.find_one({"_id": project_id})
    if found is None:
        raise HTTPException(404, "There is no such project.")
    return market.shown(found)


@app.post("/v1/projects/{project_id}/applications", status_code=201)
async def submit_application(
    project_id: str, body: Application, authorization: Authorization = None
) -> dict[str, Any]:
    principal = _who(authorization)
    answers = [answer.model_dump() for answer in body.answers]
    try:
        return await _run(market.submit(project_id, principal.id, answers))
    except market.Refused as exc:
        raise HTTPException(409, str(exc)) from exc


async def _run(steps: market.Steps) -> dict[str, Any]:
    """Make each call that the steps ask for."""
    try:
        ask = next(steps)
        while True:
            method = getattr(database[ask.collection], ask.method)
            try:
                answer = await method(*ask.arguments, **ask.options)
            except DuplicateKeyError as exc:
                ask = steps.throw(exc)
            else:
                ask = steps.send(answer)
    except StopIteration as end:
        found: dict[str, Any] = end.value
        return found
