"""`python -m bench.gateway`: a GET and a POST through our gateway, and what others do the same in.

GET of one project and POST of one application: through gateway, RPC, service and database; in one
FastAPI process with pymongo; and in the shape of nameko-examples (HTTP entrypoint, RPC proxy,
marshmallow, services). All sides are up at once on one private broker and one private database,
take turns, verify the same signed tokens and answer the same project. Writes
`bench/results/gateway.json` and `.md`; exit code 1 where ours is under its goal.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymongo
import requests

from bench import results
from bench.door import BRIEF, OPERATOR, OWNER, Door, door, token
from bench.load import Taken, play, request
from bench.rivals.market import INDEXES
from bench.stand import Servers, seconds, servers
from deploy.embedded.processes import Child, free_ports
from services.gateway.tokens import new_key
from shared.principal import Principal
from tests.servers import new_prefix, new_vhost
from tests.waiting import wait_until

REQUESTS, CONNECTIONS, ROUNDS, WARM_UP = 600, 16, 5, 100
PER_PROJECT = 150  # Applications; with 200 that wait, a project takes no more.
GOAL = 1.5  # times the shape of nameko-examples, requests per second
OURS, SHOP, ONE = "stint", "nameko-examples' shape", "FastAPI, one process"
KINDS = ("GET", "POST")
PACKAGES = ("nameko", "fastapi", "uvicorn", "pymongo", "flask", "marshmallow", "SecantusDB")
PROFILE = {
    "headline": "Statistics student",
    "skills": [{"skill_id": "esco-1d4a", "label": "perform data cleansing", "level": 4}],
    "weekly_hours": 15,
    "portfolio": [],
    "open_to_work": True,
}
PERSON = {
    "role": "candidate",
    "email": "kim@example.com",
    "password": "correct horse battery staple",
    "name": "Kim Li",
}


@dataclass
class Side:
    """Where it listens, what is read there, and with whose signature people come."""

    port: int
    projects: list[str]
    keys: str
    pids: list[int]  # Of all that works for it: its own processes, broker and database.

    def reads(self, numbers: range) -> list[bytes]:
        one = request("GET", f"/v1/projects/{self.projects[0]}", token(self.keys, OWNER))
        return [one] * len(numbers)

    def writes(self, numbers: range) -> list[bytes]:
        """Each by another candidate, and for the projects in turn."""
        return [self._write(number) for number in numbers]

    def _write(self, number: int) -> bytes:
        path = f"/v1/projects/{self.projects[number % len(self.projects)]}/applications"
        person = Principal(candidate(number), "candidate")
        return request("POST", path, token(self.keys, person), b'{"answers": []}')


def main() -> int:
    options = _options()
    people = range(WARM_UP + options.rounds * options.requests)
    with servers() as here, ExitStack() as up:
        ours = up.enter_context(our_side(here, people))
        sides = {OURS: ours}
        projects = [shown(ours, id_) for id_ in ours.projects]
        for name, start in ((SHOP, shop), (ONE, one_process)):
            sides[name] = up.enter_context(rival(here, start, projects, people))
        runs = measure(sides, options)
    report = compare(runs, options)
    results.write("gateway", report, table(report))
    print(table(report))
    return 0 if report["reached"] else 1


def candidate(number: int) -> str:
    return f"acc-bench-{number}"


def shown(ours: Side, project_id: str) -> dict[str, Any]:
    """The project as our gateway answers it: the others store and answer the same."""
    found = requests.get(f"http://127.0.0.1:{ours.port}/v1/projects/{project_id}", timeout=30)
    document: dict[str, Any] = found.json()
    return {"_id": document.pop("id"), **document}


@contextmanager
def our_side(here: Servers, people: range) -> Iterator[Side]:
    """Gateway, projects and applications; the people are copies of one who came by the door."""
    with door(here, ("projects", "applications")) as on:
        dana = _owner(on)
        count = -(-len(people) // PER_PROJECT)
        projects = [_published(on, dana) for _ in range(count)]
        kim = Principal(on.ask("POST", "/v1/accounts", None, PERSON)["id"], "candidate")
        on.ask("PUT", "/v1/profile", kim, PROFILE)
        _copies(here, on, kim.id, people)
        for project_id in {projects[0], projects[-1]}:
            _until_known(on, project_id, kim)
        pids = [process.pid for process in on.processes.values()]
        yield Side(on.port, projects, on.env["SIGNING_KEYS"], [*pids, *_ground(here)])


def _ground(here: Servers) -> tuple[int, int]:
    return here.broker.node.pid, here.database.server.pid


def _owner(on: Door) -> Principal:
    """Of a company that an operator has verified, as projects has heard."""
    about = {"role": "owner", "email": "dana@example.com", "organisation_name": "Northwind"}
    account = on.ask("POST", "/v1/accounts", None, {**PERSON, **about})
    dana = Principal(account["id"], "owner", account["org_id"])
    made = on.ask("POST", "/v1/projects", dana, BRIEF)
    path = f"/v1/projects/{made['id']}"
    verify = f"/v1/organisations/{dana.org_id}/verify"
    on.ask("POST", verify, OPERATOR, {"level": "verified"})
    wait_until(
        lambda: on.ask("GET", path, dana)["organisation_level"] == "verified", 20, "its level"
    )
    return dana


def _published(on: Door, dana: Principal) -> str:
    made = on.ask("POST", "/v1/projects", dana, BRIEF)
    on.ask("POST", f"/v1/projects/{made['id']}/publish", dana)
    return str(made["id"])


def _copies(here: Servers, on: Door, id_: str, people: range) -> None:
    """As many documents of the account and of the profile, each with an id of its own."""
    with pymongo.MongoClient[dict[str, Any]](here.database.uri) as client:
        for service, name in (("gateway", "accounts"), ("applications", "candidates")):
            collection = client[f"{on.env['DATABASE_PREFIX']}_{service}"][name]
            one = collection.find_one({"_id": id_}) or {}
            copies = ({**one, "_id": candidate(number), "outbox": []} for number in people)
            for batch in _batches(list(copies)):
                collection.insert_many(batch)


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), 1_000):
        yield rows[start : start + 1_000]


def _until_known(on: Door, project_id: str, kim: Principal) -> None:
    """Applications are taken once applications has heard of the publication."""
    path = f"/v1/projects/{project_id}/applications"

    def taken() -> bool:
        try:
            return bool(on.ask("POST", path, kim, {"answers": []}))
        except requests.HTTPError:
            return False

    wait_until(taken, 30, "the publication")


def shop(here: Servers, port: int, env: dict[str, str]) -> Sequence[Child]:
    """Each service in a process of its own, with as many workers as there are connections."""
    path = Path(here.folder) / "shop.yml"
    path.write_text(
        f"AMQP_URI: {env['AMQP_URI']}\nWEB_SERVER_ADDRESS: 127.0.0.1:{port}\nmax_workers: 50\n"
    )
    program = str(Path(sys.executable).with_name("nameko"))
    names = ("ShopGateway", "ShopProjects", "ShopApplications")
    module = "bench.rivals.nameko_shop"
    commands = [[program, "run", "--config", str(path), f"{module}:{name}"] for name in names]
    return [_child(here, name, one, env) for name, one in zip(names, commands, strict=True)]


def one_process(here: Servers, port: int, env: dict[str, str]) -> Sequence[Child]:
    """With uvloop and httptools, without an access log."""
    command = [sys.executable, "-m", "uvicorn", "bench.rivals.one_process:app", "--port", str(port)]
    return [_child(here, "fastapi", [*command, "--log-level", "warning"], env)]


def _child(here: Servers, name: str, command: Sequence[str], env: dict[str, str]) -> Child:
    log = Path(here.folder) / "logs" / f"{name}.log"
    return Child(name, list(command), stack=here.folder, log=log, env=env)


Start = Callable[[Servers, int, dict[str, str]], Sequence[Child]]


@contextmanager
def rival(
    here: Servers, start: Start, projects: list[dict[str, Any]], people: range
) -> Iterator[Side]:
    """The side with the same projects and as many candidates in a database of its own."""
    (port,) = free_ports(1)
    keys = json.dumps({"keys": [new_key()]})
    with (
        new_vhost(here.broker) as vhost,
        new_prefix(here.database) as prefix,
        pymongo.MongoClient[dict[str, Any]](here.database.uri) as client,
        ExitStack() as ends,
    ):
        database = client[f"{prefix}_market"]
        database.projects.insert_many(projects)
        for name in INDEXES:
            database.applications.create_index(name)
        for batch in _batches([{"_id": candidate(number), **PROFILE} for number in people]):
            database.candidates.insert_many(batch)
        env = {
            "AMQP_URI": vhost.amqp_uri,
            "MONGO_URI": here.database.uri,
            "MARKET_DATABASE": database.name,
            "SIGNING_KEYS": keys,
            "PYTHONPATH": str(Path.cwd()),
            "PYTHONWARNINGS": "ignore",
        }
        children = start(here, port, env)
        for child in children:
            ends.callback(child.terminate, 10)
            child.start()
        pids = [*(child.pid for child in children), *_ground(here)]
        side = Side(port, [str(one["_id"]) for one in projects], keys, pids)
        _until_up(side)
        yield side


def _until_up(side: Side) -> None:
    """It answers, and so does what stands behind it."""

    def answers() -> bool:
        try:
            return bool(play(side.port, side.reads(range(1)), 1, 200).times)
        except Exception:  # noqa: BLE001 Not yet, in whichever way.
            return False

    wait_until(answers, 30, "the side")


def measure(
    sides: dict[str, Side], options: argparse.Namespace
) -> dict[str, dict[str, list[Taken]]]:
    """Each round plays every side once, so that a slow minute is slow for all."""
    runs: dict[str, dict[str, list[Taken]]] = {name: {kind: [] for kind in KINDS} for name in sides}
    for side in sides.values():
        _once(side, range(WARM_UP), options.connections)
    for number in range(options.rounds):
        first = WARM_UP + number * options.requests
        order = list(sides.items())
        for name, side in order if number % 2 == 0 else reversed(order):
            taken = _once(side, range(first, first + options.requests), options.connections)
            for kind, one in taken.items():
                runs[name][kind].append(one)
            rates = ", ".join(f"{kind} {one.rate:.0f}/s" for kind, one in taken.items())
            print(f"round {number + 1}: {name:<24} {rates}", flush=True)
            time.sleep(1)  # What goes on behind an answer is not the next side's.
    return runs


def _once(side: Side, numbers: range, connections: int) -> dict[str, Taken]:
    return {
        "GET": _counted(side, side.reads(numbers), connections, 200),
        "POST": _counted(side, side.writes(numbers), connections, 201),
    }


def _counted(side: Side, requests: list[bytes], connections: int, status: int) -> Taken:
    before = sum(seconds(pid) for pid in side.pids)
    taken = play(side.port, requests, connections, status)
    taken.cpu = (sum(seconds(pid) for pid in side.pids) - before) * 1000 / len(requests)
    return taken


def compare(runs: dict[str, dict[str, list[Taken]]], options: argparse.Namespace) -> dict[str, Any]:
    """Medians and spreads; ratios are of the runs of the same round, ours to the other."""
    sides = {
        name: {
            kind: {
                "rate": results.spread([one.rate for one in found]),
                "p50": results.spread([one.percentile(50) for one in found]),
                "p99": results.spread([one.percentile(99) for one in found]),
                "cpu_ms": results.spread([one.cpu for one in found]),
            }
            for kind, found in kinds.items()
        }
        for name, kinds in runs.items()
    }
    ratios = {
        name: {
            kind: results.spread(
                [a.rate / b.rate for a, b in zip(runs[OURS][kind], kinds[kind], strict=True)]
            )
            for kind in KINDS
        }
        for name, kinds in runs.items()
        if name != OURS
    }
    return {
        "what": "requests per second and ms: a GET of one project, a POST of one application",
        "requests": options.requests,
        "connections": options.connections,
        "rounds": options.rounds,
        "settings": "one broker, one database, journal=true; gateway, projects and applications"
        " each in one process (the shape of nameko-examples: three, 50 workers each; FastAPI: one,"
        " uvloop, pymongo's asynchronous client); the same signed tokens verified by all",
        "versions": {name: version(name) for name in PACKAGES},
        "machine": results.machine(),
        "sides": sides,
        "ratios": ratios,
        "goal": GOAL,
        "reached": all(found["median"] >= GOAL for found in ratios[SHOP].values()),
    }


def table(report: dict[str, Any]) -> str:
    head = (
        "side",
        *(f"{kind} {what}" for kind in KINDS for what in ("/s", "p99 ms", "CPU ms", "ours is")),
    )
    rows = []
    for name, kinds in report["sides"].items():
        row = [name]
        for kind in KINDS:
            found, ratio = kinds[kind], report["ratios"].get(name, {}).get(kind)
            row += [f"{found['rate']['median']:.0f}", f"{found['p99']['median']:.1f}"]
            row.append(f"{found['cpu_ms']['median']:.1f}")
            row.append(
                f"{ratio['median']:.2f} x ({ratio['least']:.2f} to {ratio['most']:.2f})"
                if ratio
                else ""
            )
        rows.append(row)
    about = (
        f"{report['requests']} requests over {report['connections']} connections, median of"
        f" {report['rounds']} rounds; {report['settings']}."
    )
    return results.markdown(head, rows) + f"\n{about}\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each kind and round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
