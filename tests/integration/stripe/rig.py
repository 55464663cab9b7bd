"""The Stripe adapter over a stateful stand-in, as a bank under test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe

from services.payments.domain import Operation, Outcome, State
from services.payments.sandbox_bank import NoAnswer
from services.payments.stripe_bank import Access, StripeBank
from services.payments.stripe_bank.access import http_client
from shared.errors import Conflict
from tests.unit.payments.bank_cases import Faults, Rig

# The stand-in has no Connect, leads nobody anywhere, and knows no groups.
SECRET = "whsec_world"
ACCESS = Access(
    api_key="sk_test_world", webhook_secrets=(SECRET,), groups=False, return_url="", retries=0
)
DECLINING = {  # Cards that only their number names.
    "tok_chargeDeclined": "4000000000000341",
    "tok_chargeDeclinedInsufficientFunds": "4000000000009995",
}
ATTACHABLE = {"tok_chargeDeclined"}  # Stripe keeps no card that it knows to be bad, but this one.
GOOD, BAD = "4242424242424242", "4000000000000341"
LOST = "lost in a test"


class Losing(stripe.RequestsClient):
    """Real requests, of which those that change something may get lost, or their answers."""

    def __init__(self, faults: Callable[[str, str], None]) -> None:
        real = http_client()
        super().__init__(timeout=real._timeout, session=real._session)
        self.faults = faults
        self.sent: list[tuple[str, str, str]] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        key = headers.get("Idempotency-Key", "")
        self._may_lose("request", method, key)
        answer = super().request(method, url, headers, post_data)
        self.sent.append((method, url.split("/v1/")[1], key))
        self._may_lose("answer", method, key)
        return answer

    def _may_lose(self, point: str, method: str, key: str) -> None:
        try:
            if method == "post":
                self.faults(point, key)
        except NoAnswer as exc:
            raise stripe.APIConnectionError(LOST, should_retry=True) from exc


@dataclass
class StripeRig(Rig):
    """Plays the world outside through Stripe's API, which is what its test mode offers, too."""

    client: stripe.StripeClient
    http: Losing
    api_base: str

    @classmethod
    def at(cls, api_base: str, retries: int = 0) -> "StripeRig":
        faults = Faults()
        http = Losing(faults)
        access = Access(**{**vars(ACCESS), "api_base": api_base, "retries": retries})
        client = stripe.StripeClient(access.api_key, base_addresses={"api": api_base})
        return cls(StripeBank(access, http), faults, client, http, api_base)

    def card(self, token: str = "tok_visa") -> str:
        if token not in DECLINING:
            return super().card(token)
        made = self._numbered(DECLINING[token])
        return super().card(made) if token in ATTACHABLE else made

    def leads(self, outcome: Outcome) -> bool:
        """Where to is judged elsewhere: the stand-in takes no address to come back to."""
        return outcome.state is State.ACTION

    def confirm(self, operation: Operation, confirmed: bool) -> None:
        """Nobody can press the button of a bank here: another card, good or bad, decides."""
        intent = self.bank.lookup("", operation).bank_id
        method = self._numbered(GOOD if confirmed else BAD)
        try:
            self.client.v1.payment_intents.confirm(intent, {"payment_method": method})
        except stripe.InvalidRequestError as exc:
            raise Conflict("not-waiting", "It waits for nobody.") from exc
        except stripe.CardError:
            pass  # That is what was wanted.

    def effects(self) -> list[tuple[str, int]]:
        charges = self.client.v1.charges.list({"limit": 100}).data
        refunds = self.client.v1.refunds.list({"limit": 100}).data
        done = [one for one in [*charges, *refunds] if one.status == "succeeded"]
        return [(str((one.metadata or {})["operation_key"]), one.amount) for one in done]

    def net(self) -> dict[str, int]:
        held = self.bank.balance()
        return {cur: each.available + each.pending for cur, each in held.items()}

    def _numbered(self, number: str) -> str:
        card: Any = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        return self.client.v1.payment_methods.create({"type": "card", "card": card}).id
