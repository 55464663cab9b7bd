"""What is kept of one candidate's money, as it is handed out to them."""

from services.payments.store import EscrowDocument, PayoutAccountDocument
from shared.exporting import Document, Rows, rows_of

# The company's cards and what operators decide among themselves are not the candidate's.
NOT_THEIRS = frozenset(
    {
        *("operations", "approvals", "decisions", "freezes", "chargebacks", "action_url"),
        *("sponsor_ids", "confirmers", "creditors", "shares"),
        *("alert_at", "alerts_told", "watched_since"),
    }
)


def sections(person_id: str) -> dict[str, Rows]:
    account = rows_of(PayoutAccountDocument._get_collection(), _id=person_id)
    escrows = rows_of(EscrowDocument._get_collection(), candidate_id=person_id)
    return {
        "payout-account": lambda after, limit: [] if after else account("", limit),
        "escrow": lambda after, limit: [_shown(row) for row in escrows(after, limit)],
    }


def _shown(row: Document) -> Document:
    """With what was sent to the person, and of disputes what both sides read."""
    paid = [
        {name: one.get(name) for name in ("key", "kind", "amount", "currency", "state")}
        for one in row.get("operations", ())
        if one["kind"] == "transfer"
    ]
    kept = {name: it for name, it in row.items() if name not in NOT_THEIRS}
    return {**kept, "transfers": paid}
