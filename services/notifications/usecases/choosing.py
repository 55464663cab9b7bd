"""What people choose, see of it, and turn off with one click."""

from collections.abc import Mapping
from typing import Any

from services.notifications.domain import links
from services.notifications.domain.channels import REQUIRED, SHORT, Channel, rule
from services.notifications.domain.hours import Quiet
from services.notifications.domain.notices import KINDS
from services.notifications.domain.outreach import CAPS
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.records import Contact
from shared.errors import NotFound

Available = frozenset[Channel]


def preferences_view(
    preferences: Preferences, contact: Contact | None, available: Available
) -> dict[str, Any]:
    """Every kind with what holds for it, and each channel with whether it works.

    `required` ones cannot be turned off, `urgent` ones know no quiet hours.
    """
    quiet = preferences.quiet
    return {
        "id": preferences.id,
        "version": preferences.version,
        "preferences": {kind: _kind_view(preferences, kind, available) for kind in sorted(KINDS)},
        "channels": channels_view(contact, available),
        "digest_hour": preferences.digest_hour,
        "quiet_hours": quiet and {"start": quiet.start, "end": quiet.end},
        "time_zone": contact.time_zone if contact else "UTC",
    }


def _kind_view(preferences: Preferences, kind: str, available: Available) -> dict[str, Any]:
    of_kind = rule(kind)
    cap = CAPS.get(of_kind.cap)
    return {
        **preferences.shown(kind, available),
        "required": kind in REQUIRED,
        "urgent": of_kind.urgent,
        "cap": cap and {"sender": of_kind.cap, "a_day": cap.a_day, "a_month": cap.a_month},
    }


def channels_view(contact: Contact | None, available: Available) -> dict[str, Any]:
    """Whether each channel reaches this person, and if not, why."""
    stopped = contact.suspended if contact else None
    served: dict[str, Any] = {str(Channel.IN_APP): _works(), str(Channel.EMAIL): _works()}
    if stopped:
        served[str(Channel.EMAIL)] = {
            "available": False,
            "reason": stopped.reason,
            "since": stopped.at,
        }
    for channel in SHORT:
        missing = {"available": False, "reason": "no-provider", "since": None}
        served[str(channel)] = _works() if channel in available else missing
    return served


def _works() -> dict[str, Any]:
    return {"available": True, "reason": None, "since": None}


def choose(
    preferences: Preferences,
    wanted: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    available: Available,
) -> None:
    """Change the named channels of the named kinds, and the named hours; the others stay."""
    preferences.choose(wanted, available)
    if "digest_hour" in settings:
        preferences.digest_hour = settings["digest_hour"]
    if "quiet_hours" in settings:
        hours = settings["quiet_hours"]
        preferences.quiet = Quiet(hours["start"], hours["end"]) if hours else None


def subscription(key: str, token: str) -> tuple[str, str]:
    """(person, kind) that a link is about; NotFound where it is none of ours."""
    found = links.read(key, token)
    if found is None or found[1] not in KINDS | {links.DIGEST}:
        raise NotFound("link-unknown", "This is no link of ours, or a part of it is missing.")
    return found


def is_on(preferences: Preferences, kind: str) -> bool:
    """Whether mails of this kind (or any digest) still come."""
    if kind == links.DIGEST:
        return preferences.has_digests()
    return preferences.of(kind).email


def unsubscribe(preferences: Preferences, kind: str) -> None:
    if kind == links.DIGEST:
        preferences.stop_digests()
    else:
        preferences.stop_mail(kind)
