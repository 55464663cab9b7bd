"""Simulated funds: where people play what payers, their banks and account owners do."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.sandbox import (
    AccountState,
    Confirmation,
    PlayedAdjustment,
    PlayedChargeback,
    PlayedPayout,
    SandboxAccount,
    SandboxAdjustment,
    SandboxCharge,
)

resource = Resource("sandbox", __name__, description="The sandbox bank: simulated funds only")


@resource.operation("GET", "/sandbox/charges/<charge_id>", answer=SandboxCharge)
def get_sandbox_charge(charge_id: str) -> Any:
    return ask("payments", "get_sandbox_charge", charge_id=charge_id)


@resource.operation(
    "POST", "/sandbox/charges/<charge_id>/confirm", body=Confirmation, answer=SandboxCharge
)
def confirm_sandbox_charge(charge_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "confirm_sandbox_charge", charge_id=charge_id, **body)


@resource.operation(
    "POST", "/sandbox/charges/<charge_id>/chargeback", body=PlayedChargeback, answer=SandboxCharge
)
def play_chargeback(charge_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "play_chargeback", charge_id=charge_id, **body)


@resource.operation("GET", "/sandbox/accounts/<account_id>", answer=SandboxAccount)
def get_sandbox_account(account_id: str) -> Any:
    return ask("payments", "get_sandbox_account", account_id=account_id)


@resource.operation(
    "POST", "/sandbox/accounts/<account_id>", body=AccountState, answer=SandboxAccount
)
def change_sandbox_account(account_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "change_sandbox_account", account_id=account_id, **body)


@resource.operation(
    "POST", "/sandbox/accounts/<account_id>/payouts", body=PlayedPayout, answer=SandboxAccount
)
def play_payout(account_id: str, body: dict[str, Any]) -> Any:
    return ask("payments", "play_payout", account_id=account_id, **body)


@resource.operation(
    "POST", "/sandbox/adjustments", body=PlayedAdjustment, answer=SandboxAdjustment, status=201
)
def play_adjustment(body: dict[str, Any]) -> Any:
    return ask("payments", "play_adjustment", **body)
