"""The texts that both sides accept, one file per kind and version.

A version that was published never changes: a new wording is a new file with the next number.
"""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def template(kind: str, version: int) -> str:
    """The wording, with `${name}` where an engagement's facts go; KeyError where there is none."""
    file = FOLDER / kind / f"{version}.md"
    if kind not in kinds() or not file.is_file():
        raise KeyError(f"{kind}/{version}")
    return file.read_bytes().decode()


@cache
def newest(kind: str) -> int:
    """The version that new engagements are offered."""
    return max(int(file.stem) for file in (FOLDER / kind).glob("*.md"))


@cache
def kinds() -> tuple[str, ...]:
    """Every kind of text that is published."""
    return tuple(sorted(file.name for file in FOLDER.iterdir() if any(file.glob("*.md"))))
