"""Who publishes at once, whose briefs are looked at first, and what comes of the look."""

from collections.abc import Callable
from typing import Any

import pytest

from services.projects.domain import review
from services.projects.domain.organisation import Level, Organisation
from services.projects.domain.project import Project, Status
from services.projects.domain.project_records import Reason
from shared.errors import Conflict, Invalid
from tests.unit.projects.samples import DAY, NOW, POLICY, brief, draft, in_review, published, told

SHORT = Reason(field="summary", reason="Say more of it.")
CHILDREN = "Games that children understand, from our list of forty, each in one sentence."


def submit(level: Level = Level.VERIFIED, **changes: Any) -> Project:
    project = draft(**changes)
    review.submit(project, level, POLICY, NOW)
    return project


@pytest.mark.parametrize(
    ("level", "status"),
    [
        (Level.UNVERIFIED, Status.IN_REVIEW),
        (Level.EMAIL_VERIFIED, Status.IN_REVIEW),
        (Level.VERIFIED, Status.PUBLISHED),
        (Level.TRUSTED, Status.PUBLISHED),
    ],
)
def test_only_verified_and_trusted_organisations_publish_at_once(
    level: Level, status: Status
) -> None:
    project = submit(level)
    announced = {Status.IN_REVIEW: "project.submitted", Status.PUBLISHED: "project.published"}
    assert (project.status, told(project)) == (status, [announced[status]])


def test_a_brief_that_raises_concerns_is_looked_at_whoever_the_company_is() -> None:
    project = submit(Level.TRUSTED, summary=CHILDREN)
    assert project.status is Status.IN_REVIEW
    assert project.review is not None
    assert [finding.code for finding in project.review.findings] == ["words:minors"]


def test_what_the_rules_forbid_is_refused_by_field_before_anybody_looks() -> None:
    for level in Level:
        with pytest.raises(Invalid) as caught:
            submit(level, fee_amount=100, supervisor=None)
        assert set(caught.value.errors) == {"fee_amount", "supervisor"}


def test_handing_in_twice_is_handing_in_once() -> None:
    project = submit(Level.UNVERIFIED)
    review.submit(project, Level.VERIFIED, POLICY, NOW + DAY)
    assert (project.status, told(project)) == (Status.IN_REVIEW, ["project.submitted"])


def test_an_approved_brief_is_published_and_nobody_edits_it_meanwhile() -> None:
    project = in_review()
    with pytest.raises(Conflict):
        project.edit(brief(hours=9))
    review.approve(project, POLICY, "acc-otto", NOW + DAY)
    assert (project.status, project.published_at) == (Status.PUBLISHED, NOW + DAY)
    assert told(project) == ["project.approved", "project.published"]
    assert project.review is not None
    assert (project.review.decided_by, project.review.reasons) == ("acc-otto", [])


def test_a_brief_whose_deadline_has_passed_meanwhile_cannot_be_approved() -> None:
    project = in_review(apply_by=(NOW + DAY).isoformat())
    with pytest.raises(Invalid):
        review.approve(project, POLICY, "acc-otto", NOW + DAY)


def test_a_brief_that_is_sent_back_can_be_changed_and_handed_in_again() -> None:
    project = in_review()
    review.request_changes(project, [SHORT], "acc-otto", NOW)
    assert (project.status, told(project)) == (Status.CHANGES_REQUESTED, ["project.returned"])
    project.edit(brief(hours=9))
    review.submit(project, Level.UNVERIFIED, POLICY, NOW)
    assert project.status is Status.IN_REVIEW
    assert project.review is not None
    assert project.review.reasons == []


@pytest.mark.parametrize("state", [draft, published])
def test_only_what_waits_for_a_review_is_decided_on(state: Callable[[], Project]) -> None:
    for act in (
        lambda project: review.approve(project, POLICY, "acc-otto", NOW),
        lambda project: review.request_changes(project, [SHORT], "acc-otto", NOW),
    ):
        with pytest.raises(Conflict):
            act(state())


def test_an_exception_lets_a_low_fee_out_and_keeps_its_reason() -> None:
    project = draft(fee_amount=18_000)
    review.grant_exception(project, "A charity of the town.", NOW)
    assert told(project) == ["project.exempted"]
    review.submit(project, Level.VERIFIED, POLICY, NOW)
    assert project.status is Status.PUBLISHED
    assert project.pay_exception is not None
    assert project.pay_exception.reason == "A charity of the town."
    with pytest.raises(Conflict):
        review.grant_exception(project, "Once more.", NOW)


def test_the_newest_word_on_an_organisation_stands() -> None:
    known = Organisation("org-acme")
    known.verify(Level.TRUSTED, 3)
    known.verify(Level.EMAIL_VERIFIED, 2)
    assert known.level is Level.TRUSTED
    known.verify(Level.UNVERIFIED, 4)
    assert known.level is Level.UNVERIFIED
