"""What the use cases need of the outside: collections of aggregates, and queries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.applications.domain import (
    Allowance,
    Application,
    Assessment,
    Candidate,
    Credential,
    EngagementFacts,
    HireOffer,
    Invitation,
    ProjectCard,
    Reengagement,
    Scorecard,
    Talent,
    Told,
)
from shared.envelope import Message

A = TypeVar("A")
State = dict[str, Any]  # An aggregate as plain data, as queries find it.
Rows = Callable[[list[Any] | None, int], list[State]]  # (where the page starts, how many) -> rows
ProjectIds = Callable[[str, str], list[str]]  # (project, after this id) -> applications


class Collection(Protocol[A]):
    """Loads, changes and saves one kind of aggregate; `change` may call its use case again."""

    def load(self, id_: str, /) -> A: ...
    def find(self, id_: str, /) -> A | None: ...
    def create(self, message: Message | None, aggregate: A, /) -> A: ...
    def due(self, now: datetime, /) -> list[str]: ...
    def change(
        self,
        id_: str,
        message: Message | None,
        use_case: Callable[[A], object],
        /,
        *,
        new: Callable[[], A] | None = None,
    ) -> A: ...


Allowances = Collection[Allowance]
Candidates = Collection[Candidate]
Cards = Collection[ProjectCard]
Applications = Collection[Application]
Invitations = Collection[Invitation]
Scorecards = Collection[Scorecard]
HireOffers = Collection[HireOffer]
Credentials = Collection[Credential]
Facts = Collection[EngagementFacts]
Reengagements = Collection[Reengagement]
Talents = Collection[Talent]
Assessments = Collection[Assessment]


class Names(Protocol):
    """Values that have one owner each."""

    def take(self, value: str, owner: str, /) -> None:
        """Claim it, again without harm; Conflict where another owner has it."""
        ...


class Asking(Protocol):
    """What applying, choosing and judging ask of many applications at once."""

    def pending(self, field: str, value: str) -> list[str]: ...
    def busy_hours(self, candidate_id: str) -> int: ...
    def alternates(self, project_id: str) -> list[State]: ...
    def scorecards(self, application_id: str) -> list[State]: ...
    def responses(self, org_id: str) -> dict[bool, int]: ...


class AssessmentQueries(Protocol):
    """What assessments ask of many at once; ids."""

    def offered_cards(self, org_id: str) -> list[str]: ...
    def assessments_to(self, addressee: str) -> list[str]: ...
    def assessments_of(self, candidate_id: str, project_id: str) -> list[str]: ...
    def waiting_assessments(self, project_id: str) -> int: ...


class Ats(Protocol):
    """The company's applicant tracking system, at a place that it has named."""

    def check(self, url: str) -> None:
        """Raise Invalid where we do not go."""
        ...

    def tell(self, url: str, key: str) -> Told:
        """Say that there is a result. Raises Unavailable to try again later."""
        ...


class Seals(Protocol):
    """Keeps a secret so that only this service can read it."""

    def seal(self, secret: str) -> str: ...
    def open(self, sealed: str) -> str:
        """Raises Unavailable where it was sealed under another key."""
        ...


@dataclass(frozen=True)
class Desk:
    """All that applying and choosing touch; `id_key` makes ids that tell nothing."""

    allowances: Allowances
    candidates: Candidates
    cards: Cards
    applications: Applications
    invitations: Invitations
    scorecards: Scorecards
    pseudonyms: Names
    ask: Asking
    id_key: str
