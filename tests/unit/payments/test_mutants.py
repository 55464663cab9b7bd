"""Each rule of money that is taken away is missed by the state machine: mutants die."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.payments.mutants import MUTANTS
from tests.unit.payments.test_reference import SETTINGS, Model

HUNT = settings(
    SETTINGS,
    max_examples=1_500,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_kills_this_mutant(name: str) -> None:
    with MUTANTS[name].planted(), pytest.raises(Exception) as killed:
        run_state_machine_as_test(Model, settings=HUNT)
    assert not isinstance(killed.value, LookupError), killed.value


@pytest.mark.parametrize("name", MUTANTS)
def test_what_was_planted_is_taken_out_again(name: str) -> None:
    before = MUTANTS[name].place()[2]
    with MUTANTS[name].planted():
        assert MUTANTS[name].place()[2] is not before
    assert MUTANTS[name].place()[2] is before
