"""A real gateway process, what stands around it, and requests to it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymongo
import pytest
import requests
from pymongo.database import Database as MongoDatabase

from deploy.embedded.database import Database
from deploy.embedded.processes import free_ports
from shared import topology
from tests.integration.gateway.sides import Side, in_memory, on_database
from tests.integration.surroundings import LADDER_SECONDS, Surroundings, surroundings
from tests.servers import SHORT_LADDER, ServiceProcess, Vhost

PASSWORD = "correct horse battery staple"
STUBS = "tests.integration.gateway.stub_"
LADDER = dict(zip(SHORT_LADDER.split(","), LADDER_SECONDS, strict=True))
TOPOLOGY = topology.plan(topology.read_handlers(), LADDER)


Databases = Callable[["Gateway", str], MongoDatabase[dict[str, Any]]]


@dataclass
class Gateway:
    """The process and its address."""

    process: ServiceProcess
    base: str
    env: dict[str, str]

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    def client(self) -> "Client":
        return Client(self.base)

    def connect(self) -> socket.socket:
        """A bare connection, for what no decent client sends."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def say(self, raw: bytes) -> bytes:
        """The whole answer to these bytes, until the gateway closes the connection."""
        with self.connect() as line:
            line.sendall(raw)
            return everything(line)


def everything(line: socket.socket) -> bytes:
    """All that comes until the connection is closed."""
    parts = []
    while part := line.recv(65_536):
        parts.append(part)
    return b"".join(parts)


@dataclass
class Client:
    """One person's requests, over one kept connection."""

    base: str
    email: str = ""
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
        self.email = f"{role}-{uuid4().hex[:10]}@example.com"
        body = {"role": role, "email": self.email, "password": PASSWORD, "name": "Kim", **more}
        made = self.post("/v1/accounts", body)
        assert made.status_code == 201, made.text
        return self.sign_in(self.email)

    def owner(self) -> "Client":
        return self.register("owner", organisation_name="Northwind")

    def sign_in(self, email: str, password: str = PASSWORD) -> "Client":
        answer = self.post("/v1/sessions", {"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    @property
    def token(self) -> bytes:
        return str(self.session.headers["Authorization"]).encode()


@contextmanager
def without_services(vhost: Vhost) -> Iterator[Surroundings]:
    """No other service has ever run here: a call to one is refused at once, not after 3 s."""
    with surroundings("gateway", vhost) as around:
        for queue in TOPOLOGY.queues:
            if queue.name.startswith("rpc-"):
                around.channel.queue_delete(queue.name)
        yield around


@dataclass
class House:
    """Where several tests of a file live together: nobody ends or starves what others use."""

    env: dict[str, str]
    around: Surroundings
    folder: Path
    started: ExitStack

    def start(self, what: str) -> ServiceProcess:
        topology.apply(self.around.vhost.amqp_uri, TOPOLOGY)
        process = ServiceProcess(what, self.env, self.folder)
        self.started.callback(process.terminate, 15)
        process.start()
        process.wait_ready()
        return process


@pytest.fixture(scope="module")
def house(
    module_vhost: Vhost,
    database: Database,
    module_database_prefix: str,
    servers_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    (port,) = free_ports(1)
    env = {
        "STINT_ENV": "development",
        "AMQP_URI": module_vhost.amqp_uri,
        "MANAGEMENT_URI": module_vhost.management_uri,
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": module_database_prefix,
        "RETRY_LADDER": SHORT_LADDER,
        "FILES_DIR": str(tmp_path_factory.mktemp("files")),
        "HTTP_PORT": str(port),
    }
    with without_services(module_vhost) as around, ExitStack() as started:
        yield House(env, around, servers_folder, started)


@pytest.fixture(scope="module")
def gateway(house: House) -> Gateway:
    """The gateway of this file; `fresh_gateway` is one of the test's own."""
    process = ServiceProcess("gateway", house.env, house.folder)
    house.started.callback(process.terminate, 15)
    process.start()
    process.wait_ready()
    return Gateway(process, f"http://127.0.0.1:{house.env['HTTP_PORT']}", house.env)


@pytest.fixture
def around(vhost: Vhost) -> Iterator[Surroundings]:
    with without_services(vhost) as around:
        yield around


@pytest.fixture
def start_gateway(
    around: Surroundings,
    start_service: Callable[..., ServiceProcess],
    service_env: dict[str, str],
) -> Callable[..., Gateway]:
    """`start_gateway(HTTP_CONNECTIONS="5")`: a ready gateway of this test's own."""

    def start(**env: str) -> Gateway:
        base = f"http://127.0.0.1:{service_env['HTTP_PORT']}"
        return Gateway(start_service("gateway", **env), base, service_env)

    return start


@pytest.fixture
def fresh_gateway(start_gateway: Callable[..., Gateway]) -> Gateway:
    return start_gateway()


@pytest.fixture
def start_stub(
    around: Surroundings, start_service: Callable[..., ServiceProcess]
) -> Callable[[str], ServiceProcess]:
    """`start_stub("projects")`: a ready service that stands in for the real one."""

    def start(name: str) -> ServiceProcess:
        topology.apply(around.vhost.amqp_uri, TOPOLOGY)
        return start_service(STUBS + name)

    return start


@pytest.fixture
def databases(database: Database) -> Iterator[Databases]:
    """`databases(gateway, "projects")`: the database of a service beside it, read from outside."""
    with pymongo.MongoClient[dict[str, Any]](database.uri, tz_aware=True) as client:
        yield lambda gateway, service: client[f"{gateway.env['DATABASE_PREFIX']}_{service}"]


@pytest.fixture(scope="module")
def database_side(database: Database, module_database_prefix: str) -> Iterator[Side]:
    with on_database(database.uri, module_database_prefix) as made:
        yield made


@pytest.fixture(params=["database", "memory"])
def side(request: pytest.FixtureRequest) -> Side:
    """The gateway's ports on its database, and their fakes: empty."""
    if request.param == "memory":
        return in_memory()
    made: Side = request.getfixturevalue("database_side")
    made.empty()
    return made
