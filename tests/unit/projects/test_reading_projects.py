"""Who may read a project, what they see of it, and the questions that candidates ask."""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest

from services.projects import usecases
from services.projects.domain import inquiry, review, revision, upkeep
from services.projects.domain.inquiry import MOST_INQUIRIES, MOST_OPEN
from services.projects.domain.organisation import Level
from services.projects.domain.project import CloseReason, Project
from services.projects.domain.project_records import Reason
from services.projects.events import ProjectPublished
from services.projects.schemas import project_views as views
from shared.errors import Conflict, Invalid, NotFound
from shared.principal import ANONYMOUS
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    DAY,
    EVA,
    NOW,
    OTTO,
    POLICY,
    STRANGERS,
    draft,
    in_review,
    published,
)

QUESTION = "May I use a script of my own?"


def linked() -> Project:
    project = draft(visibility="link_only")
    usecases.publish_project(project, ANNA, Level.VERIFIED, POLICY, "secret-token", NOW)
    return project


@pytest.mark.parametrize("by", [ANONYMOUS, CARLA, *STRANGERS])
def test_strangers_see_nothing_of_what_is_not_for_everybody(by: Any) -> None:
    for hidden in (published(visibility="invite_only"), linked(), draft(), in_review()):
        with pytest.raises(NotFound):
            usecases.get_project(hidden, by)
    assert usecases.get_project(published(), by)


@pytest.mark.parametrize("by", [ANNA, EVA, OTTO])
def test_the_company_and_operators_see_it_whatever_it_is(by: Any) -> None:
    for hidden in (published(visibility="invite_only"), linked(), draft(), in_review()):
        assert usecases.get_project(hidden, by) is hidden


def test_a_link_opens_its_own_project_only() -> None:
    assert usecases.get_project(linked(), CARLA, "secret-token")
    for wrong in ("secret-toke", "", "é", None):
        with pytest.raises(NotFound):
            usecases.get_project(linked(), CARLA, wrong)
    invited = published(visibility="invite_only")
    invited.link_token = "secret-token"
    with pytest.raises(NotFound):
        usecases.get_project(invited, CARLA, "secret-token")


def test_a_link_opens_nothing_before_publication() -> None:
    project = draft(visibility="link_only")
    project.link_token = "secret-token"
    with pytest.raises(NotFound):
        usecases.get_project(project, CARLA, "secret-token")


def test_who_was_invited_or_has_applied_sees_it() -> None:
    for project in (published(visibility="invite_only"), linked()):
        revision.note_applicant(project, "app-1", CARLA.id, None, NOW)
        assert usecases.get_project(project, CARLA)
        project.invited.append(STRANGERS[3].id)
        assert usecases.get_project(project, STRANGERS[3])


def test_the_token_is_announced_as_its_hash_and_stays_the_same() -> None:
    project = linked()
    (event,) = project.events
    assert isinstance(event, ProjectPublished)
    assert event.link_token_hash == sha256(b"secret-token").hexdigest()
    assert "secret-token" not in str(event)
    usecases.publish_project(project, ANNA, Level.VERIFIED, POLICY, "another", NOW)
    assert project.link_token == "secret-token"
    public = draft()
    usecases.publish_project(public, ANNA, Level.VERIFIED, POLICY, "unused", NOW)
    (event,) = public.events
    assert isinstance(event, ProjectPublished)
    assert event.link_token_hash is None


def seen(project: Project, inside: bool) -> dict[str, Any]:
    return views.project(asdict(project), Level.TRUSTED, inside)


def test_everybody_sees_the_brief_the_level_and_why_the_fee_is_low() -> None:
    project = draft(positions=2, fee_amount=18_000)
    review.grant_exception(project, "A charity of the town.", NOW)
    review.submit(project, Level.VERIFIED, POLICY, NOW)
    project.fill_position("app-1", NOW)
    view = seen(project, inside=False)
    assert (view["positions_filled"], view["positions"], view["hours"]) == (1, 2, 12)
    assert (view["organisation_level"], view["brief_version"]) == ("trusted", 1)
    assert view["pay_exception"]["reason"] == "A charity of the town."
    assert view["supervisor"]["name"] == "Dana Whitfield"


def test_only_the_company_sees_the_link_the_review_and_who_waits() -> None:
    project = linked()
    revision.note_applicant(project, "app-1", CARLA.id, None, NOW)
    inside, outside = seen(project, inside=True), seen(project, inside=False)
    assert inside["link_token"] == "secret-token"
    assert "secret-token" not in str(outside)
    assert {"review", "link_token", "inquiries_waiting", "still_open_by"} & set(outside) == set()
    assert "acc-carla" not in str(inside)
    looked_at = seen(in_review(), inside=True)["review"]
    assert looked_at["findings"][0]["code"] == "organisation-unverified"
    assert seen(published(), inside=True)["link_token"] is None


def test_older_versions_can_be_read_the_newest_first() -> None:
    project = published()
    revision.revise(project, {"fee_amount": 30_000}, Level.VERIFIED, POLICY, NOW + DAY)
    newest, oldest = views.versions(asdict(project))
    assert (newest["number"], newest["brief"]["fee_amount"], newest["until"]) == (2, 30_000, None)
    assert (oldest["number"], oldest["brief"]["fee_amount"]) == (1, 26_400)
    assert (oldest["until"], oldest["changed"]) == (NOW + DAY, ["fee_amount"])


