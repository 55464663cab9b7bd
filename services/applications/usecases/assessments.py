"""Projects that a company's ATS sends to people, who may have no account, and their results.

Who asks learns nothing of the address: that somebody has an account, has read the mail or has taken
it up is told to nobody.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.applications.domain import (
    ASSESSMENT_VALID,
    ASSESSMENTS_PER_PROJECT,
    Assessment,
    AssessmentStatus,
    Callback,
    ProjectCard,
    Result,
    addressee,
    application_id,
    assessment_id,
    invitation_id,
    sibling_id,
)
from services.applications.usecases.invitations import blank_invitation
from services.applications.usecases.ports import (
    AssessmentQueries,
    Assessments,
    Ats,
    Credentials,
    Desk,
    Seals,
    State,
)
from services.applications.usecases.projects import known_project
from shared.clock import Clock
from shared.envelope import Call, Message
from shared.errors import Conflict, NotFound, Unavailable
from shared.principal import Principal
from shared.sweep import each


@dataclass(frozen=True)
class Bench:
    """What assessments touch beside the desk of selection; `base` is our own public address."""

    desk: Desk
    assessments: Assessments
    credentials: Credentials
    ask: AssessmentQueries
    ats: Ats
    seals: Seals
    base: str


@dataclass(frozen=True)
class Wish:
    """What an ATS asks for: the project, whose address, and where it wants to hear of the end.

    `key` is what the ATS itself signs in with; it is what it expects to see there.
    """

    project_id: str
    email: str = field(repr=False)
    url: str | None = None
    key: str | None = field(default=None, repr=False)


def mark_assessment(desk: Desk, call: Call, project_id: str, usable: bool) -> State:
    """Let the company's ATS send people to a published project, or no longer."""

    def mark(card: ProjectCard) -> None:
        call.principal.require("mark_assessment", org_id=card.org_id)
        card.offer_as_assessment(usable)

    known_project(desk.cards, project_id)
    card = desk.cards.change(project_id, replace(call, expected_version=None), mark)
    return {"project_id": card.id, "title": card.terms.title, "usable": usable}


def list_assessments(bench: Bench, by: Principal, now: datetime) -> list[State]:
    """The tests that this organisation can send, by title; equal titles are told apart."""
    by.require("list_assessments")
    cards = [bench.desk.cards.load(id_) for id_ in bench.ask.offered_cards(str(by.org_id))]
    usable = [card for card in cards if _takes_people(card, now)]
    times = Counter(card.terms.title for card in usable)
    named = [(_name(card, times[card.terms.title]), card.id) for card in usable]
    return [
        {"partner_test_id": id_, "partner_test_name": name}
        for name, id_ in sorted(named, key=lambda one: (one[0].casefold(), one[1]))
    ]


def send_assessment(bench: Bench, call: Call, wish: Wish, now: datetime) -> Assessment:
    """Ask somebody to do the project; once per address and project, however often it is sent."""
    card, id_ = _meant(bench, call.principal, wish, now)
    whose = addressee(bench.desk.id_key, wish.email)
    callback = _callback(bench, wish)

    def blank() -> Assessment:
        return Assessment(
            id=id_,
            project_id=card.id,
            org_id=card.org_id,
            addressee=whose,
            project_title=card.terms.title,
            blind_review=card.terms.blind_review,
            sent_at=now,
            expires_at=now + ASSESSMENT_VALID,
        )

    call = replace(call, expected_version=None)
    return bench.assessments.change(id_, call, lambda one: one.send(callback, now), new=blank)


def letter(assessment: Assessment) -> State:
    """The mail of this sending, which is another one after it has expired; the gateway has it sent
    to the address, which is not kept here."""
    return {
        "partner_interview_id": assessment.id,
        "letter_id": f"{assessment.id}-{assessment.times_sent}",
        "project_title": assessment.project_title,
        "expires_at": assessment.expires_at if assessment.status is AssessmentStatus.SENT else None,
    }


def claim_assessments(
    bench: Bench, call: Call, email: str | None, now: datetime
) -> list[Assessment]:
    """Invite this candidate to what was sent to their confirmed address; again without harm."""
    call.principal.require("claim_assessments")
    if email is None:
        raise Conflict("address-unconfirmed", "Confirm your e-mail address first.")
    call = replace(call, expected_version=None)
    whose, who = addressee(bench.desk.id_key, email), call.principal.id
    found = [bench.assessments.load(id_) for id_ in bench.ask.assessments_to(whose)]
    claimed = []
    for one in found:
        if one.candidate_id == who or one.is_open(now):
            claimed += _claimed(bench, call, one, now)
    return claimed


