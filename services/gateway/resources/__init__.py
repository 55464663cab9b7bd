"""The nouns of the API, in the order of the document."""

from services.gateway.resources import (
    accounts,
    api_keys,
    applications,
    engagements,
    events,
    files,
    hire_offers,
    inquiries,
    kickoff,
    matching,
    notifications,
    payments,
    projects,
    reviews,
    selection,
    todo,
)

ALL = (
    accounts.resource,
    api_keys.resource,
    projects.resource,
    reviews.resource,
    inquiries.resource,
    applications.resource,
    kickoff.resource,
    selection.resource,
    engagements.resource,
    payments.resource,
    hire_offers.resource,
    matching.resource,
    files.resource,
    notifications.resource,
    events.resource,
    todo.resource,
)
