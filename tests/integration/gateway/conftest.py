"""A real gateway process, and requests to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.servers import ServiceProcess

PASSWORD = "correct horse battery staple"


@dataclass
class Gateway:
    """The process and its address."""

    process: ServiceProcess
    base: str

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    def client(self) -> "Client":
        return Client(self.base)


@dataclass
class Client:
    """One person's requests, over one kept connection."""

    base: str
    session: requests.Session = field(default_factory=requests.Session)

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 20)
        return self.session.request(method, self.base + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self("POST", path, json={} if body is None else body, **options)

    def register(self, role: str = "candidate", **more: Any) -> "Client":
        """A new account, signed in."""
        email = f"{role}-{uuid4().hex[:10]}@example.com"
        body = {"role": role, "email": email, "password": PASSWORD, "name": "Kim", **more}
        made = self.post("/v1/accounts", body)
        assert made.status_code == 201, made.text
        return self.sign_in(email)

    def owner(self) -> "Client":
        return self.register("owner", organisation_name="Northwind")

    def sign_in(self, email: str, password: str = PASSWORD) -> "Client":
        answer = self.post("/v1/sessions", {"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self


@pytest.fixture
def start_gateway(
    start_service: Callable[..., ServiceProcess], service_env: dict[str, str]
) -> Callable[..., Gateway]:
    """`start_gateway(HTTP_CONNECTIONS="5")`: a ready gateway on this test's port."""

    def start(**env: str) -> Gateway:
        port = env.get("HTTP_PORT", service_env["HTTP_PORT"])
        return Gateway(start_service("gateway", **env), f"http://127.0.0.1:{port}")

    return start


@pytest.fixture
def gateway(start_gateway: Callable[..., Gateway]) -> Gateway:
    return start_gateway()
