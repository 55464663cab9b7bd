"""Whose engagements and funding plans there are, read as they are stored."""

from collections.abc import Sequence
from typing import Any

from mongoengine import DynamicDocument

from services.payments.domain import Escrow
from services.payments.domain.funding import FundingPlan
from services.payments.store import EscrowDocument
from shared.platform import Platform
from shared.store import Store


class FundingPlanDocument(DynamicDocument):
    meta = {
        "collection": "funding_plans",
        "auto_create_index": False,
        "indexes": ["org_id", "sponsor_ids"],
    }


def plans(platform: Platform) -> Store[FundingPlan]:
    return Store(platform, FundingPlan, FundingPlanDocument)


class Finding:
    """Each question is answered by equality on one index."""

    def __init__(self, escrows: Store[Escrow], plans: Store[FundingPlan]) -> None:
        self._escrow, self._plan = escrows.codec.read, plans.codec.read

    def of_candidate(self, candidate_id: str) -> list[Escrow]:
        return self._escrows(EscrowDocument.objects(candidate_id=candidate_id))

    def of_payer(self, org_id: str) -> list[Escrow]:
        """Those of the organisation, and those that it sponsors, oldest first."""
        own = self._escrows(EscrowDocument.objects(org_id=org_id))
        sponsored = self._escrows(EscrowDocument.objects(sponsor_ids=org_id))
        return sorted([*own, *sponsored], key=lambda escrow: escrow.id)

    def of_ids(self, ids: Sequence[str]) -> list[Escrow]:
        wanted = {"_id": {"$in": list(ids)}}
        return self._escrows(EscrowDocument.objects(__raw__=wanted)) if ids else []

    def plans_of(self, org_id: str) -> list[FundingPlan]:
        own = FundingPlanDocument.objects(org_id=org_id)
        sponsored = FundingPlanDocument.objects(sponsor_ids=org_id)
        return [self._plan(one) for found in (own, sponsored) for one in found.as_pymongo()]

    def _escrows(self, found: Any) -> list[Escrow]:
        return [self._escrow(document) for document in found.order_by("_id").as_pymongo()]
