"""Who may do what, and for which side."""

from collections.abc import Callable
from typing import Any

import pytest

from services.projects import usecases
from services.projects.domain import inquiry
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.organisation import Level
from services.projects.domain.project import CloseReason, Project, Status
from services.projects.domain.project_records import Reason
from services.projects.domain.signing import Disclosure
from services.projects.domain.thread import Message, Thread
from services.projects.domain.work import Fault, File, Party
from services.projects.domain.workroom import Amendment, Reflection, TimeNote
from services.projects.usecases import evaluations
from shared.errors import Forbidden, NotFound
from shared.principal import ANONYMOUS, SYSTEM, Principal, permissions
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    CRITERIA,
    DAY,
    EVA,
    FILE,
    NO_CONFLICT,
    NOW,
    OTTO,
    POLICY,
    RUBEN,
    STRANGERS,
    active,
    brief,
    completed,
    draft,
    in_review,
    kickoff_pending,
    of_company,
    opinion,
    published,
    signing,
    submitted,
)

TEACHER, PARTNER = Principal("acc-tim", "educator"), Principal("acc-pat", "partner")
EVERYBODY = (ANNA, RUBEN, EVA, CARLA, OTTO, TEACHER, PARTNER, ANONYMOUS, SYSTEM, *STRANGERS)

JUDGED = (Level.VERIFIED, POLICY, NOW)


def asked() -> Project:
    project = published()
    inquiry.ask(project, "inq-1", "acc-carla", "May I use a script?", NOW)
    return project


def secret() -> Project:
    """Published, for those who are invited."""
    return published(visibility="invite_only")


