"""The inbox, what reaches a person by which way, and the mails that come back."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from flask import render_template_string, request
from werkzeug import Response

from services.gateway.calls import ask
from services.gateway.operations import JSON, Resource
from services.gateway.schemas.base import PageQuery, page_of
from services.gateway.schemas.notifications import (
    MailReportReceipt,
    Notification,
    Preferences,
    PreferencesIn,
    Subscription,
)

resource = Resource("notifications", __name__, description="Inbox and preferences")
LINK, HTML = "/unsubscribe/<token>", "text/html"
PAGE = (Path(__file__).parents[1] / "static" / "unsubscribe.html").read_text()
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)
SETTINGS = ("digest_hour", "quiet_hours")


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
    settings = {name: body[name] for name in SETTINGS if name in body}
    more = {"settings": settings} if settings else {}
    return ask("notifications", "put_preferences", preferences=body["preferences"], **more)


@resource.operation("GET", LINK, answer=Subscription, sends=HTML)
def read_unsubscribe(token: str) -> Any:
    """Changes nothing: programs follow the links in mails before people do."""
    return _shown(ask("notifications", "read_unsubscribe", token=token))


@resource.operation("POST", LINK, answer=Subscription, sends=HTML)
def unsubscribe(token: str) -> Any:
    """RFC 8058: a mail program sends `List-Unsubscribe=One-Click`, the page an empty form."""
    return _shown(ask("notifications", "unsubscribe", token=token))


def _shown(found: dict[str, Any]) -> Any:
    """For people: no scripts, nothing from elsewhere, everything escaped."""
    if request.accept_mimetypes.best_match([JSON, HTML], default=JSON) != HTML:
        return found
    answer = Response(render_template_string(PAGE, **found), content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Vary"] = "Accept"
    return answer


@resource.operation("POST", "/hooks/mail", accepts="*/*", answer=MailReportReceipt, repeats=False)
def receive_mail_report() -> Any:
    """Mails that came back: JSON, or a report as a mail (RFC 3464, 5965).

    The secret is the password of HTTP Basic.
    """
    given = request.authorization
    secret = given.password if given and given.type == "basic" else None
    body = b64encode(request.get_data()).decode()
    return ask("notifications", "receive_mail_report", body_base64=body, secret=secret or "")
