"""What each side may read: aggregates as JSON-ready data, blind where the project says so."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.applications.domain import (
    CANDIDATE_REASONS,
    UNSCORED,
    Application,
    Candidate,
    Credential,
    Invitation,
)
from services.applications.domain.credential import Consent, Sharing
from services.applications.usecases.ports import State
from services.applications.usecases.progress import what_next
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
    "brief_version",
    "answers",
    "skills",
    "points",
    "submitted_at",
    "decide_by",
    "rank",
    "reserved_until",
    "expires_at",
    "decline_reason",
    "feedback",
    "engagement_id",
    "engagement_status",
    "payment_problem",
]
# What tells who somebody is: a person, files whatever is cleaned of them, words of their own.
_PERSONAL = ["candidate_id", "portfolio", "resume", "withdraw_reason"]
_INVITATION = [
    "id",
    "version",
    "project_id",
    "project_title",
    "org_id",
    "message",
    "sent_at",
    "expires_at",
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
    """A reviewer who is blind to it gets what was made for reviewers, and days instead of times."""
    score = state.get("score", UNSCORED)
    view = _pick(state, _APPLICATION) | {"score": None if score == UNSCORED else score}
    view["history"] = [dict(step) for step in state.get("history", ())]
    view["next"] = what_next(state)
    if is_blind(state, by):
        return view | _disguised(state, view)
    view |= _pick(state, _PERSONAL)
    view["reveals"] = [dict(reveal) for reveal in state.get("reveals", ())]
    if by.role in COMPANY and state.get("blind"):
        view["pseudonym"] = state["blind"]["pseudonym"]
    return view


def is_blind(state: Mapping[str, Any], by: Principal) -> bool:
    """Whether this reader may not know who it is: until it is revealed to them, or accepted."""
    if by.role not in COMPANY or not state["blind_review"] or state.get("accepted_at"):
        return False
    return all(reveal["reviewer_id"] != by.id for reveal in state.get("reveals", ()))


def _disguised(state: Mapping[str, Any], view: State) -> State:
    """No words of the candidate's own but those that were cleaned; nothing where there are none."""
    blind = state.get("blind") or {"pseudonym": "Candidate", "answers": [], "skills": []}
    reason = state.get("withdraw_reason")
    return {
        "withdraw_reason": reason if reason in CANDIDATE_REASONS else None,
        **{name: blind[name] for name in ("pseudonym", "answers", "skills")},
        "submitted_at": _day(state["submitted_at"]),
        "history": [step | {"at": _day(step["at"])} for step in view["history"]],
        "withheld": _withheld(state),
    }


def _withheld(state: Mapping[str, Any]) -> str | None:
    """What there is besides, and how to come by it."""
    samples = len(state.get("portfolio", ()))
    there = ["a resume"] if state.get("resume") else []
    there += [f"{samples} work sample{'s' if samples > 1 else ''}"] if samples else []
    if not there:
        return None
    what = " and ".join(there)
    return f"{what[0].upper()}{what[1:]}: shown once you have locked your scores and revealed it."


def invitation(one: Invitation, by: Principal) -> State:
    return invitation_row(asdict(one), by)


def invitation_row(state: Mapping[str, Any], by: Principal) -> State:
    """To a company that reviews blindly an answer would tell who is among those who apply."""
    view = _pick(state, _INVITATION) | {"status": state["status"]}
    blind = by.role in COMPANY and state["blind_review"]
    if by.role not in COMPANY or not state["suggested"]:
        view["candidate_id"] = state["candidate_id"]
    if blind:
        del view["version"]
        return view | {"status": "sent"}
    return view | {"decline_reason": state.get("decline_reason")}


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def credential(one: Credential, by: Principal) -> State:
    return credential_row(asdict(one), by)


def credential_row(state: Mapping[str, Any], by: Principal) -> State:
    """What a side said of itself only, and of references what is for both to read."""
    view = _pick(state, _CREDENTIAL) | {"revocation": state.get("revocation")}
    view["reference_asked_at"] = state.get("reference_asked_at")
    view["references"] = [
        {name: one[name] for name in ("name", "role", "text", "public", "given_at")}
        for one in state.get("references", ())
    ]
    view["files"] = [
        {name: one[name] for name in ("name", "sha256", "media_type")}
        for one in state.get("files", ())
    ]
    view["consent"] = state.get("consent") or asdict(Consent())
    if by.role not in COMPANY:
        view["sharing"] = state.get("sharing") or asdict(Sharing())
    return view


def _pick(state: Mapping[str, Any], names: list[str]) -> State:
    return {name: state.get(name) for name in names}
