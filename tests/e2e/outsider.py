"""Somebody outside who checks credentials with npm's `jose`, as `examples/verify` shows it."""

import json
import os
import subprocess
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.node import HOME, NODE, RUN_SECONDS, installed

EXAMPLE, BUILT = Path(__file__).parents[2] / "examples" / "verify", HOME / "verify"


@dataclass(frozen=True)
class Outsider:
    """Believes the issuer at `base`, and keeps what is handed over in `folder`."""

    base: str
    folder: Path

    @classmethod
    def equipped(cls, base: str, folder: Path) -> "Outsider":
        """With the packages of the example, as they are locked."""
        installed(EXAMPLE, BUILT)
        return cls(base, folder)

    def verdicts(self, *tokens: str, at: datetime) -> list[str]:
        """`valid URL` or `refused CODE sentence` for each, as of that moment."""
        files = [self.folder / f"{place}.jwt" for place in range(len(tokens))]
        for file, token in zip(files, tokens, strict=True):
            file.write_text(token)
        done = subprocess.run(
            [str(NODE), str(BUILT / "verify.js"), self.base, *map(str, files)],
            env={**os.environ, "VERIFY_AT": at.isoformat()},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        said = done.stdout.splitlines()
        refused = any(line.startswith("refused") for line in said)
        assert (done.returncode, len(said)) == (int(refused), len(tokens)), done.stderr
        return said


def header(token: str) -> dict[str, Any]:
    return _part(token, 0)


def payload(token: str) -> dict[str, Any]:
    return _part(token, 1)


def packed(part: dict[str, Any] | bytes) -> str:
    """A part of a JWT."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _part(token: str, place: int) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[place] + "=="))
    return said
