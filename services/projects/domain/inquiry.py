"""Questions of candidates about a brief, and the answers that everybody reads."""

import re
from dataclasses import replace
from datetime import datetime

from services.projects.domain.project import Project, Status
from services.projects.domain.project_records import Inquiry
from services.projects.events import InquiryAnswered, InquiryAsked
from shared.errors import Conflict, Invalid, NotFound
from shared.redaction import Identity, redact

MOST_INQUIRIES = 100
# Addresses, links and telephone numbers: a question is read by everybody, and who asks by nobody.
CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|https?://|\bwww\.|\+?\d(?:[ ()./-]*\d){8,}", re.IGNORECASE
)
MOST_OPEN = 3  # That one candidate may wait for.


def ask(
    project: Project,
    inquiry_id: str,
    candidate_id: str,
    text: str,
    now: datetime,
    asker: Identity | None = None,
) -> None:
    """Ask the company; it is not told who asks, nor does the question say so."""
    _require_open(project)
    if CONTACT.search(text):
        sentence = "Ask without addresses, links and telephone numbers: everybody reads it."
        raise Invalid("inquiry-invalid", "The question tells who asks.", {"text": sentence})
    waiting = [one for one in project.inquiries if one.candidate_id == candidate_id]
    if sum(one.answer is None for one in waiting) >= MOST_OPEN:
        raise Conflict("inquiries-open", "Wait for the answers to your three questions first.")
    if len(project.inquiries) >= MOST_INQUIRIES:
        raise Conflict("inquiries-full", "This project has had questions enough.")
    anonymous = redact(text, asker or Identity())
    asked = Inquiry(id=inquiry_id, candidate_id=candidate_id, text=anonymous, asked_at=now)
    project.inquiries.append(asked)
    project.events.append(InquiryAsked(**_about(project, inquiry_id)))


def answer(project: Project, inquiry_id: str, text: str, now: datetime) -> None:
    """Answer for everybody to read, once."""
    _require_open(project)
    place, asked = _find(project, inquiry_id)
    if asked.answer is not None:
        raise Conflict("inquiry-answered", "This question has its answer.")
    project.inquiries[place] = replace(asked, answer=text, answered_at=now)
    project.stir(now)
    about = _about(project, inquiry_id)
    project.events.append(InquiryAnswered(**about, candidate_id=asked.candidate_id))


def _find(project: Project, inquiry_id: str) -> tuple[int, Inquiry]:
    for place, asked in enumerate(project.inquiries):
        if asked.id == inquiry_id:
            return place, asked
    raise NotFound("inquiry-not-found", "There is no such question.")


def _about(project: Project, inquiry_id: str) -> dict[str, str]:
    return {
        "inquiry_id": inquiry_id,
        "project_id": project.id,
        "org_id": project.org_id,
        "title": project.brief.title,
    }


def _require_open(project: Project) -> None:
    if project.status is not Status.PUBLISHED:
        raise Conflict("project-not-open", "The project is not open.")
