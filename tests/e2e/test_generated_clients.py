"""Clients generated from the served document, in two languages, play a journey's first steps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, operator_of
from tests.node import NODE, installed

ROOT = Path(__file__).parents[2]
SOURCES, BUILT = ROOT / "tests" / "clients", ROOT / ".stint" / "clients"
LIMIT = 150  # seconds for one command


@pytest.fixture(scope="module")
def document(stack: Stack) -> Path:
    """Where the document lies that the running gateway serves."""
    BUILT.mkdir(parents=True, exist_ok=True)
    file = BUILT / "openapi.json"
    file.write_bytes(requests.get(f"{stack.url}/openapi.json", timeout=30).content)
    return file


def run(folder: Path, *command: object, path: str = "") -> str:
    """What the command says; AssertionError with all of it where it fails."""
    env = {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}", "PYTHONPATH": path}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_typescript_client_is_generated_checked_and_plays(stack: Stack, document: Path) -> None:
    folder = BUILT / "typescript"
    modules = installed(SOURCES / "typescript", folder)
    openapi = modules / "openapi-typescript" / "bin" / "cli.js"
    options = ("--output", "schema.d.ts", "--default-non-nullable", "false")
    run(folder, NODE, openapi, document, *options)
    run(folder, NODE, modules / "typescript" / "bin" / "tsc", "--project", folder)
    said = run(folder, NODE, "journey.ts", stack.url, operator_of(stack.url), PASSWORD)
    assert said.startswith("ok app-")


def test_the_python_client_is_generated_and_plays(stack: Stack, document: Path) -> None:
    folder, config = BUILT / "python", SOURCES / "python" / "config.yml"
    folder.mkdir(exist_ok=True)
    generator = Path(sys.executable).with_name("openapi-python-client")
    target = ("--output-path", folder / "stint_client", "--meta", "none", "--overwrite")
    # It warns of what it leaves out, such as two things that it would call the same.
    strict = ("--config", config, "--fail-on-warning")
    run(folder, generator, "generate", "--path", document, *strict, *target)
    journey = SOURCES / "python" / "journey.py"
    about = (stack.url, operator_of(stack.url), PASSWORD)
    said = run(folder, sys.executable, journey, *about, path=str(folder))
    assert said.startswith("ok app-")
