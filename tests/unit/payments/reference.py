"""What has to become of the money, told a second time: own arithmetic, nothing of the service's.

It knows of no operations, keys, crashes or answers, only of what people decide. Whatever happens on
the way, the books and the bank have to end as it says.
"""

from dataclasses import dataclass
from fractions import Fraction

BANK_FEE = 3  # What the bank in memory keeps of a charge, and never more than all of it.


class Refused(Exception):
    """Nothing may come of it."""


@dataclass
class Reference:
    price: int
    bps: int
    card: str = ""  # good or bad
    account: bool = False
    heard: bool = False  # That the application was accepted.
    charged: int = 0
    kept: int = 0  # By the bank.
    gone: int = 0  # Released, with the platform's share.
    share: int = 0
    paid: int = 0
    back: int = 0
    accepted: bool = False
    ended: bool = False
    disputed: bool = False

    @property
    def free(self) -> int:
        return self.charged - self.gone - self.back

    @property
    def failed(self) -> bool:
        return self.heard and self.charged < self.price and not self.ended

    def fund(self) -> None:
        if not self.heard:
            self.heard = True
            self._charge()

    def retry(self) -> None:
        if not self.failed or not self.card:
            raise Refused
        self._charge()

    def accept(self) -> None:
        self.accepted = self.accepted or not self.ended

    def cancel(self) -> None:
        self.ended = self.ended or not self.accepted

    def refund(self, amount: int | None) -> None:
        amount = self.free if amount is None else amount
        if self.disputed or not 1 <= amount <= self.free:
            raise Refused
        self.ended = self.ended or amount == self.free
        self.back += amount

    def dispute(self) -> None:
        if self.disputed or not self.free:
            raise Refused
        self.disputed = True

    def resolve(self, released: int, refunded: int) -> None:
        whole = released >= 0 and refunded >= 0 and released + refunded == self.free
        if not self.disputed or not whole:
            raise Refused
        self.disputed, self.ended = False, True
        self._release(released)
        self.back += refunded

    def settle(self) -> None:
        """What follows without anybody being asked."""
        if self.disputed:
            return
        if self.ended:
            self.back += self.free
        elif self.accepted and self.charged == self.price:
            self._release(self.free)
        if self.account:
            self.paid = self.gone - self.share

    def balances(self) -> dict[str, int]:
        """By account, debits positive."""
        named = {
            "processor_balance": self.charged - self.kept - self.paid - self.back,
            "processing_fees": self.kept,
            "held_funds": -self.free,
            "candidate_payable": self.paid + self.share - self.gone,
            "platform_fee": -self.share,
        }
        return {account: balance for account, balance in named.items() if balance}

    def _charge(self) -> None:
        if self.card == "good":
            self.charged, self.kept = self.price, min(BANK_FEE, self.price)

    def _release(self, amount: int) -> None:
        """The platform's share of all is rounded half up, its share of a part is rounded down."""
        if amount:
            exact = Fraction(self.price * self.bps, 10_000)
            whole = int(exact + Fraction(1, 2))
            share = whole if amount == self.price else int(Fraction(whole * amount, self.price))
            self.gone, self.share = self.gone + amount, self.share + share
