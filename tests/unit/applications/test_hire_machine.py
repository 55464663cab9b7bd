"""A hire offer under any calls at any times: only the steps of the diagram."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.applications.domain import (
    CheckInAnswer,
    HireOffer,
    HireTerms,
    OfferStatus,
    Side,
)
from shared.errors import Conflict, Invalid
from tests.unit.applications.world import START

S = OfferStatus
STEPS = {
    S.DRAFTED: {S.EXTENDED, S.DROPPED},
    S.EXTENDED: {S.ACCEPTED, S.DECLINED, S.EXPIRED, S.RESCINDED},
    S.ACCEPTED: {S.STARTED, S.NOT_STARTED},
    S.STARTED: {S.RETAINED, S.LEFT},
}
WAITS = {S.DRAFTED, S.EXTENDED, S.ACCEPTED}
TERMS = HireTerms("internship", "Intern", 2400, "USD", "hour", 7)
YES, NO = CheckInAnswer(True, 4), CheckInAnswer(False, 1)
Act = Callable[[HireOffer, datetime], object]
ACTS: dict[str, Act] = {
    "extend": lambda one, now: one.extend(now),
    "accept": lambda one, now: one.accept(now),
    "decline": lambda one, _: one.decline("pay"),
    "rescind": lambda one, now: one.rescind("budget", now),
    "start": lambda one, now: one.start(Side.COMPANY, now.date(), now),
    "end": lambda one, now: one.end(Side.CANDIDATE, "resigned", now),
    "yes of the candidate": lambda one, now: one.answer_check_in(Side.CANDIDATE, 30, YES, now),
    "yes of the company": lambda one, now: one.answer_check_in(Side.COMPANY, 90, YES, now),
    "no of the candidate": lambda one, now: one.answer_check_in(Side.CANDIDATE, 90, NO, now),
    "pass time": lambda one, now: one.pass_time(now),
}
DAYS = st.sampled_from([0, 1, 6, 7, 14, 30, 60, 90])
Calls = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), DAYS), max_size=14)


def fresh() -> HireOffer:
    offer = HireOffer("hof-1", "eng-1", "prj-1", "org-1", "acc-1", TERMS, START)
    offer.draft()
    return offer


def play(offer: HireOffer, calls: list[tuple[str, int]]) -> datetime:
    now = START
    for name, days in calls:
        now += timedelta(days=days)
        before, said = offer.status, len(offer.events)
        with suppress(Conflict, Invalid):
            ACTS[name](offer, now)
        after = offer.status
        assert after is before or after in STEPS.get(before, ()), (name, before, after)
        assert after is before or len(offer.events) > said
        assert (offer.due_at is not None) >= (after in WAITS)
        assert offer.due_at is None or after in {*WAITS, S.STARTED}
        assert (offer.accepted_at is not None) is (after in {S.ACCEPTED, *STARTED_OR_NOT})
        assert [one.day for one in offer.check_ins] in ([], [30], [90], [30, 90])
    return now


STARTED_OR_NOT = {S.STARTED, S.NOT_STARTED, S.RETAINED, S.LEFT}


@settings(max_examples=300, deadline=None)
@given(Calls)
def test_no_calls_at_any_times_leave_the_diagram(calls: list[tuple[str, int]]) -> None:
    play(fresh(), calls)


@settings(max_examples=150, deadline=None)
@given(Calls)
def test_the_clock_alone_ends_whatever_waits(calls: list[tuple[str, int]]) -> None:
    offer = fresh()
    now = play(offer, calls)
    for _ in range(5):  # A reminder, its end, two check-ins and their ends.
        now += timedelta(days=100)
        offer.pass_time(now)
    assert offer.due_at is None
    assert offer.status not in WAITS
    ended, told = offer.status, len(offer.events)
    offer.pass_time(now + timedelta(days=365))
    assert (offer.status, len(offer.events)) == (ended, told)
