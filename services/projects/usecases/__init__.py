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
    sign_kickoff,
    submit_deliverable,
)

__all__ = [
    "await_funding",
    "cancel_engagement",
    "close_project",
    "create_project",
    "engagement_scope",
    "evaluate_engagement",
    "get_engagement",
    "get_project",
    "open_engagement",
    "publish_project",
    "request_revision",
    "searched_organisation",
    "sign_kickoff",
    "submit_deliverable",
    "update_project",
]
