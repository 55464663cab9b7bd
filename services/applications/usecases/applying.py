"""Applying: whoever may and has a place, once per project."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.applications.domain import (
    PER_CANDIDATE,
    PER_PROJECT,
    Allowance,
    Answer,
    Application,
    Candidate,
    Invitation,
    PortfolioItem,
    Profile,
    ProjectCard,
    Resume,
    Visibility,
    application_id,
    decide_by,
    invitation_id,
)
from services.applications.domain.eligibility import hours_problem, require, unmet
from services.applications.usecases.ports import Candidates, Desk
from services.applications.usecases.projects import known_project
from services.applications.usecases.reveals import draw, known_by
from shared.envelope import Call, Message
from shared.errors import Conflict, Forbidden


@dataclass(frozen=True)
class Submission:
    """What a candidate sends: `portfolio` picks items of the profile by place, from 0.

    `person` is the name and address that blind reviewers must not read; they are not kept.
    """

    answers: list[Answer]
    portfolio: list[int] = field(default_factory=list)
    resume: Resume | None = None
    link_token: str | None = None
    person: Mapping[str, str] | None = field(default=None, repr=False)


def submit_application(
    desk: Desk, call: Call, project_id: str, submission: Submission, now: datetime
) -> Application:
    """Apply once: the same call again finds its application, another one is a Conflict."""
    call.principal.require("submit_application")
    card = known_project(desk.cards, project_id)
    candidate, profile = with_profile(desk.candidates, call.principal.id)
    id_ = application_id(desk.id_key, candidate.id, project_id)
    picks = profile.pick(submission.portfolio)
    identity, pseudonym = known_by(profile, submission.person), ""

    def submit(application: Application) -> None:
        if application.version:
            raise Conflict("already-applied", "You have applied for this project already.")
        card.require_open(now)
        application.submit(card.terms.questions, submission.answers)
        if application.blind_review:
            application.disguise(pseudonym, identity, card.terms.skills)

    def blank() -> Application:
        return blank_application(id_, card, (candidate, profile), picks, submission.resume, now)

    if desk.applications.find(id_) is None:
        submit(blank())  # All that can be wrong with it is told before it takes a place.
        _require_admitted(desk, card, candidate.id, submission.link_token)
        require_eligible(desk, card, candidate.id, profile, now)
        _take_places(desk, call, id_, candidate.id, project_id, now)
        pseudonym = draw(desk.pseudonyms, project_id, id_)
    application = desk.applications.change(id_, call, submit, new=blank)
    answer_invitations(desk, call, candidate_id=candidate.id, project_id=project_id)
    return application


def require_hours(desk: Desk, card: ProjectCard, candidate_id: str) -> None:
    """Raise Conflict where this work would take its candidate over a limit of hours per week."""
    candidate = desk.candidates.find(candidate_id)
    if candidate is not None and candidate.profile is not None:
        rules, personal = card.terms.eligibility, candidate.profile.eligibility
        busy = desk.ask.busy_hours(candidate_id)
        require(hours_problem(rules, personal, card.terms.weekly_hours, busy))


def require_eligible(
    desk: Desk, card: ProjectCard, candidate_id: str, profile: Profile, now: datetime
) -> None:
    """Raise Conflict that names each rule of the project which the candidate does not meet."""
    rules, personal = card.terms.eligibility, profile.eligibility
    busy = desk.ask.busy_hours(candidate_id)
    require(
        unmet(rules, personal, now.date())
        | hours_problem(rules, personal, card.terms.weekly_hours, busy)
    )


def _require_admitted(desk: Desk, card: ProjectCard, candidate_id: str, token: str | None) -> None:
    """Who is invited may always apply; others where the project is public, or by its link."""
    if card.terms.visibility is Visibility.PUBLIC or _invited(desk, card, candidate_id):
        return
    if card.terms.visibility is Visibility.INVITE_ONLY:
        raise Forbidden("invitation-needed", "Only those whom the company invited may apply.")
    if not card.terms.admits(token):
        raise Forbidden("link-needed", "Apply with the link that the company has given you.")


def answer_invitations(desk: Desk, message: Message, *, candidate_id: str, project_id: str) -> None:
    """Applying is the yes to each of them: at once as a courtesy, for certain when it is heard."""
    invited = desk.cards.load(project_id).invited
    for id_ in invitation_ids(desk.id_key, candidate_id, project_id):
        if id_ in invited and desk.invitations.find(id_) is not None:
            desk.invitations.change(id_, message, Invitation.answer)


def _invited(desk: Desk, card: ProjectCard, candidate_id: str) -> bool:
    ids = invitation_ids(desk.id_key, candidate_id, card.id)
    return any(id_ in card.invited for id_ in ids)


def invitation_ids(key: str, candidate_id: str, project_id: str) -> list[str]:
    return [
        invitation_id(key, candidate_id, project_id, suggested=suggested)
        for suggested in (False, True)
    ]


def _take_places(
    desk: Desk, call: Call, id_: str, candidate_id: str, project_id: str, now: datetime
) -> None:
    """One place of the candidate's and one of the project's, or a Conflict that says whose."""
    try:
        _take(desk, call, id_, ("candidate_id", candidate_id), PER_CANDIDATE, now)
    except Conflict as exc:
        sentence = f"You may have {PER_CANDIDATE} open applications; withdraw one, or wait."
        raise Conflict("too-many-applications", sentence) from exc
    try:
        _take(desk, call, id_, ("project_id", project_id), PER_PROJECT, now)
    except Conflict as exc:
        sentence = f"{PER_PROJECT} applications wait here already; come back when some are decided."
        raise Conflict("project-full", sentence) from exc


def _take(
    desk: Desk, call: Call, id_: str, whose: tuple[str, str], limit: int, now: datetime
) -> None:
    """Places of applications that have ended are given back when all are in use."""
    key = whose[1]

    def take(allowance: Allowance) -> None:
        if len(allowance.places) >= limit:
            allowance.keep(desk.ask.pending(*whose), now)
        allowance.take(id_, limit, now)

    desk.allowances.change(
        key, replace(call, expected_version=None), take, new=lambda: Allowance(key)
    )


def with_profile(candidates: Candidates, id_: str) -> tuple[Candidate, Profile]:
    """The candidate and their profile; Conflict where they have none."""
    candidate = candidates.find(id_)
    if candidate is None or candidate.profile is None:
        raise Conflict("profile-missing", "Write your profile before you apply.")
    return candidate, candidate.profile


def blank_application(
    id_: str,
    card: ProjectCard,
    whose: tuple[Candidate, Profile],
    portfolio: list[PortfolioItem],
    resume: Resume | None,
    now: datetime,
) -> Application:
    candidate, profile = whose
    return Application(
        id=id_,
        project_id=card.id,
        org_id=card.org_id,
        candidate_id=candidate.id,
        project_title=card.terms.title,
        blind_review=card.terms.blind_review,
        skills=list(profile.skills),
        submitted_at=now,
        portfolio=portfolio,
        resume=resume,
        weekly_hours=card.terms.weekly_hours,
        brief_version=card.terms.brief_version,
        decide_by=decide_by(card.terms.apply_by, now, card.terms.decision_days),
    )
