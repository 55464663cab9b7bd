"""Figures of hiring, each one recomputed by hand from a small history of events."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain import EngagementFacts
from services.applications.domain.metrics import DEFINITIONS, Period, figures
from services.applications.domain.metrics import History as Past
from shared.envelope import Event
from shared.errors import Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_credentials import completed
from tests.unit.applications.test_following import cancelled
from tests.unit.applications.test_hires import after, begin, say
from tests.unit.applications.test_selection import started
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    OPERATOR,
    OWNER,
    RECRUITER,
    START,
    STRANGER,
    World,
    about,
)

FILES = [{"file_id": "fil-1", "name": "a.csv", "sha256": "0" * 64, "size": 1, "media_type": "t/x"}]
ANN, BOB, CAL, DEE, EVA, FAY = (
    Principal(f"acc-{name}", "candidate") for name in ("ann", "bob", "cal", "dee", "eva", "fay")
)
UMBRA = {"project_id": "prj-2", "org_id": "org-umbra"}


class History(World):
    """Days are counted from the first publication; what was heard is remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Event] = []

    def on(self, day: float) -> None:
        self.now.moment = START + timedelta(days=day)

    def take_on(self, by: Principal, day: float, org: Any = OWNER, **project: str) -> str:
        """Applied on the first day, chosen and engaged on the named one."""
        self.on(1)
        id_ = self.apply(by, **project)
        self.on(day)
        self.call("select_application", org, application_id=id_)
        self.accept(id_, by)
        self.settle()
        return id_

    def told(self, type_: str, id_: str, day: float, **more: Any) -> None:
        self.on(day)
        data = {**about(id_), **more}
        if not type_.startswith("engagement.c"):
            del data["application_id"]
        self.heard.append(self.tell(f"{type_}.v1", data))
        self.settle()

    def start(self, id_: str, day: float, **more: Any) -> None:
        self.told("engagement.started", id_, day, due_at=started(id_)["due_at"], **more)

    def hand_in(self, id_: str, day: float, **more: Any) -> None:
        told = {"deliverable_id": "dlv-1", "version": 1, "files": FILES, "late": False}
        when = {"review_due_at": "2026-04-20T00:00:00.000+00:00"}
        self.told("deliverable.submitted", id_, day, **told, **when, **more)

    def send_back(self, id_: str, day: float) -> None:
        told = {"deliverable_id": "dlv-1", "round": 1, "rounds_left": 1}
        when = {"due_at": "2026-04-20T00:00:00.000+00:00"}
        self.told("revision.requested", id_, day, **told, **when)

    def finish(self, id_: str, day: float, cost: Any = (23760, 2640, "USD"), **more: Any) -> None:
        self.on(day)
        at = self.now().isoformat(timespec="milliseconds")
        accepted = {"deliverable_id": "dlv-1", "automatic": False, "accepted_at": at}
        self.told("deliverable.accepted", id_, day, **accepted, **more)
        amount, fee, currency = cost
        paid = {"amount": amount, "fee_amount": fee, "currency": currency}
        self.told("payout.released", id_, day, **paid, **more)
        self.told("engagement.completed", id_, day, **{**completed(id_, completed_at=at), **more})

    def figures(self, by: Principal = OWNER, org_id: str | None = "org-acme", **days: Any) -> Any:
        method = "get_metrics" if org_id is None else "get_org_metrics"
        more = {} if org_id is None else {"org_id": org_id}
        return self.call(method, by, **more, **days)["figures"]


def short(figures: list[Any]) -> dict[str, Any]:
    """Value, numerator and denominator by name, of money by its currency."""
    return {
        "".join((one["name"], one["currency"] or "")): (
            one["value"],
            one["numerator"],
            one["denominator"],
        )
        for one in figures
    }


