"""The door of the sandbox bank, for people and tests; without it there is nothing behind."""

from typing import Any

from services.payments import schemas, usecases
from services.payments.sandbox_bank import Door, SandboxBank, Sender
from services.payments.schemas import sandbox as requests
from shared.envelope import Call
from shared.messaging import every
from shared.rpc import rpc

View = dict[str, Any]


class SandboxDoor:
    """What the world outside does to a processor of real money, people do here."""

    desk: usecases.Desk

    @rpc
    def get_sandbox_charge(self, call: Call, charge_id: str) -> View:
        return Door(self.desk).read_charge(call.principal, "get_sandbox_charge", charge_id)

    @rpc
    def confirm_sandbox_charge(self, call: Call, charge_id: str, confirmed: Any) -> View:
        asked = schemas.read(requests.Confirmation, confirmed=confirmed)
        return Door(self.desk).confirm(call, charge_id, **asked)

    @rpc
    def play_chargeback(self, call: Call, charge_id: str, status: Any) -> View:
        asked = schemas.read(requests.PlayedChargeback, status=status)
        return Door(self.desk).dispute(call, charge_id, **asked)

    @rpc
    def get_sandbox_account(self, call: Call, account_id: str) -> View:
        return Door(self.desk).read_account(call.principal, "get_sandbox_account", account_id)

    @rpc
    def change_sandbox_account(self, call: Call, account_id: str, **about: Any) -> View:
        asked = schemas.read(requests.AccountState, **about)
        return Door(self.desk).restate(call, account_id, **asked)

    @rpc
    def play_payout(self, call: Call, account_id: str, **about: Any) -> View:
        asked = schemas.read(requests.PlayedPayout, **about)
        return Door(self.desk).pay_out(call, account_id, **asked)

    @rpc
    def play_adjustment(self, call: Call, **about: Any) -> View:
        asked = schemas.read(requests.PlayedAdjustment, **about)
        return Door(self.desk).adjust(call, **asked)

    @every(2)
    def send_sandbox_hooks(self) -> None:
        """Tell of what happened at the sandbox, where there is somebody to be told."""
        bank = self.desk.bank
        if isinstance(bank, SandboxBank):
            Sender(bank).round()
