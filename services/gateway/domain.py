"""Who may sign in: accounts, their organisations and their sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.gateway.events import AccountRegistered, Event, OrganisationVerified
from services.gateway.proofs import (
    AGAIN_AFTER,
    EMAIL_CHANGED,
    FACTOR_CHANGED,
    LIVES,
    PASSWORD_CHANGED,
    VERIFY,
    Letter,
    Proof,
    SecondFactor,
    link_refused,
)
from shared.errors import Conflict

# A registration that a crash left half done is finished by the sweep after this time.
REGISTRATION_GRACE = timedelta(seconds=60)
# The request itself pushes a new contact; the sweep takes over when it could not.
CONTACT_GRACE = timedelta(seconds=5)
SESSION_LIFE = timedelta(days=30)
SPENT_KEPT = 50


def normal(email: str) -> str:
    """The address as it is kept and compared. Not casefolded: mail for ß is not mail for ss."""
    return email.strip().lower()


class Role(StrEnum):
    """The columns of the permission table that a person can have."""

    CANDIDATE = "candidate"
    OWNER = "owner"
    RECRUITER = "recruiter"
    EVALUATOR = "evaluator"
    EDUCATOR = "educator"
    PARTNER = "partner"
    OPERATOR = "operator"


class Standing(StrEnum):
    """How far a registration has come."""

    REGISTERING = "registering"
    ACTIVE = "active"
    REFUSED = "refused"  # Its e-mail address belongs to another account.
    CLOSED = "closed"  # On its way to be erased: nobody signs in.
    ERASED = "erased"  # A pseudonym, without a person.


@dataclass
class Account:
    """A person who signs in; `due_at` is when somebody must finish what is still open."""

    id: str
    email: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    org_id: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    standing: Standing = Standing.REGISTERING
    contact_revision: int = 1
    contact_told: int = 0
    due_at: datetime | None = None
    email_verified_at: datetime | None = None
    old_emails: list[str] = field(default_factory=list)  # Still claimed, until the sweep lets go.
    proofs: dict[str, Proof] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)  # Notifications has yet to hear of them.
    # Sessions of an earlier epoch are over: one write ends them all.
    epoch: int = 0
    second_factor: SecondFactor | None = None
    former_member: bool = False  # Belonged to an organisation once, and may again.
    version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def second_factor_on(self) -> bool:
        return self.second_factor is not None and self.second_factor.on

    def activate(self, now: datetime, told: int | None) -> None:
        """The address is theirs: the account can sign in.

        `told` is the revision of the contact that is known already; else it has to be pushed.
        """
        if self.standing is Standing.REFUSED:
            raise Conflict("email-taken", "There is an account with this e-mail address.")
        if self.standing is Standing.REGISTERING:
            self._begin(now)
        if told is not None:
            self.contact_pushed(told)

    def _begin(self, now: datetime) -> None:
        self.standing, self.due_at = Standing.ACTIVE, now + CONTACT_GRACE
        self.events.append(AccountRegistered(self.id, str(self.role), self.org_id))

    def refuse(self) -> None:
        """The address is another's; this account never came to be."""
        if self.standing is Standing.REGISTERING:
            self.standing, self.due_at = Standing.REFUSED, None

    def amend(
        self, now: datetime, *, name: str | None, locale: str | None, time_zone: str | None
    ) -> None:
        """Change what is given; the contact is pushed again."""
        self.name = self.name if name is None else name
        self.locale = self.locale if locale is None else locale
        self.time_zone = self.time_zone if time_zone is None else time_zone
        self._tell(now)

    def contact_pushed(self, revision: int) -> None:
        """The contact is known as of this revision; a later one stays due."""
        self.contact_told = max(self.contact_told, revision)
        self._rest()

    def ask(self, letter: Letter, hash: str, now: datetime) -> None:
        """Prove by mail that `letter.to` is theirs; the link before it is good for nothing."""
        before = self.proofs.get(letter.kind)
        if before and before.email == letter.to and now < before.asked_at + AGAIN_AFTER:
            return
        letter.expires_at = now + LIVES[letter.kind]
        proof = Proof(hash, letter.to, now, letter.expires_at)
        self.proofs = {**self.proofs, letter.kind: proof}
        self.letters = [kept for kept in self.letters if kept.kind != letter.kind]
        self._post(letter, now)

    def redeem(self, kind: str, hash: str, now: datetime) -> Proof:
        """What the link stands for, which it does once; raises Conflict."""
        proof = self.proofs.get(kind)
        if proof is None or not proof.fits(hash, now):
            raise link_refused()
        self.proofs = {name: kept for name, kept in self.proofs.items() if name != kind}
        return proof

    def confirm_email(self, hash: str, letter_id: str, now: datetime) -> None:
        """The address is theirs, and becomes the account's where it is a new one."""
        proof = self.redeem(VERIFY, hash, now)
        self.email_verified_at = now
        self.contact_revision += 1  # Where mails came back, they may be sent again.
        if proof.email != self.email:
            self._post(Letter(letter_id, EMAIL_CHANGED, self.email), now)
            self.old_emails = [*self.old_emails, self.email]
            # A link to reset the password lies in the old mailbox.
            self.email, self.proofs = proof.email, {}

    def set_password(
        self, password_hash: str, letter_id: str, now: datetime, facts: dict[str, str] | None = None
    ) -> None:
        """Another password: every session is over, and the person is told, with these facts."""
        self.password_hash, self.proofs = password_hash, {}
        self.end_sessions()
        self._post(Letter(letter_id, PASSWORD_CHANGED, self.email, facts=facts or {}), now)

    def end_sessions(self) -> None:
        self.epoch += 1

    def take_over(self, now: datetime) -> None:
        """Its address was never verified, and is now: what opened it may be somebody else's."""
        if self.email_verified_at is None:
            self.email_verified_at, self.password_hash = now, ""
            self.proofs, self.second_factor = {}, None
            self.end_sessions()

    def factor_changed(self, letter_id: str, now: datetime) -> None:
        """Tell the person that signing in takes a code from now on, or none any more."""
        facts = {"on": "yes" if self.second_factor_on else ""}
        self._post(Letter(letter_id, FACTOR_CHANGED, self.email, facts=facts), now)

    def join(self, org_id: str, role: Role, now: datetime) -> None:
        """Work for this organisation from now on, or as something else there."""
        self.org_id, self.role, self.former_member = org_id, role, False
        self._tell(now)

    def leave(self, now: datetime) -> None:
        """Belong to no organisation: the account stays its person's, as a candidate's."""
        self.org_id, self.role, self.former_member = None, Role.CANDIDATE, True
        self._tell(now)

    def letters_pushed(self, ids: set[str]) -> None:
        """Notifications has recorded these."""
        self.letters = [letter for letter in self.letters if letter.id not in ids]
        self._rest()

    def emails_released(self, emails: set[str]) -> None:
        """Others may have these addresses."""
        self.old_emails = [email for email in self.old_emails if email not in emails]
        self._rest()

    def _tell(self, now: datetime) -> None:
        self.contact_revision += 1
        self.due_at = now + CONTACT_GRACE

    def _post(self, letter: Letter, now: datetime) -> None:
        self.letters = [*self.letters, letter]
        self.due_at = now + CONTACT_GRACE

    def _rest(self) -> None:
        """Nothing is left for the sweep."""
        told = self.contact_told >= self.contact_revision
        if told and not self.letters and not self.old_emails:
            self.due_at = None


