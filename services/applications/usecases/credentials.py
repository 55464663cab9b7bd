"""Finished work becomes a credential."""

from datetime import datetime

from services.applications.domain import Credential, RequiredSkill, sibling_id
from services.applications.domain.credential import Proof
from services.applications.usecases.ports import Cards, Credentials
from shared.envelope import Message
from shared.principal import Principal


def issue_credential(
    cards: Cards,
    credentials: Credentials,
    event: Message,
    *,
    engagement_id: str,
    project_id: str,
    org_id: str,
    candidate_id: str,
    skills: list[str],
    hours: int,
    automatic: bool,
    completed_at: datetime,
    files: list[Proof],
    now: datetime,
) -> None:
    """Issue the proof of completed work, once per engagement."""
    card = cards.load(project_id)
    credential = Credential(
        id=sibling_id("crd", engagement_id),
        engagement_id=engagement_id,
        project_id=project_id,
        org_id=org_id,
        candidate_id=candidate_id,
        project_title=card.terms.title,
        skills=[RequiredSkill(skill_id, card.skill_label(skill_id)) for skill_id in skills],
        hours=hours,
        automatic=automatic,
        completed_at=completed_at,
        issued_at=now,
        files=files,
    )
    credential.issue()
    credentials.create(event, credential)


def get_credential(credentials: Credentials, by: Principal, credential_id: str) -> Credential:
    credential = credentials.load(credential_id)
    by.require("get_credential", org_id=credential.org_id, person_id=credential.candidate_id)
    return credential
