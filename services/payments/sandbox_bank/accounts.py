"""A payout account at the sandbox: what its owner still has to do, and what is paid out of it."""

from dataclasses import dataclass, field
from datetime import datetime

from services.payments.domain import AccountStatus, BankAccount
from services.payments.sandbox_bank.lines import News, Payout, id_of, telling

REQUIREMENTS = ["individual.verification.document", "external_account", "tos_acceptance"]
PAST_DUE, BAD_BANK_ACCOUNT = "requirements.past_due", ["external_account"]


@dataclass
class Account:
    """`key` is the one under which it was opened. `drained`: all of it was paid out, so that
    nothing can be taken back until more comes in.
    """

    id: str
    key: str
    country: str
    currency: str
    at: datetime
    status: AccountStatus = AccountStatus.ACTIVE
    payouts_enabled: bool = True
    requirements: list[str] = field(default_factory=list)
    disabled_reason: str = ""
    drained: bool = False
    payouts: list[Payout] = field(default_factory=list)
    updates: int = 0
    news: list[News] = field(default_factory=list)
    told: int = 0
    due_at: datetime | None = None
    version: int = 0

    @classmethod
    def opened(
        cls, id_: str, key: str, country: str, currency: str, at_once: bool, now: datetime
    ) -> "Account":
        """Active at once, or pending until its owner has done what is required."""
        account = cls(id_, key, country, currency, now)
        if not at_once:
            account.restate(AccountStatus.PENDING, REQUIREMENTS, "", now)
        return account

    @property
    def engagement_id(self) -> str:
        """An account is nobody's engagement."""
        return ""

    def view(self) -> BankAccount:
        return BankAccount(
            self.id,
            self.currency,
            self.status,
            self.payouts_enabled,
            tuple(self.requirements),
            self.disabled_reason,
        )

    def restate(
        self, status: AccountStatus, requirements: list[str], reason: str, now: datetime
    ) -> None:
        """Its owner has finished what was required, or the bank restricts it."""
        active = status is AccountStatus.ACTIVE
        restricted = status is AccountStatus.RESTRICTED
        self.status, self.payouts_enabled = status, active
        self.requirements = [] if active else requirements or REQUIREMENTS
        self.disabled_reason = (reason or PAST_DUE) if restricted else ""
        self._tell_update(now)

    def pay_out(self, amount: int, failure_code: str, now: datetime) -> None:
        """Money goes on to the owner's own bank; a failure ends payouts until that is mended."""
        id_ = id_of("po", self.id, len(self.payouts))
        status = "failed" if failure_code else "paid"
        self.payouts.append(Payout(id_, amount, now, status, failure_code))
        self._tell(f"payout.{status}", id_, 0, now, amount, status, failure_code)
        if failure_code:
            self.payouts_enabled, self.requirements = False, list(BAD_BANK_ACCOUNT)
            self.disabled_reason = failure_code
            self._tell_update(now)
        else:
            self.drained = True

    def fill(self) -> None:
        """Money comes in again."""
        self.drained = False

    def tick(self, now: datetime) -> None:
        """Time alone changes nothing here."""

    def next_due(self) -> datetime | None:
        return min(telling(self.news, self.told), default=None)

    def _tell_update(self, now: datetime) -> None:
        self.updates += 1
        self._tell("account.updated", self.id, self.updates, now, status=self.status.value)

    def _tell(
        self,
        type_: str,
        object_id: str,
        number: int,
        now: datetime,
        amount: int = 0,
        status: str = "",
        code: str = "",
    ) -> None:
        id_ = id_of("evt", type_, object_id, number)
        self.news.append(News(id_, type_, now, object_id, self.key, amount, status, code))
