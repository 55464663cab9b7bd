"""What the application needs of the world, made once per process and replaceable in tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from services.gateway.accounts import Accounts
from services.gateway.api_keys import ApiKeys
from services.gateway.auth import Sessions
from services.gateway.config import Settings
from services.gateway.files import Files
from services.gateway.idempotency import Keys
from services.gateway.members import Members
from services.gateway.privacy import Privacy
from services.gateway.recovery import Recovery
from services.gateway.second_factor import SecondFactors
from services.gateway.sso import SingleSignOn
from services.gateway.store import Fields, FileRecords, Quota
from services.gateway.throttle import Throttle
from services.gateway.tokens import Tokens
from services.gateway.uploads import Parts, Uploads
from shared.clock import Clock

EXTENSION = "stint"
Listing = Callable[..., tuple[list[Fields], str | None]]  # (org_id, limit, after)
SessionsOf = Callable[..., list[Fields]]  # (account_id, epoch, now)


@dataclass(frozen=True)
class Ports:
    """`staging` is where uploads arrive, on the disk that `files` keeps them on if it can be."""

    settings: Settings
    now: Clock
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    keys: Keys
    files: Files
    file_records: FileRecords
    quota: Quota
    api_keys: ApiKeys
    members: Listing
    recovery: Recovery
    second_factors: SecondFactors
    memberships: Members
    member_invitations: Listing
    sessions_of: SessionsOf
    sso: SingleSignOn
    staging: Path
    throttle: Throttle
    uploads: Uploads
    parts: Parts
    privacy: Privacy


def ports() -> Ports:
    """Those of the application that handles this request."""
    found: Ports = current_app.extensions[EXTENSION]
    return found
