"""What people ask of a kick-off, and who may ask it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.projects.domain.agreement import Paper
from services.projects.domain.engagement import Engagement
from services.projects.domain.signing import Disclosure, Read, ReadPaper, Signing
from services.projects.domain.work import Party
from shared.principal import Principal


def get_kickoff(engagement: Engagement, by: Principal) -> Engagement:
    """The engagement, whose kick-off is there to be read."""
    _require("get_kickoff", engagement, by)
    engagement.offered_kickoff()
    return engagement


def get_agreement(engagement: Engagement, kind: str, by: Principal) -> tuple[Paper, str]:
    """A text as it was offered, to the letter."""
    _require("get_agreement", engagement, by)
    kickoff = engagement.offered_kickoff()
    paper = kickoff.paper(kind)
    return paper, paper.text(kickoff.facts)


def accept_agreement(engagement: Engagement, read: ReadPaper, by: Principal, now: datetime) -> None:
    """Consent to a text for the side that the principal is on."""
    _require("accept_agreement", engagement, by)
    engagement.accept_agreement(read, party_of(by), by.id, now)


def propose_kickoff(
    engagement: Engagement,
    based_on: Read,
    changes: Mapping[str, Any],
    by: Principal,
    now: datetime,
) -> None:
    """Change the checklist, which both sides sign anew."""
    _require("propose_kickoff", engagement, by)
    engagement.propose_kickoff(based_on, changes, party_of(by), by.id, now)


def declare_conflict(
    engagement: Engagement, disclosure: Disclosure, by: Principal, now: datetime
) -> None:
    """Say whether the principal has a conflict of interest."""
    _require("declare_conflict", engagement, by)
    engagement.declare_conflict(disclosure, party_of(by), by.id, now)


def acknowledge_conflict(
    engagement: Engagement, declaration_id: str, by: Principal, now: datetime
) -> None:
    """Know of the other side's conflict of interest and go on."""
    _require("acknowledge_conflict", engagement, by)
    engagement.acknowledge_conflict(declaration_id, party_of(by), by.id, now)


def sign_kickoff(engagement: Engagement, signing: Signing, by: Principal, now: datetime) -> None:
    """Sign what was read, for the side that the principal is on."""
    _require("sign_kickoff", engagement, by)
    engagement.sign(signing, party_of(by), by.id, now)


def party_of(by: Principal) -> Party:
    """The side of an engagement that somebody of this role is on."""
    roles = {"candidate": Party.CANDIDATE, "operator": Party.OPERATOR}
    return roles.get(by.role, Party.COMPANY)


def _require(operation: str, engagement: Engagement, by: Principal) -> None:
    by.require(operation, org_id=engagement.org_id, person_id=engagement.candidate_id)
