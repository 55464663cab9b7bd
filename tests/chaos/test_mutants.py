"""The bugs that `make chaos-mutants` plants still have a place in the code."""

import pytest

from deploy.embedded.processes import HOME
from tests.chaos.mutants import MUTANTS
from tests.chaos.verdict import CHECKS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_fits_the_code_and_names_checks_that_exist(name: str) -> None:
    mutant = MUTANTS[name]
    text = (HOME / mutant.file).read_text()
    assert text.count(mutant.old) == 1
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")
    assert set(mutant.found_by) <= {check.__name__ for check in CHECKS}
