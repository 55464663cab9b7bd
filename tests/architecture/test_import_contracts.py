"""The import contracts bite: each forbidden step, made on a copy, breaks the build."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout") / "stint"
    copy.mkdir()
    shutil.copy(ROOT / "pyproject.toml", copy)
    for folder in ("services", "shared", "deploy"):
        ignored = shutil.ignore_patterns("__pycache__", "data", "*.json", "*.gz")
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    return copy


@pytest.fixture
def checkout(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "stint"))


def lint(checkout: Path) -> str:
    """What lint-imports says of the checkout, which has to displease it."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def add_a_helper(checkout: Path) -> None:
    (checkout / "services/payments/helpers.py").write_text('"""Odds and ends."""\n')


def import_another_service(checkout: Path) -> None:
    append(checkout / "services/payments/service/__init__.py", "import services.projects.events")


def import_stripe_in_a_use_case(checkout: Path) -> None:
    append(use_case(checkout), "import stripe")


def import_the_database_in_a_use_case(checkout: Path) -> None:
    append(use_case(checkout), "import shared.store")


def import_a_service_in_shared(checkout: Path) -> None:
    append(checkout / "shared/envelope.py", "import services.payments.events")


def use_case(checkout: Path) -> Path:
    folder = checkout / "services/payments/usecases"
    return sorted(folder.glob("[a-z]*.py"))[0] if folder.is_dir() else folder.with_suffix(".py")


def append(file: Path, line: str) -> None:
    file.write_text(f"{file.read_text()}\n{line}\n")


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        (add_a_helper, "services.payments.helpers"),
        (import_another_service, "No service imports another BROKEN"),
        (import_stripe_in_a_use_case, "Stripe has one door BROKEN"),
        (import_the_database_in_a_use_case, "The core is plain Python BROKEN"),
        (import_a_service_in_shared, "Shared code does not know the services BROKEN"),
    ],
)
def test_a_forbidden_step_breaks_the_build(
    checkout: Path, step: Callable[[Path], None], complaint: str
) -> None:
    step(checkout)
    assert complaint in lint(checkout)
