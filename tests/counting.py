"""What a run counts and tells at its end, whichever worker counted it."""

from collections import Counter
from typing import Protocol

import pytest


class Count(Protocol):
    """So many more of these."""

    def __call__(self, what: str, number: int = 1) -> None: ...


COUNTS = pytest.StashKey[Counter[str]]()
SENT = "stint_counts"


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Count:
    """What the end of the run tells."""
    counts = request.config.stash[COUNTS]

    def more(what: str, number: int = 1) -> None:
        counts[what] += number

    return more


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTS] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[SENT] = dict(session.config.stash[COUNTS])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[COUNTS].update(getattr(node, "workeroutput", {}).get(SENT, {}))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for what, number in sorted(config.stash[COUNTS].items()):
        terminalreporter.write_line(f"{number} {what}")
