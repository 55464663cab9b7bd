"""What both sides settle and sign before the work starts, and what happens if they do not."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from services.projects.domain.checklist import Checklist
from services.projects.domain.engagement import Engagement
from services.projects.domain.kickoff import MOST_PROPOSALS
from services.projects.domain.signing import Disclosure, Read, Signing
from services.projects.domain.work import (
    KICKOFF_LIMIT,
    KICKOFF_NUDGE,
    Fault,
    Party,
    Status,
)
from services.projects.schemas import views
from services.projects.usecases.evaluations import evaluate_engagement
from shared.errors import Conflict, Invalid, StintError
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    DAY,
    EVA,
    NO_CONFLICT,
    NOW,
    PEOPLE,
    RUBEN,
    active,
    awaiting_funding,
    kickoff_pending,
    opinion,
    quiet,
    sign,
    signing,
    submitted,
    told,
)

COMPANY, CANDIDATE = Party.COMPANY, Party.CANDIDATE
COUSINS = Disclosure(True, "The owner is my cousin.")
INSTANT = timedelta(milliseconds=1)


def propose(engagement: Engagement, by: Party = CANDIDATE, **changes: Any) -> None:
    """Change what stands now."""
    based_on = signing(engagement).checklist
    engagement.propose_kickoff(based_on, changes, by, PEOPLE[by], NOW)


def refused(act: Callable[[], object]) -> StintError:
    with pytest.raises(StintError) as caught:
        act()
    return caught.value


def test_the_checklist_begins_with_what_the_brief_says() -> None:
    engagement = kickoff_pending(time_zone="Europe/Madrid", weeks=2, ai_policy="none")
    checklist = engagement.offered_kickoff().checklist
    assert checklist.deliverables == engagement.terms.expected
    assert (checklist.time_zone, checklist.ai_policy) == ("Europe/Madrid", "none")
    assert [one.after_days for one in checklist.check_ins] == [7]
    assert (checklist.starts_at, checklist.due_at) == (None, None)


def test_there_is_no_kickoff_before_the_fee_is_held() -> None:
    assert refused(awaiting_funding().offered_kickoff).code == "engagement-awaiting-funding"


@pytest.mark.parametrize(("by", "other"), [(COMPANY, CANDIDATE), (CANDIDATE, COMPANY)])
def test_a_change_voids_every_signature_and_names_what_changed(by: Party, other: Party) -> None:
    engagement = kickoff_pending()
    sign(engagement, other)
    before = engagement.offered_kickoff().sha256
    quiet(engagement)
    propose(engagement, by, channel="Phone", response_hours=24)
    kickoff = engagement.offered_kickoff()
    assert (kickoff.version, kickoff.signatures) == (2, [])
    assert kickoff.sha256 == kickoff.checklist.sha256 != before
    assert kickoff.waiting_for == [COMPANY, CANDIDATE]
    (proposal,) = kickoff.proposals
    assert proposal.changed == ["channel", "response_hours"]
    assert (proposal.party, proposal.person_id) == (by, PEOPLE[by])
    assert told(engagement) == ["kickoff.proposed"]
    assert "Phone" not in str(engagement.events)


def test_a_change_to_what_stands_already_changes_nothing() -> None:
    engagement = kickoff_pending()
    first = signing(engagement).checklist
    propose(engagement, channel="Phone")
    sign(engagement, COMPANY)
    quiet(engagement)
    changes = {"channel": "Phone"}  # Sent again, on the version that it was about.
    engagement.propose_kickoff(first, changes, CANDIDATE, CARLA.id, NOW)
    assert engagement.offered_kickoff().signed(COMPANY)
    assert engagement.events == []


def test_a_change_of_something_else_than_was_read_is_refused_with_what_stands_now() -> None:
    engagement = kickoff_pending()
    first = signing(engagement).checklist
    propose(engagement, COMPANY, channel="Phone")
    late = refused(
        lambda: engagement.propose_kickoff(first, {"response_hours": 2}, CANDIDATE, CARLA.id, NOW)
    )
    assert isinstance(late, Conflict)
    assert late.code == "kickoff-changed"
    assert late.errors["checklist.version"] == "2"


@pytest.mark.parametrize("stale", [Read(1, ""), Read(2, "0" * 64), Read(3, "")])
def test_a_signature_on_another_version_or_content_is_refused_with_what_stands_now(
    stale: Read,
) -> None:
    engagement = kickoff_pending()
    propose(engagement, channel="Phone")
    now = signing(engagement)
    said = replace(now, checklist=replace(stale, sha256=stale.sha256 or now.checklist.sha256))
    late = refused(lambda: engagement.sign(said, COMPANY, ANNA.id, NOW))
    assert isinstance(late, Conflict)
    assert (late.code, late.errors) == (
        "kickoff-changed",
        {"checklist.version": "2", "checklist.sha256": now.checklist.sha256},
    )


def test_a_signature_needs_every_agreement_and_an_answer_about_conflicts() -> None:
    engagement = kickoff_pending()
    whole = signing(engagement)
    bare = Signing(whole.checklist, whole.agreements[1:], NO_CONFLICT)
    missing = refused(lambda: engagement.sign(bare, COMPANY, ANNA.id, NOW))
    assert (missing.code, "work-terms" in missing.detail) == ("agreements-open", True)
    silent = replace(whole, conflict=None)
    undeclared = refused(lambda: engagement.sign(silent, COMPANY, ANNA.id, NOW))
    assert undeclared.code == "conflict-not-declared"
    assert engagement.events == []
    engagement.declare_conflict(NO_CONFLICT, COMPANY, ANNA.id, NOW)
    engagement.accept_agreement(whole.agreements[0], COMPANY, RUBEN.id, NOW)
    engagement.sign(replace(bare, conflict=None), COMPANY, ANNA.id, NOW)
    signature = engagement.offered_kickoff().signed(COMPANY)
    assert signature
    assert (signature.person_id, signature.signed_at) == (ANNA.id, NOW)
    assert (signature.version, signature.sha256) == (1, whole.checklist.sha256)


def test_what_was_signed_is_what_the_work_is_held_to() -> None:
    engagement = kickoff_pending(weeks=1)
    (expected,) = engagement.terms.expected
    agreed = replace(expected, acceptance_criteria=["Sorted by name."])
    due_at = NOW + 10 * DAY
    propose(engagement, deliverables=[agreed], due_at=due_at)
    for party in (COMPANY, CANDIDATE):
        sign(engagement, party)
    assert engagement.terms.expected == [agreed]
    assert engagement.work_due_at == due_at
    (started,) = [event for event in engagement.events if event.type == "engagement.started.v1"]
    assert started.due_at == due_at


def test_without_a_date_work_is_due_so_many_weeks_after_its_start() -> None:
    engagement = kickoff_pending(weeks=2)
    propose(engagement, starts_at=NOW + 3 * DAY)
    for party in (COMPANY, CANDIDATE):
        sign(engagement, party)
    assert engagement.work_due_at == NOW + 17 * DAY


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due_at": NOW}, "due_at"),
        ({"due_at": NOW + timedelta(weeks=8) + INSTANT}, "due_at"),
        ({"starts_at": NOW}, "starts_at"),
        ({"starts_at": NOW + 14 * DAY + INSTANT}, "starts_at"),
        ({"starts_at": NOW + 2 * DAY, "due_at": NOW + 2 * DAY}, "due_at"),
    ],
)
def test_dates_that_cannot_be_kept_are_refused(changes: dict[str, Any], field: str) -> None:
    wrong = refused(lambda: propose(kickoff_pending(), **changes))
    assert isinstance(wrong, Invalid)
    assert set(wrong.errors) == {field}


def test_work_that_would_be_overdue_at_its_start_is_not_signed() -> None:
    engagement = kickoff_pending()
    propose(engagement, due_at=NOW + DAY)
    late = refused(lambda: sign(engagement, COMPANY, NOW + DAY))
    assert late.code == "kickoff-dates-passed"


def test_changes_end_somewhere() -> None:
    engagement = kickoff_pending()
    for number in range(MOST_PROPOSALS):
        propose(engagement, response_hours=number + 1)
    over = refused(lambda: propose(engagement, channel="Phone"))
    assert over.code == "kickoff-proposals-used"


def test_nothing_changes_once_both_have_signed() -> None:
    engagement = active()
    sign(engagement, COMPANY)  # A repeat.
    assert engagement.events == []
    assert refused(lambda: propose(engagement, channel="Phone")).code == "engagement-active"
    first = signing(kickoff_pending(weeks=3))
    assert refused(lambda: engagement.sign(first, COMPANY, ANNA.id, NOW)).code == (
        "engagement-active"
    )


def test_nothing_is_settled_after_the_limit_even_if_no_sweep_has_come() -> None:
    engagement, over = kickoff_pending(), NOW + KICKOFF_LIMIT
    assert refused(lambda: sign(engagement, COMPANY, over)).code == "kickoff-over"
    sign(engagement, COMPANY, over - INSTANT)


def test_a_conflict_of_interest_is_acknowledged_before_the_start() -> None:
    engagement = kickoff_pending()
    sign(engagement, COMPANY)
    engagement.sign(signing(engagement, COUSINS), CANDIDATE, CARLA.id, NOW)
    assert engagement.status is Status.KICKOFF_PENDING
    assert engagement.offered_kickoff().waiting_for == [COMPANY]
    assert "cousin" not in str(engagement.events)
    quiet(engagement)
    with pytest.raises(Conflict):  # Nobody acknowledges for the other side.
        engagement.acknowledge_conflict("dcl-2", CANDIDATE, CARLA.id, NOW)
    for _ in range(2):
        engagement.acknowledge_conflict("dcl-2", COMPANY, ANNA.id, NOW)
    assert told(engagement) == ["conflict.acknowledged", "engagement.started"]
    known = engagement.offered_kickoff().declaration_of(CARLA.id)
    assert known
    assert (known.acknowledged_by, known.acknowledged_at) == (ANNA.id, NOW)


def test_a_conflict_that_is_taken_back_is_waited_for_no_longer() -> None:
    engagement = kickoff_pending()
    engagement.sign(signing(engagement, COUSINS), CANDIDATE, CARLA.id, NOW)
    sign(engagement, COMPANY)
    assert engagement.status is Status.KICKOFF_PENDING
    engagement.declare_conflict(NO_CONFLICT, CANDIDATE, CARLA.id, NOW)
    assert engagement.status is Status.ACTIVE


def test_an_acknowledgement_is_about_what_was_read() -> None:
    engagement = kickoff_pending()
    engagement.declare_conflict(COUSINS, CANDIDATE, CARLA.id, NOW)
    engagement.acknowledge_conflict("dcl-1", COMPANY, ANNA.id, NOW)
    worse = Disclosure(True, "I also own shares of it.")
    for _ in range(2):
        engagement.declare_conflict(worse, CANDIDATE, CARLA.id, NOW)
    kinds = ["conflict.declared", "conflict.acknowledged", "conflict.declared"]
    assert told(engagement) == kinds
    outdated = refused(lambda: engagement.acknowledge_conflict("dcl-1", COMPANY, ANNA.id, NOW))
    assert outdated.code == "declaration-changed"
    for party in (COMPANY, CANDIDATE):
        engagement.sign(
            replace(signing(engagement), conflict=None if party is CANDIDATE else NO_CONFLICT),
            party,
            PEOPLE[party],
            NOW,
        )
    assert engagement.status is Status.KICKOFF_PENDING


def test_no_two_declarations_have_the_same_id() -> None:
    engagement = kickoff_pending()
    seen = []
    for number in range(3):
        told_of = Disclosure(True, f"I own {number} shares of it.")
        engagement.declare_conflict(told_of, CANDIDATE, CARLA.id, NOW)
        declaration = engagement.offered_kickoff().declaration_of(CARLA.id)
        seen.append(declaration and declaration.declaration_id)
    assert seen == ["dcl-1", "dcl-2", "dcl-3"]


def test_an_acknowledgement_does_not_start_overdue_work() -> None:
    engagement = kickoff_pending()
    propose(engagement, due_at=NOW + DAY)
    sign(engagement, COMPANY)
    engagement.sign(signing(engagement, COUSINS), CANDIDATE, CARLA.id, NOW)
    late = refused(lambda: engagement.acknowledge_conflict("dcl-2", COMPANY, ANNA.id, NOW + DAY))
    assert late.code == "kickoff-dates-passed"


def test_who_evaluates_has_told_of_conflicts_and_the_candidate_knows() -> None:
    engagement = submitted()
    newcomer = replace(EVA, id="acc-new")

    def evaluate() -> None:
        evaluate_engagement(engagement, None, opinion(), newcomer, NOW + DAY)

    assert refused(evaluate).code == "conflict-not-declared"
    engagement.declare_conflict(COUSINS, COMPANY, newcomer.id, NOW + DAY)
    assert refused(evaluate).code == "conflict-not-acknowledged"
    declaration = engagement.offered_kickoff().declaration_of(newcomer.id)
    assert declaration
    engagement.acknowledge_conflict(declaration.declaration_id, CANDIDATE, CARLA.id, NOW + DAY)
    evaluate()
    assert engagement.status is Status.COMPLETED


def test_whoever_is_waited_for_is_reminded_once_and_then_it_is_cancelled() -> None:
    engagement = kickoff_pending()
    sign(engagement, CANDIDATE)
    quiet(engagement)
    engagement.settle_overdue(NOW + KICKOFF_NUDGE - INSTANT)
    assert engagement.events == []
    for _ in range(2):  # Two replicas.
        engagement.settle_overdue(NOW + KICKOFF_NUDGE)
    assert told(engagement) == ["kickoff.reminded"]
    assert engagement.events[0].waiting_for == ["company"]  # type: ignore[union-attr]
    engagement.settle_overdue(NOW + KICKOFF_LIMIT - INSTANT)
    assert engagement.status is Status.KICKOFF_PENDING
    for _ in range(2):
        engagement.settle_overdue(NOW + KICKOFF_LIMIT)
    assert told(engagement) == ["kickoff.reminded", "engagement.cancelled"]
    assert engagement.cancellation
    assert engagement.cancellation.fault is Fault.COMPANY


def test_what_an_earlier_release_has_funded_ends_at_its_limit() -> None:
    engagement = kickoff_pending()
    engagement.kickoff, engagement.due_at = None, NOW + KICKOFF_LIMIT
    assert views.engagement(asdict(engagement))["due_at"] == NOW + KICKOFF_LIMIT
    assert views.todo(asdict(engagement), "candidate") == []
    engagement.settle_overdue(NOW + KICKOFF_LIMIT)
    assert engagement.status is Status.CANCELLED


def test_a_change_does_not_put_off_the_limit() -> None:
    engagement = kickoff_pending()
    propose(engagement, channel="Phone")
    assert engagement.offered_kickoff().due_at == NOW + KICKOFF_LIMIT


def test_equal_checklists_have_equal_hashes_and_others_do_not() -> None:
    checklist = Checklist.of(kickoff_pending().terms)
    assert replace(checklist).sha256 == checklist.sha256
    changes: dict[str, Any] = {
        "deliverables": [],
        "time_zone": "Asia/Kolkata",
        "channel": "Phone",
        "response_hours": 1,
        "data_access": "All",
        "ai_policy": "none",
        "ai_note": "Not even to translate.",
        "check_ins": [],
        "starts_at": NOW,
        "due_at": NOW,
    }
    hashes = {replace(checklist, **{name: value}).sha256 for name, value in changes.items()}
    assert len(hashes | {checklist.sha256}) == len(changes) + 1
