"""What surrounds people's data: the audit log, impersonation, export and erasure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from uuid_utils.compat import uuid7

from services.gateway import audit_store, privacy_store
from services.gateway.accounts import Accounts, Rpc
from services.gateway.audit import Audit
from services.gateway.auth import Passwords
from services.gateway.domain import Account, Role, Session
from services.gateway.erasure import Erasure, Hindrance, Round, erasure_id, view
from services.gateway.exports import Exports
from services.gateway.files import Files
from services.gateway.impersonation import Impersonations
from services.gateway.store import ApiKeyRecords, Fields, FileRecords
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid, NotFound, StintError
from shared.platform import Platform
from shared.principal import SYSTEM, permissions
from shared.store import Store

log = structlog.get_logger(__name__)

RECENT = timedelta(minutes=10)  # So long a sign-in stands for the password.
WORK = "eng-"  # Files that were handed in as work, or as evidence, are the other side's too.


class Kept(Protocol):
    """What somebody has at the gateway beside the account."""

    def sessions(self, account: Account) -> list[str]: ...
    def files(self, account: Account) -> list[Fields]: ...


@dataclass(frozen=True)
class Belongings:
    """Ends and removes it."""

    accounts: Accounts
    sessions: Store[Session]
    keys: ApiKeyRecords
    records: FileRecords
    files: Files
    exports: Exports
    kept: Kept
    now: Clock

    def lock(self, account: Account) -> None:
        """Neither a session nor a key of theirs is good for anything; again without harm."""
        for id_ in self.kept.sessions(account):
            self.sessions.change(id_, None, lambda one: one.end("account-closed"))
        self.keys.revoke_all(account.id, self.now())

    def remove(self, account: Account) -> None:
        """Others may have the address; of files only handed-in work stays."""
        for email in (account.email, *account.old_emails):
            self.accounts.emails.release(email, account.id)
        for record in self.kept.files(account):
            if not any(where.startswith(WORK) for where in record["engagements"]):
                self.files.remove(record["file_id"])
                self.records.forget(record["file_id"])
        self.exports.remove(account.id)


class Erasures:
    """Asks, calls off, and carries out what is due."""

    def __init__(
        self,
        kept: Store[Erasure],
        accounts: Accounts,
        belongings: Belongings,
        passwords: Passwords,
        colleagues: Callable[[str], list[Fields]],
        now: Clock,
    ) -> None:
        self.kept, self._accounts, self._belongings = kept, accounts, belongings
        self._passwords, self._colleagues, self._now = passwords, colleagues, now

    def ask(self, call: Call, rpc: Rpc, password: str | None, session_id: str) -> Fields:
        """Erase the caller after the grace; raises Conflict for an organisation's last owner."""
        account = self._accounts.accounts.load(call.principal.id)
        self._require_proof(account, password, session_id)
        self._require_successor(account)
        found = self._hinders(rpc, account.id, account.org_id if self._alone(account) else None)
        now, id_ = self._now(), erasure_id(account.id)
        new = partial(Erasure, id_, account.id, str(account.role), account.org_id, now)
        asked = self.kept.change(
            id_, call, partial(Erasure.ask, hindrances=found, now=now), new=new
        )
        return view(asked)

    def get(self, call: Call) -> Fields:
        return view(self._own(call))

    def call_off(self, call: Call) -> Fields:
        return view(self.kept.change(self._own(call).id, call, Erasure.call_off))

    def sweep(self, rpc: Rpc) -> None:
        """Bring each that is due a step further; one that cannot go on keeps nobody waiting."""
        round_ = Round(
            accounts=self._accounts.accounts,
            erasures=self.kept,
            belongings=self._belongings,
            hinders=partial(self._hinders, rpc),
            alone=self._alone,
            now=self._now,
        )
        for id_ in self.kept.due(self._now()):
            try:
                round_.go_on(self.kept.load(id_))
            except StintError as exc:
                log.warning("erasure-held", erasure=id_, code=exc.code)

    def _own(self, call: Call) -> Erasure:
        found = self.kept.find(erasure_id(call.principal.id))
        if found is None:
            raise NotFound("erasure-not-found", "You have not asked to be erased.")
        return found

    def _require_proof(self, account: Account, password: str | None, session_id: str) -> None:
        if password is not None:
            if not self._passwords.verify(account.password_hash, password):
                sentence = "This is not your password."
                raise Invalid("password-wrong", sentence, {"password": sentence})
            return
        session = self._belongings.sessions.find(session_id)
        if session is None or session.ended or self._now() - session.created_at > RECENT:
            raise Conflict("sign-in-again", "Give your password, or sign in again first.")

    def _require_successor(self, account: Account) -> None:
        others = self._others(account)
        if account.role is not Role.OWNER or not others:
            return
        if not any(one["role"] == Role.OWNER for one in others):
            sentence = "You are the last owner: make somebody else an owner first."
            raise Conflict("last-owner", sentence)

    def _alone(self, account: Account) -> bool:
        """Whether the organisation's affairs end with this account."""
        return account.org_id is not None and not self._others(account)

    def _others(self, account: Account) -> list[Fields]:
        rows = self._colleagues(account.org_id) if account.org_id else []
        return [row for row in rows if row["_id"] != account.id]

    def _hinders(self, rpc: Rpc, account_id: str, org_id: str | None) -> list[Hindrance]:
        found: list[Hindrance] = []
        for service in permissions()["list_hindrances"]["parts"]:
            id_ = str(uuid7())
            call = Call(id=id_, principal=SYSTEM, correlation_id=id_)
            answer = rpc.call(service, "list_hindrances", call, person_id=account_id, org_id=org_id)
            found += [Hindrance(**one) for one in answer["items"]]
        return found


@dataclass(frozen=True)
class Privacy:
    """All of it, made once per process."""

    audit: Audit
    records: Any  # The audit log to read: audit_store.AuditRecords.
    impersonations: Impersonations
    exports: Exports
    erasures: Erasures

    def sweep(self, rpc: Rpc) -> None:
        self.audit.flush()
        self.exports.sweep(rpc)
        self.erasures.sweep(rpc)


def build(
    platform: Platform,
    accounts: Accounts,
    sessions: Store[Session],
    passwords: Passwords,
    keys: ApiKeyRecords,
    records: FileRecords,
    files: Files,
) -> Privacy:
    """On the database and the files of this process."""
    settings: Any = platform.settings
    log_, keeping = audit_store.AuditRecords(platform), privacy_store.Keeping(platform)
    exports = Exports(
        privacy_store.exports(platform),
        privacy_store.exports_of,
        keeping.of,
        files,
        settings.files_dir / "incoming",
        platform.now,
    )
    belongings = Belongings(
        accounts, sessions, keys, records, files, exports, keeping, platform.now
    )
    return Privacy(
        audit=Audit(log_, platform.now, f"chn-{uuid7()}"),
        records=log_,
        impersonations=_impersonations(platform),
        exports=exports,
        erasures=Erasures(
            privacy_store.erasures(platform),
            accounts,
            belongings,
            passwords,
            privacy_store.colleagues,
            platform.now,
        ),
    )


def _impersonations(platform: Platform) -> Impersonations:
    kept = privacy_store.impersonations(platform)
    return Impersonations(kept, privacy_store.list_impersonations, platform.now)
