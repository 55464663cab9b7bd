"""The chart of accounts: what each one is, and whose part of it a posting names."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Debits are positive amounts, credits negative ones."""

    DEBIT = "debit"
    CREDIT = "credit"


class Nature(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


@dataclass(frozen=True)
class Account:
    """`of` is what it is split by, if anything; `owed` ones never fall below zero."""

    nature: Nature
    about: str
    of: str = ""
    owed: bool = False

    @property
    def side(self) -> Side:
        """Where it normally stands; the other side is worth a question."""
        debit = self.nature in (Nature.ASSET, Nature.EXPENSE)
        return Side.DEBIT if debit else Side.CREDIT


CHART = {
    "processor_balance": Account(Nature.ASSET, "What a processor holds for us.", "processor"),
    "bank": Account(Nature.ASSET, "What the processor has paid out to our own bank account."),
    "disputes_receivable": Account(
        Nature.ASSET, "Taken back by a card's bank, and contested.", "engagement"
    ),
    "candidate_receivable": Account(
        Nature.ASSET, "What a candidate was paid and has to give back.", "candidate"
    ),
    "suspense": Account(Nature.ASSET, "Differences that nobody has explained yet."),
    "held_funds": Account(Nature.LIABILITY, "Held for an engagement.", "engagement", owed=True),
    "candidate_payable": Account(Nature.LIABILITY, "Owed to a candidate.", "candidate", owed=True),
    "company_payable": Account(
        Nature.LIABILITY, "Owed to a company, as a refund failed.", "organisation", owed=True
    ),
    "fx_clearing": Account(Nature.EQUITY, "Both halves of an exchange of currencies."),
    "platform_fee": Account(Nature.REVENUE, "The platform's share of what was released."),
    "processing_fees": Account(Nature.EXPENSE, "What the processor kept."),
    "dispute_fees": Account(Nature.EXPENSE, "What the processor asks for a chargeback."),
    "dispute_losses": Account(Nature.EXPENSE, "Lost chargebacks that no held funds covered."),
    "refund_losses": Account(Nature.EXPENSE, "Given back without having got it back."),
}
