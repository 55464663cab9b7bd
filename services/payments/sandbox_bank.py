"""A processor of simulated money behind the port of the real one: own records, own arithmetic.

Card tokens decide what becomes of a charge: `tok_visa` succeeds, `tok_chargeDeclined` and
`tok_insufficientFunds` fail, `tok_unavailable` succeeds but its first answer is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.payments.domain import (
    AccountStatus,
    BankAccount,
    Card,
    Kind,
    Operation,
    Outcome,
    State,
)
from services.payments.domain.operations import UNCONFIRMED
from shared.errors import Conflict, Invalid
from shared.money import Money
from shared.platform import Platform

FEE_BPS, FEE_FIXED = 290, 30  # What it keeps of a charge: 2.9 % and 30 minor units.
LOST = "answer-lost"
EURO = "AT BE DE EE ES FI FR GR HR IE IT LT LU LV NL PT SI SK"
OTHERS = "AUD BRL CAD CHF CZK DKK GBP INR JPY KES MXN NGN NOK NZD PLN RON SEK SGD TND USD ZAR"
COUNTRIES = {  # Where it pays, and in which currency, whose name begins with the country's.
    **dict.fromkeys(EURO.split(" "), "EUR"),
    **{currency[:2]: currency for currency in OTHERS.split(" ")},
}


@dataclass(frozen=True)
class TokenCard:
    """What a token stands for; `code` is why its charges fail."""

    brand: str
    last4: str
    code: str = ""


CARDS = {
    "tok_visa": TokenCard("visa", "4242"),
    "tok_chargeDeclined": TokenCard("visa", "0002", "card-declined"),
    "tok_insufficientFunds": TokenCard("visa", "9995", "insufficient-funds"),
    "tok_unavailable": TokenCard("visa", "0119", LOST),
}


class NoAnswer(Exception):
    """Raised by a fault plan: the request, or its answer, got lost on the way."""


Faults = Callable[[str, str], None]  # Called with `request` or `answer` and the operation's key.


class SandboxBank:
    """Charges hold the transfers and refunds that draw on them: one write is one movement."""

    name, simulated = "sandbox", True

    def __init__(self, platform: Platform, faults: Faults = lambda _point, _key: None) -> None:
        if platform.settings.environment == "production":
            raise SystemExit("the sandbox bank moves simulated money: never in production")
        self._cards = platform.database["bank_cards"]
        self._accounts = platform.database["bank_accounts"]
        self._charges = platform.database["bank_charges"]
        self._now, self._faults = platform.now, faults

    def charge(self, engagement_id: str, operation: Operation) -> Outcome:
        """Take the amount from the card `operation.party`."""
        return self._exchange(operation, lambda: self._charge(engagement_id, operation))

    def transfer(self, engagement_id: str, operation: Operation) -> Outcome:
        """Pay the account `operation.party` from the charge; its transfers never exceed it."""
        return self._exchange(operation, lambda: self._move("transferable", operation))

    def refund(self, engagement_id: str, operation: Operation) -> Outcome:
        """Return money to the card that was charged; refunds never exceed the charge."""
        return self._exchange(operation, lambda: self._move("refundable", operation))

    def lookup(self, engagement_id: str, operation: Operation) -> Outcome | None:
        """What became of it; None where it never came here."""
        found: Outcome | None = self._exchange(operation, lambda: self._find(operation))
        return found

    def cancel(self, engagement_id: str, operation: Operation) -> Outcome:
        """What became of it: no card of the sandbox asks its payer to confirm."""
        return self.lookup(engagement_id, operation) or Outcome(State.FAILED, code=UNCONFIRMED)

    def attach_card(self, key: str, token: str) -> Card:
        """Keep the card that a token stands for; raises Invalid for an unknown token."""
        kind = CARDS.get(token)
        if kind is None:
            raise Invalid("token-unknown", "The bank does not know this card token.", UNKNOWN)
        id_ = _id("pm", key)
        self._cards.update_one({"_id": id_}, {"$setOnInsert": {"token": token}}, upsert=True)
        return Card(id_, kind.brand, kind.last4)

    def open_account(self, key: str, country: str) -> BankAccount | None:
        """Open an account, active at once, or tell how it stands."""
        id_ = _id("acct", key)
        new = {"currency": COUNTRIES[country], "status": AccountStatus.ACTIVE.value}
        self._accounts.update_one({"_id": id_}, {"$setOnInsert": new}, upsert=True)
        found = self._accounts.find_one({"_id": id_}) or new
        return BankAccount(id_, found["currency"], AccountStatus(found["status"]))

    def set_account_status(self, account_id: str, status: AccountStatus) -> None:
        """For rehearsals: a restricted account refuses transfers."""
        self._accounts.update_one({"_id": account_id}, {"$set": {"status": status.value}})

    def balances(self) -> dict[str, int]:
        """What it holds for the platform, by currency, from its own records alone."""
        group = {"_id": "$currency", "net": {"$sum": "$net"}}
        return {row["_id"]: int(row["net"]) for row in self._charges.aggregate([{"$group": group}])}

    def effects(self) -> list[tuple[str, int]]:
        """The keys and amounts of all that has really happened here."""
        charges = [c for c in self._charges.find() if c["state"] == State.SUCCEEDED.value]
        moves = [m for c in charges for m in c["moves"] if m["state"] == State.SUCCEEDED.value]
        return [(done["key"], done["amount"]) for done in charges + moves]

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
        code = CARDS[card["token"]].code
        charge = self._new_charge(engagement_id, operation, "" if code == LOST else code)
        try:
            self._charges.insert_one(charge)
        except DuplicateKeyError:
            return self._replayed(operation, self._charges.find_one({"_id": charge["_id"]}) or {})
        if code == LOST:
            raise NoAnswer
        return _outcome(charge)

    def _new_charge(self, engagement_id: str, operation: Operation, code: str) -> dict[str, Any]:
        amount = operation.amount
        share = Money(amount, operation.currency).share(FEE_BPS).amount
        fee = 0 if code else min(share + FEE_FIXED, amount)
        room = 0 if code else amount
        return self._record(operation, code, _id("ch", operation.key)) | {
            "_id": _id("ch", operation.key),
            "engagement_id": engagement_id,
            "fee": fee,
            "net": room - fee,
            "refundable": room,
            "transferable": room,
            "moves": [],
        }

    def _move(self, room: str, operation: Operation) -> Outcome:
        charge = self._charges.find_one(
            {"_id": operation.charge_id, "currency": operation.currency}
        )
        if charge is None:
            return Outcome(State.FAILED, code="charge-unknown", retryable=False)
        if known := _known(charge, operation.key):
            return self._replayed(operation, known)
        code = self._refusal(operation)
        amount = operation.amount
        move = self._record(operation, code, _id(operation.kind.value[:2], operation.key))
        fits = {room: {"$gte": amount}} if not code else {}
        taken = {room: -amount, "net": -amount} if not code else {room: 0}
        done = self._charges.update_one(
            {"_id": charge["_id"], "moves.key": {"$ne": operation.key}, **fits},
            {"$inc": taken, "$push": {"moves": move}},
        )
        return _outcome(move) if done.modified_count else self._not_moved(room, operation)

    def _not_moved(self, room: str, operation: Operation) -> Outcome:
        """Somebody else has sent it just now, or there is not enough left."""
        charge = self._charges.find_one({"_id": operation.charge_id}) or {}
        known = _known(charge, operation.key)
        if known:
            return self._replayed(operation, known)
        return Outcome(State.FAILED, code=f"not-{room}", retryable=False)

    def _refusal(self, operation: Operation) -> str:
        if operation.kind is Kind.REFUND:
            return ""
        account = self._accounts.find_one({"_id": operation.party}) or {}
        active = account.get("status") == AccountStatus.ACTIVE.value
        return "" if active else "account-restricted"

    def _find(self, operation: Operation) -> Outcome | None:
        of_charge = operation.kind is Kind.CHARGE
        id_ = _id("ch", operation.key) if of_charge else operation.charge_id
        charge = self._charges.find_one({"_id": id_})
        known = charge if of_charge else _known(charge or {}, operation.key)
        return self._replayed(operation, known) if known else None

    def _replayed(self, operation: Operation, known: dict[str, Any]) -> Outcome:
        if known["params"] != _params(operation):
            raise Conflict("key-reused", f"{operation.key} came before with other parameters.")
        return _outcome(known)

    def _record(self, operation: Operation, code: str, id_: str) -> dict[str, Any]:
        return {
            "id": id_,
            "key": operation.key,
            "kind": operation.kind.value,
            "amount": operation.amount,
            "currency": operation.currency,
            "params": _params(operation),
            "state": (State.FAILED if code else State.SUCCEEDED).value,
            "code": code,
            "at": self._now(),
        }


UNKNOWN = {"token": "unknown; the sandbox takes " + ", ".join(CARDS)}


def _known(charge: dict[str, Any], key: str) -> dict[str, Any] | None:
    return next((move for move in charge.get("moves", ()) if move["key"] == key), None)


def _outcome(record: dict[str, Any]) -> Outcome:
    if record["state"] == State.FAILED.value:
        return Outcome(State.FAILED, bank_id=record["id"], code=record["code"])
    return Outcome(State.SUCCEEDED, bank_id=record["id"], fee_amount=record.get("fee", 0))


def _id(prefix: str, key: str) -> str:
    return f"{prefix}_{sha256(key.encode()).hexdigest()[:24]}"


def _params(operation: Operation) -> str:
    """What a key must not be reused with; computed here, not taken from the caller's record."""
    sent = (operation.amount, operation.currency, operation.party, operation.charge_id)
    return sha256(repr(sent).encode()).hexdigest()[:32]
