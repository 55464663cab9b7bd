"""The table of crash cases names every case, and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "crash-cases.md").read_text()
CASES = 28
NAMED = sorted(set(re.findall(r"`(\w[\w/]*\.py)::(test_\w+)`", PAGE)))


def test_every_case_is_in_the_table_with_a_test() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, CASES + 1))
    assert all("::test_" in tests for _, tests in rows)


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    module = ast.parse((TESTS / file).read_text())
    functions = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    assert test in functions
