"""What the use cases need of the outside: collections of aggregates, and queries."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.applications.domain import (
    Application,
    Candidate,
    Credential,
    HireOffer,
    ProjectCard,
)
from shared.envelope import Message

A = TypeVar("A")
State = dict[str, Any]  # An aggregate as plain data, as queries find it.
Rows = Callable[[list[Any] | None, int], list[State]]  # (where the page starts, how many) -> rows
OpenIds = Callable[[str, str], list[str]]  # (project, after this id) -> undecided applications


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


Candidates = Collection[Candidate]
Cards = Collection[ProjectCard]
Applications = Collection[Application]
HireOffers = Collection[HireOffer]
Credentials = Collection[Credential]
