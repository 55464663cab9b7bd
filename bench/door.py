"""Our gateway and the services behind it, on servers of a measurement's own."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

from bench.stand import Servers
from deploy.embedded.processes import free_ports
from services.gateway.tokens import Tokens, load_keys, new_key
from shared import clock, topology
from shared.principal import Principal
from tests.servers import ServiceProcess, new_prefix, new_vhost

LADDER = {"5s": 5.0}
UNLIMITED = "100000000/minute"  # What is measured is the work, not the limit.
OWNER = Principal("acc-owner", "owner", "org-bench")
OPERATOR = Principal("acc-operator", "operator")
BRIEF = {
    "title": "Clean and dedupe 4,000 CRM contacts",
    "summary": "Merge duplicates and bring every column to one format. " * 10,
    "deliverables": [{"title": "Clean CSV", "acceptance_criteria": ["One row per person"]}],
    "skills": [{"skill_id": "esco-1d4a", "label": "perform data cleansing", "required": True}],
    "hours": 12,
    "weeks": 1,
    "fee_amount": 26_400,
    "fee_currency": "USD",
    "supervisor": {"name": "Dana Owner", "role": "Sales operations"},
}


@dataclass
class Door:
    """Where the gateway listens, and who may come: tokens are signed here, by its own key."""

    port: int
    env: dict[str, str]
    processes: dict[str, ServiceProcess]

    def token(self, principal: Principal) -> str:
        """Good for a quarter of an hour."""
        return token(self.env["SIGNING_KEYS"], principal)

    def ask(self, method: str, path: str, by: Principal | None, body: Any = None) -> Any:
        """The answer's JSON; raises HTTPError."""
        answer = requests.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token(by)}"} if by else {},
            timeout=30,
        )
        if not answer.ok:
            raise requests.HTTPError(answer.text[:1000])
        return answer.json()

    def memory(self, name: str = "gateway") -> int:
        """Bytes that the process holds."""
        return int(psutil.Process(self.processes[name].pid).memory_info().rss)


def token(keys: str, principal: Principal) -> str:
    return Tokens(load_keys(keys, Path()), clock.now).access(principal, "ses-bench")


@contextmanager
def door(here: Servers, services: Sequence[str], **settings: str) -> Iterator[Door]:
    """A gateway and these services, ready; their queues and databases are removed afterwards."""
    (port,) = free_ports(1)
    with new_vhost(here.broker) as vhost, new_prefix(here.database) as prefix, ExitStack() as ends:
        env = {
            "STINT_ENV": "development",
            "AMQP_URI": vhost.amqp_uri,
            "MONGO_URI": here.database.uri,
            "DATABASE_PREFIX": prefix,
            "RETRY_LADDER": "5s",
            "LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "ignore",
            "SMTP_HOST": "127.0.0.1",
            "ID_KEY": "bench" * 8,
            "FILES_DIR": str(here.folder / prefix),
            "HTTP_PORT": str(port),
            "RATE_LIMIT": UNLIMITED,
            "SIGN_IN_LIMIT": UNLIMITED,
            "SIGNING_KEYS": json.dumps({"keys": [new_key()]}),
            **settings,
        }
        topology.apply(vhost.amqp_uri, topology.plan(topology.read_handlers(), LADDER))
        names = ("gateway", *services)
        processes = {name: ServiceProcess(name, env, here.folder) for name in names}
        for process in processes.values():
            ends.callback(process.terminate, 15)
            process.start()
        for process in processes.values():
            process.wait_ready()
        yield Door(port, env, processes)
