"""What becomes of our copy of a project when the project changes."""

from datetime import datetime

from services.applications.domain import ProjectCard, ProjectTerms
from services.applications.usecases.ports import Applications, Cards, ProjectIds
from shared.envelope import Message
from shared.errors import NotFound
from shared.sweep import each


def known_project(cards: Cards, project_id: str) -> ProjectCard:
    """The card of a published project; NotFound for drafts and strangers alike."""
    card = cards.find(project_id)
    if card is None:
        raise NotFound("project-not-found", "There is no such published project.")
    return card


def learn_project(
    cards: Cards,
    event: Message,
    *,
    project_id: str,
    org_id: str,
    terms: ProjectTerms,
    announced_version: int,
    at: datetime,
) -> None:
    """Keep what selection and blind review need of a project that was published."""
    cards.change(
        project_id,
        event,
        lambda card: card.publish(terms, announced_version, at),
        new=lambda: ProjectCard(project_id, org_id, terms, announced_version),
    )


def close_project(
    cards: Cards,
    applications: Applications,
    choosable: ProjectIds,
    event: Message,
    *,
    project_id: str,
    reason: str,
    now: datetime,
) -> None:
    """Take no more applications, and decline those that nobody has decided on."""
    card = cards.change(project_id, event, lambda card: card.close(reason, now))
    _decline_rest(applications, choosable, event, card, now)


def sweep_closed_projects(
    cards: Cards, applications: Applications, choosable: ProjectIds, now: datetime
) -> None:
    """Decline what was submitted in the moment of closing, by a request that saw the card open."""

    def settle(project_id: str) -> None:
        _decline_rest(applications, choosable, None, cards.load(project_id), now)
        cards.change(project_id, None, ProjectCard.settle)

    each(cards.due(now), settle)


def _decline_rest(
    applications: Applications,
    choosable: ProjectIds,
    message: Message | None,
    card: ProjectCard,
    now: datetime,
) -> None:
    """Page over the undecided under one message: whoever repeats it goes on where it stopped.

    Who holds a slot keeps the offer until it expires: the company made a promise. Where only the
    time to apply is over, the company has its days to decide.
    """
    if card.still_chooses:
        return
    reason = "position-filled" if card.close_reason == "filled" else "project-closed"
    after = ""
    while ids := choosable(card.id, after):
        for application_id in ids:
            if application_id not in card.slots:
                applications.change(application_id, message, lambda one: one.close(reason, now))
        after = ids[-1]
