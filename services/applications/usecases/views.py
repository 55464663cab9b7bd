"""What each side may read: aggregates as JSON-ready data, blind where the project says so."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from services.applications.domain import (
    UNSCORED,
    Application,
    Candidate,
    Credential,
    HireOffer,
)
from services.applications.usecases.ports import State
from shared.principal import Principal

COMPANY = frozenset({"owner", "recruiter", "evaluator"})
View = Callable[[Mapping[str, Any], Principal], State]

_APPLICATION = [
    "id",
    "version",
    "project_id",
    "project_title",
    "org_id",
    "status",
    "answers",
    "skills",
    "points",
    "submitted_at",
    "expires_at",
    "decline_reason",
    "withdraw_reason",
    "engagement_id",
    "engagement_status",
    "payment_problem",
]
_OFFER = [
    "id",
    "version",
    "engagement_id",
    "project_id",
    "org_id",
    "candidate_id",
    "status",
    "created_at",
    "expires_at",
    "decline_reason",
]
_TERMS = [
    "kind",
    "title",
    "pay_amount",
    "pay_currency",
    "pay_period",
    "valid_days",
]
_CREDENTIAL = [
    "id",
    "version",
    "engagement_id",
    "project_id",
    "org_id",
    "candidate_id",
    "project_title",
    "skills",
    "hours",
    "weighted_score",
    "scores",
    "automatic",
    "completed_at",
    "issued_at",
]


def profile(candidate: Candidate) -> State:
    state = asdict(candidate)
    return {"id": candidate.id, "version": candidate.version, **(state["profile"] or {})}


def application(one: Application, by: Principal) -> State:
    return application_row(asdict(one), by)


def application_row(state: Mapping[str, Any], by: Principal) -> State:
    """For a company that reviews blindly: no person, and no time that tells one from another."""
    score = state.get("score", UNSCORED)
    view = _pick(state, _APPLICATION) | {"score": None if score == UNSCORED else score}
    if by.role in COMPANY and state["blind_review"] and state.get("accepted_at") is None:
        view["submitted_at"] = state["submitted_at"].date().isoformat()
    else:
        view["candidate_id"] = state["candidate_id"]
    return view


def hire_offer(one: HireOffer, by: Principal) -> State:
    return hire_offer_row(asdict(one), by)


def hire_offer_row(state: Mapping[str, Any], _by: Principal) -> State:
    return _pick(state, _OFFER) | _pick(state["terms"], _TERMS)


def credential(one: Credential, by: Principal) -> State:
    return credential_row(asdict(one), by)


def credential_row(state: Mapping[str, Any], _by: Principal) -> State:
    return _pick(state, _CREDENTIAL)


def _pick(state: Mapping[str, Any], names: list[str]) -> State:
    return {name: state.get(name) for name in names}