@pytest.fixture
def history() -> History:
    """Ann is hired, Bob declines after a revision, Cal never comes, Dee is at work, Eva waits."""
    world = History()
    world.publish(positions=4, blind_review=False)
    ann, bob = world.take_on(ANN, 2), world.take_on(BOB, 4)
    cal, dee = world.take_on(CAL, 4), world.take_on(DEE, 10)
    world.on(1)
    world.apply(EVA)
    world.start(ann, 5)
    world.start(bob, 5)
    world.start(cal, 6)
    world.start(dee, 12)
    world.hand_in(ann, 8)
    world.finish(ann, 9)
    world.hand_in(bob, 8)
    world.send_back(bob, 9)
    world.hand_in(bob, 10)
    world.finish(bob, 12)
    data = {"reason": "candidate-withdrew", "fault": "candidate"}
    world.told("engagement.cancelled", cal, 7, **{**cancelled(cal), **data})
    world.hand_in(dee, 13)
    world.on(10)
    first, second = world.evaluate(ann), world.evaluate(bob)
    world.service.hire_offers.change(first, None, lambda one: setattr(one, "candidate_id", ANN.id))
    world.service.hire_offers.change(second, None, lambda one: setattr(one, "candidate_id", BOB.id))
    world.on(11)
    world.call("accept_hire_offer", ANN, offer_id=first)
    world.call("decline_hire_offer", BOB, offer_id=second, reason="pay")
    world.on(40)
    world.sweep()
    world.settle()
    return world


EXPECTED = {
    "time_to_select": (4.0, None, 4),  # 2, 4, 4 and 10 days after the publication.
    "time_to_hire": (11.0, None, 1),
    "conversion": (50.0, 1, 2),  # Ann and Bob finished; Ann was hired.
    "cost_per_hireUSD": (52800, 52800, 1),  # Twice 237.60 to a candidate and 26.40 of fee.
    "completion_rate": (50.0, 2, 4),
    "no_show_rate": (25.0, 1, 4),  # Cal.
    "first_pass_acceptance": (33.3, 1, 3),  # Ann; not Bob, not yet Dee.
    "effective_hourly": (None, None, 0),  # Nobody has said how long it took.
    "response_rate": (80.0, 4, 5),  # Nobody answered Eva.
    "offer_acceptance": (50.0, 1, 2),
    "retention_90": (None, 0, 0),
}


def test_each_figure_is_what_one_counts_by_hand(history: History) -> None:
    figures = history.figures()
    assert short(figures) == EXPECTED
    assert all(one["definition"] == DEFINITIONS[one["name"]] for one in figures)
    assert {one["name"] for one in figures} == set(DEFINITIONS)


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_in_any_order_changes_no_figure(history: History, seed: int) -> None:
    """Days later, when no document remembers what it has heard."""
    events = [*history.heard, *history.announced, *history.heard]
    Random(seed).shuffle(events)
    for event in events:
        for facts in history.service.facts.documents.values():
            facts["handled"] = []
        history.handle(event)
    assert short(history.figures()) == EXPECTED


def test_who_is_still_there_after_90_days_is_counted(history: History) -> None:
    ann = history.call("list_hire_offers", ANN)["items"][0]["id"]
    begin(history, ann, ANN)
    after(history, days=90)
    say(history, ANN, ann, 90)
    assert short(history.figures())["retention_90"] == (None, 0, 0)
    after(history, days=14)
    assert short(history.figures())["retention_90"] == (100.0, 1, 1)


def test_hours_that_people_took_are_counted_from_five_on(world: World) -> None:
    """240.00 for 12 hours of one person each, but 6 hours of the last one: 1,200.00 / 54."""
    history = History()
    history.publish(positions=5, blind_review=False)
    people = [Principal(f"acc-{number}", "candidate") for number in range(5)]
    for number, by in enumerate(people):
        id_ = history.take_on(by, 2)
        history.finish(id_, 9)
        assert short(history.figures()).get("effective_hourly") == (None, None, 0)
        for minutes, day in ((60, 3), (720 if number < 4 else 360, 10)):
            history.on(day)
            told = {"engagement_id": id_.replace("app-", "eng-"), "project_id": "prj-1"}
            fee = {"fee_amount": 24000, "fee_currency": "USD", "candidate_id": by.id}
            at = history.now().isoformat(timespec="milliseconds")
            history.tell("time.noted.v1", {**told, **fee, "minutes": minutes, "noted_at": at})
    assert short(history.figures())["effective_hourlyUSD"] == (2222, None, 5)


def test_parts_that_were_released_beside_the_fee_are_costs_and_count_once(
    history: History,
) -> None:
    ann = history.call("list_hire_offers", ANN)["items"][0]["engagement_id"]
    part = {"purpose": "bonus", "note": "", "amount": 4500, "fee_amount": 500, "held_amount": 0}
    data = {**about(ann.replace("eng-", "app-")), **part, "currency": "USD"}
    del data["application_id"]
    event = history.tell("part.released.v1", data)
    history.service.facts.documents["fct-" + ann.removeprefix("eng-")]["handled"] = []
    history.handle(event)
    assert short(history.figures())["cost_per_hireUSD"] == (57800, 57800, 1)


