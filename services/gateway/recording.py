"""What of a request goes into the audit log, and when: before its effect, and after it.

Ids and codes alone: no body, no name, no address of a person, no secret.
"""

from ipaddress import ip_address, ip_network
from typing import Any

from flask import g, request
from werkzeug import Response

from services.gateway.audit import BEGUN, ENDED, REFUSED, Entry
from services.gateway.domain import normal
from services.gateway.ports import ports
from shared.principal import ANONYMOUS, Principal, permissions

SAFE = ("GET", "HEAD", "OPTIONS")
PREFIX = {4: 24, 6: 48}  # Bits of an address that are kept: a network, not a household.
MOST_SUBJECTS = 50


def begin(operation: str, arguments: dict[str, Any]) -> None:
    """Keep what is about to be done, and by whom; without that it is not done."""
    if not _worth(operation):
        return
    subjects = [value for name, value in arguments.items() if name.endswith("_id")]
    entry = {**_who(), "operation": operation, "subjects": subjects}
    ports().privacy.audit.begin({"kind": BEGUN, **entry})
    g.audited = entry


def end(answer: Response) -> None:
    """Note what became of it, or that somebody was refused what they may not do."""
    entry: Entry | None = g.get("audited")
    if entry is not None:
        kind, subjects = ENDED, [*entry["subjects"], *_made(answer, entry)]
    elif answer.status_code == 403 and g.get("asked"):
        kind, entry = REFUSED, {**_who(), "operation": g.asked}
        subjects = []
    else:
        return
    told: Entry = {
        "status": answer.status_code,
        "code": _code(answer),
        "replayed": "Idempotent-Replayed" in answer.headers or None,
        "subjects": list(dict.fromkeys(subjects))[:MOST_SUBJECTS],
    }
    ports().privacy.audit.note({"kind": kind, **entry, **told})


def _worth(operation: str) -> bool:
    """Whatever changes something, what operators read, and all that is read in another's name."""
    by: Principal = g.principal
    if request.method not in SAFE or by.acting:
        return True
    return by.role == "operator" and "anonymous" not in permissions()[operation]["allow"]


def _who() -> Entry:
    by: Principal = g.principal
    return {
        "request_id": g.request_id,
        "principal_id": by.id,
        "role": by.role,
        "org_id": by.org_id,
        "acting_id": by.acting,
        "impersonation_id": g.session_id if by.acting else None,
        "key_id": g.counted_as if g.scopes is not None else None,
        "address": shortened(str(request.remote_addr or "")),
    }


def shortened(address: str) -> str:
    """The network that an address is in; empty where it is none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ip_network((found, PREFIX[found.version]), strict=False))


def _code(answer: Response) -> str:
    """The problem's code, or `ok`."""
    if answer.status_code < 400:
        return "ok"
    told = answer.get_json(silent=True) if answer.is_json else None
    return str(told.get("code", "")) if isinstance(told, dict) else ""


def _made(answer: Response, entry: Entry) -> list[str]:
    """What the request has made; whose session it is, or whose it was to be."""
    place = answer.headers.get("Location", "").rpartition("/")[2]
    found = [place] if place else []
    if g.principal == ANONYMOUS and answer.is_json and not answer.is_streamed:
        found += _signed_in(answer, entry["operation"])
    return found


def _signed_in(answer: Response, operation: str) -> list[str]:
    told = answer.get_json(silent=True)
    account = told.get("account") if isinstance(told, dict) else None
    if isinstance(account, dict):
        return [str(account["id"])]
    if operation == "create_session" and answer.status_code == 401:
        given = request.get_json(silent=True) or {}
        owner = ports().accounts.emails.owner(normal(str(given.get("email", ""))))
        return [owner] if owner else []
    return []
