"""What people and events ask of briefs and engagements, and who may ask it."""

from services.projects.usecases.briefs import (
    close_project,
    create_project,
    get_project,
    publish_project,
    searched_organisation,
    update_project,
)
from services.projects.usecases.engagements import (
    await_funding,
    cancel_engagement,
    engagement_scope,
    evaluate_engagement,
    get_engagement,
    open_engagement,
    request_revision,
    submit_deliverable,
)
from services.projects.usecases.kickoff import (
    accept_agreement,
    acknowledge_conflict,
    declare_conflict,
    get_agreement,
    get_kickoff,
    propose_kickoff,
    sign_kickoff,
)

__all__ = [
    "accept_agreement",
    "acknowledge_conflict",
    "await_funding",
    "cancel_engagement",
    "close_project",
    "create_project",
    "declare_conflict",
    "engagement_scope",
    "evaluate_engagement",
    "get_agreement",
    "get_engagement",
    "get_kickoff",
    "get_project",
    "open_engagement",
    "propose_kickoff",
    "publish_project",
    "request_revision",
    "searched_organisation",
    "sign_kickoff",
    "submit_deliverable",
    "update_project",
]
