"""Money in plain Python: what is held, what the bank is asked, what the books say."""

from services.payments.domain.disputes import Dispute
from services.payments.domain.escrow import Escrow
from services.payments.domain.hold import Status
from services.payments.domain.hooks import Hook
from services.payments.domain.ledger import Entry, Posting
from services.payments.domain.notices import Activity, ActivityPage, Balance, Link, Notice
from services.payments.domain.operations import Kind, Operation, Outcome, State
from services.payments.domain.parties import AccountStatus, BankAccount, Card, Payer, PayoutAccount
from services.payments.domain.postings import entry_of

__all__ = [
    "AccountStatus",
    "Activity",
    "ActivityPage",
    "Balance",
    "BankAccount",
    "Card",
    "Dispute",
    "Entry",
    "Escrow",
    "Hook",
    "Kind",
    "Link",
    "Notice",
    "Operation",
    "Outcome",
    "Payer",
    "PayoutAccount",
    "Posting",
    "State",
    "Status",
    "entry_of",
]
