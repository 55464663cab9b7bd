"""The inbox, and what reaches a person by which way."""

from typing import Any

from services.gateway.calls import ask
from services.gateway.operations import Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.notifications import Notification, Preferences, PreferencesIn

resource = Resource("notifications", __name__, description="Inbox and preferences")


@resource.operation("GET", "/notifications", query=PageQuery, answer=page_of(Notification))
def list_notifications(query: dict[str, Any]) -> Any:
    return ask("notifications", "list_notifications", **query)


@resource.operation("POST", "/notifications/<notification_id>/read", answer=Notification)
def read_notification(notification_id: str) -> Any:
    return ask("notifications", "read_notification", notification_id=notification_id)


@resource.operation("GET", "/preferences", answer=Preferences)
def get_preferences() -> Any:
    return ask("notifications", "get_preferences")


@resource.operation("PUT", "/preferences", body=PreferencesIn, answer=Preferences)
def put_preferences(body: dict[str, Any]) -> Any:
    return ask("notifications", "put_preferences", **body)
