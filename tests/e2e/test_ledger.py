"""The books of a running stack: `stint ledger`, and what operators read of it over HTTP."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack
from tests.e2e.conftest import Travel
from tests.e2e.world import World, build

STINT = Path(sys.executable).with_name("stint")


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    return build(stack)


def ledger(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STINT, "ledger", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **stack.environment},
    )


def test_the_command_shows_the_books_and_finds_them_sound(stack: Stack, world: World) -> None:
    engagement_id = world.ids["engagement_id"]
    balance = json.loads(ledger(stack, "trial-balance", "--json").stdout)
    assert all(row["total"] == 0 for row in balance["sums"])
    shown = ledger(stack, "engagement", engagement_id)
    assert (shown.returncode, f"{engagement_id}:charge:1" in shown.stdout) == (0, True)
    account = ledger(stack, "account", f"held_funds:{engagement_id}", "--json")
    assert {"charge"} <= {entry["kind"] for entry in json.loads(account.stdout)["entries"]}
    checked = ledger(stack, "check")
    assert (checked.returncode, "all agrees" in checked.stdout) == (0, True), checked.stdout
    compared = json.loads(ledger(stack, "reconcile", "--json").stdout)
    # Other stories on this stack have broken what they like.
    assert not any(engagement_id in found["ref"] for found in compared["breaks"]), compared
    assert all(row["agree"] for row in compared["currencies"]), compared
    assert ledger(stack, "account", "petty_cash").returncode == 2


def test_an_operator_explains_what_the_processor_moved_by_itself(
    stack: Stack, world: World, travel: Travel
) -> None:
    operator = world.journey.people.operator()
    moved = {"kind": "other_adjustment", "amount": -70, "currency": "USD"}
    ref = operator.post("/v1/sandbox/adjustments", moved)["id"]
    travel(2 * 3600)
    breaks = json.loads(ledger(stack, "reconcile", "--json").stdout)["breaks"]
    assert ref in {found["ref"] for found in breaks}
    told = ("--reason", "The bank's price for a statement.")
    assert ledger(stack, "explain", ref, "held_funds:eng-x", *told).returncode == 2
    assert ledger(stack, "explain", ref, "processing_fees", *told).returncode == 0
    left = json.loads(ledger(stack, "reconcile", "--json").stdout)
    assert ref not in {found["ref"] for found in left["breaks"]}


def test_an_operator_reads_the_last_report_and_an_account(stack: Stack, world: World) -> None:
    operator = world.journey.people.operator()
    ledger(stack, "reconcile")
    report = operator.get("/v1/ledger/reports/reconcile")
    assert (report["kind"], report["processor"]) == ("reconcile", "sandbox")
    account = operator.get("/v1/ledger/accounts/platform_fee")
    assert (account["nature"], account["side"]) == ("revenue", "credit")
