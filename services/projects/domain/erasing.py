"""What goes of a candidate's own words when they are erased, and what is the company's record.

Terms, files that were handed in, agreements, figures and what the company wrote stay, under an id
that is nobody's any more. Each may be erased twice: the second time changes nothing.
"""

from dataclasses import replace

from services.projects.domain.engagement import Engagement
from services.projects.domain.evaluation import Evaluation
from services.projects.domain.kickoff import Kickoff
from services.projects.domain.midpoint import Midpoint
from services.projects.domain.rating import Rating
from services.projects.domain.thread import Message
from services.projects.domain.work import Party, Submission

BY_CANDIDATE = f"{Party.CANDIDATE.value}-cancelled"


def erase_engagement(engagement: Engagement, person_id: str) -> None:
    """Notes, reasons, declarations and flags of the candidate."""
    engagement.submissions = [_silent(one) for one in engagement.submissions]
    engagement.orders = [
        replace(
            one,
            why="" if one.person_id == person_id else one.why,
            comment="" if one.answered_by == person_id else one.comment,
        )
        for one in engagement.orders
    ]
    engagement.flags = [
        replace(one, text="", evidence=[]) if one.person_id == person_id else one
        for one in engagement.flags
    ]
    if engagement.time_note is not None:
        engagement.time_note = replace(engagement.time_note, note="")
    engagement.reflection = None
    cancelled = engagement.cancellation
    if cancelled is not None and cancelled.reason == BY_CANDIDATE:
        engagement.cancellation = replace(cancelled, comment="")
    if engagement.kickoff is not None:
        _erase_declarations(engagement.kickoff, person_id)


def _silent(submission: Submission) -> Submission:
    use = submission.ai_use
    return replace(submission, note="", ai_use=replace(use, note="") if use else None)


def _erase_declarations(kickoff: Kickoff, person_id: str) -> None:
    """Whether there was a conflict of interest stays on record; what it was does not."""
    kickoff.declarations = [
        replace(one, text="") if one.person_id == person_id else one for one in kickoff.declarations
    ]


def erase_evaluation(evaluation: Evaluation) -> None:
    """The candidate's comments; the figures stay, since the company's reputation rests on them."""
    evaluation.comment_public = False
    evaluation.ratings = [
        _wordless(one) if one.side is Party.CANDIDATE else one for one in evaluation.ratings
    ]
    evaluation.replies = [
        replace(one, text="") if one.side is Party.CANDIDATE else one for one in evaluation.replies
    ]
    evaluation.reports = [
        replace(one, text="") if one.side is Party.CANDIDATE else one for one in evaluation.reports
    ]


def _wordless(rating: Rating) -> Rating:
    opinion = replace(rating.opinion, comment="", private_comment="", why="")
    return replace(rating, opinion=opinion)


def erase_midpoint(midpoint: Midpoint) -> None:
    midpoint.answers = [
        replace(one, going_well="", to_change="") if one.side is Party.CANDIDATE else one
        for one in midpoint.answers
    ]


def erase_message(message: Message) -> None:
    message.text, message.files = "", []