ON_PROJECTS: dict[str, Callable[[Principal], Any]] = {
    "create_project": lambda by: usecases.create_project("prj-1", brief(), by, NOW),
    "update_project": lambda by: usecases.update_project(draft(), {"hours": 9}, by, *JUDGED),
    "publish_project": lambda by: usecases.publish_project(
        draft(), by, Level.VERIFIED, POLICY, "token", NOW
    ),
    "close_project": lambda by: usecases.close_project(published(), by, NOW),
    "confirm_project": lambda by: usecases.confirm_project(published(), by, NOW),
    "copy_project": lambda by: usecases.copy_project(published(), "prj-2", by, NOW),
    "repost_project": lambda by: usecases.repost_project(
        published(), "prj-2", {}, by, Level.VERIFIED, POLICY, "token", NOW
    ),
    "get_project": lambda by: usecases.get_project(draft(), by),
    "list_brief_versions": lambda by: usecases.get_project(
        draft(), by, None, "list_brief_versions"
    ),
    "list_inquiries": lambda by: usecases.get_project(draft(), by, None, "list_inquiries"),
    "ask_inquiry": lambda by: usecases.ask_inquiry(
        secret(), "inq-1", "Why is that?", by, None, NOW
    ),
    "answer_inquiry": lambda by: usecases.answer_inquiry(asked(), "inq-1", "Because.", by, NOW),
    "approve_project": lambda by: usecases.approve_project(in_review(), by, POLICY, NOW),
    "request_project_changes": lambda by: usecases.request_project_changes(
        in_review(), [Reason(field="title", reason="Too short.")], by, NOW
    ),
    "grant_pay_exception": lambda by: usecases.grant_pay_exception(
        draft(), "A charity of the town.", by, NOW
    ),
}
READ = ("get_project", "list_brief_versions", "list_inquiries", "ask_inquiry")
ON_ENGAGEMENTS: dict[str, Callable[[Principal], Any]] = {
    "get_engagement": lambda by: usecases.get_engagement(active(), by),
    "get_kickoff": lambda by: usecases.get_kickoff(kickoff_pending(), by),
    "get_agreement": lambda by: usecases.get_agreement(kickoff_pending(), "nda", by),
    "accept_agreement": lambda by: usecases.accept_agreement(kickoff_pending(), NDA, by, NOW),
    "propose_kickoff": lambda by: usecases.propose_kickoff(
        kickoff_pending(), signing(kickoff_pending()).checklist, {"channel": "Phone"}, by, NOW
    ),
    "declare_conflict": lambda by: usecases.declare_conflict(
        kickoff_pending(), NO_CONFLICT, by, NOW
    ),
    "acknowledge_conflict": lambda by: usecases.acknowledge_conflict(
        both_declared(), "dcl-2" if by in (ANNA, RUBEN) else "dcl-1", by, NOW
    ),
    "sign_kickoff": lambda by: usecases.sign_kickoff(
        kickoff_pending(), signing(kickoff_pending()), by, NOW
    ),
    "submit_deliverable": lambda by: usecases.submit_deliverable(
        active(), [File(**FILE)], "", by, NOW
    ),
    "request_revision": lambda by: usecases.request_revision(submitted(), CRITERIA, "", by, NOW),
    "accept_deliverable": lambda by: evaluations.accept_deliverable(submitted(), by, NOW),
    "evaluate_engagement": lambda by: evaluations.evaluate_engagement(
        submitted(), None, opinion(), by, NOW
    ),
    "rate_company": lambda by: evaluations.rate_company(completed(), of_company(), by),
    "get_evaluation": lambda by: evaluations.get_evaluation(completed(), rated(), by),
    "reply_to_evaluation": lambda by: evaluations.require("reply_to_evaluation", completed(), by),
    "report_evaluation": lambda by: evaluations.require("report_evaluation", completed(), by),
    "publish_comment": lambda by: evaluations.require("publish_comment", completed(), by),
    "cancel_engagement": lambda by: usecases.cancel_engagement(active(), "", by, NOW),
    "terminate_engagement": lambda by: usecases.terminate_engagement(
        active(), "other", Fault.NOBODY, "Both asked for it.", by, NOW
    ),
    "list_messages": lambda by: usecases.read_thread(active(), by),
    "post_message": lambda by: usecases.admit_message(Thread("eng-1"), active(), by, NOW),
    "get_message": lambda by: usecases.read_message(a_message(), by),
    "plan_milestone": lambda by: usecases.plan_milestone(
        active(), "mil-1", "Half of it", NOW + DAY, by, NOW
    ),
    "change_milestone": lambda by: usecases.change_milestone(
        with_milestone(), "mil-1", {"title": "A third of it"}, by, NOW
    ),
    "propose_change_order": lambda by: usecases.propose_change_order(
        active(), "cor-1", LATER, "Ill.", by, NOW
    ),
    "accept_change_order": lambda by: usecases.accept_change_order(
        with_order(by), "cor-1", by, NOW
    ),
    "decline_change_order": lambda by: usecases.decline_change_order(
        with_order(by), "cor-1", "", by, NOW
    ),
    "raise_flag": lambda by: usecases.raise_flag(
        active(), "flg-1", "other", "Something is odd here.", [], by, NOW
    ),
    "list_flags": lambda by: usecases.list_flags(active(), by),
    "resolve_flag": lambda by: usecases.resolve_flag(with_flag(), "flg-1", "We looked.", by, NOW),
    "put_time_note": lambda by: usecases.put_time_note(
        active(), TimeNote(hours=12.5, note="", noted_at=NOW), by
    ),
    "put_reflection": lambda by: usecases.put_reflection(active(), LEARNED, by),
}
LATER = Amendment(due_at=NOW + 9 * DAY)
LEARNED = Reflection(
    learned="To ask before I merge.", proud_of="", next_time="", shared=True, written_at=NOW
)
NDA = next(one for one in signing(kickoff_pending()).agreements if one.kind == "nda")
OURS = {ANNA, RUBEN, EVA, CARLA}


def rated() -> Evaluation:
    return evaluations.open_evaluation(completed(), NOW)


def both_declared() -> Engagement:
    engagement = kickoff_pending()
    for party, person in ((Party.COMPANY, EVA), (Party.CANDIDATE, CARLA)):
        engagement.declare_conflict(Disclosure(True, "We are cousins."), party, person.id, NOW)
    return engagement


def a_message() -> Message:
    return usecases.message_of(Thread("eng-1"), active(), "msg-1", "Hello.", [], CARLA, NOW)


def with_milestone() -> Engagement:
    engagement = active()
    engagement.plan_milestone("mil-1", "Half of it", NOW + DAY, Party.COMPANY, NOW)
    return engagement


def with_order(by: Principal) -> Engagement:
    """Proposed by the side that this principal is not on."""
    engagement = active()
    party = Party.COMPANY if by == CARLA else Party.CANDIDATE
    engagement.propose_change("cor-1", LATER, "Ill.", party, "acc-x", NOW)
    return engagement