def note_result(
    bench: Bench, event: Message, candidate_id: str, project_id: str, result: Result
) -> None:
    """The work was rated, or the time to rate it is over."""
    for id_ in bench.ask.assessments_of(candidate_id, project_id):
        bench.assessments.change(id_, event, lambda one: one.rate(result, result.completed_at))


def note_end(
    bench: Bench, event: Message, candidate_id: str, project_id: str, completed_at: datetime
) -> None:
    """The work was accepted: it waits for its rating, and not for ever."""
    for id_ in bench.ask.assessments_of(candidate_id, project_id):
        bench.assessments.change(id_, event, lambda one: one.finish(completed_at))


def sweep_assessments(bench: Bench, ids: Sequence[str], now: Clock) -> None:
    """End what nobody took up, and tell the ATS what it waits for."""
    each(ids, lambda id_: _act(bench, id_, now))


def _meant(bench: Bench, by: Principal, wish: Wish, now: datetime) -> tuple[ProjectCard, str]:
    """The project and the assessment's id; raises for what cannot be sent.

    What was sent goes on although its project is full or closed by now: only who is new is refused.
    """
    card = bench.desk.cards.find(wish.project_id)
    by.require("send_assessment", org_id=card.org_id if card else None)
    if card is None or not card.usable_as_assessment:
        raise NotFound("test-not-found", "There is no such test.")
    if wish.url is not None:
        bench.ats.check(wish.url)
    whose = addressee(bench.desk.id_key, wish.email)
    id_ = assessment_id(bench.desk.id_key, whose, card.id)
    known = bench.assessments.find(id_)
    if known is None or known.status is AssessmentStatus.EXPIRED:
        card.require_open(now)
        _require_room(bench, card.id)
    return card, id_


def _require_room(bench: Bench, project_id: str) -> None:
    if bench.ask.waiting_assessments(project_id) >= ASSESSMENTS_PER_PROJECT:
        sentence = f"{ASSESSMENTS_PER_PROJECT} people were sent this and have not taken it up yet."
        raise Conflict("too-many-assessments", sentence)


def _callback(bench: Bench, wish: Wish) -> Callback | None:
    if wish.url is None or wish.key is None:
        return None
    return Callback(wish.url, bench.seals.seal(wish.key))


def _claimed(bench: Bench, call: Call, one: Assessment, now: datetime) -> list[Assessment]:
    """The assessment as taken up; nothing where its project takes nobody any more.

    The invitation goes first: whatever a crash leaves between is done by the same again.
    """
    desk, who = bench.desk, call.principal.id
    applied = application_id(desk.id_key, who, one.project_id)
    id_ = invitation_id(desk.id_key, who, one.project_id, suggested=False)
    known = desk.applications.find(applied) is not None
    try:
        if not known:
            desk.cards.change(one.project_id, call, lambda card: card.admit(id_, now))
            _invite(desk, call, one, now)
        claimed = bench.assessments.change(one.id, call, lambda it: it.claim(who, now))
    except Conflict:
        return []
    past = bench.credentials.find(sibling_id("crd", applied)) if known else None
    if past is not None and past.weighted_score is not None:
        result = Result(past.weighted_score, past.scores, past.completed_at, released=True)
        step = None  # Its own save: the call is known there already.
        claimed = bench.assessments.change(one.id, step, lambda it: it.rate(result, now))
    return [claimed]


def _invite(desk: Desk, call: Call, one: Assessment, now: datetime) -> None:
    card = desk.cards.load(one.project_id)
    id_ = invitation_id(desk.id_key, call.principal.id, card.id, suggested=False)
    invitation = blank_invitation(id_, card, call.principal.id, "", now)
    invitation.send()
    desk.invitations.create(call, invitation)


def _takes_people(card: ProjectCard, now: datetime) -> bool:
    try:
        card.require_open(now)
    except Conflict:
        return False
    return True


def _name(card: ProjectCard, times: int) -> str:
    return card.terms.title if times == 1 else f"{card.terms.title} ({card.id[-4:]})"


def _act(bench: Bench, id_: str, now: Clock) -> None:
    taken: list[Callback] = []

    def take(one: Assessment) -> None:
        one.pass_time(now())
        taken[:] = one.take(now())

    bench.assessments.change(id_, None, take)
    for callback in taken:
        _tell(bench, id_, callback)


def _tell(bench: Bench, id_: str, callback: Callback) -> None:
    """Once; what fails is due again by itself."""
    if callback.sealed is None:
        return
    try:
        told = bench.ats.tell(callback.url, bench.seals.open(callback.sealed))
    except Unavailable:
        bench.assessments.change(id_, None, Assessment.forget_keys)  # It was the last attempt.
        return
    bench.assessments.change(id_, None, lambda one: one.note_told(callback.url, told))
