"""What both sides say of each other: who says what, when it is shown, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.projects import library
from services.projects.domain.evaluation import REPLY_LIMIT, WINDOW, Evaluation, Stage
from services.projects.domain.rating import Evidence, Opinion, require_grounded
from services.projects.domain.rubric import disagreement
from services.projects.domain.work import Party
from services.projects.schemas import evaluation_views as views
from services.projects.schemas.evaluations import CompanyOpinionSchema
from services.projects.schemas.inputs import load
from services.projects.usecases import evaluations as usecases
from shared.errors import Conflict, Invalid
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    DAY,
    EVA,
    NOW,
    RUBEN,
    SCORES,
    active,
    completed,
    of_company,
    opinion,
    submitted,
)

ENDED = NOW + 2 * DAY  # When the samples' work is accepted.
INSTANT = timedelta(milliseconds=1)
NACE = library.nace()


def fresh() -> Evaluation:
    return Evaluation.of(completed(), ENDED)


def rate(
    evaluation: Evaluation, by: str, given: Opinion | None = None, *, last: bool = True
) -> None:
    side = Party.CANDIDATE if by == CARLA.id else Party.COMPANY
    words = given or (of_company() if by == CARLA.id else opinion())
    evaluation.rate(side, by, words, ENDED + DAY, last)


def released() -> Evaluation:
    evaluation = fresh()
    rate(evaluation, ANNA.id)
    rate(evaluation, CARLA.id)
    evaluation.events.clear()
    return evaluation


def told(evaluation: Evaluation) -> list[str]:
    return [event.type.removesuffix(".v1") for event in evaluation.events]


def seen(evaluation: Evaluation, by: str, side: Party) -> dict[str, object]:
    return views.evaluation(evaluation, by, side, NACE)


def test_nothing_is_shown_before_both_are_in() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id)
    assert told(evaluation) == ["evaluation.submitted", "evaluation.completed"]
    for by, side in ((CARLA.id, Party.CANDIDATE), (EVA.id, Party.COMPANY)):
        view = seen(evaluation, by, side)
        assert (view["ratings"], view["waiting_for"]) == ([], ["candidate"])
        assert "scores" not in view
    assert len(seen(evaluation, ANNA.id, Party.COMPANY)["ratings"]) == 1  # type: ignore[arg-type]
    rate(evaluation, CARLA.id)
    assert told(evaluation)[-1] == "evaluation.released"
    view = seen(evaluation, CARLA.id, Party.CANDIDATE)
    assert (view["scores"], view["weighted_score"]) == (SCORES, 82)
    assert view["company_weighted_score"] == 88


def test_the_submission_that_is_announced_tells_no_score() -> None:
    evaluation = fresh()
    rate(evaluation, CARLA.id)
    (event,) = evaluation.events
    assert event.type == "evaluation.submitted.v1"
    assert not hasattr(event, "scores")


def test_the_times_are_the_published_ones() -> None:
    assert (timedelta(days=14), timedelta(days=28)) == (WINDOW, REPLY_LIMIT)


def test_the_window_shows_what_is_there_and_takes_no_more() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id)
    evaluation.settle(ENDED + WINDOW - INSTANT)
    assert evaluation.status is Stage.OPEN
    evaluation.settle(ENDED + WINDOW)
    evaluation.settle(ENDED + WINDOW)
    assert (evaluation.status, told(evaluation).count("evaluation.released")) == ("released", 1)
    with pytest.raises(Conflict, match="over"):
        rate(evaluation, CARLA.id)
    silent = fresh()
    with pytest.raises(Conflict):
        silent.rate(Party.COMPANY, ANNA.id, opinion(), ENDED + WINDOW)
    silent.settle(ENDED + WINDOW)
    assert (silent.status, told(silent)) == ("lapsed", [])


def test_a_rating_is_locked_and_the_same_again_is_no_other() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id)
    rate(evaluation, ANNA.id)
    assert len(evaluation.ratings) == 1
    with pytest.raises(Conflict) as caught:
        rate(evaluation, ANNA.id, opinion(culture=1))
    assert caught.value.code == "already-evaluated"


def test_raters_disagree_from_two_steps_on() -> None:
    assert disagreement([{"a": 4, "b": 4}, {"a": 2, "b": 3}]) == ["a"]


def test_several_raters_make_one_score_and_their_disagreement_is_flagged() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id, opinion(communication=5, culture=4), last=False)
    rate(evaluation, CARLA.id)
    assert evaluation.status is Stage.OPEN, "a colleague is still to rate"
    rate(evaluation, EVA.id, opinion(communication=2, culture=3))
    assert evaluation.status is Stage.RELEASED
    view = seen(evaluation, CARLA.id, Party.CANDIDATE)
    assert view["raters"] == 2
    assert view["disagreement"] == ["communication"]  # 5 and 2; culture's 4 and 3 agree.
    # (5 + 2) / 2 = 3.5 and (4 + 3) / 2 = 3.5, halves upwards.
    assert view["scores"] == {**SCORES, "communication": 4, "culture": 4}
    assert [one.weighted_score for one in evaluation.by(Party.COMPANY)] == [89, 64]
    assert view["weighted_score"] == 77  # 76.5


def test_only_the_first_rating_of_the_company_is_the_one_that_offers_follow() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id, last=False)
    rate(evaluation, EVA.id)
    assert told(evaluation).count("evaluation.completed") == 1


def test_a_score_names_what_in_the_work_it_rests_on() -> None:
    engagement = completed()
    good = [Evidence(dimension="work_ethic", version=1, file_id="fil-01")]
    require_grounded(opinion_with(good), engagement)
    bad = [
        Evidence(dimension="charm", version=1),
        Evidence(dimension="culture", version=2),
        Evidence(dimension="culture", version=1, file_id="fil-99"),
    ]
    with pytest.raises(Invalid) as caught:
        require_grounded(opinion_with(bad), engagement)
    wrong = {"evidence.0.dimension", "evidence.1.version", "evidence.2.file_id"}
    assert set(caught.value.errors) == wrong


def opinion_with(evidence: list[Evidence], **custom: int) -> Opinion:
    answers = {"would_engage_again": True, "would_hire": True}
    return Opinion(scores=SCORES, answers=answers, evidence=evidence, custom=custom)


def test_the_criteria_of_the_brief_are_all_scored_and_no_others() -> None:
    own = [{"title": "Care with data", "low": "Leaves copies.", "high": "Deletes them."}]
    engagement = completed(evaluation_criteria=own)
    assert [one.criterion_id for one in engagement.terms.evaluation_criteria] == ["c1"]
    require_grounded(opinion_with([], c1=4), engagement)
    for wrong in ({}, {"c1": 4, "c2": 3}):
        with pytest.raises(Invalid):
            require_grounded(opinion_with([], **wrong), engagement)


def test_the_two_closing_questions_need_an_answer() -> None:
    with pytest.raises(Invalid) as caught:
        load(CompanyOpinionSchema(), {"scores": SCORES})
    assert set(caught.value.errors) == {"would_engage_again", "would_hire"}


def test_a_rating_accepts_work_under_review_and_acceptance_needs_no_rating() -> None:
    rated, accepted = submitted(), submitted()
    usecases.evaluate_engagement(rated, None, opinion(), ANNA, ENDED)
    usecases.accept_deliverable(accepted, RUBEN, ENDED)
    for engagement in (rated, accepted):
        told = [event.type for event in engagement.events]
        assert told == ["deliverable.accepted.v1", "engagement.completed.v1"]


def test_the_candidate_rates_once_the_work_is_accepted() -> None:
    usecases.rate_company(completed(), of_company(), CARLA)
    with pytest.raises(Conflict):
        usecases.rate_company(active(), of_company(), CARLA)


def test_each_side_replies_once_within_28_days_of_the_release() -> None:
    evaluation, at = released(), ENDED + DAY
    with pytest.raises(Conflict):
        fresh().reply(Party.CANDIDATE, "Too early.", at)
    evaluation.reply(Party.CANDIDATE, "Thank you.", at + REPLY_LIMIT - INSTANT)
    with pytest.raises(Conflict) as again:
        evaluation.reply(Party.CANDIDATE, "And thank you.", at)
    with pytest.raises(Conflict) as late:
        evaluation.reply(Party.COMPANY, "Thank you.", at + REPLY_LIMIT)
    assert (again.value.code, late.value.code) == ("already-replied", "reply-window-over")


def test_what_is_removed_is_read_no_more_by_whom_it_was_about() -> None:
    evaluation, at = released(), ENDED + 2 * DAY
    evaluation.report(Party.CANDIDATE, "untrue", "I was ill.", at)
    assert evaluation.appealed(Party.CANDIDATE)
    evaluation.judge(Party.CANDIDATE, "removed", "The thread shows it.", at)
    assert told(evaluation) == ["evaluation.reported", "evaluation.judged"]
    view = seen(evaluation, CARLA.id, Party.CANDIDATE)
    (about,) = [one for one in view["ratings"] if one["side"] == "company"]  # type: ignore[attr-defined]
    assert about["removed"]
    assert "comment" not in about
    with pytest.raises(Conflict):
        evaluation.judge(Party.CANDIDATE, "upheld", "", at)
    with pytest.raises(Conflict):
        evaluation.report(Party.CANDIDATE, "untrue", "Again.", at)


def test_nobody_reports_where_nothing_counts_against_them() -> None:
    evaluation = fresh()
    rate(evaluation, CARLA.id)
    evaluation.settle(ENDED + WINDOW)
    with pytest.raises(Conflict):
        evaluation.report(Party.CANDIDATE, "untrue", "", ENDED + WINDOW)


def test_each_dimension_shows_the_nace_competencies_that_it_observes() -> None:
    found = {one["competency"]: one["score"] for one in views.evaluation(
        released(), CARLA.id, Party.CANDIDATE, NACE)["competencies"]}  # fmt: skip
    # Teamwork is seen in communication (4) and culture (4); leadership is not observed.
    assert found == {
        "communication": 4,
        "critical_thinking": 5,
        "professionalism": 4,
        "teamwork": 4,
    }
    assert len(NACE["competencies"]) == 8
    assert "naceweb.org" in NACE["url"]
    named = {name for one in NACE["competencies"] for name in one["dimensions"]}
    assert named == set(SCORES)


def test_the_other_side_reads_the_private_comment_after_the_release_only() -> None:
    evaluation = fresh()
    rate(evaluation, ANNA.id, Opinion(scores=SCORES, answers=opinion().answers,
                                      private_comment="Ask sooner."))  # fmt: skip
    assert "Ask sooner." not in str(seen(evaluation, CARLA.id, Party.CANDIDATE))
    rate(evaluation, CARLA.id)
    assert "Ask sooner." in str(seen(evaluation, CARLA.id, Party.CANDIDATE))


def test_a_comment_is_public_while_its_author_consents() -> None:
    evaluation = fresh()
    with pytest.raises(Conflict):
        evaluation.publish_comment(True)
    said = replace(of_company(), comment="A clear brief.", private_comment="Ask sooner.")
    rate(evaluation, CARLA.id, said)
    evaluation.publish_comment(True)
    assert views.comments([evaluation]) == [], "before the release nobody reads it"
    rate(evaluation, ANNA.id)
    (shown,) = views.comments([evaluation])
    assert (shown["text"], len(shown["month"])) == ("A clear brief.", 7)
    assert seen(evaluation, CARLA.id, Party.CANDIDATE)["comment_public"] is True
    assert "comment_public" not in seen(evaluation, ANNA.id, Party.COMPANY)
    evaluation.publish_comment(False)
    assert views.comments([evaluation]) == []
    evaluation.publish_comment(True)
    evaluation.report(Party.COMPANY, "untrue", "Not so.", ENDED + 2 * DAY)
    evaluation.judge(Party.COMPANY, "removed", "Abusive.", ENDED + 3 * DAY)
    assert views.comments([evaluation]) == []
