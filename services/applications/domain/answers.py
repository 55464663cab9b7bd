"""What a candidate hands in: answers to a project's questions, and a resume."""

from dataclasses import dataclass

from services.applications.domain.project_terms import Question
from shared.errors import Invalid


@dataclass(frozen=True)
class Answer:
    question_id: str
    text: str


@dataclass(frozen=True)
class Resume:
    """An uploaded file, as the gateway has described it."""

    file_id: str
    name: str
    media_type: str
    size: int


def answers_in_order(questions: list[Question], answers: list[Answer]) -> list[Answer]:
    """The answers as the project asks; Invalid where they do not fit its questions."""
    errors = _answer_errors(questions, answers)
    if errors:
        raise Invalid("answers-invalid", "The answers do not fit the questions.", errors)
    by_question = {answer.question_id: answer for answer in answers}
    asked = (question.question_id for question in questions)
    return [by_question[id_] for id_ in asked if id_ in by_question]


def _answer_errors(questions: list[Question], answers: list[Answer]) -> dict[str, str]:
    """One sentence for each question or answer that does not fit, by question id."""
    known = {question.question_id for question in questions}
    given = [answer.question_id for answer in answers]
    errors = {id_: "The project does not ask this." for id_ in given if id_ not in known}
    errors |= {id_: "This question is answered twice." for id_ in given if given.count(id_) > 1}
    answered = {answer.question_id for answer in answers if answer.text.strip()}
    for question in questions:
        if question.required and question.question_id not in answered:
            errors[question.question_id] = "This question needs an answer."
    return errors
