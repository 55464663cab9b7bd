"""What people see, and what waits for them."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from services.projects.domain.engagement import Engagement
from services.projects.domain.signing import Disclosure
from services.projects.domain.work import Party
from services.projects.schemas import views
from shared.codec import Codec
from tests.unit.projects.samples import (
    CARLA,
    DAY,
    NOW,
    STATES,
    active,
    awaiting_funding,
    completed,
    kickoff_pending,
    revision_requested,
    sign,
    signing,
    submitted,
)


def duties(engagement: Engagement, *roles: str) -> dict[str, list[str]]:
    state = asdict(engagement)
    return {role: [item["kind"] for item in views.todo(state, role)] for role in roles}


@pytest.mark.parametrize("state", STATES)
def test_a_document_is_seen_as_its_aggregate_is(state: Callable[[], Engagement]) -> None:
    engagement = state()
    document = Codec(Engagement).write(engagement)
    stored = {**document, "id": document["_id"], "version": engagement.version}
    assert views.engagement(stored) == views.engagement(asdict(engagement))


def test_due_at_is_what_falls_due_next_for_the_work() -> None:
    def due_at(engagement: Engagement) -> Any:
        return views.engagement(asdict(engagement))["due_at"]

    assert due_at(awaiting_funding()) == NOW + 5 * DAY
    assert due_at(kickoff_pending()) == NOW + 5 * DAY
    assert due_at(active()) == NOW + 7 * DAY
    assert due_at(completed()) is None
    under_review = views.engagement(asdict(submitted()))
    assert under_review["due_at"] == NOW + 7 * DAY
    assert under_review["review_due_at"] == NOW + 15 * DAY


def test_each_side_is_told_what_it_has_to_do() -> None:
    roles = ("candidate", "owner", "evaluator")
    sign, review = ["sign-kickoff"], ["review-deliverable"]
    assert duties(awaiting_funding(), *roles) == {"candidate": [], "owner": [], "evaluator": []}
    assert duties(kickoff_pending(), *roles) == {"candidate": sign, "owner": sign, "evaluator": []}
    assert duties(submitted(), *roles) == {"candidate": [], "owner": review, "evaluator": review}
    assert duties(active(), *roles)["candidate"] == ["submit-deliverable"]
    assert duties(revision_requested(), *roles)["candidate"] == ["submit-revision"]


def test_who_has_signed_has_nothing_left_to_do() -> None:
    engagement = kickoff_pending()
    sign(engagement, Party.COMPANY)
    assert duties(engagement, "candidate", "owner") == {"candidate": ["sign-kickoff"], "owner": []}


def test_a_duty_says_until_when() -> None:
    (item,) = views.todo(asdict(submitted()), "recruiter")
    assert item == {
        "kind": "review-deliverable",
        "id": "eng-1",
        "title": "Clean and dedupe 4,000 CRM contacts",
        "due_at": NOW + 15 * DAY,
        "what": "Review the work: accept it, evaluate it, or ask for a revision.",
    }


def test_an_unacknowledged_conflict_is_a_duty_of_the_other_side() -> None:
    engagement = kickoff_pending()
    sign(engagement, Party.COMPANY)
    cousins = Disclosure(True, "We are cousins.")
    engagement.sign(signing(engagement, cousins), Party.CANDIDATE, CARLA.id, NOW)
    assert duties(engagement, "candidate", "owner") == {
        "candidate": [],
        "owner": ["acknowledge-conflict"],
    }
    (item,) = views.todo(asdict(engagement), "owner")
    assert item["due_at"] == NOW + 5 * DAY


def test_a_conflict_that_a_reviewer_declares_later_is_a_duty_beside_the_work() -> None:
    engagement = active()
    cousins = Disclosure(True, "We are cousins.")
    engagement.declare_conflict(cousins, Party.COMPANY, "acc-new", NOW)
    assert duties(engagement, "candidate", "owner") == {
        "candidate": ["submit-deliverable", "acknowledge-conflict"],
        "owner": [],
    }
    engagement.cancel(Party.COMPANY, "", NOW)
    assert duties(engagement, "candidate") == {"candidate": []}
