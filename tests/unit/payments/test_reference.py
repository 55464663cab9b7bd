"""Whatever people decide, and whatever breaks on the way: the money ends where the reference says.

What each rule protects is seen in `mutants.py`: without it this machine fails.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from services.payments.sandbox_bank import NoAnswer
from services.payments.usecases.checking import differences
from shared.errors import StintError
from tests.unit.payments.fakes import Crash, World
from tests.unit.payments.reference import Reference, Refused
from tests.unit.payments.story import Story

# What breaks during a step: nothing, a message to or from the bank, or the process at a step.
PRICES = st.sampled_from([26405, 999, 7, 1, 0])
FAULTS = st.sampled_from(["", "answer", "request", "crash 2", "crash 4", "crash 1", "answer", ""])
SHARES = st.sampled_from([3, 11, 10, 9, -1, 0, 1])  # Tenths.
WAITS = st.sampled_from([1, 26])  # Hours until the sweeps: the bank forgets keys after 24.


Act = Callable[[str], Any]  # Is given the id of the message.


class Model(RuleBasedStateMachine):
    """The service, a bank with arithmetic of its own, and the reference beside them."""

    @initialize(
        price=PRICES,
        bps=st.sampled_from([1000, 1999, 3333, 0]),
        card=st.sampled_from(["good", "good", "good", "good", "bad", ""]),
        account=st.booleans(),
    )
    def begin(self, price: int, bps: int, card: str, account: bool) -> None:
        self.world, self.reference = World(fee_bps=bps), Reference(price, bps)
        self.story = Story(self.world, price, None)
        self.told: list[Callable[[], Any]] = []
        if card:
            self.set_card(card)
            self.fund("", 1)
        if account:
            self.open_account()

    def step(self, what: str, fault: str, wait: int, act: Act, expect: Callable[[], None]) -> None:
        """A new message, in both worlds: either both take it or both refuse it."""
        name = f"{what}-{len(self.told)}"
        refused = self._tried(lambda: act(name), fault)
        assert refused == self._refused(expect), name
        if not refused:
            self.told.append(lambda: act(name))
        self._rest(wait)
        self.reference.settle()
        self.compare()

    @precondition(lambda self: self.told)
    @rule(fault=FAULTS, which=st.integers(0, 9))
    def hear_again(self, fault: str, which: int) -> None:
        """The same message once more, however late, changes nothing."""
        self._tried(self.told[which % len(self.told)], fault)
        self._rest(1)
        self.compare()

    def _tried(self, act: Any, fault: str) -> bool:
        lost, plan = [], self.world.plan
        plan.steps.clear()
        plan.crash_at = int(fault.removeprefix("crash ")) if "crash" in fault else 0

        def lose(point: str, key: str) -> None:
            if point == fault and not lost:
                lost.append(key)
                raise NoAnswer

        self.world.bank_faults = lose
        try:
            act()
        except StintError:
            return True
        except Crash:  # pragma: no cover - the story repeats what crashed
            raise
        finally:
            plan.crash_at = 0
            self.world.bank_faults = lambda _point, _key: None
        return False

    def _refused(self, expect: Callable[[], None]) -> bool:
        try:
            expect()
        except Refused:
            return True
        return False

    def _rest(self, hours: int) -> None:
        self.world.now.pass_(hours=hours)
        self.story.sweep()
        self.story.sweep_until_quiet(1)

    def compare(self) -> None:
        """Balances, the bank's own sum, each entry against its operation, and the feed."""
        journal, escrow = self.world.journal, self.story.escrow if self.reference.heard else None
        found = {account: balance for account, _, balance in journal.balances() if balance}
        assert found == self.reference.balances()
        assert self.world.bank.balances()["USD"] == found.get("processor_balance", 0)
        keys = [key for key, _ in self.world.bank.effects()]
        assert len(keys) == len(set(keys))
        if escrow:
            assert list(differences(escrow, list(journal.entries.values()), "memory")) == []
            assert (escrow.held, escrow.owed) == (
                self.reference.free,
                self.reference.gone - self.reference.share - self.reference.paid,
            )

    @precondition(lambda self: self.reference.card != "good")
    @rule(kind=st.sampled_from(["good", "good", "bad"]))
    def set_card(self, kind: str) -> None:
        token = "tok_visa" if kind == "good" else "tok_chargeDeclined"

        def expect() -> None:
            self.reference.card = kind

        self.step("card", "", 1, lambda id_: self.story.card(token, id_), expect)

    @precondition(lambda self: not self.reference.account)
    @rule()
    def open_account(self) -> None:
        def expect() -> None:
            self.reference.account = True

        self.step("account", "", 1, lambda id_: self.story.account(id_=id_), expect)

    @rule(fault=FAULTS, wait=WAITS)
    def fund(self, fault: str, wait: int) -> None:
        self.step("fund", fault, wait, self.story.fund, self.reference.fund)

    @precondition(lambda self: self.reference.failed)
    @rule(fault=FAULTS, wait=WAITS)
    def retry(self, fault: str, wait: int) -> None:
        self.step("retry", fault, wait, self.story.retry, self.reference.retry)

    @precondition(lambda self: self.reference.heard and not self.reference.accepted)
    @rule(fault=FAULTS, wait=WAITS)
    def accept(self, fault: str, wait: int) -> None:
        self.step("accept", fault, wait, self.story.accept, self.reference.accept)

    @precondition(lambda self: self.reference.heard and not self.reference.ended)
    @rule(fault=FAULTS, wait=WAITS)
    def cancel(self, fault: str, wait: int) -> None:
        self.step("cancel", fault, wait, self.story.cancel, self.reference.cancel)

    @precondition(lambda self: self.reference.free)
    @rule(fault=FAULTS, wait=WAITS, share=SHARES)
    def refund(self, fault: str, wait: int, share: int) -> None:
        amount = None if share == 10 else self.reference.price * share // 10

        def ours(id_: str) -> None:
            self.story.refund(amount, id_)

        self.step("refund", fault, wait, ours, lambda: self.reference.refund(amount))

    @precondition(lambda self: self.reference.free and not self.reference.disputed)
    @rule(fault=FAULTS, wait=WAITS)
    def dispute(self, fault: str, wait: int) -> None:
        self.step("dispute", fault, wait, self.story.dispute, self.reference.dispute)

    @precondition(lambda self: self.reference.disputed)
    @rule(fault=FAULTS, wait=WAITS, share=SHARES, off=st.sampled_from([1, 0]))
    def resolve(self, fault: str, wait: int, share: int, off: int) -> None:
        released = self.reference.free * share // 10
        refunded = self.reference.free - released + off

        def ours(id_: str) -> None:
            self.story.resolve(released, refunded, id_)

        self.step("resolve", fault, wait, ours, lambda: self.reference.resolve(released, refunded))


SETTINGS = settings(stateful_step_count=8, max_examples=60, derandomize=True, deadline=None)
Model.TestCase.settings = SETTINGS
TestModel = Model.TestCase
