"""Who may have which file: its uploader, and who sees something that carries it."""

from services.gateway.calls import ask, current
from services.gateway.store import Fields
from shared.errors import NotFound, StintError, Unavailable


def require_access(record: Fields) -> None:
    """Their uploader's, or of an engagement that the principal may see: projects knows which."""
    try:
        current().principal.require(
            "download_file", org_id=record["org_id"], person_id=record["owner_id"]
        )
    except NotFound:
        if not any(_shown(record["file_id"], where) for where in record["engagements"]):
            raise


def _shown(file_id: str, where: str) -> bool:
    """Whether the principal sees what carries it: application, message, flag, dispute, work."""
    look = LOOKS.get(where.partition("-")[0])
    if look:
        return look(file_id, where)
    return _handed_in(file_id, where) or _in_evidence(file_id, where)


def _attached(file_id: str, application_id: str) -> bool:
    """The view holds no file while its reader reviews blindly."""
    try:
        view = ask("applications", "get_application", application_id=application_id)
    except Unavailable:
        raise
    except StintError:
        return False
    resume, picked = view.get("resume") or {}, view.get("portfolio") or ()
    return any(one.get("file_id") == file_id for one in (resume, *picked))


def _handed_in(file_id: str, engagement_id: str) -> bool:
    try:
        view = ask("projects", "get_engagement", engagement_id=engagement_id)
    except Unavailable:
        raise
    except StintError:
        return False
    versions = view.get("deliverables") or ()
    return any(file["file_id"] == file_id for version in versions for file in version["files"])


def _in_evidence(file_id: str, engagement_id: str) -> bool:
    try:
        view = ask("payments", "read_disputes", engagement_id=engagement_id)
    except Unavailable:
        raise
    except StintError:
        return False
    posts = (post for dispute in view["items"] for post in dispute["posts"])
    return any(file["file_id"] == file_id for post in posts for file in post["files"])


def _written(file_id: str, message_id: str) -> bool:
    try:
        view = ask("projects", "get_message", message_id=message_id)
    except Unavailable:
        raise
    except StintError:
        return False
    return any(file["file_id"] == file_id for file in view.get("files") or ())


def _shown_to_operators(file_id: str, where: str) -> bool:
    """As evidence of a flag, by the side that raised it, or an operator."""
    try:
        view = ask("projects", "list_flags", engagement_id=where.removeprefix("flg-"))
    except Unavailable:
        raise
    except StintError:
        return False
    return any(file["file_id"] == file_id for one in view["items"] for file in one["evidence"])


LOOKS = {"app": _attached, "msg": _written, "flg": _shown_to_operators}
