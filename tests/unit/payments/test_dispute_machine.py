"""Whatever anybody does in a dispute, in any order and at any time: no cent moves but by its end.

Beside the dispute an operator freezes, the card network takes money back, and the work goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from services.payments import usecases
from services.payments.domain import Notice, Status
from services.payments.domain.custody import Limits
from services.payments.domain.dispute_parts import Act, Post, Split, Step
from shared.errors import StintError
from shared.principal import Principal
from tests.unit.payments.fakes import START, World
from tests.unit.payments.story import KIM, OWNER, E, Story, call, heard

SIDES = st.sampled_from([KIM, OWNER])
OPERATORS = st.sampled_from([Principal(f"acc-ops-{n}", "operator") for n in range(3)])
TENTHS = st.integers(-1, 11)
STEPS = st.sampled_from([*Step, Step.FINAL, Step.FINAL])  # Without any dispute as often as in one.
STATES = st.sampled_from(["opened", "opened", "won", "lost"])


def at(*steps: Step) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Where a dispute has come to one of these steps; without any, where none is open."""

    def holds(machine: "Quarrel") -> bool:
        dispute = machine.story.escrow.dispute
        return dispute.step in steps if dispute else not steps

    return precondition(holds)


class Quarrel(RuleBasedStateMachine):
    @initialize(price=st.integers(1, 10**6), limit=st.sampled_from([0, 10**7]), step=STEPS)
    def begin(self, price: int, limit: int, step: Step) -> None:
        """At one of the steps already: chance alone seldom comes far."""
        self.price, self.calls = price, 0
        self.world = World(limits=Limits({"USD": limit}))
        self.story = Story(self.world, price)
        self.story.account()
        self.story.fund()
        self.seen: list[list[Post]] = []
        self.moved = self._moved()
        self._come_to(step)

    def attempt(self, act: Callable[[str], Any]) -> None:
        """One request with an id of its own; whatever is refused changes nothing."""
        self.calls += 1
        before = self.world.escrows.documents[E]
        with suppress(StintError):
            act(f"c-{self.calls}")
            return
        assert self.world.escrows.documents[E] == before

    def split(self, tenths: int) -> Split:
        free = self.story.escrow.free
        released = free * tenths // 10
        return Split(released, free - released)

    @at()
    @rule(by=SIDES, tenths=TENTHS)
    def open(self, by: Principal, tenths: int) -> None:
        said = usecases.Said("So.", split=self.split(tenths))
        desk = self.story.desk
        self.attempt(lambda id_: usecases.open_dispute(desk, call(id_, by), E, "late", said))

    @at(Step.RESPONSE, Step.NEGOTIATION)
    @rule(by=SIDES)
    def answer(self, by: Principal) -> None:
        self.attempt(lambda id_: self.story.answer(by, id_))

    @at(Step.RESPONSE, Step.NEGOTIATION)
    @rule(by=SIDES, tenths=TENTHS)
    def offer(self, by: Principal, tenths: int) -> None:
        split = self.split(tenths)
        self.attempt(lambda id_: self.story.offer(split.released, split.refunded, by, id_))

    @at(Step.RESPONSE, Step.NEGOTIATION)
    @rule(by=SIDES)
    def accept(self, by: Principal) -> None:
        dispute = self.story.escrow.dispute
        offer = dispute.offer if dispute else None
        self.attempt(lambda id_: self.story.take(offer.id if offer else "none", by, id_))

    @at(Step.NEGOTIATION)
    @rule(by=SIDES)
    def escalate(self, by: Principal) -> None:
        self.attempt(lambda id_: self.story.escalate(by, id_))

    @at(Step.DECISION, Step.REVIEW)
    @rule(by=OPERATORS, tenths=TENTHS)
    def decide(self, by: Principal, tenths: int) -> None:
        split = self.split(tenths)
        self.attempt(lambda id_: self.story.decide(split.released, split.refunded, by, id_))

    @precondition(lambda machine: machine.story.escrow.waiting_approvals)
    @rule(by=OPERATORS)
    def approve(self, by: Principal) -> None:
        for one in self.story.escrow.waiting_approvals[:1]:
            desk, id_ = self.story.desk, one.id
            self.attempt(lambda c: usecases.approve_movement(desk, call(c, by), E, id_))

    @at(Step.APPEAL)
    @rule(by=SIDES)
    def appeal(self, by: Principal) -> None:
        self.attempt(lambda id_: self.story.appeal(by, id_))

    @at(Step.APPEAL)
    @rule(by=SIDES)
    def waive(self, by: Principal) -> None:
        self.attempt(lambda id_: self.story.waive(by, id_))

    @at(Step.RESPONSE, Step.DECISION)
    @rule(by=SIDES)
    def withdraw(self, by: Principal) -> None:
        act = Act.WITHDRAWAL
        self.attempt(lambda id_: self.story.say("withdraw_dispute", act, by, id_))

    @rule(by=SIDES, act=st.sampled_from(list(Act)[1:]), tenths=TENTHS)
    def try_out_of_turn(self, by: Principal, act: Act, tenths: int) -> None:
        split = self.split(tenths) if act is Act.OFFER else None
        if act not in (Act.DECISION, Act.ACCEPTANCE):
            self.attempt(lambda id_: self.story.say("offer_split", act, by, id_, split))

    @rule(by=OPERATORS, frozen=st.booleans())
    def freeze(self, by: Principal, frozen: bool) -> None:
        act = usecases.freeze_funds if frozen else usecases.unfreeze_funds
        self.attempt(lambda id_: act(self.story.desk, call(id_, by), E, "Looking into it."))

    @rule(state=STATES, number=st.integers(1, 2), tenths=st.integers(1, 10))
    def charge_back(self, state: str, number: int, tenths: int) -> None:
        amount = max(self.price // 2 * tenths // 10, 1)
        key, about = f"{E}:charge:1", {"engagement_id": E, "currency": "USD"}
        notice = Notice("n", "chargeback", f"dp_{number}", START, **about, code=state)
        notice = Notice(**{**vars(notice), "operation_key": key, "amount": amount})
        self.attempt(lambda id_: usecases.learn_chargeback(self.story.desk, notice, heard(id_)))

    @rule()
    def accept_work(self) -> None:
        self.attempt(lambda id_: self.story.accept(id_))

    @rule(days=st.sampled_from([1, 4, 8, 15]))
    def time_passes(self, days: int) -> None:
        self.world.now.pass_(days=days)
        self.story.sweep()

    @invariant()
    def every_cent_has_one_place(self) -> None:
        escrow = self.story.escrow
        assert min(escrow.free, escrow.held, escrow.owed, escrow.lost) >= 0
        assert escrow.released + escrow.returning + escrow.lost + escrow.free == self.price
        assert sum(balance for _, _, balance in self.world.journal.balances()) == 0
        assert -self.world.journal.balance("held_funds") == escrow.held

    @invariant()
    def nothing_moves_while_it_is_frozen(self) -> None:
        before, self.moved = self.moved, self._moved()
        frozen = self._is_held_back()
        if self.frozen_before and frozen:
            assert self.moved == before
        self.frozen_before = frozen

    @invariant()
    def the_record_only_grows(self) -> None:
        now = [list(dispute.posts) for dispute in self.story.escrow.disputes]
        for kept, posts in zip(self.seen, now, strict=False):
            assert posts[: len(kept)] == kept
        self.seen = now

    @invariant()
    def one_appeal_and_never_the_same_operator_twice(self) -> None:
        for dispute in self.story.escrow.disputes:
            acts = [post.act for post in dispute.posts]
            assert acts.count(Act.APPEAL) <= 1
            assert acts.count(Act.DECISION) <= 2
            assert len(set(dispute.deciders)) == len(dispute.deciders)

    frozen_before = False

    def _come_to(self, step: Step) -> None:
        if step is Step.FINAL:
            return
        self.story.dispute()
        if step is not Step.RESPONSE:
            self.story.answer()
        if step in (Step.DECISION, Step.APPEAL, Step.REVIEW):
            self.story.escalate()
        if step in (Step.APPEAL, Step.REVIEW):
            split = self.split(6)
            self.story.decide(split.released, split.refunded, Principal("acc-ops-0", "operator"))
            for one in self.story.escrow.waiting_approvals:
                by = call("c-second", Principal("acc-ops-9", "operator"))
                usecases.approve_movement(self.story.desk, by, E, one.id)
        if step is Step.REVIEW:
            self.story.appeal()

    def _is_held_back(self) -> bool:
        """By what is stored, and not by what the code makes of it."""
        stored = self.world.escrows.documents[E]
        ends = (("disputes", "resolved_at"), ("freezes", "lifted_at"), ("chargebacks", "closed_at"))
        return any(not one.get(end) for name, end in ends for one in stored[name])

    def _moved(self) -> tuple[int, ...]:
        escrow = self.story.escrow
        return escrow.released, escrow.returning, escrow.paid, escrow.refunded

    def teardown(self) -> None:
        """Left alone, every dispute comes to its end, but for those that wait for an operator."""
        if not hasattr(self, "story"):
            return
        for state in ("won",):
            for number in (1, 2):
                self.charge_back(state, number, 1)
        self.freeze(Principal("acc-ops-1", "operator"), frozen=False)
        for _ in range(6):
            self.time_passes(15)
        escrow = self.story.escrow
        assert escrow.dispute is None or escrow.dispute.waits_for == "operator"
        if escrow.status in (Status.PAID, Status.REFUNDED):
            assert escrow.paid + escrow.fee_taken + escrow.refunded + escrow.lost == self.price


Quarrel.TestCase.settings = settings(stateful_step_count=15, max_examples=60)
TestQuarrel = Quarrel.TestCase
