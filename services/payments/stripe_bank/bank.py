"""The bank whose money is real: each method is the one call that means it, under its own key."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe
import structlog

from services.payments.domain import (
    ActivityPage,
    Balance,
    BankAccount,
    Card,
    Link,
    Notice,
    Operation,
    Outcome,
    State,
)
from services.payments.domain.operations import UNCONFIRMED
from services.payments.stripe_bank import (
    accounts,
    chargebacks,
    feed,
    finding,
    hooks,
    outcomes,
    params,
    refusals,
)
from services.payments.stripe_bank.access import Access, client

if TYPE_CHECKING:
    from stripe import RequestOptions

log = structlog.get_logger(__name__)

GONE = "resource_missing"


class StripeBank:
    """`http` replaces how requests travel, in tests."""

    name = "stripe"

    def __init__(self, access: Access, http: stripe.HTTPClient | None = None) -> None:
        self._access, self._client = access, client(access, http)
        self._v1 = self._client.v1
        self.simulated = not access.live

    def charge(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take the amount from the card `operation.party`, or say where its owner confirms that."""
        return self._send(engagement_id, operation, self._charge)

    def transfer(self, engagement_id: str, operation: Operation) -> Outcome:
        """Pay the account `operation.party` from the charge."""
        return self._send(engagement_id, operation, self._transfer)

    def refund(self, engagement_id: str, operation: Operation) -> Outcome:
        """Return money to the card that was charged."""
        return self._send(engagement_id, operation, self._refund)

    def reverse(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take back (a part of) the transfer `operation.source_id`, if its account has it still."""
        return self._send(engagement_id, operation, self._reverse)

    def lookup(self, engagement_id: str, operation: Operation) -> Outcome | None:
        """What became of it; None where Stripe surely has never heard of it.

        An error here says nothing about the operation, least of all that it failed.
        """
        try:
            found = finding.find(self._client, operation)
        except stripe.StripeError as exc:
            if refusals.code_of(exc) == GONE and not operation.bank_id:
                return None  # What it would draw on is not there, so nothing was drawn on it.
            return refusals.unanswered(exc, operation.bank_id)
        if found is None:
            return None
        outcomes.same(operation, found)
        return outcomes.of(found, operation.kind)

    def cancel(self, engagement_id: str, operation: Operation) -> Outcome:
        """Call off a charge that waits for its payer, or say what has become of it meanwhile."""
        found = self.lookup(engagement_id, operation)
        if found is None or found.state is not State.ACTION:
            return found or Outcome(State.FAILED, code=UNCONFIRMED)
        try:
            once = self._once(f"{operation.key}:cancel")
            intent = self._v1.payment_intents.cancel(found.bank_id, params.CANCELLED, once)
        except stripe.StripeError as exc:
            return refusals.unanswered(exc, found.bank_id)
        return outcomes.of(intent)

    def attach_card(self, key: str, token: str) -> Card:
        """Keep the card of a token for later charges.

        Raises Invalid where the token or its card is refused, Unavailable without an answer.
        """
        try:
            return accounts.attach_card(self._client, key, token)
        except stripe.StripeError as exc:
            raise accounts.card_refusal(exc) from exc

    def open_account(self, key: str, country: str, account_id: str = "") -> BankAccount | None:
        """Open an Express account, or tell how the one with this id stands; None without an answer.

        Raises Invalid where Stripe opens none. Keys are kept for a day: who has the id sends it.
        """
        try:
            if account_id:
                return accounts.standing(self._v1.accounts.retrieve(account_id))
            asked = params.account(key, country, self._access)
            return accounts.standing(self._v1.accounts.create(asked, self._once(key)))
        except stripe.InvalidRequestError as exc:
            raise accounts.account_refusal(exc) from exc
        except stripe.StripeError as exc:
            refusals.unanswered(exc)
            return None

    def onboarding_link(self, account_id: str, return_url: str) -> Link | None:
        """Where the candidate tells Stripe what it asks, once; None without an answer."""
        try:
            link = self._v1.account_links.create(params.account_link(account_id, return_url))
        except stripe.StripeError as exc:
            refusals.unanswered(exc)
            return None
        return Link(link.url, datetime.fromtimestamp(link.expires_at, UTC))

    def read_hook(self, body: bytes, signature: str) -> Notice:
        """The notice in a request that claims to be Stripe's.

        Raises Invalid where it is not, Unavailable where a chargeback's charge cannot be read.
        """
        return hooks.read(self._client, self._access, body, signature)

    def activity(self, since: datetime, after: str = "") -> ActivityPage:
        """What went over the platform's balance since then; raises Unavailable."""
        return feed.activity(self._client, since, after)

    def balance(self) -> dict[str, Balance]:
        """By currency; raises Unavailable."""
        return feed.balance(self._client)

    def answer_chargeback(self, chargeback_id: str, evidence: str) -> bool:
        """Submit the evidence, which can be done once; False where none is taken any more.

        Raises Unavailable without an answer.
        """
        return chargebacks.answer(self._client, chargeback_id, evidence)

    def _send(
        self, engagement_id: str, operation: Operation, send: Callable[[str, Operation], Outcome]
    ) -> Outcome:
        """Once it is known there by its id, a repeat would only be told its first state again."""
        if operation.bank_id:
            found = self.lookup(engagement_id, operation)
            return found or Outcome(State.UNKNOWN, operation.bank_id, refusals.UNANSWERED)
        if refused := outcomes.refusal(operation):
            return refused
        try:
            return send(engagement_id, operation)
        except stripe.StripeError as exc:
            return self._after(exc, engagement_id, operation)

    def _after(self, exc: stripe.StripeError, engagement_id: str, operation: Operation) -> Outcome:
        """An answer of 5xx is kept under its key: only a look tells whether it was done."""
        if (exc.http_status or 0) >= 500 and (found := self.lookup(engagement_id, operation)):
            return found
        if refusals.code_of(exc) == GONE:
            return outcomes.drawn_on_nothing(operation)
        return refusals.outcome(exc)

    def _charge(self, engagement_id: str, operation: Operation) -> Outcome:
        customer_id = finding.customer_of(self._client, operation.party)
        asked = params.charge(engagement_id, operation, customer_id, self._access)
        return outcomes.of(self._v1.payment_intents.create(asked, self._once(operation.key)))

    def _transfer(self, engagement_id: str, operation: Operation) -> Outcome:
        asked = params.transfer(engagement_id, operation, self._access)
        return outcomes.of(self._v1.transfers.create(asked, self._once(operation.key)))

    def _refund(self, engagement_id: str, operation: Operation) -> Outcome:
        asked = params.refund(engagement_id, operation)
        return outcomes.of(self._v1.refunds.create(asked, self._once(operation.key)))

    def _reverse(self, engagement_id: str, operation: Operation) -> Outcome:
        asked, once = params.reversal(engagement_id, operation), self._once(operation.key)
        made = self._v1.transfers.reversals.create(operation.source_id, asked, once)
        return outcomes.of(made)

    def _once(self, key: str) -> "RequestOptions":
        return {"idempotency_key": key}
