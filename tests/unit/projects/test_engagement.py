"""What happens to an engagement, step by step and at its limits."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest

from services.projects.domain.engagement import Engagement
from services.projects.domain.work import (
    FUNDING_LIMIT,
    KICKOFF_LIMIT,
    KICKOFF_NUDGE,
    REVISION_TIME,
    Fault,
    File,
    Party,
    PaymentStatus,
    Status,
)
from services.projects.usecases import open_engagement
from shared.errors import Conflict, Invalid, NotYet
from tests.unit.projects.samples import (
    CARLA,
    CRITERIA,
    DAY,
    FILE,
    NOW,
    STATES,
    active,
    awaiting_funding,
    cancelled,
    completed,
    disputed,
    kickoff_pending,
    quiet,
    revision_requested,
    sign,
    signing,
    submitted,
    told,
)

FILES = [File(**FILE)]
INSTANT = timedelta(milliseconds=1)


def test_an_engagement_on_an_unknown_project_is_not_yet_possible() -> None:
    with pytest.raises(NotYet):
        open_engagement(None, "eng-1", "app-1", "org-acme", "acc-carla", NOW)


def test_it_waits_for_the_fee_then_for_both_signatures() -> None:
    engagement = awaiting_funding()
    assert (engagement.status, engagement.due_at) == (Status.AWAITING_FUNDING, NOW + FUNDING_LIMIT)
    engagement.fund(NOW)
    engagement.fund(NOW + DAY)
    assert told(engagement) == ["engagement.opened"]
    assert (engagement.status, engagement.due_at) == (Status.KICKOFF_PENDING, NOW + KICKOFF_NUDGE)
    assert engagement.offered_kickoff().due_at == NOW + KICKOFF_LIMIT
    quiet(engagement)
    for party in (Party.COMPANY, Party.COMPANY, Party.CANDIDATE, Party.CANDIDATE):
        sign(engagement, party, NOW + DAY)
    signed = ["agreement.accepted"] * 3 + ["conflict.declared", "kickoff.signed"]
    assert told(engagement) == [*signed, *signed, "engagement.started"]
    assert engagement.status is Status.ACTIVE
    assert engagement.work_due_at == NOW + DAY + timedelta(weeks=1)
    assert engagement.started_at == NOW + DAY


def test_one_signature_starts_nothing() -> None:
    engagement = kickoff_pending()
    sign(engagement, Party.CANDIDATE, NOW)
    assert engagement.status is Status.KICKOFF_PENDING
    assert "engagement.started" not in told(engagement)
    assert engagement.offered_kickoff().waiting_for == [Party.COMPANY]


def test_versions_count_up_and_late_is_told() -> None:
    engagement = active()
    due_at = engagement.work_due_at
    assert due_at is not None
    engagement.submit(FILES, "First.", due_at)
    assert engagement.review_due_at == due_at + 14 * DAY
    engagement.request_revision(CRITERIA, "", due_at + DAY)
    assert engagement.work_due_at == due_at + DAY + REVISION_TIME
    engagement.submit(FILES, "Second.", due_at + DAY + REVISION_TIME + INSTANT)
    assert [(s.version, s.late, s.note) for s in engagement.submissions] == [
        (1, False, "First."),
        (2, True, "Second."),
    ]
    assert {s.deliverable_id for s in engagement.submissions} == {"dlv-1"}
    assert told(engagement) == [
        "deliverable.submitted",
        "revision.requested",
        "deliverable.submitted",
    ]


def test_a_revision_does_not_shorten_the_promised_time() -> None:
    engagement = submitted(weeks=8)
    promised = engagement.work_due_at
    engagement.request_revision(CRITERIA, "", NOW + 2 * DAY)
    assert engagement.work_due_at == promised


def test_revisions_end_with_the_agreed_rounds() -> None:
    engagement = submitted(max_revision_rounds=1)
    engagement.request_revision(CRITERIA, "", NOW + 2 * DAY)
    engagement.submit(FILES, "", NOW + 3 * DAY)
    with pytest.raises(Conflict) as caught:
        engagement.request_revision(CRITERIA, "", NOW + 4 * DAY)
    assert caught.value.code == "revision-rounds-used"


def test_a_revision_cannot_be_asked_for_after_the_review_window() -> None:
    engagement = submitted()
    assert engagement.review_due_at is not None
    with pytest.raises(Conflict) as caught:
        engagement.request_revision(CRITERIA, "", engagement.review_due_at)
    assert caught.value.code == "review-window-over"


def test_the_company_accepts_the_work_without_rating_it_and_once() -> None:
    engagement = submitted()
    for _ in range(2):
        engagement.accept(NOW + 2 * DAY)
    assert told(engagement) == ["deliverable.accepted", "engagement.completed"]
    accepted, ended = (asdict(event) for event in engagement.events)
    assert (accepted["automatic"], accepted["accepted_at"]) == (False, NOW + 2 * DAY)
    assert (ended["skills"], ended["hours"]) == (["esco-data"], 12)
    assert [file["sha256"] for file in ended["files"]] == [FILE["sha256"]]
    assert (engagement.status, engagement.due_at) == (Status.COMPLETED, None)


def test_silence_through_the_review_window_accepts_the_work_without_scores() -> None:
    engagement = submitted()
    due_at = engagement.review_due_at
    assert due_at is not None
    engagement.settle_overdue(due_at - INSTANT)
    assert engagement.status is Status.SUBMITTED
    engagement.settle_overdue(due_at)
    engagement.settle_overdue(due_at)
    reminded = ["deadline.reminded"]
    assert told(engagement) == [*reminded, "deliverable.accepted", "engagement.completed"]
    _, accepted, ended = (asdict(event) for event in engagement.events)
    assert (accepted["automatic"], ended["automatic"]) == (True, True)
    assert engagement.automatic


@pytest.mark.parametrize(
    ("state", "signed", "reason", "fault"),
    [
        (awaiting_funding, None, "unfunded", Fault.COMPANY),
        (kickoff_pending, None, "kickoff-missed", Fault.NOBODY),
        (kickoff_pending, Party.CANDIDATE, "kickoff-missed", Fault.COMPANY),
        (kickoff_pending, Party.COMPANY, "kickoff-missed", Fault.CANDIDATE),
        (active, None, "not-delivered", Fault.CANDIDATE),
        (revision_requested, None, "not-delivered", Fault.CANDIDATE),
    ],
)
def test_other_silence_cancels_and_says_whose_it_was(
    state: Callable[[], Engagement], signed: Party | None, reason: str, fault: Fault
) -> None:
    engagement = state()
    if signed:
        sign(engagement, signed, NOW)
    engagement.note_message(Party.CANDIDATE, NOW)  # No no-show, where the work has begun.
    for _ in range(4):  # The first limits are reminders.
        engagement.settle_overdue(engagement.due_at or NOW)
    assert engagement.cancellation is not None
    assert (engagement.cancellation.reason, engagement.cancellation.fault) == (reason, fault)
    assert told(engagement)[-1] == "engagement.cancelled"


@pytest.mark.parametrize("state", STATES)
def test_only_submitted_work_can_be_reviewed(state: Callable[[], Engagement]) -> None:
    if state is submitted:
        return
    engagement = state()
    if state is not completed:  # There it is done already.
        with pytest.raises(Conflict):
            engagement.accept(NOW)
    with pytest.raises(Conflict):
        engagement.request_revision(CRITERIA, "", NOW)


@pytest.mark.parametrize("state", STATES)
def test_work_is_handed_in_while_it_is_under_way(state: Callable[[], Engagement]) -> None:
    if state in (active, revision_requested):
        return
    with pytest.raises(Conflict) as caught:
        state().submit(FILES, "", NOW)
    assert caught.value.code == f"engagement-{state.__name__.replace('_', '-')}"


@pytest.mark.parametrize("state", [awaiting_funding, cancelled])
def test_nothing_is_signed_before_the_fee_is_held_or_after_the_end(
    state: Callable[[], Engagement],
) -> None:
    said = signing(kickoff_pending())
    with pytest.raises(Conflict):
        state().sign(said, Party.CANDIDATE, CARLA.id, NOW)


@pytest.mark.parametrize(
    ("state", "party", "fault"),
    [
        (awaiting_funding, Party.COMPANY, Fault.NOBODY),
        (kickoff_pending, Party.CANDIDATE, Fault.NOBODY),
        (active, Party.COMPANY, Fault.COMPANY),
        (active, Party.CANDIDATE, Fault.CANDIDATE),
        (active, Party.OPERATOR, Fault.NOBODY),
        (submitted, Party.CANDIDATE, Fault.CANDIDATE),
        (submitted, Party.OPERATOR, Fault.NOBODY),
    ],
)
def test_cancelling_is_free_before_the_start_and_ones_own_fault_afterwards(
    state: Callable[[], Engagement], party: Party, fault: Fault
) -> None:
    engagement = state()
    engagement.cancel(party, "Ill.", NOW)
    engagement.cancel(party, "Ill, again.", NOW + DAY)
    assert told(engagement) == ["engagement.cancelled"]
    event = asdict(engagement.events[0])
    assert (event["reason"], event["fault"]) == (f"{party}-cancelled", fault)
    assert "Ill." not in event.values()
    assert engagement.cancellation is not None
    assert engagement.cancellation.comment == "Ill."


@pytest.mark.parametrize("state", [submitted, revision_requested])
def test_a_company_cannot_cancel_what_was_delivered(state: Callable[[], Engagement]) -> None:
    with pytest.raises(Conflict) as caught:
        state().cancel(Party.COMPANY, "", NOW)
    assert caught.value.code == "work-delivered"


@pytest.mark.parametrize("state", [completed, disputed])
def test_what_is_accepted_or_disputed_cannot_be_cancelled(
    state: Callable[[], Engagement],
) -> None:
    with pytest.raises(Conflict):
        state().cancel(Party.OPERATOR, "", NOW)


@pytest.mark.parametrize("state", STATES)
def test_a_candidate_who_leaves_ends_what_has_not_ended(state: Callable[[], Engagement]) -> None:
    engagement = state()
    before = engagement.status
    engagement.withdraw(NOW)
    if state in (completed, cancelled):
        assert (engagement.status, engagement.events) == (before, [])
    else:
        assert engagement.status is Status.CANCELLED
        assert told(engagement) == ["engagement.cancelled"]


def test_a_candidate_who_leaves_during_a_dispute_about_finished_work_ends_nothing() -> None:
    engagement = completed()
    engagement.open_dispute("dsp-1", NOW + 3 * DAY)
    engagement.withdraw(NOW + 4 * DAY)
    assert (engagement.status, engagement.events) == (Status.DISPUTED, [])


def test_a_failed_charge_is_shown_until_the_fee_is_held() -> None:
    engagement = awaiting_funding()
    engagement.note_payment(PaymentStatus.FAILED, "card-declined")
    engagement.note_payment(PaymentStatus.FAILED, "no-payment-method")
    assert engagement.payment.problem == "no-payment-method"
    engagement.fund(NOW)
    assert (engagement.payment.status, engagement.payment.problem) == (PaymentStatus.FUNDED, None)
    engagement.note_payment(PaymentStatus.FAILED, "card-declined")
    assert (engagement.payment.status, engagement.payment.problem) == (PaymentStatus.FUNDED, None)


def test_money_only_moves_forward() -> None:
    engagement = completed()
    engagement.note_payment(PaymentStatus.PAID)
    engagement.fund(NOW)
    assert engagement.payment.status is PaymentStatus.PAID
    engagement.note_refund(26400, NOW)
    engagement.note_payment(PaymentStatus.PAID)
    assert (engagement.payment.status, engagement.status) == (
        PaymentStatus.REFUNDED,
        Status.COMPLETED,
    )


def test_a_fee_held_after_the_cancellation_opens_nothing() -> None:
    engagement = cancelled()
    engagement.fund(NOW)
    assert (engagement.status, engagement.events) == (Status.CANCELLED, [])
    assert engagement.payment.status is PaymentStatus.FUNDED


def test_a_full_refund_ends_the_work_and_a_part_of_it_does_not() -> None:
    engagement = active()
    engagement.note_refund(26399, NOW)
    assert (engagement.status, engagement.payment.status) == (Status.ACTIVE, PaymentStatus.FUNDED)
    engagement.note_refund(26400, NOW)
    assert (engagement.status, engagement.payment.status) == (
        Status.CANCELLED,
        PaymentStatus.REFUNDED,
    )
    assert asdict(engagement.events[0])["reason"] == "refunded"


def test_a_dispute_stops_the_clock_and_gives_its_time_back() -> None:
    engagement = submitted()
    due_at, work_due_at = engagement.due_at, engagement.work_due_at
    assert due_at is not None
    assert work_due_at is not None
    engagement.open_dispute("dsp-1", NOW + 2 * DAY)
    engagement.settle_overdue(NOW + 100 * DAY)
    assert (engagement.status, engagement.due_at) == (Status.DISPUTED, None)
    engagement.resolve_dispute("dsp-1", "split", NOW + 5 * DAY)
    assert (engagement.status, engagement.due_at) == (Status.SUBMITTED, due_at + 3 * DAY)
    assert engagement.work_due_at == work_due_at + 3 * DAY
    assert engagement.events == []


def test_a_dispute_before_the_start_gives_the_kickoff_its_time_back() -> None:
    engagement = kickoff_pending()
    engagement.open_dispute("dsp-1", NOW + DAY)
    engagement.resolve_dispute("dsp-1", "split", NOW)  # Clocks of two machines may disagree.
    assert (engagement.due_at, engagement.work_due_at) == (NOW + KICKOFF_NUDGE, None)
    engagement.open_dispute("dsp-2", NOW + DAY)
    engagement.resolve_dispute("dsp-2", "split", NOW + 3 * DAY)
    assert engagement.due_at == NOW + KICKOFF_NUDGE + 2 * DAY
    assert engagement.offered_kickoff().due_at == NOW + KICKOFF_LIMIT + 2 * DAY


def test_a_dispute_is_opened_and_resolved_once() -> None:
    engagement = submitted()
    for _ in range(2):
        engagement.open_dispute("dsp-1", NOW + 2 * DAY)
    for _ in range(2):
        engagement.resolve_dispute("dsp-1", "released", NOW + 3 * DAY)
    engagement.open_dispute("dsp-1", NOW + 4 * DAY)
    assert (engagement.status, engagement.payment.status) == (
        Status.SUBMITTED,
        PaymentStatus.RELEASED,
    )
    engagement.open_dispute("dsp-2", NOW + 4 * DAY)
    engagement.resolve_dispute("dsp-1", "released", NOW + 5 * DAY)
    assert engagement.status is Status.DISPUTED


def test_two_that_are_open_at_once_both_have_to_end() -> None:
    """A chargeback does not ask whether there is a dispute already."""
    engagement = disputed()
    interrupted = engagement.freeze.interrupted  # type: ignore[union-attr]
    engagement.open_dispute("dp-1", NOW + 4 * DAY)
    engagement.resolve_dispute("dsp-1", "withdrawn", NOW + 5 * DAY)
    assert engagement.status is Status.DISPUTED
    engagement.resolve_dispute("dp-1", "withdrawn", NOW + 6 * DAY)
    assert engagement.status is interrupted


def test_a_lost_chargeback_ends_it_whatever_else_is_open() -> None:
    engagement = disputed()
    engagement.open_dispute("dp-1", NOW + 4 * DAY)
    engagement.resolve_dispute("dp-1", "refunded", NOW + 5 * DAY)
    assert engagement.status is Status.CANCELLED


def test_what_builds_on_something_unseen_is_not_yet() -> None:
    with pytest.raises(NotYet):
        awaiting_funding().open_dispute("dsp-1", NOW)
    with pytest.raises(NotYet):
        submitted().resolve_dispute("dsp-1", "split", NOW)


def test_a_dispute_that_refunds_everything_ends_the_engagement() -> None:
    engagement = disputed()
    engagement.note_refund(26400, NOW + 3 * DAY)
    assert engagement.status is Status.DISPUTED
    engagement.resolve_dispute("dsp-1", "refunded", NOW + 3 * DAY)
    assert (engagement.status, engagement.due_at) == (Status.CANCELLED, None)
    assert asdict(engagement.events[-1])["reason"] == "dispute-refunded"


@pytest.mark.parametrize("state", [completed, cancelled])
def test_a_dispute_about_what_has_ended_returns_to_its_end(
    state: Callable[[], Engagement],
) -> None:
    engagement = state()
    ended = engagement.status
    engagement.open_dispute("dsp-1", NOW + 3 * DAY)
    assert engagement.status is Status.DISPUTED
    engagement.resolve_dispute("dsp-1", "refunded", NOW + 4 * DAY)
    assert (engagement.status, engagement.events) == (ended, [])


@pytest.mark.parametrize("named", [["Sorted."], [*CRITERIA, ""], ["no duplicate e-mail address."]])
def test_a_revision_names_criteria_of_the_brief_and_no_others(named: list[str]) -> None:
    engagement = submitted()
    with pytest.raises(Invalid) as refused:
        engagement.request_revision(named, "", NOW)
    assert list(refused.value.errors) == [f"criteria.{len(named) - 1}"]
    assert (engagement.status, engagement.revisions) == (Status.SUBMITTED, [])
    engagement.request_revision(CRITERIA, "", NOW)
