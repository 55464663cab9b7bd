"""Invitations: who is asked, who may then apply, and what the company does not learn of it."""

import hashlib
from typing import Any

import pytest

from services.applications.domain import invitation_id
from services.applications.domain.invitation import PER_PROJECT
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.applications.test_following import closed
from tests.unit.applications.test_reading import text
from tests.unit.applications.world import (
    EVALUATOR,
    KEY,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    PROFILE,
    RECRUITER,
    STRANGER,
    World,
)


def invite(world: World, who: Principal = KIM, by: Principal = OWNER, **more: Any) -> Any:
    world.call("put_profile", who, profile=PROFILE)
    whom = more or {"candidate_id": who.id}
    return world.call("invite_candidate", by, project_id="prj-1", **whom)


def suggest(world: World, *who: Principal, version: int = 1) -> list[dict[str, Any]]:
    candidates = [{"candidate_id": one.id, "score": 90 - at} for at, one in enumerate(who)]
    about = {"project_id": "prj-1", "org_id": "org-acme", "candidates": candidates}
    world.tell("match.suggested.v1", about, version)
    items: list[dict[str, Any]] = suggestions(world)
    return items


def suggestions(world: World) -> Any:
    return world.call("list_suggestions", OWNER, project_id="prj-1")["items"]


def mine(world: World, who: Principal = KIM) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.call("list_invitations", who)["items"]
    return items


def test_an_invited_candidate_sees_it_and_applying_is_the_yes(world: World) -> None:
    world.publish()
    sent = invite(world, message="We liked your survey.", candidate_id=KIM.id)
    (seen,) = mine(world)
    assert (seen["id"], seen["status"]) == (sent["id"], "sent")
    assert seen["message"] == "We liked your survey."
    assert [item["kind"] for item in world.call("list_todo", KIM)["items"]] == ["answer-invitation"]
    world.apply()
    assert mine(world)[0]["status"] == "applied"
    assert world.types().count("invitation.sent") == 1
    with pytest.raises(Conflict):
        world.call("decline_invitation", KIM, invitation_id=sent["id"], reason="timing")


def test_an_invitation_is_declined_with_a_code_and_may_still_be_followed(world: World) -> None:
    world.publish()
    sent = invite(world)
    for _ in range(2):
        view = world.call("decline_invitation", KIM, invitation_id=sent["id"], reason="timing")
    assert (view["status"], view["decline_reason"]) == ("declined", "timing")
    assert world.types().count("invitation.declined") == 1
    world.apply()
    assert mine(world)[0]["status"] == "applied"
    with pytest.raises(Invalid):
        world.call("decline_invitation", KIM, invitation_id=sent["id"], reason="your logo")


def test_silence_ends_an_invitation(world: World) -> None:
    world.publish()
    invite(world)
    world.now.pass_(days=13)
    world.sweep()
    assert mine(world)[0]["status"] == "sent"
    world.now.pass_(days=1)
    world.sweep()
    assert mine(world)[0]["status"] == "expired"
    world.apply()
    assert mine(world)[0]["status"] == "applied"


def test_an_invitation_ends_with_the_time_to_apply(world: World) -> None:
    world.publish(apply_by="2026-03-05T17:00:00.000+00:00")
    invite(world)
    assert mine(world)[0]["expires_at"].day == 5


def test_inviting_again_is_the_same_invitation(world: World) -> None:
    world.publish()
    assert invite(world) == invite(world)
    assert world.types().count("invitation.sent") == 1


def test_an_invite_only_project_takes_whom_it_invited_and_nobody_else(world: World) -> None:
    world.publish(visibility="invite_only")
    with pytest.raises(Forbidden) as failure:
        world.apply()
    assert failure.value.code == "invitation-needed"
    invite(world, LEE)
    with pytest.raises(Forbidden):
        world.apply()
    assert world.application(world.apply(LEE)).status == "submitted"


def test_a_suggested_candidate_of_an_invite_only_project_may_apply(world: World) -> None:
    world.publish(visibility="invite_only")
    (item,) = suggest(world, KIM)
    invite(world, suggestion_id=item["id"])
    assert world.application(world.apply()).status == "submitted"


@pytest.mark.parametrize("token", [None, "", "guess", "t" * 99])
def test_a_link_only_project_needs_the_token_of_its_link(world: World, token: str | None) -> None:
    world.publish(visibility="link_only", link_token_hash=hashlib.sha256(b"secret").hexdigest())
    with pytest.raises(Forbidden) as failure:
        world.apply(link_token=token)
    assert failure.value.code == "link-needed"
    assert world.application(world.apply(link_token="secret")).status == "submitted"


def test_a_link_only_project_without_a_token_takes_nobody_by_link(world: World) -> None:
    world.publish(visibility="link_only")
    with pytest.raises(Forbidden):
        world.apply(link_token=None)
    invite(world)
    assert world.application(world.apply()).status == "submitted"


def test_a_project_sends_so_many_invitations_and_no_more(world: World) -> None:
    world.publish()
    for number in range(PER_PROJECT):
        invite(world, Principal(f"acc-{number}", "candidate"))
    with pytest.raises(Conflict) as failure:
        invite(world)
    assert failure.value.code == "too-many-invitations"
    assert world.types().count("invitation.sent") == PER_PROJECT
    again = invite(world, Principal("acc-3", "candidate"))
    assert again["status"] == "sent"


