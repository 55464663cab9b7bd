"""Rights follow the money: to the company with the release, back to the candidate with a refund."""

from collections.abc import Callable
from dataclasses import asdict

import pytest

from services.projects.domain.engagement import Engagement
from services.projects.domain.work import PaymentStatus
from tests.unit.projects.samples import (
    DAY,
    FILE,
    NOW,
    active,
    awaiting_funding,
    cancelled,
    completed,
    disputed,
    kickoff_pending,
    quiet,
    submitted,
    told,
)

UNPAID = {"fee_amount": 0, "unpaid_basis": "course-credit"}


def test_the_release_of_the_fee_assigns_the_rights_once() -> None:
    engagement = completed()
    assert engagement.rights_assigned_at is None
    for day in (0, 1):
        engagement.note_release(NOW + day * DAY)
    assert engagement.rights_assigned_at == NOW
    assert engagement.payment.status is PaymentStatus.RELEASED
    (event,) = engagement.events
    (paper,) = [one for one in engagement.offered_kickoff().papers if one.kind == "ip-assignment"]
    assert asdict(event)["agreement_sha256"] == paper.sha256


def test_work_that_is_not_paid_for_assigns_nothing() -> None:
    engagement = completed(**UNPAID)
    engagement.note_release(NOW)
    engagement.note_refund(0, NOW)
    assert (engagement.rights_assigned_at, engagement.licence_revoked_at) == (None, None)
    assert engagement.events == []


@pytest.mark.parametrize("state", [awaiting_funding, kickoff_pending, cancelled])
def test_what_was_never_signed_assigns_nothing(state: Callable[[], Engagement]) -> None:
    engagement = state()
    engagement.note_release(NOW)
    assert engagement.rights_assigned_at is None


@pytest.mark.parametrize("state", [submitted, disputed])
def test_a_full_refund_ends_the_permission_to_read_the_work_once(
    state: Callable[[], Engagement],
) -> None:
    engagement = state()
    engagement.note_refund(26399, NOW)
    assert engagement.licence_revoked_at is None
    for day in (0, 1):
        engagement.note_refund(26400, NOW + day * DAY)
    assert engagement.licence_revoked_at == NOW
    assert told(engagement).count("licence.revoked") == 1
    assert asdict(engagement.events[0])["file_ids"] == [FILE["file_id"]]
    quiet(engagement)
    engagement.note_release(NOW)
    assert engagement.rights_assigned_at is None


def test_without_work_there_is_nothing_to_revoke() -> None:
    engagement = active()
    engagement.note_refund(26400, NOW)
    assert told(engagement) == ["engagement.cancelled"]


def test_rights_that_have_passed_stay_passed() -> None:
    engagement = completed()
    engagement.note_release(NOW)
    engagement.note_refund(26400, NOW + DAY)
    assert engagement.licence_revoked_at is None