def test_only_what_lies_in_the_period_is_counted(history: History) -> None:
    """The third to the eighth of March: Bob and Cal engaged, Ann, Bob and Cal at work."""
    found = short(history.figures(since="2026-03-06", until="2026-03-08"))
    assert found["time_to_select"] == (4.0, None, 2)
    assert found["completion_rate"] == (66.7, 2, 3)
    assert found["conversion"] == (None, 0, 0)
    assert "cost_per_hireUSD" not in found
    for days in ({"since": "2026-03-09", "until": "2026-03-08"}, {"since": "2024-01-01"}):
        with pytest.raises(Invalid):
            history.figures(**days)


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    period = Period(START, START + timedelta(days=7))
    assert START in period
    assert period.until not in period
    assert None not in period


def test_who_left_after_handing_something_in_did_show_up() -> None:
    left = {"started_at": START, "cancelled_at": START, "fault": "candidate"}
    rows = [
        {**left, "engagement_id": "eng-1"},
        {**left, "engagement_id": "eng-2", "submitted_at": START},
        {**left, "engagement_id": "eng-3", "fault": "company"},
    ]
    found = figures(Past(rows, [], {}), Period(START, START + timedelta(days=7)))
    no_show = next(one for one in found if one.name == "no_show_rate")
    assert (no_show.numerator, no_show.denominator) == (1, 3)


def test_another_company_and_its_currency_are_apart(history: History) -> None:
    history.on(0)
    history.publish(version=1, **UMBRA, blind_review=False, fee_currency="EUR")
    fay = history.take_on(FAY, 3, STRANGER, project_id="prj-2")
    history.start(fay, 5, **UMBRA)
    history.hand_in(fay, 6, **UMBRA)
    history.finish(fay, 7, (9000, 1000, "EUR"), **UMBRA)
    history.on(40)
    assert short(history.figures()) == EXPECTED
    theirs = short(history.figures(STRANGER, "org-umbra"))
    assert theirs["time_to_select"] == (3.0, None, 1)
    assert theirs["cost_per_hireEUR"] == (None, 10000, 0)
    everybody = short(history.figures(OPERATOR, None))
    assert everybody["time_to_select"] == (4.0, None, 5)
    assert everybody["cost_per_hireEUR"] == (None, 10000, 0)
    assert everybody["cost_per_hireUSD"] == (52800, 52800, 1)
    assert everybody["response_rate"] == (83.3, 5, 6)


def test_owners_read_their_own_company_and_operators_all(history: History) -> None:
    assert short(history.figures(OPERATOR)) == EXPECTED
    with pytest.raises(NotFound):
        history.figures(STRANGER)
    for by in (RECRUITER, EVALUATOR, KIM):
        with pytest.raises(Forbidden):
            history.figures(by)
    for by in (OWNER, RECRUITER, KIM):
        with pytest.raises(Forbidden):
            history.figures(by, None)


def test_a_company_without_a_past_has_no_figures_but_their_definitions(world: World) -> None:
    figures = world.call("get_org_metrics", OWNER, org_id="org-acme")["figures"]
    assert all(one["value"] is None and one["denominator"] == 0 for one in figures)


MOMENTS = st.sampled_from([START + timedelta(days=n) for n in range(4)])
NOTES = st.one_of(
    st.tuples(st.sampled_from(["started_at", "submitted_at", "completed_at"]), MOMENTS),
    st.tuples(st.just("rounds"), st.integers(0, 3)),
)


@given(st.lists(NOTES, max_size=8), st.randoms(use_true_random=False))
def test_facts_come_out_the_same_in_any_order_and_however_often(
    notes: list[Any], random: Random
) -> None:
    again = [*notes, *notes]
    random.shuffle(again)
    once, shuffled = (EngagementFacts("fct-1", "eng-1", "prj-1", "org-1") for _ in range(2))
    for name, value in notes:
        once.note(**{name: value})
    for name, value in again:
        shuffled.note(**{name: value})
    assert once == shuffled
