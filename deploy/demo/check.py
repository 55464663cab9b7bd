"""Reads the final state back over the API and compares it with the figures of the input files."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.demo.client import Api, Json
from deploy.demo.expected import Expected, expected
from deploy.demo.play import DATA, Engaged, Play


@dataclass
class Outcome:
    """One row of the closing table, as the API tells it."""

    title: str
    payment: Json
    offer: Json | None
    credential: Json | None
    seconds_to_payout: float


def outcome(run: Engaged, operator: Api) -> Outcome:
    """What became of this brief, read back."""
    api = run.candidate["api"]
    payment = operator.get(f"{run.path}/payment")
    offers = _of(api.get("/v1/hire-offers"), run)
    credentials = _of(api.get("/v1/credentials"), run)
    return Outcome(
        title=run.brief["title"],
        payment=payment,
        offer=offers[0] if offers else None,
        credential=credentials[0] if credentials else None,
        seconds_to_payout=(_paid_at(operator, run) - _submitted_at(run)).total_seconds(),
    )


def differences(run: Engaged, found: Outcome, play: Play) -> list[str]:
    """Everything that is not as the input files say; empty when all is well."""
    wanted = expected(run.brief, run.place, play.candidates)
    payment = found.payment
    pairs = [
        ("charged", wanted.charged, payment["amount"]),
        ("platform fee", wanted.fee, payment["platform_fee_amount"]),
        ("paid out", wanted.paid, payment["paid_amount"]),
        ("still held", 0, payment["held_amount"]),
        ("refunded", 0, payment["refunded_amount"]),
        ("currency", wanted.currency, payment["currency"]),
        ("payment status", "paid", payment["status"]),
        ("hire offer", wanted.offer_status, found.offer and found.offer["status"]),
        ("credential hours", run.brief["hours"], found.credential and found.credential["hours"]),
        ("who was ranked first", True, run.candidate["email"] in wanted.best),
        *_files(run),
    ]
    return [
        f"{run.brief['title']}: {what}: expected {want}, found {got}"
        for what, want, got in pairs
        if want != got
    ]


def ledger_differences(operator: Api, wanted: list[Expected]) -> list[str]:
    """The books sum to zero and the platform has earned exactly its fees."""
    balance = operator.get("/v1/ledger/trial-balance")
    wrong = [f"the ledger is off by {row}" for row in balance["sums"] if row["total"] != 0]
    for currency in sorted({figures.currency for figures in wanted}):
        fees = sum(figures.fee for figures in wanted if figures.currency == currency)
        earned = -sum(
            row["balance"]
            for row in balance["accounts"]
            if row["account"] == "platform_fee" and row["currency"] == currency
        )
        if earned != fees:
            wrong.append(f"platform fees in {currency}: expected {fees}, found {earned}")
    return wrong


def _files(run: Engaged) -> list[tuple[str, Any, Any]]:
    """The delivered files, fetched by the company, byte for byte."""
    submitted = run.owner.get(run.path)["deliverables"][-1]["files"]
    local = {name: hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in _last(run)}
    remote = {
        file["name"]: hashlib.sha256(run.owner.fetch(f"/v1/files/{file['file_id']}")).hexdigest()
        for file in submitted
    }
    return [("delivered files", local, remote)]


def _last(run: Engaged) -> list[str]:
    names: list[str] = run.brief["files"][-1:]
    return names


def _of(page: Json, run: Engaged) -> list[Json]:
    return [item for item in page["items"] if item["engagement_id"] == run.engagement_id]


def _submitted_at(run: Engaged) -> datetime:
    assert run.submitted_at is not None
    return run.submitted_at


def _paid_at(operator: Api, run: Engaged) -> datetime:
    log = operator.until(
        "/v1/events",
        lambda page: _paid(page, run),
        "the payout in the event log",
        types="payout.paid.v1",
        limit=100,
    )
    return datetime.fromisoformat(_paid(log, run)[0]["data"]["paid_at"])


def _paid(page: Json, run: Engaged) -> list[Json]:
    return [
        item for item in page["items"] if item["data"].get("engagement_id") == run.engagement_id
    ]
