"""`stint parked`: choosing by type, error and age, over all queues, at a bearable rate."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.messaging.stage import Wire
from tests.integration.operations.conftest import Stint

FUNDED, PAID = "projects.on_payment_funded", "projects.on_payout_paid"


def park(bus: Wire, queue: str, id_: str, error: str, hours: float = 0, type_: str = "") -> None:
    failed = datetime.now(UTC) - timedelta(hours=hours)
    bus.publish(
        b"{}",
        queue,
        exchange="stint.parked",
        message_id=id_,
        type=type_ or "payment.funded.v1",
        headers={"x-error": error, "x-attempt": 6, "x-first-failure": failed.isoformat()},
    )


@pytest.fixture
def parked(bus: Wire) -> Wire:
    """Three in one queue, one in another."""
    park(bus, FUNDED, "e-1", "Unavailable bank-away: no answer", hours=30)
    park(bus, FUNDED, "e-2", "Invalid: it is wrong", hours=3)
    park(bus, FUNDED, "e-3", "Unavailable bank-away: no answer", hours=1)
    park(bus, PAID, "e-4", "Unavailable bank-away: no answer", hours=2, type_="payout.paid.v1")
    return bus


@pytest.mark.parametrize(
    ("filters", "counts"),
    [
        ((), {FUNDED: 3, PAID: 1}),
        (("--error", "BANK-away"), {FUNDED: 2, PAID: 1}),
        (("--type", "payout.*"), {PAID: 1}),
        (("--type", "payout.*", "--type", "payment.*"), {FUNDED: 3, PAID: 1}),
        (("--older-than", "1d"), {FUNDED: 1}),
        (("--newer-than", "150m"), {FUNDED: 1, PAID: 1}),
        (("--older-than", "90m", "--newer-than", "4h", "--error", "invalid"), {FUNDED: 1}),
        (("--error", "something else"), {}),
    ],
)
def test_filters_choose_by_type_error_and_age(
    stint: Stint, parked: Wire, filters: tuple[str, ...], counts: dict[str, int]
) -> None:
    rows = json.loads(stint("parked", "ls", "--json", *filters).stdout)

    assert {row["queue"].removesuffix(".parked"): row["count"] for row in rows} == counts


def test_the_list_tells_types_and_age(stint: Stint, parked: Wire) -> None:
    row = json.loads(stint("parked", "ls", "--json").stdout)[0]

    assert row["types"] == {"payment.funded.v1": 3}
    assert datetime.fromisoformat(row["oldest"]) < datetime.now(UTC) - timedelta(hours=29)
    assert "1 d 6 h" in stint("parked", "ls").output


def test_nothing_is_done_before_it_is_said_and_agreed_to(stint: Stint, parked: Wire) -> None:
    refused = stint("parked", "redrive", "--error", "bank-away")

    assert refused.exit_code == 2
    assert f"2 messages of {FUNDED}.parked will be given back to {FUNDED}:" in refused.stderr
    assert "  1 x Unavailable bank-away: no answer" in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("Error: nothing was done: say --yes")
    assert len(parked.parked(FUNDED)) == 3


def test_what_filters_choose_is_given_back_from_every_queue(stint: Stint, parked: Wire) -> None:
    done = stint("parked", "redrive", "--error", "bank-away", "--yes")

    assert done.stdout.splitlines() == [f"2 given back to {FUNDED}", f"1 given back to {PAID}"]
    assert [message.id for message in parked.parked(FUNDED)] == ["e-2"]
    assert (parked.count(FUNDED), parked.count(PAID)) == (2, 1)


def test_every_queue_is_emptied_by_all(stint: Stint, parked: Wire) -> None:
    assert stint("parked", "discard", "--all").exit_code == 2
    assert stint("parked", "discard", "--all", "--yes").exit_code == 0
    assert stint("parked", "ls").output == "nothing is parked\n"
    assert stint("parked", "redrive", "--all").stderr == "nothing that is parked is chosen\n"


def test_the_rate_is_a_limit(stint: Stint, bus: Wire) -> None:
    for number in range(6):
        park(bus, FUNDED, f"e-{number}", "Unavailable bank-away: no answer")

    began = time.monotonic()
    assert stint("parked", "redrive", FUNDED, "--all", "--yes", "--rate", "5").exit_code == 0

    assert time.monotonic() - began >= 1
    assert bus.count(FUNDED) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("redrive",),
        ("redrive", FUNDED, "e-1", "--error", "x"),
        ("redrive", FUNDED, "e-9"),
        ("discard", FUNDED, "--error", "bank-away"),
    ],
)
def test_what_is_not_clear_is_refused(
    stint: Stint, parked: Wire, arguments: tuple[str, ...]
) -> None:
    result = stint("parked", *arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert len(parked.parked(FUNDED)) == 3


@pytest.mark.parametrize("age", ["yesterday", "3", "-1h", "99999999999999d"])
def test_an_age_that_is_none_is_refused(stint: Stint, age: str) -> None:
    result = stint("parked", "ls", "--older-than", age)

    assert result.exit_code == 2
    assert "no age such as 90s, 15m, 2h or 3d" in result.stderr
