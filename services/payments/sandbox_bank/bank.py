"""The sandbox bank behind the port of the real one: own records, own arithmetic, no real money."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.payments.domain import (
    AccountStatus,
    ActivityPage,
    Balance,
    BankAccount,
    Card,
    Kind,
    Link,
    Notice,
    Operation,
    Outcome,
    State,
)
from services.payments.sandbox_bank import hooks
from services.payments.sandbox_bank.accounts import Account
from services.payments.sandbox_bank.cards import CARDS, COUNTRIES, LOST
from services.payments.sandbox_bank.charges import KEEPS_KEYS, Charge
from services.payments.sandbox_bank.faults import Faults, NoAnswer, no_faults
from services.payments.sandbox_bank.feed import Adjustment, Feed
from services.payments.sandbox_bank.lines import Move, id_of
from services.payments.sandbox_bank.outcomes import charge_of, outcome_of, params_of
from services.payments.sandbox_bank.records import Records
from shared.errors import Conflict, Invalid, NotFound
from shared.platform import Platform

LINK_LASTS = timedelta(minutes=5)
UNKNOWN = {"token": "unknown; the sandbox takes " + ", ".join(CARDS)}


class SandboxBank:
    """Charges hold the transfers and refunds that draw on them: one write is one movement."""

    name, simulated = "sandbox", True

    def __init__(self, platform: Platform, faults: Faults = no_faults) -> None:
        settings: Any = platform.settings
        if settings.environment == "production":
            raise SystemExit("the sandbox bank moves simulated money: never in production")
        self._web_url, self._at_once = settings.web_url, settings.sandbox_onboarding == "instant"
        telling = bool(settings.sandbox_url)
        self.hooks_url = f"{settings.sandbox_url}/v1/hooks/{self.name}" if telling else ""
        of = platform.database
        self._cards, self._secrets = of["bank_cards"], of["bank_secrets"]
        self.accounts = Records(of["bank_accounts"], Account, telling)
        self.charges = Records(of["bank_charges"], Charge, telling)
        self._adjustments = Records(of["bank_adjustments"], Adjustment, False)
        self._feed = Feed(self.charges, self._adjustments)
        self.now, self._faults = platform.now, faults

    def charge(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take the amount from the card `operation.party`."""
        return self._exchange(operation, lambda: self._charge(engagement_id, operation))

    def transfer(self, engagement_id: str, operation: Operation) -> Outcome:
        """Pay the account `operation.party` from the charge; its transfers never exceed it."""
        return self._exchange(operation, lambda: self._move(operation))

    def refund(self, engagement_id: str, operation: Operation) -> Outcome:
        """Return money to the card that was charged; refunds never exceed the charge."""
        return self._exchange(operation, lambda: self._move(operation))

    def reverse(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take back (part of) the transfer `operation.source_id`, never more than it was."""
        return self._exchange(operation, lambda: self._move(operation))

    def lookup(self, engagement_id: str, operation: Operation) -> Outcome | None:
        """What became of it; None where it never came here."""
        found: Outcome | None = self._exchange(operation, lambda: self._find(operation))
        return found

    def cancel(self, engagement_id: str, operation: Operation) -> Outcome:
        """Call off a charge that waits for its payer, or tell what has become of it."""
        id_ = id_of("ch", operation.key)
        self.charges.change(id_, lambda charge: charge.cancel(self.now()))
        return self.lookup(engagement_id, operation) or Outcome(State.UNKNOWN)

    def attach_card(self, key: str, token: str) -> Card:
        """Keep the card that a token stands for; raises Invalid for an unknown token."""
        kind = CARDS.get(token)
        if kind is None:
            raise Invalid("token-unknown", "The bank does not know this card token.", UNKNOWN)
        id_ = id_of("pm", key)
        self._cards.update_one({"_id": id_}, {"$setOnInsert": {"token": token}}, upsert=True)
        kept = self._cards.find_one({"_id": id_})
        if kept and kept["token"] != token:
            raise Conflict("key-reused", f"{key} came before with another token.")
        return Card(id_, kind.brand, kind.last4)

    def open_account(self, key: str, country: str, account_id: str = "") -> BankAccount | None:
        """Open an account, or tell how it stands."""
        id_ = id_of("acct", key)
        account = self.accounts.find(id_)
        if account is None:
            currency, now = COUNTRIES[country], self.now()
            new = Account.opened(id_, key, country, currency, self._at_once, now)
            account, _ = self.accounts.add(new)
        if account.country != country:
            raise Conflict("key-reused", f"{key} came before with another country.")
        return account.view()

    def onboarding_link(self, account_id: str, return_url: str) -> Link | None:
        """Where its owner does what is required, or plays that it was done."""
        if self.accounts.find(account_id) is None:
            raise NotFound("payout-account-not-found", "The bank has no such account.")
        return Link(self._page("accounts", account_id), self.now() + LINK_LASTS)

    def read_hook(self, body: bytes, signature: str) -> Notice:
        """What our own webhook says; raises Invalid where it is not ours."""
        return hooks.read(body, signature, self.hook_secret(), self.now())

    def activity(self, since: datetime, after: str) -> ActivityPage:
        """What went over the platform's balance since then."""
        return self._feed.activity(since, after)

    def balance(self) -> dict[str, Balance]:
        """What it holds for the platform, by currency, from its own records alone."""
        return self._feed.balance(self.now())

    def answer_chargeback(self, chargeback_id: str, evidence: str) -> bool:
        """Hand in evidence; False where nobody asks for it any more."""
        id_ = f"ch_{chargeback_id.removeprefix('dp_')}"
        answered = self.charges.change(id_, lambda charge: charge.answer(evidence, self.now()))
        return bool(answered)

    def adjust(self, key: str, kind: str, amount: int, currency: str) -> None:
        """For rehearsals: something else goes over the balance; `kind` is a reporting category."""
        self._adjustments.add(Adjustment.of(key, kind, amount, currency, self.now()))

    def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        """For rehearsals: a restricted account refuses transfers."""
        self.accounts.change(account_id, lambda it: it.restate(status, [], "", self.now()))

    def balances(self) -> dict[str, int]:
        """Available and pending together."""
        return {cur: each.available + each.pending for cur, each in self.balance().items()}

    def effects(self) -> list[tuple[str, int]]:
        """The keys and amounts of all that has really happened here."""
        found = self.charges.collection.find({"state": State.SUCCEEDED.value})
        charges = list(found)
        moves = [m for c in charges for m in c["moves"] if m["state"] == State.SUCCEEDED.value]
        return [(done["key"], done["amount"]) for done in charges + moves]

    def hook_secret(self) -> str:
        """Made once, and the same for every process."""
        new = {"_id": "hooks", "value": secrets.token_hex(32)}
        found = self._secrets.find_one({"_id": "hooks"})
        if found is None:
            try:
                self._secrets.insert_one(new)
                return str(new["value"])
            except DuplicateKeyError:
                found = self._secrets.find_one({"_id": "hooks"})
        return str((found or new)["value"])

    def _exchange(self, operation: Operation, act: Callable[[], Any]) -> Any:
        try:
            self._faults("request", operation.key)
            outcome = act()
            self._faults("answer", operation.key)
        except NoAnswer:
            return Outcome(State.UNKNOWN, code="bank-unavailable")
        return outcome

    def _charge(self, engagement_id: str, operation: Operation) -> Outcome:
        card = self._cards.find_one({"_id": operation.party})
        if card is None:
            return Outcome(State.FAILED, code="card-unknown")
        now = self.now()
        new = Charge.of(engagement_id, operation, params_of(operation), card["token"], now)
        charge, is_new = self.charges.add(new)
        if not is_new and now - charge.at >= KEEPS_KEYS:
            new.id = id_of("ch", operation.key, now)
            charge, is_new = self.charges.add(new)
        if is_new and CARDS[charge.card].code == LOST:
            raise NoAnswer
        return self._answer(operation, charge)

    def _move(self, operation: Operation) -> Outcome:
        refusal, params, now = self._refusal(operation), params_of(operation), self.now()

        def act(charge: Charge) -> Move:
            charge.tick(now)
            return charge.move(operation, params, refusal, now)

        move = self.charges.change(charge_of(operation), act)
        if move is None:
            return Outcome(State.FAILED, code="charge-unknown", retryable=False)
        return self._answer(operation, move)

    def _refusal(self, operation: Operation) -> str:
        """What an account has against it."""
        if operation.kind is Kind.TRANSFER:
            account = self.accounts.find(operation.party)
            if account is None or account.status is not AccountStatus.ACTIVE:
                return "account-restricted"
            if account.drained:
                self.accounts.change(account.id, Account.fill)
        if operation.kind is Kind.REVERSAL:
            charge = self.charges.find(charge_of(operation))
            sent = charge.move_by_id(operation.source_id) if charge else None
            account = self.accounts.find(sent.party) if sent else None
            return "account-balance-insufficient" if account and account.drained else ""
        return ""

    def _find(self, operation: Operation) -> Outcome | None:
        charge = self._current(charge_of(operation))
        if charge is None:
            return None
        known = charge if operation.kind is Kind.CHARGE else charge.move_of(operation.key)
        return self._answer(operation, known) if known else None

    def _current(self, charge_id: str) -> Charge | None:
        """The charge as it stands, after what time alone has brought about."""
        now = self.now()

        def act(charge: Charge) -> Charge:
            charge.tick(now)
            return charge

        return self.charges.change(charge_id, act)

    def _answer(self, operation: Operation, known: Charge | Move) -> Outcome:
        return outcome_of(operation, known, self._page("charges", known.id))

    def _page(self, what: str, id_: str) -> str:
        """Where a person plays the world outside."""
        return f"{self._web_url}/v1/sandbox/{what}/{id_}"
