"""docker-compose.yml, compared with what the services read and with what scaling needs."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared.data import read_yaml

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = read_yaml(ROOT / "docker-compose.yml")
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/config.py"))
BOTO = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
SECRETS = {
    *("ID_KEY", "RABBITMQ_PASSWORD", "SIGNING_KEYS", "AWS_SECRET_ACCESS_KEY"),
    *("MAIL_KEY", "MAIL_HOOK_SECRET"),
}


def settings_of(service: str) -> set[str]:
    """The variables that this service's settings name."""
    files = [ROOT / "shared" / "config.py", ROOT / "services" / service / "config.py"]
    return {name for file in files for name in re.findall(r'"([A-Z0-9_]{4,})"', file.read_text())}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_an_image_of_its_own_from_the_one_recipe(service: str) -> None:
    container = CONTAINERS[service]
    assert container["image"] == f"stint-{service}"
    assert container["build"]["dockerfile"] == "deploy/Dockerfile"
    assert container["build"]["args"]["SERVICE"] == service


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_only_settings_that_it_reads(service: str) -> None:
    assert set(CONTAINERS[service]["environment"]) - settings_of(service) - BOTO == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_after_the_topology_and_gets_time_to_finish(service: str) -> None:
    container = CONTAINERS[service]
    waits = container["depends_on"]["topology"]
    assert waits == {"condition": "service_completed_successfully"}
    assert container["stop_grace_period"] == "40s"


def test_nothing_keeps_a_container_from_being_scaled() -> None:
    for name, container in CONTAINERS.items():
        assert "container_name" not in container, name
        fixed = [port for port in container.get("ports", ()) if "::" not in port]
        assert not fixed or name == "gateway", name


def test_a_secret_comes_from_the_environment_and_its_default_is_for_development_only() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in SECRETS:
        defaults = set(re.findall(rf"\$\{{{name}:-([^}}]*)\}}", text))
        assert defaults <= {"stint", "for-development-only-0123456789abcdef"}, name


def test_both_versions_of_compose_read_it() -> None:
    """Version 1 knows no `name`, no nested defaults and takes no `version` with what we use."""
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(COMPOSE) == {"x-environment", "x-service", "services", "volumes"}
    assert re.findall(r"\$\{[^}]*\$\{", text) == []
