"""What a reviewer may know of an application while the review is blind."""

from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.answers import Answer
from services.applications.domain.candidate import Skill
from services.applications.domain.project_terms import RequiredSkill
from shared.redaction import Identity, redact


@dataclass(frozen=True)
class Blind:
    """The application as reviewers see it, made when it was sent.

    So no name is kept for it, and no reading of it can forget to take something out.
    """

    pseudonym: str
    answers: list[Answer]
    skills: list[Skill]


@dataclass(frozen=True)
class Reveal:
    """Who has learnt when whose application it is."""

    reviewer_id: str
    at: datetime


def disguise(
    pseudonym: str,
    identity: Identity,
    answers: list[Answer],
    skills: list[Skill],
    asked: list[RequiredSkill],
) -> Blind:
    """Only what the project asks for: all skills of a person would be known again elsewhere.

    The labels are the project's; those of a profile are its writer's own words.
    """
    levels = {skill.skill_id: skill.level for skill in skills}
    return Blind(
        pseudonym,
        [Answer(answer.question_id, redact(answer.text, identity)) for answer in answers],
        [
            Skill(one.skill_id, one.label, levels[one.skill_id])
            for one in asked
            if one.skill_id in levels
        ],
    )