@dataclass
class Organisation:
    """A company; `level` says how far an operator has verified it."""

    id: str
    name: str
    created_at: datetime
    level: str = "unverified"
    # Each of these accounts is an owner: it becomes one before it is written here, and is no longer
    # written here before it ceases to be one. So an organisation never has none.
    owners: list[str] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def add_owner(self, account_id: str, known: list[str]) -> None:
        """`known` are the owners, where the organisation is older than its list of them."""
        self.owners = sorted({*(self.owners or known), account_id})

    def drop_owner(self, account_id: str, known: list[str]) -> None:
        """Raises Conflict where nobody would be left to say who works here.

        Only who is `known` counts: an owner may have been erased meanwhile.
        """
        left = [id_ for id_ in self.owners or known if id_ != account_id and id_ in known]
        if not left:
            raise Conflict("last-owner", "An organisation has an owner: make somebody else one.")
        self.owners = left

    def verify(self, level: str) -> None:
        if self.level == level:
            return
        self.level = level
        self.events.append(OrganisationVerified(self.id, level))


@dataclass
class Session:
    """One sign-in on one device: the family of the refresh tokens that followed each other."""

    id: str
    account_id: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    spent: list[str] = field(default_factory=list)
    ended: str | None = None
    device: str = ""
    last_used_at: datetime | None = None
    epoch: int = 0  # The account's when it began, or when it outlived the others.
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def rotate(self, presented: str, following: str, now: datetime) -> None:
        """Trade the hash of the current token for the following; a spent one ends the session.

        A token that comes twice was stolen from one of the two who sent it: nobody keeps it.
        """
        if self.ended or now >= self.expires_at:
            return
        if presented == self.token_hash:
            self.spent = [*self.spent, presented][-SPENT_KEPT:]
            self.token_hash, self.last_used_at = following, now
        elif presented in self.spent:
            self.ended = "refresh-token-reused"

    def end(self, reason: str) -> None:
        self.ended = self.ended or reason

    def outlive(self, epoch: int) -> None:
        """Stay, while all other sessions of the account are over."""
        self.epoch = epoch

    def live(self, account: Account, now: datetime) -> bool:
        mine = self.account_id == account.id and self.epoch == account.epoch
        return mine and not self.ended and now < self.expires_at
