"""How many applications may be open at once, of one candidate or for one project."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.applications.events import Event
from shared.errors import Conflict

PER_CANDIDATE = 20
PER_PROJECT = 200
IN_FLIGHT = timedelta(minutes=1)  # Longer than any request takes from its place to its application.


@dataclass
class Allowance:
    """The places in use; `id` is the candidate's or the project's.

    A place is taken before its application is written and given back when somebody needs it, so
    the limit holds whatever happens at once, and a crash in between costs a place for a minute.
    """

    id: str
    places: dict[str, datetime] = field(default_factory=dict)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def take(self, application_id: str, limit: int, now: datetime) -> None:
        """Raise Conflict where all places are in use."""
        if application_id in self.places:
            return
        if len(self.places) >= limit:
            raise Conflict("too-many-applications", f"All {limit} places are in use.")
        self.places[application_id] = now

    def keep(self, pending: Collection[str], now: datetime) -> None:
        """Give back the places of all but these, and of those that may be about to be written."""
        self.places = {
            id_: at for id_, at in self.places.items() if id_ in pending or now - at < IN_FLIGHT
        }