def test_an_invitation_whose_writing_was_cut_short_is_sent_when_it_is_asked_for_again(
    world: World,
) -> None:
    world.publish()
    invitations = world.service.invitations
    world.service.invitations = type("Away", (), {})()
    with pytest.raises(AttributeError):
        invite(world)
    world.service.invitations = invitations
    assert mine(world) == []
    assert invite(world)["status"] == "sent"
    assert (world.types().count("invitation.sent"), len(world.card().invited)) == (1, 1)


def test_an_invitation_that_was_sent_while_somebody_applied_is_answered_by_the_announcement(
    world: World,
) -> None:
    world.publish()
    sent = invite(world)
    document = dict(world.service.invitations.documents[sent["id"]])
    world.apply()
    world.service.invitations.documents[sent["id"]] = document
    assert mine(world)[0]["status"] == "sent"
    world.settle()
    assert mine(world)[0]["status"] == "applied"


def test_only_who_is_open_to_work_is_found_by_name(world: World) -> None:
    world.publish()
    world.call("put_profile", KIM, profile={**PROFILE, "open_to_work": False})
    for whom in (KIM.id, "acc-nobody"):
        with pytest.raises(NotFound):
            world.call("invite_candidate", OWNER, project_id="prj-1", candidate_id=whom)


def test_an_invitation_names_one_and_only_one(world: World) -> None:
    world.publish()
    for whom in ({}, {"candidate_id": "a", "suggestion_id": "b"}):
        with pytest.raises(Invalid):
            world.call("invite_candidate", OWNER, project_id="prj-1", **whom)


def test_a_closed_project_invites_nobody(world: World) -> None:
    world.publish()
    world.tell("project.closed.v1", closed())
    with pytest.raises(Conflict):
        invite(world)


# Suggestions


def test_suggestions_are_ranked_and_name_nobody(world: World) -> None:
    world.publish()
    items = suggest(world, LEE, KIM)
    assert [(item["rank"], item["score"], item["invited"]) for item in items] == [
        (1, 90, False),
        (2, 89, False),
    ]
    sent = invite(world, suggestion_id=items[1]["id"])
    shown = [items, sent, world.call("list_project_invitations", OWNER, project_id="prj-1")]
    assert KIM.id not in text(shown)
    assert LEE.id not in text(shown)
    assert [item["invited"] for item in suggestions(world)] == [False, True]
    assert mine(world)[0]["id"] == sent["id"]


def test_newer_suggestions_replace_older_ones_and_late_ones_are_dropped(world: World) -> None:
    world.publish()
    suggest(world, KIM, version=2)
    (item,) = suggest(world, LEE, version=1)
    assert item["id"] == invitation_id(KEY, KIM.id, "prj-1", suggested=True)
    with pytest.raises(NotFound):
        invite(world, suggestion_id=invitation_id(KEY, LEE.id, "prj-1", suggested=True))


# What the company does not learn


def test_an_invitations_id_is_akin_to_no_other(world: World) -> None:
    world.publish()
    (item,) = suggest(world, KIM)
    by_name, application = invite(world)["id"], world.apply()
    suffixes = {id_.partition("-")[2] for id_ in (item["id"], by_name, application)}
    assert len(suffixes) == 3


@pytest.mark.parametrize("applied_first", [False, True])
@pytest.mark.parametrize("answer", ["applied", "declined", "expired", "none"])
def test_a_blind_company_reads_the_same_whatever_the_answer_is(
    world: World, applied_first: bool, answer: str
) -> None:
    world.publish()
    if applied_first:
        world.apply()
    sent = invite(world)
    if not applied_first and answer == "applied":
        world.apply()
    if not applied_first and answer == "declined":
        world.call("decline_invitation", KIM, invitation_id=sent["id"], reason="pay")
    if answer == "expired":
        world.now.pass_(days=15)
        world.sweep()
    (seen,) = world.call("list_project_invitations", OWNER, project_id="prj-1")["items"]
    assert seen == invite(world) == sent
    assert (seen["status"], seen["candidate_id"]) == ("sent", KIM.id)
    assert "version" not in seen


def test_who_has_applied_is_not_asked_to(world: World) -> None:
    world.publish()
    world.apply()
    invite(world)
    assert "invitation.sent" not in world.types()
    assert mine(world)[0]["status"] == "applied"


def test_an_open_review_shows_the_answer(world: World) -> None:
    world.publish(blind_review=False)
    sent = invite(world)
    world.call("decline_invitation", KIM, invitation_id=sent["id"], reason="pay")
    (seen,) = world.call("list_project_invitations", OWNER, project_id="prj-1")["items"]
    assert (seen["status"], seen["decline_reason"]) == ("declined", "pay")


def test_who_may_invite_and_answer(world: World) -> None:
    world.publish()
    sent = invite(world, by=RECRUITER)
    (item,) = suggest(world, LEE)
    for by, error in ((EVALUATOR, Forbidden), (KIM, Forbidden), (STRANGER, NotFound)):
        with pytest.raises(error):
            invite(world, by=by)
        with pytest.raises(error):
            world.call("list_suggestions", by, project_id="prj-1")
        with pytest.raises(error):
            world.call("list_project_invitations", by, project_id="prj-1")
    with pytest.raises(NotFound):
        world.call("decline_invitation", LEE, invitation_id=sent["id"], reason="pay")
    with pytest.raises(Forbidden):
        world.call("list_invitations", OWNER)
    (seen,) = world.call("list_project_invitations", OPERATOR, project_id="prj-1")["items"]
    assert seen["candidate_id"] == KIM.id
    assert item["rank"] == 1