def ask(project: Project, number: int = 1, by: Any = CARLA) -> None:
    usecases.ask_inquiry(project, f"inq-{number}", QUESTION, by, None, NOW)


def listed(project: Project, inside: bool, reader: str) -> list[Any]:
    return views.inquiries(project.inquiries, inside, reader)


def test_an_open_question_is_seen_by_the_company_and_by_whoever_asked() -> None:
    project = published()
    ask(project)
    assert len(listed(project, True, "acc-anna")) == len(listed(project, False, CARLA.id)) == 1
    assert listed(project, False, "acc-mallory") == []
    usecases.answer_inquiry(project, "inq-1", "Yes, hand it in.", ANNA, NOW)
    (public,) = listed(project, False, "anonymous")
    assert (public["text"], public["answer"]) == (QUESTION, "Yes, hand it in.")


def test_nobody_learns_who_asked_or_at_which_hour() -> None:
    project = published()
    ask(project)
    (shown,) = listed(project, True, "acc-anna")
    assert CARLA.id not in str(shown)
    assert shown["asked_at"].hour == shown["asked_at"].minute == 0
    (asked,) = project.events
    assert CARLA.id not in str(asked)


@pytest.mark.parametrize(
    "telling",
    [
        "Write to kim.doe@example.com?",
        "Is it like HTTPS://github.com/kim?",
        "May I call you from +1 (312) 555-0142?",
        "Is www.example.com your site?",
    ],
)
def test_a_question_does_not_tell_who_asks(telling: str) -> None:
    project = published()
    with pytest.raises(Invalid):
        usecases.ask_inquiry(project, "inq-1", telling, CARLA, None, NOW)
    harmless = "Are 4,000 rows in 12 hours, by 2026-03-16, what others needed?"
    usecases.ask_inquiry(project, "inq-1", harmless, CARLA, None, NOW)


def test_a_question_is_answered_once() -> None:
    project = published()
    ask(project)
    usecases.answer_inquiry(project, "inq-1", "Yes.", ANNA, NOW)
    with pytest.raises(Conflict):
        usecases.answer_inquiry(project, "inq-1", "No.", ANNA, NOW)
    with pytest.raises(NotFound):
        usecases.answer_inquiry(project, "inq-2", "No.", ANNA, NOW)


def test_questions_are_bounded() -> None:
    project = published()
    for number in range(MOST_OPEN):
        ask(project, number)
    with pytest.raises(Conflict, match="three"):
        ask(project, 9)
    for number in range(10, 10 + MOST_INQUIRIES - MOST_OPEN):
        inquiry.ask(project, f"inq-{number}", f"acc-{number}", QUESTION, NOW)
    with pytest.raises(Conflict, match="enough"):
        inquiry.ask(project, "inq-last", "acc-last", QUESTION, NOW)


def test_a_closed_project_takes_no_questions_and_no_answers() -> None:
    project = published()
    ask(project)
    project.close(CloseReason.COMPANY, NOW)
    with pytest.raises(Conflict):
        ask(project, 2)
    with pytest.raises(Conflict):
        usecases.answer_inquiry(project, "inq-1", "Too late.", ANNA, NOW)


def test_a_copy_is_a_fresh_draft_without_a_deadline_that_has_passed() -> None:
    old = published(apply_by=(NOW + DAY).isoformat())
    ask(old)
    old.close(CloseReason.EXPIRED, NOW + DAY)
    copy = usecases.copy_project(old, "prj-2", ANNA, NOW + DAY)
    assert (copy.id, copy.status, copy.copied_from) == ("prj-2", "draft", "prj-1")
    assert (copy.brief.apply_by, copy.inquiries, copy.events) == (None, [], [])
    early = usecases.copy_project(published(apply_by=(NOW + DAY).isoformat()), "prj-3", ANNA, NOW)
    assert early.brief.apply_by == NOW + DAY


def test_a_repost_is_judged_like_any_brief() -> None:
    old = published()
    old.close(CloseReason.COMPANY, NOW)
    for level, status in ((Level.VERIFIED, "published"), (Level.UNVERIFIED, "in_review")):
        again = usecases.repost_project(old, "prj-2", {"hours": 9}, ANNA, level, POLICY, "t", NOW)
        assert (again.status, again.brief.hours, again.copied_from) == (status, 9, "prj-1")


def kinds(project: Project, role: str) -> list[str]:
    return [item["kind"] for item in views.todo(asdict(project), role)]


def test_each_is_told_what_waits_for_them_in_a_brief() -> None:
    waiting, open_, returned = in_review(), published(), in_review()
    assert kinds(waiting, "operator") == ["review-brief"]
    review.request_changes(returned, [Reason(field="title", reason="Vague.")], "acc-otto", NOW)
    assert kinds(returned, "owner") == ["change-brief"]
    assert kinds(open_, "recruiter") == []
    ask(open_)
    upkeep.settle(open_, NOW + 21 * DAY)
    assert kinds(open_, "recruiter") == ["confirm-project", "answer-inquiries"]
    assert kinds(open_, "evaluator") == []
    (item, _) = views.todo(asdict(open_), "owner")
    assert item["due_at"] == NOW + 30 * DAY
