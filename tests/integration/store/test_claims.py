"""One value has one owner, however many ask at once."""

import pytest

from shared.errors import Conflict
from shared.store import Claims
from tests.integration.store.tally import workers
from tests.memory_store import MemoryClaims


@pytest.fixture(params=["database", "memory"])
def claims(request: pytest.FixtureRequest) -> Claims | MemoryClaims:
    """Both sides of the port: the stand-in of unit tests is held to the real one."""
    if request.param == "memory":
        return MemoryClaims()
    return Claims(request.getfixturevalue("quiet"), "names")


def test_a_value_is_claimed_once(claims: Claims | MemoryClaims) -> None:
    claims.take("ada", "a1")
    with pytest.raises(Conflict) as refused:
        claims.take("ada", "a2")

    assert refused.value.code == "already-taken"
    assert claims.owner("ada") == "a1"
    assert claims.owner("bob") is None


def test_its_owner_may_claim_it_again(claims: Claims | MemoryClaims) -> None:
    claims.take("ada", "a1")
    claims.take("ada", "a1")

    assert claims.owner("ada") == "a1"


def test_its_owner_alone_gives_it_up(claims: Claims | MemoryClaims) -> None:
    claims.take("ada", "a1")
    claims.release("ada", "a2")
    assert claims.owner("ada") == "a1"

    claims.release("ada", "a1")
    claims.take("ada", "a2")
    assert claims.owner("ada") == "a2"


def test_of_those_who_race_for_a_value_one_has_it(environment: dict[str, str]) -> None:
    values = [f"name-{number}" for number in range(150)]
    jobs = [{"command": "claim", "values": values, "owner": owner} for owner in "abc"]

    with workers(environment, *jobs) as racing:
        got = [worker.finish()["got"] for worker in racing]

    assert sorted(value for each in got for value in each) == sorted(values)
