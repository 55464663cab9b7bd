"""What people send about a kick-off, and what they see of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.projects.domain import checklist as rules
from services.projects.domain.agreement import KINDS
from services.projects.domain.brief import MOST_DELIVERABLES
from services.projects.domain.parts import AI_POLICIES
from services.projects.domain.signing import Disclosure, Read, ReadPaper, Signing
from services.projects.domain.work import Status
from services.projects.schemas.inputs import (
    IDENTIFIER,
    Request,
    choice,
    moment,
    part,
    several,
    text,
    truth,
    whole,
)
from services.projects.schemas.parts import ExpectedSchema, numbered

VERSION = "Give the version that you have read."
State = Mapping[str, Any]


def hash_of_text() -> fields.Field[Any]:
    """The SHA-256 of what was read."""
    sentence = "Give the SHA-256 of what you have read, as 64 lower-case hex digits."
    rule = validate.Regexp(r"[0-9a-f]{64}\Z", error=sentence)
    return fields.String(required=True, validate=rule, error_messages={"required": sentence})


class ReadSchema(Request):
    """The checklist that somebody has read."""

    version = whole(1, 10_000, VERSION, required=True)
    sha256 = hash_of_text()

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Read:
        return Read(**values)


class ReadPaperSchema(Request):
    """The text that somebody has read."""

    kind = choice(KINDS, f"Choose one of {', '.join(KINDS)}.", required=True)
    version = whole(1, 10_000, VERSION, required=True)
    sha256 = hash_of_text()

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> ReadPaper:
        return ReadPaper(**values)


class DisclosureSchema(Request):
    """None, or declared with what it is."""

    declared = truth("Say true or false: do you have a conflict of interest?", required=True)
    text = text(0, 1000, "Describe it in at most 1,000 characters.", load_default="")

    @validates_schema
    def check_text(self, values: dict[str, Any], **_: Any) -> None:
        if values.get("declared") and len(values.get("text", "")) < 10:
            raise ValidationError({"text": ["Describe the conflict in 10 characters or more."]})
        if values.get("declared") is False and values.get("text"):
            raise ValidationError({"text": ["Leave this out, or declare a conflict."]})

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Disclosure:
        return Disclosure(**values)


class SigningSchema(Request):
    """A signature: on which checklist, with which texts accepted, and any conflict told."""

    checklist = part(ReadSchema, "Name the version and hash of the checklist.", required=True)
    agreements = several(
        part(ReadPaperSchema, "Send objects."), 0, 10, "Name the agreements.", load_default=list
    )
    conflict = part(DisclosureSchema, "Send an object.", load_default=None, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Signing:
        return Signing(**values)


class CheckpointSchema(Request):
    """A talk, so many days after the start."""

    after_days = whole(0, 56, "Say how many days after the start, 0 to 56.", required=True)
    about = text(2, 200, "Say what it is about in 2 to 200 characters.", required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> rules.Checkpoint:
        return rules.Checkpoint(**values)


class ChangesSchema(Request):
    """The lines of the checklist that change."""

    deliverables = several(
        part(ExpectedSchema, "Send objects."),
        1,
        MOST_DELIVERABLES,
        "Name 1 to 20 things to hand in, each with its acceptance criteria.",
    )
    time_zone = choice(
        sorted(available_timezones()), "Name an IANA time zone, such as Europe/Madrid."
    )
    starts_at = moment("Say when with a time zone, or send null.", allow_none=True)
    due_at = moment("Say until when with a time zone, or send null.", allow_none=True)
    channel = text(2, 200, "Say where you talk in 2 to 200 characters.")
    response_hours = whole(
        *rules.RESPONSE_HOURS, "Say within how many hours each side answers, 1 to 120."
    )
    data_access = text(2, 1000, "Say which data and access are given, in 2 to 1,000 characters.")
    ai_policy = choice(AI_POLICIES, f"Choose one of {', '.join(AI_POLICIES)}.")
    ai_note = text(0, 1000, "Explain it in at most 1,000 characters.")
    check_ins = several(
        part(CheckpointSchema, "Send objects."),
        0,
        rules.MOST_CHECK_INS,
        "Plan at most 10 check-ins.",
    )

    @post_load
    def number(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give deliverables the ids of their places."""
        if "deliverables" in values:
            values["deliverables"] = numbered(values["deliverables"])
        return values


class ProposalSchema(Request):
    """A change of the checklist that somebody has read."""

    based_on = part(ReadSchema, "Name the version and hash of the checklist.", required=True)
    changes = part(ChangesSchema, "Send an object.", required=True)


class AcknowledgementSchema(Request):
    """Which declaration is known."""

    declaration_id = text(1, 100, IDENTIFIER, required=True)


# Views, from the fields of an engagement that has a kick-off


def kickoff(state: State) -> dict[str, Any]:
    """All that is to be read before a signature; `to_sign` is what a signature then names."""
    found = state["kickoff"]
    read = {"version": found["version"], "sha256": found["sha256"]}
    papers = [
        {name: paper[name] for name in ("kind", "version", "sha256")} for paper in found["papers"]
    ]
    return {
        "id": state["id"],
        "version": state["version"],
        "status": state["status"],
        "due_at": found["due_at"] if state["status"] == Status.KICKOFF_PENDING else None,
        "waiting_for": found["waiting_for"],
        "checklist": {**read, **_checklist(state)},
        "agreements": [_agreement(found, paper) for paper in papers],
        "proposals": [_by(one) for one in found["proposals"]],
        "declarations": [_by(one) for one in found["declarations"]],
        "signatures": [_by(one) for one in found["signatures"]],
        "to_sign": {"checklist": read, "agreements": papers},
    }


def agreement(state: State, kind: str, text: str) -> dict[str, Any]:
    """A text to the letter, and who has accepted it."""
    (paper,) = (paper for paper in state["kickoff"]["papers"] if paper["kind"] == kind)
    found = _agreement(state["kickoff"], paper)
    return {"id": state["id"], "version": state["version"], "agreement": found, "text": text}


def signatures(state: State) -> dict[str, Any]:
    """When each side signed what stands now."""
    found = state.get("kickoff") or {"signatures": (), "waiting_for": ()}
    signed = {one["party"]: one["signed_at"] for one in found["signatures"]}
    return {
        "org_signed_at": signed.get("company"),
        "candidate_signed_at": signed.get("candidate"),
        "waiting_for": found["waiting_for"],
    }


def _checklist(state: State) -> dict[str, Any]:
    """With its dates as they follow from the start, once there is one."""
    checklist, started_at = state["kickoff"]["checklist"], state.get("started_at")
    check_ins = [
        {**one, "at": started_at and started_at + timedelta(days=one["after_days"])}
        for one in checklist["check_ins"]
    ]
    dates = {name: checklist.get(name) for name in ("starts_at", "due_at")}
    return {**checklist, **dates, "check_ins": check_ins}


def _agreement(found: State, paper: State) -> dict[str, Any]:
    acceptances = [_by(one) for one in found["acceptances"] if one["kind"] == paper["kind"]]
    return {**paper, "title": KINDS[paper["kind"]], "acceptances": acceptances}


def _by(one: State) -> dict[str, Any]:
    return {("by" if name == "party" else name): value for name, value in one.items()}