def with_flag() -> Engagement:
    engagement = active()
    usecases.raise_flag(engagement, "flg-1", "other", "Something is odd.", [], CARLA, NOW)
    return engagement


def outcome(act: Callable[[Principal], Any], by: Principal) -> str:
    try:
        act(by)
    except (Forbidden, NotFound) as exc:
        return type(exc).__name__
    return "done"


def expected(operation: str, by: Principal) -> str:
    relation = permissions()[operation]["allow"].get(by.role)
    if relation is None:
        return "Forbidden"
    creates = operation == "create_project"  # Whatever one creates is one's own.
    return "done" if relation == "any" or by in OURS or creates else "NotFound"


@pytest.mark.parametrize("operation", [*ON_PROJECTS, *ON_ENGAGEMENTS])
def test_the_table_is_kept_for_everybody(operation: str) -> None:
    act = {**ON_PROJECTS, **ON_ENGAGEMENTS}[operation]
    did = {by: outcome(act, by) for by in EVERYBODY}
    own_drafts = {CARLA} if operation in READ else set()
    wanted = {by: expected(operation, by) for by in EVERYBODY} | dict.fromkeys(
        own_drafts, "NotFound"
    )
    assert did == wanted


def test_a_published_project_is_everybodys_to_read_and_a_put_away_draft_is_not() -> None:
    for by in (ANONYMOUS, CARLA, *STRANGERS):
        assert usecases.get_project(published(), by).id == "prj-1"
    project = draft()
    usecases.close_project(project, ANNA, NOW)
    with pytest.raises(NotFound):
        usecases.get_project(project, CARLA)


def test_a_member_without_an_organisation_creates_nothing() -> None:
    with pytest.raises(NotFound):
        usecases.create_project("prj-1", brief(), Principal("acc-anna", "owner"), NOW)


def test_a_project_belongs_to_the_organisation_of_its_author() -> None:
    project = usecases.create_project("prj-1", brief(), RUBEN, NOW)
    usecases.update_project(project, {"hours": 9}, ANNA, *JUDGED)
    usecases.publish_project(project, ANNA, Level.VERIFIED, POLICY, "token", NOW)
    usecases.close_project(project, RUBEN, NOW)
    assert (project.org_id, project.brief.hours) == ("org-acme", 9)
    assert (project.status, project.close_reason) == (Status.CLOSED, CloseReason.COMPANY)


@pytest.mark.parametrize(
    ("by", "side"), [(ANNA, "company"), (RUBEN, "company"), (CARLA, "candidate")]
)
def test_each_signs_for_their_side(by: Principal, side: str) -> None:
    engagement = kickoff_pending()
    usecases.sign_kickoff(engagement, signing(engagement), by, NOW)
    (signature,) = engagement.offered_kickoff().signatures
    assert (signature.party, signature.person_id) == (side, by.id)


@pytest.mark.parametrize(
    ("by", "fault"), [(ANNA, "company"), (CARLA, "candidate"), (OTTO, "nobody")]
)
def test_each_cancels_for_their_side(by: Principal, fault: str) -> None:
    engagement = active()
    usecases.cancel_engagement(engagement, "Ill.", by, NOW)
    assert engagement.cancellation is not None
    assert engagement.cancellation.fault == fault


def test_a_second_opening_leaves_an_engagement_as_it_is() -> None:
    engagement: Engagement = active()
    usecases.await_funding(engagement)
    assert engagement == active()


def test_searches_are_about_all_projects_or_ones_own() -> None:
    assert usecases.searched_organisation(ANONYMOUS, False) is None
    assert usecases.searched_organisation(ANNA, False) is None
    assert usecases.searched_organisation(EVA, True) == "org-acme"
    with pytest.raises(Forbidden):
        usecases.searched_organisation(CARLA, True)


def test_lists_are_about_what_one_is_part_of() -> None:
    assert usecases.engagement_scope("list_engagements", EVA) == {"org_id": "org-acme"}
    assert usecases.engagement_scope("list_engagements", CARLA) == {"candidate_id": "acc-carla"}
    assert usecases.engagement_scope("list_engagements", OTTO) == {}
    assert usecases.engagement_scope("list_todo", OTTO) == {"candidate_id": "acc-otto"}
    with pytest.raises(Forbidden):
        usecases.engagement_scope("list_engagements", ANONYMOUS)
