"""Where the money's records are: aggregates, the journal, and who has to act."""

from operator import attrgetter
from typing import Any

from mongoengine import DynamicDocument

from services.payments.domain import Escrow, Hook, Payer, PayoutAccount
from services.payments.store import feed, journal
from services.payments.store.feed import Feed
from services.payments.store.journal import Journal, Ledger
from services.payments.store.overview import Overview as Overview
from services.payments.store.reports import Reports
from services.payments.usecases import Waiter, failed_refunds, unconfirmed
from shared.codec import Codec
from shared.platform import Platform
from shared.store import Store

__all__ = ["EscrowReader", "Feed", "Journal", "Ledger", "Reports"]

PAGE = 200
read = Codec(Escrow).read


class EscrowDocument(DynamicDocument):
    meta = {
        "collection": "escrows",
        "auto_create_index": False,
        "indexes": [
            *(
                {"fields": [field], "sparse": True}
                for field in (
                    *("waits_for", "watched_since", "held_since", "alert_at"),
                    *("sponsor_ids", "confirmers", "creditors"),
                )
            ),
            *("candidate_id", "org_id"),
        ],
    }

    @classmethod
    def ensure_indexes(cls) -> None:
        """The books are no aggregates: they are set up with the escrows that they are about."""
        super().ensure_indexes()
        database = cls._get_db()
        for about in (journal, feed):
            about.ensure_indexes(database)


class PayerDocument(DynamicDocument):
    meta = {"collection": "payers", "auto_create_index": False}


class PayoutAccountDocument(DynamicDocument):
    meta = {"collection": "payout_accounts", "auto_create_index": False}


class HookDocument(DynamicDocument):
    meta = {"collection": "hooks", "auto_create_index": False}


def escrows(platform: Platform) -> Store[Escrow]:
    return Store(platform, Escrow, EscrowDocument)


def payers(platform: Platform) -> Store[Payer]:
    return Store(platform, Payer, PayerDocument)


def payout_accounts(platform: Platform) -> Store[PayoutAccount]:
    return Store(platform, PayoutAccount, PayoutAccountDocument)


def hooks(platform: Platform) -> Store[Hook]:
    return Store(platform, Hook, HookDocument)


class EscrowReader:
    """Escrows for those who read all of them."""

    def __init__(self, escrows: Store[Escrow]) -> None:
        self._escrows = escrows
        self.load, self.find = escrows.load, escrows.find

    def ids(self) -> list[str]:
        """Of all, in order."""
        return sorted(found["_id"] for found in self._escrows.collection.find({}, {"_id": 1}))

    def many(self, ids: list[str]) -> list[Escrow]:
        """Those with these ids, in their order."""
        found = self._escrows.collection.find({"_id": {"$in": ids}})
        escrows = {document["_id"]: self._escrows.codec.read(document) for document in found}
        return [escrows[id_] for id_ in ids if id_ in escrows]


def waiting(party_id: str) -> list[Waiter]:
    """The escrows that wait for this organisation or candidate, the longest waiting first."""
    found = EscrowDocument.objects(waits_for=party_id).order_by("waits_since").limit(PAGE)
    asked = EscrowDocument.objects(confirmers=party_id).limit(PAGE)
    owed = EscrowDocument.objects(creditors=party_id).limit(PAGE)
    waiters = [_waiter(document) for document in found.as_pymongo()]
    waiters += (one for of in asked.as_pymongo() for one in unconfirmed(read(of), party_id))
    waiters += (one for of in owed.as_pymongo() for one in failed_refunds(read(of), party_id))
    return sorted(waiters, key=attrgetter("since"))[:PAGE]


def _waiter(document: dict[str, Any]) -> Waiter:
    owed = document["released"] - document["fee_taken"] - document["paid"]
    disputes = [one for one in document.get("disputes", ()) if not one.get("resolved_at")]
    dispute = disputes[0] if disputes else {}
    return Waiter(
        id=document["_id"],
        status=document["status"],
        failure_code=document.get("failure_code"),
        amount=owed or document["amount"],
        currency=document["currency"],
        since=document["waits_since"],
        action_url=document.get("action_url", ""),
        dispute_step=dispute.get("step", ""),
        until=dispute.get("due_at"),
    )
