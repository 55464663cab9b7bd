"""Whatever happens, in any order, crashing anywhere: no cent appears, vanishes or moves twice."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.payments.domain import AccountStatus, Kind, State, Status
from services.payments.sandbox_bank import NoAnswer
from shared.errors import StintError
from tests.unit.payments.fakes import Crash, World, effects
from tests.unit.payments.story import CANDIDATE, E, Story

CRASHES = st.integers(0, 8)  # 0: none; otherwise the step, counted from now, that dies.
REPEATED = st.booleans()  # Whether what was interrupted is sent again, or left to the sweeps.
TOKENS = st.sampled_from(["tok_visa", "tok_visa", "tok_chargeDeclined"])
SHARES = st.integers(-1, 11)  # Tenths of the price.
IDS = st.integers(0, 3)


class Money(RuleBasedStateMachine):
    @initialize(price=st.integers(0, 10**7), bps=st.integers(0, 3000), carded=st.booleans())
    def begin(self, price: int, bps: int, carded: bool) -> None:
        self.price = price
        self.world = World(fee_bps=bps)
        self.story = Story(self.world, price, None, self.do)
        self.losing: set[str] = set()
        self.world.bank_faults = self.lose
        self.repeated = True
        if carded:
            self.story.card("tok_visa")
        self.story.fund()

    def do(self, act: Callable[[], Any]) -> Any:
        while True:
            try:
                return act()
            except Crash:
                if not self.repeated:
                    raise

    def lose(self, point: str, _key: str) -> None:
        if point in self.losing:
            raise NoAnswer

    def happen(self, crash: int, repeated: bool, act: Callable[[], Any]) -> None:
        plan = self.world.plan
        plan.steps.clear()
        plan.crash_at, self.repeated = crash, repeated
        with suppress(Crash, StintError):
            act()
        plan.crash_at, self.repeated = 0, True

    @rule(crash=CRASHES, repeated=REPEATED, token=TOKENS, id_=IDS)
    def set_card(self, crash: int, repeated: bool, token: str, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.card(token, f"card-{token}-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, id_=IDS)
    def fund(self, crash: int, repeated: bool, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.fund(f"accepted-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, id_=IDS)
    def retry(self, crash: int, repeated: bool, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.retry(f"retry-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, id_=IDS)
    def accept(self, crash: int, repeated: bool, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.accept(f"deliverable-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, id_=IDS)
    def cancel(self, crash: int, repeated: bool, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.cancel(f"cancelled-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, share=SHARES, id_=IDS)
    def refund(self, crash: int, repeated: bool, share: int, id_: int) -> None:
        amount = None if share == 11 else self.price * share // 10
        self.happen(crash, repeated, lambda: self.story.refund(amount, f"refund-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, id_=IDS)
    def dispute(self, crash: int, repeated: bool, id_: int) -> None:
        self.happen(crash, repeated, lambda: self.story.dispute(f"dispute-{id_}"))

    @rule(crash=CRASHES, repeated=REPEATED, share=SHARES, id_=IDS)
    def resolve(self, crash: int, repeated: bool, share: int, id_: int) -> None:
        free = self.story.escrow.free
        released = free * share // 10
        self.happen(
            crash,
            repeated,
            lambda: self.story.resolve(released, free - released, f"resolve-{id_}"),
        )

    @rule(crash=CRASHES, repeated=REPEATED)
    def open_account(self, crash: int, repeated: bool) -> None:
        self.happen(crash, repeated, self.story.account)

    @rule(active=st.booleans())
    def restrict(self, active: bool) -> None:
        status = AccountStatus.ACTIVE if active else AccountStatus.RESTRICTED
        for id_ in self.world.bank.accounts:
            self.world.bank.set_account_status(id_, status)

    @rule(points=st.sets(st.sampled_from(["request", "answer"])))
    def lose_messages(self, points: set[str]) -> None:
        self.losing = points

    @rule(crash=CRASHES, repeated=REPEATED, minutes=st.sampled_from([1, 5, 90, 26 * 60]))
    def time_passes(self, crash: int, repeated: bool, minutes: int) -> None:
        self.world.now.pass_(minutes=minutes)
        self.happen(crash, repeated, self.story.sweep)

    @invariant()
    def no_cent_too_many(self) -> None:
        escrow = self.story.escrow
        assert escrow.free >= 0
        assert escrow.held >= 0
        assert escrow.owed >= 0
        assert 0 <= escrow.refunded <= escrow.returning
        assert escrow.released + escrow.returning <= escrow.funded
        assert escrow.funded in (0, self.price)
        assert escrow.fee_taken <= escrow.fee_amount

    @invariant()
    def the_books_balance(self) -> None:
        assert sum(balance for _, _, balance in self.world.journal.balances()) == 0

    @invariant()
    def nothing_happened_at_the_bank_that_was_not_decided(self) -> None:
        decided = {op.key: op.amount for op in self.story.escrow.operations}
        real = self.world.bank.effects()
        assert len(real) == len(dict(real))
        assert all(decided[key] == amount for key, amount in real)
        for kind, bound in (
            (Kind.CHARGE, self.price),
            (Kind.TRANSFER, self.story.escrow.released - self.story.escrow.fee_taken),
            (Kind.REFUND, self.story.escrow.returning),
        ):
            assert sum(effects(self.world, kind)) <= bound

    def teardown(self) -> None:
        """In quiet times everything comes to its end, and every cent has one owner."""
        if not hasattr(self, "story"):
            return
        self.losing = set()
        self.restrict(active=True)
        self.story.account(id_="last")
        self.story.sweep_until_quiet(60)
        escrow = self.story.escrow
        assert not escrow.under_way
        assert not escrow.unposted
        assert escrow.owed == 0
        assert escrow.returning == escrow.refunded
        if escrow.status in (Status.PAID, Status.REFUNDED):
            assert escrow.paid + escrow.fee_taken + escrow.refunded == escrow.funded
        self._compare_books_and_bank()

    def _compare_books_and_bank(self) -> None:
        escrow, journal = self.story.escrow, self.world.journal
        assert journal.balance("processor_balance") == self.world.bank.balances()["USD"]
        assert -journal.balance("held_funds") == escrow.held
        assert journal.balance("candidate_payable") == 0
        done = {op.key for op in escrow.operations if op.state is State.SUCCEEDED}
        assert set(journal.entries) == done
        assert self.world.accounts.load(CANDIDATE).due_at is None
        assert escrow.id == E


Money.TestCase.settings = settings(stateful_step_count=25)
TestMoney = Money.TestCase
