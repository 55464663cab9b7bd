"""Where the money's records are: aggregates, the journal, and who has to act."""

from collections.abc import Sequence
from typing import Any

from mongoengine import DynamicDocument
from pymongo.errors import BulkWriteError

from services.payments.domain import Entry, Escrow, Hook, Payer, PayoutAccount, Posting
from services.payments.usecases import Waiter
from shared.errors import Conflict
from shared.platform import Platform
from shared.store import Store

DUPLICATE = 11000
PAGE = 200
UNNAMED = {"processor_balance": "sandbox"}  # Entries from before processors had names.
LINKS = ("bank_id", "reverses", "about", "pair")  # Of an entry: absent where it has none.


class EscrowDocument(DynamicDocument):
    meta = {
        "collection": "escrows",
        "auto_create_index": False,
        "indexes": [{"fields": ["waits_for"], "sparse": True}],
    }

    @classmethod
    def ensure_indexes(cls) -> None:
        """The journal is no aggregate: it is set up with the escrows that it is about."""
        super().ensure_indexes()
        EntryDocument.ensure_indexes()


class PayerDocument(DynamicDocument):
    meta = {"collection": "payers", "auto_create_index": False}


class PayoutAccountDocument(DynamicDocument):
    meta = {"collection": "payout_accounts", "auto_create_index": False}


class HookDocument(DynamicDocument):
    meta = {"collection": "hooks", "auto_create_index": False}


class EntryDocument(DynamicDocument):
    meta = {"collection": "journal", "auto_create_index": False, "indexes": ["engagement_id"]}


def escrows(platform: Platform) -> Store[Escrow]:
    return Store(platform, Escrow, EscrowDocument)


def payers(platform: Platform) -> Store[Payer]:
    return Store(platform, Payer, PayerDocument)


def payout_accounts(platform: Platform) -> Store[PayoutAccount]:
    return Store(platform, PayoutAccount, PayoutAccountDocument)


def hooks(platform: Platform) -> Store[Hook]:
    return Store(platform, Hook, HookDocument)


def waiting(party_id: str) -> list[Waiter]:
    """The escrows that wait for this organisation or candidate, the longest waiting first."""
    found = EscrowDocument.objects(waits_for=party_id).order_by("waits_since").limit(PAGE)
    return [_waiter(document) for document in found.as_pymongo()]


def _waiter(document: dict[str, Any]) -> Waiter:
    owed = document["released"] - document["fee_taken"] - document["paid"]
    return Waiter(
        id=document["_id"],
        status=document["status"],
        failure_code=document.get("failure_code"),
        amount=owed or document["amount"],
        currency=document["currency"],
        since=document["waits_since"],
        action_url=document.get("action_url", ""),
    )


class Journal:
    """Immutable entries: inserted once under their operation's key, never written again."""

    def __init__(self, platform: Platform) -> None:
        self._entries = platform.database[EntryDocument._get_collection_name()]

    def post(self, entries: Sequence[Entry]) -> None:
        """Enter them; one that is there already stays, a different one of its id is Conflict."""
        try:
            self._entries.insert_many([_document(entry) for entry in entries], ordered=False)
        except BulkWriteError as exc:
            errors = exc.details["writeErrors"]
            if any(error["code"] != DUPLICATE for error in errors):
                raise
            self._compare({entry.id: entry for entry in entries})

    def of(self, engagement_id: str) -> list[Entry]:
        """The entries of an engagement, oldest first."""
        found = self._entries.find({"engagement_id": engagement_id}).sort("created_at", 1)
        return [_entry(document) for document in found]

    def balances(self) -> list[tuple[str, str, int]]:
        """Account, currency and balance (debits positive), over all engagements."""
        by = {"account": "$postings.account", "currency": "$currency"}
        rows = self._entries.aggregate(
            [
                {"$unwind": "$postings"},
                {"$group": {"_id": by, "balance": {"$sum": "$postings.amount"}}},
            ]
        )
        return sorted((r["_id"]["account"], r["_id"]["currency"], int(r["balance"])) for r in rows)

    def _compare(self, entries: dict[str, Entry]) -> None:
        for found in map(_entry, self._entries.find({"_id": {"$in": list(entries)}})):
            if not found.same_money(entries[found.id]):
                raise Conflict("entry-exists", f"The journal has another entry {found.id}.")


def _document(entry: Entry) -> dict[str, Any]:
    postings = [{"account": p.account, "of": p.of, "amount": p.amount} for p in entry.postings]
    about = {"kind": entry.kind, "engagement_id": entry.engagement_id}
    money = {"currency": entry.currency, "postings": postings}
    links = {name: value for name in LINKS if (value := getattr(entry, name))}
    return {"_id": entry.id, **about, **money, **links, "created_at": entry.created_at}


def _entry(document: dict[str, Any]) -> Entry:
    return Entry(
        id=document["_id"],
        kind=document["kind"],
        engagement_id=document["engagement_id"],
        currency=document["currency"],
        created_at=document["created_at"],
        postings=tuple(_posting(**posting) for posting in document["postings"]),
        **{name: document.get(name, "") for name in LINKS},
    )


def _posting(account: str, amount: int, of: str) -> Posting:
    return Posting(account, amount, of or UNNAMED.get(account, ""))
