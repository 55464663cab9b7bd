"""By which way each kind of notice reaches people: the one table of defaults, and what is fixed."""

from dataclasses import dataclass
from enum import StrEnum

from services.notifications.domain.notices import KINDS


class Channel(StrEnum):
    IN_APP = "in_app"
    EMAIL = "email"
    PUSH = "push"  # Web push.
    SMS = "sms"


SHORT = (Channel.PUSH, Channel.SMS)  # A line each, by a provider; there is none by default.


class Frequency(StrEnum):
    """How often mails of a kind come."""

    IMMEDIATELY = "immediately"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


COLLECTED = (Frequency.DAILY, Frequency.WEEKLY)


@dataclass(frozen=True)
class Channels:
    """How one kind reaches somebody. `frequency` is that of mails that are on, never NEVER."""

    email: bool = True
    in_app: bool = True
    frequency: Frequency = Frequency.IMMEDIATELY
    push: bool = False
    sms: bool = False

    @property
    def mailed(self) -> Frequency:
        return self.frequency if self.email else Frequency.NEVER


@dataclass(frozen=True)
class Rule:
    """Of one kind: what holds until somebody chooses, and what nobody can choose.

    `required`: inbox and mail cannot be turned off or delayed. `urgent`: no quiet hours hold it
    back. `cap` names who is held to sending little of it.
    """

    default: Channels = Channels()
    required: bool = False
    urgent: bool = False
    cap: str = ""


EVERYDAY = Rule()
TODAY = Rule(Channels(push=True), urgent=True)  # Money or a place is lost where nobody acts today.
SECURITY = Rule(Channels(push=True, sms=True), required=True, urgent=True)
COMPANY_CAP, PLATFORM_CAP = "company", "platform"
RULES: dict[str, Rule] = {
    # About the account and where the money goes: nobody may be without these.
    "account.registered": SECURITY,
    "address.suspended": SECURITY,
    "payout-account.updated": SECURITY,
    "impersonation.begun": SECURITY,
    "export.finished": SECURITY,
    "erasure.asked": SECURITY,
    "erasure.cancelled": SECURITY,
    "erasure.deferred": SECURITY,
    "application.selected": TODAY,
    "chargeback.opened": TODAY,
    "dispute.opened": TODAY,
    "no-show.suspected": TODAY,
    "payment.failed": TODAY,
    "payment.unconfirmed": TODAY,
    "payout.failed": TODAY,
    "refund.failed": TODAY,
    "approval.requested": Rule(urgent=True),
    # Nobody asked for these: few a day and a month.
    "invitation.sent": Rule(cap=COMPANY_CAP),
    "match.suggested": Rule(cap=PLATFORM_CAP),
}
REQUIRED = frozenset(kind for kind, rule in RULES.items() if rule.required)
assert RULES.keys() <= KINDS, RULES.keys() - KINDS


def rule(kind: str) -> Rule:
    return RULES.get(kind, EVERYDAY)
