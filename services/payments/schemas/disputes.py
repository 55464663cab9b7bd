"""Disputes at the door: what people send, and the record as they are shown it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from services.payments.domain import Dispute, Escrow
from services.payments.domain.dispute_parts import Evidence, Post, Split
from services.payments.domain.dispute_rules import table
from services.payments.schemas.base import SLUG, OfEngagement, Request
from services.payments.usecases import Said
from shared.principal import Principal

WORDS = validate.Length(1, 5000)


class EvidenceFile(Request):
    """A stored file, as the gateway described it."""

    file_id = fields.String(required=True, validate=validate.Length(1, 100))
    name = fields.String(required=True, validate=validate.Length(1, 255))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    media_type = fields.String(required=True, validate=validate.Length(1, 100))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Evidence:
        return Evidence(**values)


class Saying(OfEngagement):
    """Words, evidence, and both amounts of a split or neither."""

    text = fields.String(load_default="", validate=validate.Length(0, 5000))
    files = fields.List(
        fields.Nested(EvidenceFile), load_default=list, validate=validate.Length(0, 10)
    )
    released_amount = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0))
    refunded_amount = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        amounts = [values.pop(name, None) for name in ("released_amount", "refunded_amount")]
        given = [amount for amount in amounts if amount is not None]
        if len(given) == 1:
            raise ValidationError({"refunded_amount": ["Give both amounts or neither."]})
        split = Split(*given) if given else None
        said = Said(values.pop("text"), values.pop("files"), split)
        return values | {"said": said}


class OpenDispute(Saying):
    reason = fields.String(required=True, validate=[SLUG, validate.Length(1, 50)])


class Statement(Saying):
    text = fields.String(required=True, validate=WORDS)


class SplitOffer(Saying):
    released_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    refunded_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0))


class Ruling(SplitOffer):
    text = fields.String(required=True, validate=WORDS, data_key="reasons")


class AcceptSplit(OfEngagement):
    offer_id = fields.String(required=True, validate=validate.Length(1, 100))


def disputes_view(escrow: Escrow, by: Principal) -> dict[str, Any]:
    """All that was ever said, for whoever may read it; who spoke for a side, operators learn."""
    items = [dispute_view(escrow, dispute, by) for dispute in reversed(escrow.disputes)]
    about = {"id": escrow.id, "version": escrow.version, "status": escrow.status.value}
    return about | {"currency": escrow.currency, "items": items}


def dispute_view(escrow: Escrow, dispute: Dispute, by: Principal) -> dict[str, Any]:
    offer, verdict = dispute.offer, dispute.verdict
    return {
        "dispute_id": dispute.id,
        "engagement_id": escrow.id,
        "opened_by": dispute.opened_by,
        "reason": dispute.reason,
        "amount": dispute.amount,
        "currency": escrow.currency,
        "opened_at": _iso(dispute.opened_at),
        "step": dispute.step.value,
        "due_at": _iso(dispute.due_at),
        "waits_for": dispute.waits_for,
        "offer_id": offer.id if offer else None,
        "decided": _amounts(verdict) if verdict else None,
        "basis": dispute.basis,
        "waived": dispute.waived,
        "resolved_at": _iso(dispute.resolved_at),
        "outcome": dispute.outcome,
        "released_amount": dispute.released_amount,
        "refunded_amount": dispute.refunded_amount,
        "rules": [asdict(rule) for rule in table(dispute.rules)],
        "posts": [_post_view(post, by) for post in dispute.posts],
    }


def _post_view(post: Post, by: Principal) -> dict[str, Any]:
    view: dict[str, Any] = {
        "post_id": post.id,
        "act": post.act.value,
        "by": post.by,
        "at": _iso(post.at),
        "text": post.text,
        "files": [asdict(file) for file in post.files],
    }
    view |= _amounts(post.split) if post.split else {}
    return view | ({"person_id": post.person_id} if by.role == "operator" else {})


def _amounts(split: Split) -> dict[str, int]:
    return {"released_amount": split.released, "refunded_amount": split.refunded}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
