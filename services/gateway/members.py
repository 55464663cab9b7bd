"""Who works for an organisation, as what: invitations by mail, roles, leaving."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from services.gateway.accounts import Accounts, step
from services.gateway.domain import CONTACT_GRACE, Account, Organisation, Role, Standing
from services.gateway.events import Event
from services.gateway.post import Post, Rpc
from services.gateway.proofs import INVITE, LIVES, Letter, Proof, link_refused
from services.gateway.store import Fields
from services.gateway.tokens import Tokens, fingerprint
from shared.clock import Clock
from shared.envelope import Call
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.store import Store

VIEWED = ("id", "version", "email", "role", "status", "invited_by", "created_at", "expires_at")
COMPANY = (Role.OWNER, Role.RECRUITER, Role.EVALUATOR)
Owners = Callable[[str], list[str]]


class Status(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"  # Shown only: nothing has to happen for it.


@dataclass
class MemberInvitation:
    """A link by mail with which whoever reads that mailbox joins an organisation, once."""

    id: str
    org_id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime
    proof: Proof
    status: Status = Status.OPEN
    accepted_by: str | None = None
    letter: Letter | None = None
    due_at: datetime | None = None
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def fits(self, hash: str, now: datetime) -> bool:
        return self.status is Status.OPEN and self.proof.fits(hash, now)

    def accept(self, account_id: str) -> None:
        """Raises Conflict where it was revoked, or accepted by somebody else."""
        if self.status is Status.ACCEPTED and self.accepted_by == account_id:
            return
        if self.status is not Status.OPEN:
            raise Conflict("invitation-over", "This invitation is no longer open.")
        self.status, self.accepted_by = Status.ACCEPTED, account_id
        self.posted()

    def revoke(self) -> None:
        if self.status is Status.ACCEPTED:
            raise Conflict("invitation-accepted", "It was accepted: remove the member instead.")
        self.status = Status.REVOKED
        self.posted()

    def posted(self) -> None:
        """There is no letter to be sent, or no longer."""
        self.letter, self.due_at = None, None


class Keys(Protocol):
    """API keys, which must not outlive what their maker may do."""

    def revoke_all(self, account_id: str) -> None: ...


class Members:
    """Every step can be repeated. An owner is written into the organisation last, and out of it
    first: so it never has none, whatever happens in between."""

    def __init__(
        self,
        accounts: Accounts,
        invitations: Store[MemberInvitation],
        owners: Owners,
        keys: Keys,
        post: Post,
        tokens: Tokens,
        now: Clock,
    ) -> None:
        self._accounts, self._invitations, self._owners = accounts, invitations, owners
        self._keys, self._post, self._tokens, self._now = keys, post, tokens, now

    def invite(self, call: Call, inviter: Account, email: str, role: str, rpc: Rpc) -> Fields:
        """Send the invitation; it lasts for seven days."""
        organisation = self._accounts.organisations.load(str(inviter.org_id))
        now, id_ = self._now(), f"min-{call.id}"
        until = now + LIVES[INVITE]
        letter = Letter(f"let-{call.id}", INVITE, email, until)
        letter.facts = {
            "organisation": organisation.name,
            "invited_by": inviter.name,
            "role": role,
        }
        proof = Proof(self._post.hash(id_, letter.id), email, now, until)
        new = MemberInvitation(
            id_, organisation.id, email, Role(role), inviter.id, now, until, proof, letter=letter
        )
        new.due_at = now + CONTACT_GRACE
        made = self._invitations.create(call, new)
        return invitation_view(vars(self._push(made, rpc)), now)

    def revoke(self, call: Call, invitation_id: str) -> None:
        """Its link is good for nothing; raises NotFound where it is another organisation's."""
        found = self._invitations.find(invitation_id)
        org_id = found.org_id if found else None
        call.principal.require("revoke_member_invitation", org_id=org_id)
        self._invitations.change(invitation_id, call, MemberInvitation.revoke)

    def sweep(self, rpc: Rpc) -> None:
        """Send what requests could not; ends where nobody answers."""
        for id_ in self._invitations.due(self._now()):
            found = self._invitations.find(id_)
            if found is not None and self._push(found, rpc).letter is not None:
                return

    def _push(self, invitation: MemberInvitation, rpc: Rpc) -> MemberInvitation:
        letter = invitation.letter
        if letter is None:
            return invitation
        secret = self._tokens.link(invitation.id, letter.id)
        try:
            if invitation.fits(fingerprint(secret), self._now()):
                self._post.send(letter, secret, {"name": "there"}, rpc)
        except Unavailable:
            return invitation
        return self._invitations.change(invitation.id, None, MemberInvitation.posted)

    def accept(
        self, call: Call, token: str, person: dict[str, Any], session: Account | None, rpc: Rpc
    ) -> Account:
        """Join, with a new account (`person`: name and password) or as who is signed in."""
        invitation = self._invited(call, token)
        if session is not None:
            account = self._join(call, session, invitation)
        else:
            account = self._register(call, invitation, person, rpc)
        try:
            self._invitations.change(invitation.id, call, lambda it: it.accept(account.id))
        except Conflict:
            self._leave(step(call, "undo"), account)
            raise
        if invitation.role is Role.OWNER:
            self._own(call, account)
        return self._accounts.catch_up(account, rpc)

    def _invited(self, call: Call, token: str) -> MemberInvitation:
        found = self._invitations.find(token.partition(".")[0])
        mine = found is not None and found.accepted_by == f"acc-{call.id}"
        if found is None or not (mine or found.fits(fingerprint(token), self._now())):
            raise link_refused()
        return found

    def _register(
        self, call: Call, invitation: MemberInvitation, person: dict[str, Any], rpc: Rpc
    ) -> Account:
        if not person.get("name") or not person.get("password"):
            missing = dict.fromkeys(("name", "password"), "Needed for a new account.")
            raise Invalid("account-needed", "Sign in, or name who joins.", missing)
        return self._accounts.register(
            call,
            role=str(invitation.role),
            email=invitation.email,
            org_id=invitation.org_id,
            verified=True,
            rpc=rpc,
            **person,
        )

    def _join(self, call: Call, account: Account, invitation: MemberInvitation) -> Account:
        if account.email != invitation.email:
            raise Conflict("invited-another", "The invitation is for another e-mail address.")
        free = account.org_id is None and (account.former_member or account.role in COMPANY)
        if account.org_id != invitation.org_id and not free:
            sentence = "This account belongs elsewhere; be invited at another address."
            raise Conflict("account-elsewhere", sentence)
        if account.role is Role.OWNER and invitation.role is not Role.OWNER:
            raise Conflict("owner-already", "You are an owner here already.")
        join = partial(Account.join, org_id=invitation.org_id, role=invitation.role)
        return self._accounts.accounts.change(
            account.id, step(call, "join"), lambda it: join(it, now=self._now())
        )

    def change_role(self, call: Call, member_id: str, role: str, rpc: Rpc) -> Account:
        """What the member may do from now on; within 15 minutes no token says otherwise."""
        member = self._member(call, "change_member", member_id)
        if member.role is Role(role):
            return member
        if member.role is Role.OWNER:
            self._disown(call, member)
        org_id = str(member.org_id)
        changed = self._accounts.accounts.change(
            member.id, call, lambda it: it.join(org_id, Role(role), self._now())
        )
        self._keys.revoke_all(member.id)
        if changed.role is Role.OWNER:
            self._own(call, changed)
        return self._accounts.catch_up(changed, rpc)

    def remove(self, call: Call, member_id: str, rpc: Rpc) -> None:
        """No longer of the organisation; the account stays its person's. One may leave, too."""
        member = self._member(call, "remove_member", member_id)
        if member.role is Role.OWNER:
            self._disown(call, member)
        self._accounts.catch_up(self._leave(call, member), rpc)

    def _leave(self, call: Call, member: Account) -> Account:
        left = self._accounts.accounts.change(member.id, call, lambda it: it.leave(self._now()))
        self._keys.revoke_all(member.id)
        return left

    def _member(self, call: Call, operation: str, member_id: str) -> Account:
        found = self._accounts.accounts.find(member_id)
        org_id = found.org_id if found else None
        call.principal.require(operation, org_id=org_id, person_id=found.id if found else None)
        if found is None or found.org_id is None or found.standing is not Standing.ACTIVE:
            raise NotFound("member-not-found", "There is no such member.")
        return found

    def _own(self, call: Call, account: Account) -> None:
        known = self._owners(str(account.org_id))
        add = partial(Organisation.add_owner, account_id=account.id, known=known)
        self._accounts.organisations.change(str(account.org_id), step(call, "own"), add)

    def _disown(self, call: Call, account: Account) -> None:
        known = self._owners(str(account.org_id))
        drop = partial(Organisation.drop_owner, account_id=account.id, known=known)
        self._accounts.organisations.change(str(account.org_id), step(call, "disown"), drop)


def invitation_view(found: Fields, now: datetime) -> Fields:
    """As the owners see it, from the stored fields."""
    shown = {name: found.get(name) for name in VIEWED}
    if found["status"] == Status.OPEN and found["expires_at"] <= now:
        shown["status"] = Status.EXPIRED
    return {**shown, "role": str(shown["role"]), "status": str(shown["status"])}
