"""An application and an invitation under any calls at any times: only the steps of the diagram."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.applications.domain import (
    OVER,
    PENDING,
    Application,
    Invitation,
    InvitationStatus,
    Status,
    decide_by,
)
from shared.errors import Conflict, NotYet
from shared.money import Money
from tests.unit.applications.world import START

S = Status
FEE = Money(26400, "USD")
STEPS = {
    S.SUBMITTED: {S.SHORTLISTED, S.ALTERNATE, S.SELECTED, S.DECLINED, S.WITHDRAWN},
    S.SHORTLISTED: {S.ALTERNATE, S.SELECTED, S.DECLINED, S.WITHDRAWN},
    S.ALTERNATE: {S.SHORTLISTED, S.SELECTED, S.DECLINED, S.WITHDRAWN},
    S.SELECTED: {S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    S.ACCEPTED: {S.WITHDRAWN},
    **{status: set() for status in OVER},
}
Act = Callable[[Application, datetime], object]
ACTS: dict[str, Act] = {
    "shortlist": lambda one, now: one.shortlist(now),
    "reserve": lambda one, now: one.reserve(1, now),
    "reserve last": lambda one, now: one.reserve(7, now),
    "decline": lambda one, now: one.decline("not-a-fit", now),
    "fill": lambda one, now: one.close("position-filled", now),
    "close": lambda one, now: one.close("project-closed", now),
    "select": lambda one, now: one.follow_selection(now + timedelta(hours=72), now),
    "accept": lambda one, now: one.accept(FEE, now),
    "refuse": lambda one, now: one.refuse("timing", now),
    "withdraw": lambda one, now: one.withdraw(None, now),
    "start": lambda one, _: one.follow_engagement("started"),
    "cancel": lambda one, _: one.follow_engagement("cancelled"),
    "fail to pay": lambda one, now: one.follow_payment("card-declined", now),
    "pass time": lambda one, now: one.pass_time(now),
}
HOURS = st.sampled_from([0, 1, 71, 72, 24 * 11, 24 * 14, 24 * 16])
Calls = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), HOURS), max_size=14)


def fresh() -> Application:
    application = Application(
        "app-1",
        "prj-1",
        "org-1",
        "acc-1",
        "Title",
        True,
        [],
        START,
        decide_by=decide_by(None, START, 14),
    )
    application.submit([], [])
    return application


@settings(max_examples=400, deadline=None)
@given(Calls)
def test_no_calls_at_any_times_leave_the_diagram(calls: list[tuple[str, int]]) -> None:
    application, now = fresh(), START
    for name, hours in calls:
        now += timedelta(hours=hours)
        before, known = application.status, len(application.history)
        with suppress(Conflict, NotYet):
            ACTS[name](application, now)
        after = application.status
        assert after is before or after in STEPS[before], (name, before, after)
        assert len(application.history) == known + (after is not before)
        assert (application.due_at is not None) is (after in PENDING)
        assert (application.decline_reason is not None) is (after is S.DECLINED)
        assert (application.engagement_id is not None) >= (after is S.ACCEPTED)


@settings(max_examples=200, deadline=None)
@given(Calls)
def test_the_clock_alone_ends_whatever_waits(calls: list[tuple[str, int]]) -> None:
    application, now = fresh(), START
    for name, hours in calls:
        now += timedelta(hours=hours)
        with suppress(Conflict, NotYet):
            ACTS[name](application, now)
    for _ in range(3):  # A reminder, a deadline, and one more round that must change nothing.
        now += timedelta(days=20)
        application.pass_time(now)
    assert application.status in OVER | {S.ACCEPTED}
    ended, told = application.status, len(application.events)
    application.pass_time(now + timedelta(days=365))
    assert (application.status, len(application.events)) == (ended, told)


@settings(max_examples=200, deadline=None)
@given(Calls)
def test_whether_the_company_answered_is_said_once_and_never_taken_back(
    calls: list[tuple[str, int]],
) -> None:
    application, now = fresh(), START
    for name, hours in calls:
        now += timedelta(hours=hours)
        before: Any = application.responded
        with suppress(Conflict, NotYet):
            ACTS[name](application, now)
        assert before in (None, application.responded)
        if application.status in {S.ALTERNATE, S.SELECTED, S.ACCEPTED, S.DECLINED, S.EXPIRED}:
            assert application.responded is not None


@given(st.lists(st.tuples(st.sampled_from(["answer", "decline", "expire"]), HOURS), max_size=8))
def test_an_invitation_that_was_answered_by_applying_stays_so(
    calls: list[tuple[str, int]],
) -> None:
    ends = START + timedelta(days=14)
    invitation = Invitation(
        "inv-1", "prj-1", "org-1", "acc-1", "Title", True, False, "", START, ends
    )
    invitation.send()
    now, applied = START, False
    for name, hours in calls:
        now += timedelta(hours=hours)
        with suppress(Conflict):
            if name == "answer":
                invitation.answer()
            elif name == "decline":
                invitation.decline("pay")
            else:
                invitation.expire(now)
        assert now >= ends or invitation.status is not InvitationStatus.EXPIRED
        applied = applied or name == "answer"
        assert (invitation.status is InvitationStatus.APPLIED) is applied
        assert (invitation.due_at is not None) is (invitation.status is InvitationStatus.SENT)
