"""A candidate's own words go; the company's record stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.projects.domain import erasing
from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.midpoint import Answer, Midpoint
from services.projects.domain.signing import Declaration
from services.projects.domain.thread import Message
from services.projects.domain.work import AIUse, Cancellation, Fault, Party
from services.projects.domain.workroom import Amendment, Flag, Order, Reflection, TimeNote
from tests.unit.projects.samples import NOW, cancelled, completed, of_company, opinion

WORDS = "words of their own"
KIM = "acc-carla"  # The candidate of the samples.


def order(by: Party, person_id: str) -> Order:
    return Order(
        order_id=f"ord-{person_id}",
        by=by,
        person_id=person_id,
        why=WORDS,
        amendment=Amendment(hours=12),
        fee_difference=0,
        proposed_at=NOW,
        expires_at=NOW + timedelta(days=1),
        answered_by=KIM,
        comment=WORDS,
    )


def flag(by: Party, person_id: str) -> Flag:
    return Flag(
        flag_id=f"flg-{person_id}",
        by=by,
        person_id=person_id,
        kind="other",
        text=WORDS,
        evidence=[],
        raised_at=NOW,
    )


def declaration(party: Party, person_id: str) -> Declaration:
    return Declaration(
        declaration_id="dcl-1",
        party=party,
        person_id=person_id,
        declared=True,
        text=WORDS,
        declared_at=NOW,
    )


def talkative() -> Engagement:
    found = completed()
    found.submissions = [
        replace(one, note=WORDS, ai_use=AIUse(level="assisted", note=WORDS))
        for one in found.submissions
    ]
    found.orders = [order(Party.CANDIDATE, KIM), order(Party.COMPANY, "acc-dana")]
    found.flags = [flag(Party.CANDIDATE, KIM), flag(Party.COMPANY, "acc-dana")]
    found.time_note = TimeNote(hours=12, note=WORDS, noted_at=NOW)
    found.reflection = Reflection(
        learned=WORDS, proud_of=WORDS, next_time=WORDS, shared=True, written_at=NOW
    )
    if found.kickoff is not None:
        found.kickoff.declarations = [
            declaration(Party.CANDIDATE, KIM),
            declaration(Party.COMPANY, "acc-dana"),
        ]
    return found


def test_an_engagement_keeps_its_terms_files_and_what_the_company_wrote() -> None:
    engagement = talkative()
    files = [one.files for one in engagement.submissions]
    erasing.erase_engagement(engagement, KIM)
    assert {(one.note, one.ai_use and one.ai_use.note) for one in engagement.submissions} == {
        ("", "")
    }
    assert [one.files for one in engagement.submissions] == files
    assert [(one.why, one.comment) for one in engagement.orders] == [("", ""), (WORDS, "")]
    assert [one.text for one in engagement.flags] == ["", WORDS]
    assert engagement.time_note == TimeNote(hours=12, note="", noted_at=NOW)
    assert engagement.reflection is None
    assert engagement.kickoff is not None
    assert [one.text for one in engagement.kickoff.declarations] == ["", WORDS]
    assert engagement.candidate_id == KIM


def test_a_second_time_changes_nothing() -> None:
    engagement = talkative()
    erasing.erase_engagement(engagement, KIM)
    once = repr(engagement)
    erasing.erase_engagement(engagement, KIM)
    assert repr(engagement) == once


@pytest.mark.parametrize(("reason", "left"), [("candidate-cancelled", ""), ("terminated", WORDS)])
def test_a_comment_goes_where_it_is_the_candidate_s(reason: str, left: str) -> None:
    engagement = cancelled()
    engagement.cancellation = Cancellation(reason, Fault.NOBODY, WORDS, NOW)
    erasing.erase_engagement(engagement, KIM)
    assert engagement.cancellation.comment == left


def test_figures_stay_and_the_candidate_s_comments_go() -> None:
    evaluation = Evaluation.of(completed(), NOW)
    mine = replace(of_company(), comment=WORDS, private_comment=WORDS, why=WORDS)
    evaluation.rate(Party.CANDIDATE, KIM, mine, NOW)
    evaluation.rate(Party.COMPANY, "acc-dana", replace(opinion(), comment=WORDS), NOW)
    evaluation.reply(Party.CANDIDATE, WORDS, NOW)
    evaluation.report(Party.CANDIDATE, "untrue", WORDS, NOW)
    before = evaluation.summary()
    erasing.erase_evaluation(evaluation)
    comments = {one.side: one.opinion.comment for one in evaluation.ratings}
    assert comments == {Party.CANDIDATE: "", Party.COMPANY: WORDS}
    assert {one.text for one in [*evaluation.replies, *evaluation.reports]} == {""}
    assert evaluation.summary() == before


def test_the_check_in_half_way_and_messages_lose_their_words() -> None:
    ids = {"engagement_id": "e", "project_id": "p", "org_id": "o", "candidate_id": KIM}
    said = {"going_well": WORDS, "to_change": WORDS, "on_track": True, "answered_at": NOW}
    midpoint = Midpoint(id="mid-1", halfway_at=NOW, **ids)
    midpoint.answers = [
        Answer(side=Party.CANDIDATE, person_id=KIM, **said),
        Answer(side=Party.COMPANY, person_id="acc-dana", **said),
    ]
    erasing.erase_midpoint(midpoint)
    assert [one.going_well for one in midpoint.answers] == ["", WORDS]
    message = Message(
        id="msg-1", by=Party.CANDIDATE, person_id=KIM, text=WORDS, files=[], posted_at=NOW, **ids
    )
    erasing.erase_message(message)
    assert (message.text, message.person_id) == ("", KIM)
