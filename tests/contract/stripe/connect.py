"""Connect as Stripe's documents describe it, played by us: accounts, transfers and reversals.

Only the shapes are judged by Stripe (each request and each answer, by its own document). The rules
are our reading: a transfer draws on its charge and never exceeds it; an account is paid while its
transfers are active; a reversal never exceeds its transfer; a key means one effect, and one used
with other parameters is refused.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import stripe

from services.payments.domain import AccountStatus
from services.payments.sandbox_bank import NoAnswer
from services.payments.stripe_bank import StripeBank
from tests.contract.stripe import spec, world
from tests.contract.stripe.stand_in import Answer, StandIn, fixture, listing
from tests.contract.stripe.world import refusal
from tests.unit.payments.bank_cases import Faults, Rig

REQUEST = "invalid_request_error"
FEE = 796
Object = dict[str, Any]


class Connect(StandIn):
    """Keeps what was made, and under which key."""

    name = "connect"

    def __init__(self, faults: Callable[[str, str], None]) -> None:
        super().__init__()
        self.faults = faults
        self.keys: dict[str, tuple[str, Answer]] = {}
        self.made: dict[str, Object] = {}

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        key = (headers or {}).get("Idempotency-Key", "")
        self._may_lose("request", method, key)
        answer = super().request(method, url, headers, post_data)
        self._may_lose("answer", method, key)
        return answer

    def answer(self, operation: spec.Operation, url: str, sent: Object, key: str) -> Answer:
        if operation.verb == "get":
            return self._read(operation.path, urlsplit(url).path.rsplit("/", 1)[-1], sent)
        asked = json.dumps([operation.path, sent], sort_keys=True)
        if key not in self.keys:
            self.keys[key] = asked, self._do(operation, url, sent)
        known, answer = self.keys[key]
        return answer if known == asked else refusal(400, "idempotency_error")

    def of_kind(self, kind: str) -> list[Object]:
        return [one for one in self.made.values() if one["object"] == kind]

    def _do(self, operation: spec.Operation, url: str, sent: Object) -> Answer:
        act = {
            "/v1/payment_intents": self._charge,
            "/v1/accounts": self._open,
            "/v1/transfers": self._transfer,
        }.get(operation.path)
        if act is not None:
            return act(sent)
        if operation.path == "/v1/transfers/{id}/reversals":
            return self._reverse(self.made[urlsplit(url).path.split("/")[-2]], sent)
        return super().answer(operation, url, sent, "")

    def _read(self, path: str, id_: str, sent: Object) -> Answer:
        if path in ("/v1/transfers", "/v1/transfers/{id}/reversals"):
            kind = "transfer" if path.endswith("transfers") else "transfer_reversal"
            found = [one for one in self.of_kind(kind) if self._matches(one, sent)]
            return 200, listing(path.format(id="tr_1"), *found)
        if id_ in self.made:
            return 200, self.made[id_]
        return world.ordinary("get", path, sent) or (404, {})

    def _matches(self, one: Object, sent: Object) -> bool:
        return sent.get("destination") in (None, one.get("destination"))

    def _new(self, prefix: str, kind: str, sent: Object, **about: Any) -> Answer:
        plain = {name: sent[name] for name in ("amount", "currency", "metadata") if name in sent}
        made = fixture(kind, id=f"{prefix}_{len(self.made) + 1}", **plain, **about)
        self.made[made["id"]] = made
        return 200, made

    def _charge(self, sent: Object) -> Answer:
        booked = world.booked() | {"fee": FEE}
        _, charge = self._new("ch", "charge", sent, status="succeeded", balance_transaction=booked)
        return self._new("pi", "payment_intent", sent, status="succeeded", latest_charge=charge)

    def _open(self, sent: Object) -> Answer:
        shut = {"transfers": "inactive"}
        return self._new("acct", "account", sent, capabilities=shut, default_currency="usd")

    def _transfer(self, sent: Object) -> Answer:
        account = self.made.get(sent["destination"], {})
        if account.get("capabilities") != {"transfers": "active"}:
            return refusal(400, REQUEST, "insufficient_capabilities_for_transfer")
        charge = self.made[sent["source_transaction"]]
        drawn = [
            one for one in self.of_kind("transfer") if one["source_transaction"] == charge["id"]
        ]
        if sum(one["amount"] for one in drawn) + sent["amount"] > charge["amount"]:
            return refusal(400, REQUEST)
        about = {name: sent[name] for name in ("destination", "source_transaction")}
        return self._new("tr", "transfer", sent, **about)

    def _reverse(self, transfer: Object, sent: Object) -> Answer:
        if transfer["amount_reversed"] + sent["amount"] > transfer["amount"]:
            return refusal(400, REQUEST)
        transfer["amount_reversed"] += sent["amount"]
        about = {"transfer": transfer["id"], "currency": transfer["currency"]}
        return self._new("trr", "transfer_reversal", sent, **about)

    def _may_lose(self, point: str, method: str, key: str) -> None:
        try:
            if method == "post":
                self.faults(point, key)
        except NoAnswer as exc:
            raise stripe.APIConnectionError("lost in a test", should_retry=True) from exc


@dataclass
class ConnectRig(Rig):
    """The adapter over these rules."""

    http: Connect = field(default_factory=lambda: Connect(Faults()))

    @classmethod
    def new(cls) -> "ConnectRig":
        faults = Faults()
        http = Connect(faults)
        return cls(StripeBank(world.ACCESS, http), faults, http)

    def account(self, key: str = "acc:account") -> str:
        """Opened, and its form filled in by the candidate."""
        id_ = super().account(key)
        self.set_account_status(id_, AccountStatus.ACTIVE)
        return id_

    def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        active = status is AccountStatus.ACTIVE
        asked = {**self.http.made[account_id]["requirements"], "disabled_reason": "listed"}
        self.http.made[account_id] |= {
            "capabilities": {"transfers": "active" if active else "inactive"},
            "details_submitted": True,
            "requirements": asked,
        }

    def effects(self) -> list[tuple[str, int]]:
        kinds = ("charge", "transfer", "transfer_reversal")
        done = [one for kind in kinds for one in self.http.of_kind(kind)]
        return [(one["metadata"]["operation_key"], one["amount"]) for one in done]

    def net(self) -> dict[str, int]:
        signs = {"charge": 1, "transfer": -1, "transfer_reversal": 1}
        moved = [s * one["amount"] for kind, s in signs.items() for one in self.http.of_kind(kind)]
        return {"USD": sum(moved) - FEE * len(self.http.of_kind("charge"))}
