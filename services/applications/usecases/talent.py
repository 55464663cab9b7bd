"""A company's talent pool: who consents is seen, and nobody else."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.applications.domain import PENDING, Talent, TalentStatus, sibling_id
from services.applications.domain.talent import ANSWER_WITHIN
from services.applications.usecases.ports import Applications, Candidates, State, Talents
from shared.envelope import Call
from shared.errors import Conflict
from shared.principal import Principal
from shared.sweep import each

_VIEW = [
    *("id", "version", "application_id", "project_id", "project_title", "org_id"),
    *("status", "lists", "asked_at", "expires_at"),
]
_PROFILE = ["headline", "about", "skills", "weekly_hours", "open_to_work", "portfolio"]


def ask_talent(
    applications: Applications,
    talents: Talents,
    call: Call,
    application_id: str,
    lists: list[str],
    now: datetime,
) -> Talent:
    """Ask whether the company may keep somebody in its pool; once per application.

    Not while it is open: a yes tells who it is.
    """
    application = applications.load(application_id)
    call.principal.require("ask_talent", org_id=application.org_id)
    if application.status in PENDING:
        raise Conflict("application-undecided", "Decide on the application first.")

    def ask(talent: Talent) -> None:
        if talent.version:
            raise Conflict("talent-asked", f"They were asked; the consent is {talent.status}.")
        talent.ask(lists)

    def blank() -> Talent:
        return Talent(
            id=sibling_id("tal", application_id),
            application_id=application_id,
            project_id=application.project_id,
            org_id=application.org_id,
            candidate_id=application.candidate_id,
            project_title=application.project_title,
            asked_at=now,
            expires_at=now + ANSWER_WITHIN,
        )

    return talents.change(sibling_id("tal", application_id), call, ask, new=blank)


def grant_talent(talents: Talents, call: Call, id_: str, now: datetime) -> Talent:
    def grant(talent: Talent) -> None:
        call.principal.require("grant_talent", person_id=talent.candidate_id)
        talent.grant(now)

    return talents.change(id_, call, grant)


def refuse_talent(talents: Talents, call: Call, id_: str) -> Talent:
    def refuse(talent: Talent) -> None:
        call.principal.require("refuse_talent", person_id=talent.candidate_id)
        talent.refuse()

    return talents.change(id_, call, refuse)


def revoke_talent(talents: Talents, call: Call, id_: str) -> Talent:
    def revoke(talent: Talent) -> None:
        call.principal.require("revoke_talent", person_id=talent.candidate_id)
        talent.revoke()

    return talents.change(id_, call, revoke)


def put_talent_lists(talents: Talents, call: Call, id_: str, lists: list[str]) -> Talent:
    def put(talent: Talent) -> None:
        call.principal.require("put_talent_lists", org_id=talent.org_id)
        talent.put_lists(lists)

    return talents.change(id_, call, put)


def drop_talent(talents: Talents, call: Call, id_: str) -> Talent:
    def drop(talent: Talent) -> None:
        call.principal.require("drop_talent", org_id=talent.org_id)
        talent.drop()

    return talents.change(id_, call, drop)


def get_talent(talents: Talents, by: Principal, id_: str) -> Talent:
    talent = talents.load(id_)
    by.require("get_talent", org_id=talent.org_id, person_id=talent.candidate_id)
    return talent


def sweep_talents(talents: Talents, now: datetime) -> None:
    """End the questions that nobody answered."""
    each(talents.due(now), lambda id_: talents.change(id_, None, lambda one: one.expire(now)))


def view(talent: Talent, candidates: Candidates) -> State:
    return row(asdict(talent), candidates)


def row(state: Mapping[str, Any], candidates: Candidates) -> State:
    """Who it is and what they tell of themselves now, while they consent; else nothing of it."""
    shown = {name: state.get(name) for name in _VIEW}
    if state["status"] != TalentStatus.GRANTED:
        return {**shown, "candidate_id": None, "profile": None}
    found = candidates.find(state["candidate_id"])
    profile = asdict(found.profile) if found and found.profile else None
    told = profile and {name: profile[name] for name in _PROFILE}
    return {**shown, "candidate_id": state["candidate_id"], "profile": told}
