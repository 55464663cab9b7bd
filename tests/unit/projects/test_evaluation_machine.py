"""An evaluation and a check-in under anything that both sides, operators and time may do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.projects.domain.evaluation import Evaluation, Stage
from services.projects.domain.work import Party
from services.projects.schemas import evaluation_views as views
from shared.codec import Codec
from shared.envelope import Contracts, pack, parse
from shared.errors import Conflict
from tests.unit.projects.samples import CARLA, NOW, completed, of_company, opinion

CONTRACTS = Contracts.load()
CODEC = Codec(Evaluation)
SIDES = st.sampled_from([Party.COMPANY, Party.CANDIDATE])
RATERS = st.sampled_from(["acc-anna", "acc-eva", CARLA.id])
NACE: dict[str, Any] = {"competencies": []}


class EvaluationMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = CODEC.write(Evaluation.of(completed(), NOW))
        self.now, self.told = NOW, list[Any]()

    @property
    def evaluation(self) -> Evaluation:
        return CODEC.read({**self.state, "version": 1})

    def do(self, act: Callable[[Evaluation], object]) -> None:
        evaluation = self.evaluation
        try:
            act(evaluation)
        except Conflict:
            assert CODEC.write(evaluation) == self.state
            assert not evaluation.events
            return
        self.state = CODEC.write(evaluation)
        self.told += evaluation.events

    @rule(days=st.integers(0, 8))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for _ in range(2):
            self.do(lambda one: one.settle(self.now))

    @rule(by=RATERS, score=st.integers(1, 5), last=st.booleans())
    def somebody_rates(self, by: str, score: int, last: bool) -> None:
        side = Party.CANDIDATE if by == CARLA.id else Party.COMPANY
        said = of_company(fairness=score) if by == CARLA.id else opinion(culture=score)
        self.do(lambda one: one.rate(side, by, said, self.now, last or by == CARLA.id))

    @rule(side=SIDES)
    def a_side_replies(self, side: Party) -> None:
        self.do(lambda one: one.reply(side, "Thank you.", self.now))

    @rule(side=SIDES)
    def a_side_reports(self, side: Party) -> None:
        self.do(lambda one: one.report(side, "untrue", "", self.now))

    @rule(side=SIDES, outcome=st.sampled_from(["upheld", "removed"]))
    def an_operator_decides(self, side: Party, outcome: str) -> None:
        self.do(lambda one: one.judge(side, outcome, "", self.now))

    def count(self, name: str) -> int:
        return sum(event.type == f"{name}.v1" for event in self.told)

    @invariant()
    def it_is_released_once_and_has_an_end(self) -> None:
        one = self.evaluation
        assert self.count("evaluation.released") == (one.status is Stage.RELEASED)
        assert (one.due_at is not None) == (one.status is Stage.OPEN)
        assert self.count("evaluation.completed") <= 1
        assert len({rating.rater_id for rating in one.ratings}) == len(one.ratings)

    @invariant()
    def nobody_reads_anothers_words_before_the_release(self) -> None:
        one = self.evaluation
        if one.status is Stage.OPEN:
            for by, side in (("acc-anna", Party.COMPANY), (CARLA.id, Party.CANDIDATE)):
                view = views.evaluation(one, by, side, NACE)
                mine = [each for each in one.ratings if each.rater_id == by]
                assert len(view["ratings"]) == len(mine)
                assert "scores" not in view

    @invariant()
    def events_keep_their_contracts(self) -> None:
        for event in self.told[-2:]:
            entry = pack(event, source="projects", subject="e:1", version=1, now=self.now)
            CONTRACTS.check(event.type, parse(entry["body"]).data)


EvaluationMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=20)
TestEvaluation = EvaluationMachine.TestCase
