"""The rules of the code that neither ruff nor import-linter can say."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from shared.data import read_yaml

ROOT = Path(__file__).parents[2]
SERVICES = ("projects", "applications", "matching", "payments", "notifications", "gateway")
PRODUCT = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]
SHARED = sorted((ROOT / "shared").glob("*.py"))
CONTRACTS = {path.stem: read_yaml(path) for path in (ROOT / "shared" / "contracts").glob("*.yml")}
LONGEST_FUNCTION = 40  # Lines, its docstring aside.
LONGEST_FILE = {"services": 300, "shared": 400, "deploy": 300}

# The ubiquitous language, which shared code must not speak. Offering events to the relay is no job.
NOUNS = {
    *("application", "applications", "candidate", "candidates", "deliverable", "deliverables"),
    *("engagement", "engagements", "escrow", "escrows", "offers", "payout", "payouts"),
    *("project", "projects"),
}
NOT_OURS = re.compile(r"application/[\w.+-]+|^application_headers$")  # Media types, and AMQP's.

WRITES = re.compile(
    r"\.(insert_one|insert_many|update_one|update_many|replace_one|delete_one|delete_many"
    r"|bulk_write|find_one_and_\w+)\(|\.objects\b[^\n]*\.(update|update_one|delete|insert|modify)\("
)
# shared: the store itself, its trimming, its records of batches and its claims. The others write
# collections that hold no aggregate: the journal, the sandbox's own books, files, answers to
# repeated requests, the audit log, the inbox, letters, wishes for new passwords, what is on its way
# to partners.
WRITERS = {
    *("shared/batches.py", "shared/outbox.py", "shared/records.py", "shared/store.py"),
    *("services/gateway/store.py", "services/gateway/upload_records.py"),
    *("services/gateway/people_store.py", "services/notifications/letters.py"),
    "services/notifications/store.py",
    "services/gateway/audit_store.py",
    "services/notifications/partners/store/deliveries.py",
    "services/notifications/partners/store/public_events.py",
    *("services/payments/sandbox_bank/bank.py", "services/payments/sandbox_bank/records.py"),
    *(f"services/payments/store/{name}.py" for name in ("closing", "feed", "journal", "reports")),
}
PUBLISHES = re.compile(r"\.basic_publish\w*\(|\bpublisher\.publish\(|\bProducer\(")
# The relay sends events; the others send copies to the ladder, parked messages, and RPC.
PUBLISHERS = {
    *("shared/relay.py", "shared/broker.py", "shared/caller.py", "shared/delivery.py"),
    "shared/rpc.py",
}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base_service"}


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def words(identifier: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", identifier).lower().split("_"))


def class_name(type_: str) -> str:
    """`hire-offer.accepted.v1` is `HireOfferAccepted`; from v2 on the version shows."""
    name, _, version = type_.rpartition(".")
    return "".join(word.capitalize() for word in re.split(r"[.-]", name)) + (
        "" if version == "v1" else version.upper()
    )


def handler_name(type_: str) -> str:
    name, _, version = type_.rpartition(".")
    return f"on_{re.sub('[.-]', '_', name)}" + ("" if version == "v1" else f"_{version}")


def event_classes(service: str) -> Iterator[tuple[str, str]]:
    """(class, event type) of all that the service announces."""
    for module in modules_of(service, "events"):
        for thing in vars(importlib.import_module(module)).values():
            type_ = vars(thing).get("type") if isinstance(thing, type) else None
            if isinstance(type_, str) and thing.__module__ == module:
                yield thing.__name__, type_


def modules_of(service: str, layer: str) -> list[str]:
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files_of(service, layer)
    ]


def files_of(service: str, layer: str) -> list[Path]:
    """A layer is one file, or where that would be too long, a package of the same name."""
    folder = ROOT / "services" / service
    files = [folder / f"{layer}.py", *sorted((folder / layer).glob("*.py"))]
    return [file for file in files if file.exists()]


def handlers(service: str) -> Iterator[tuple[str, list[str]]]:
    """(method, event types) of every `@on` of the service, read without running it."""
    nodes = [node for file in files_of(service, "service") for node in ast.walk(tree(file))]
    for node in nodes:
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "on":
                yield node.name, [arg.value for arg in decorator.args]


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_class_is_named_after_a_contract_of_its_service(service: str) -> None:
    for name, type_ in event_classes(service):
        assert type_ in CONTRACTS, f"{name} of {service} has no shared/contracts/{type_}.yml"
        assert CONTRACTS[type_]["producer"] == service
        assert class_name(type_) == name


def test_every_contract_has_a_class_in_its_producer() -> None:
    announced = {type_ for service in SERVICES for _, type_ in event_classes(service)}
    assert set(CONTRACTS) - announced == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_handler_is_named_after_what_it_hears(service: str) -> None:
    for method, types in handlers(service):
        if types == ["#"]:  # The tap of everything has no event's name.
            continue
        for type_ in types:
            assert type_ in CONTRACTS, f"{service}.{method} hears an unknown {type_}"
            assert service in CONTRACTS[type_]["consumers"]
            assert method == handler_name(type_)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_hears_what_the_contracts_say_it_does(service: str) -> None:
    heard = {type_ for _, types in handlers(service) for type_ in types} - {"#"}
    named = {type_ for type_, contract in CONTRACTS.items() if service in contract["consumers"]}
    assert heard == named


def test_nobody_uses_nameko_s_own_event_handler_which_loses_messages() -> None:
    pattern = re.compile(r"\bevent_handler\b|\bEventDispatcher\b")
    assert [short(path) for path in PRODUCT if pattern.search(path.read_text())] == []


def test_only_the_gateway_calls_services() -> None:
    pattern = re.compile(r"\b(RpcClient|ServiceRpc|RpcProxy|ClusterRpcClient|ServiceRpcClient)\b")
    callers = [path for path in PRODUCT if pattern.search(path.read_text())]
    doors = ("services/gateway/", "shared/")
    assert [short(path) for path in callers if not short(path).startswith(doors)] == []


@pytest.mark.parametrize("path", SHARED, ids=short)
def test_shared_code_knows_no_business_nouns(path: Path) -> None:
    assert {word for text in code_words(path) for word in words(text)} & NOUNS == set()


def code_words(path: Path) -> Iterator[str]:
    """Names and texts of the code; comments and docstrings may give examples."""
    module = tree(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(node.body[0].value)  # type: ignore[attr-defined]
        for node in ast.walk(module)
        if isinstance(node, documented) and ast.get_docstring(node) is not None
    }
    for node in ast.walk(module):
        for field in ("id", "attr", "arg", "name"):
            if isinstance(text := getattr(node, field, None), str):
                yield NOT_OURS.sub("", text)
        value = getattr(node, "value", None)
        if isinstance(node, ast.Constant) and isinstance(value, str) and id(node) not in docstrings:
            yield from re.findall(r"[A-Za-z_]+", NOT_OURS.sub("", value))


def test_only_the_store_writes_aggregates() -> None:
    writers = {short(path) for path in PRODUCT if WRITES.search(path.read_text())}
    assert writers - WRITERS == set()


def test_only_the_relay_publishes_events() -> None:
    publishers = {short(path) for path in PRODUCT if PUBLISHES.search(path.read_text())}
    assert publishers - PUBLISHERS == set()


def test_no_file_is_named_after_nothing() -> None:
    everything = [*PRODUCT, *(ROOT / "deploy").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [short(path) for path in everything if path.stem in NAMELESS] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_page_its_settings_and_its_service_class(service: str) -> None:
    present = {path.name for path in (ROOT / "services" / service).iterdir()}
    assert {"__init__.py", "README.md", "config.py"} - present == set()
    assert files_of(service, "service") != []


def test_every_setting_is_in_the_example() -> None:
    example = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    configs = [ROOT / "shared" / "config.py", *(ROOT / "services").glob("*/config.py")]
    read = {n for f in configs for n in re.findall(r'\benv\.\w+\(\s*"(\w+)"', f.read_text())}
    assert read == example


@pytest.mark.parametrize("folder", LONGEST_FILE)
def test_files_and_functions_are_short(folder: str) -> None:
    too_long = []
    for path in (ROOT / folder).rglob("*.py"):
        lines = len(path.read_text().splitlines())
        if lines > LONGEST_FILE[folder]:
            too_long.append(f"{short(path)}: {lines} lines")
        too_long += [f"{short(path)}: {name}, {n} lines" for name, n in long_functions(path)]
    assert too_long == []


def long_functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            docstring = ast.get_docstring(node, clean=False) or ""
            lines = last - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
            if lines > LONGEST_FUNCTION:
                yield node.name, lines


def test_product_code_does_not_import_the_test_database() -> None:
    pattern = re.compile(r"^\s*(import|from) secantus", re.MULTILINE)
    assert [short(path) for path in PRODUCT if pattern.search(path.read_text())] == []


def test_the_lock_names_only_the_public_index() -> None:
    lock = (ROOT / "uv.lock").read_text()
    hosts = set(re.findall(r'"https?://([^/"]+)', lock))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_only_what_its_own_extra_installs(service: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras[service]]
    if service in ("applications", "gateway"):
        asked += extras["s3"]  # Imported only when a bucket is configured.
    installed = with_what_they_need(asked)
    for path in (ROOT / "services" / service).rglob("*.py"):
        foreign = {name for name in imports(path) if name in DISTRIBUTIONS}
        missing = {name for name in foreign if not {*DISTRIBUTIONS[name]} & installed}
        assert missing == set(), short(path)


DISTRIBUTIONS = {
    module: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    for module, names in packages_distributions().items()
    if module not in ("services", "shared", "deploy", "tests")
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def with_what_they_need(requirements: list[str]) -> set[str]:
    """The distributions that pip would install for these, by normalised name."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if name not in found:
            found.add(name)
            waiting += [Requirement(text) for text in requires(name) or ()]
    return found
