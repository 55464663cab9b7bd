"""What the service keeps, built once per process."""

from typing import Any

from services.applications import schemas, store
from services.applications.usecases import metrics
from services.applications.usecases.ports import Desk
from shared.envelope import Event
from shared.messaging import provide

SWEEP_SECONDS = 5


class Kept:
    allowances = provide(store.allowances)
    candidates = provide(store.candidates)
    cards = provide(store.cards)
    applications = provide(store.applications)
    invitations = provide(store.invitations)
    scorecards = provide(store.scorecards)
    hire_offers = provide(store.hire_offers)
    credentials = provide(store.credentials)
    facts = provide(store.facts)
    reengagements = provide(store.reengagements)
    talents = provide(store.talents)
    pseudonyms = provide(store.pseudonyms)
    queries = provide(lambda _: store.Queries())
    settings = provide(lambda platform: platform.settings)
    now = provide(lambda platform: platform.now)

    def note(self, event: Event, **seen: Any) -> None:
        """Keep what an event of an engagement tells for the figures of hiring."""
        whose = schemas.load(schemas.OfEngagement(), event.data)
        metrics.note(self.facts, event, whose, **seen)

    @property
    def desk(self) -> Desk:
        """All that applying and choosing touch."""
        return Desk(
            allowances=self.allowances,
            candidates=self.candidates,
            cards=self.cards,
            applications=self.applications,
            invitations=self.invitations,
            scorecards=self.scorecards,
            pseudonyms=self.pseudonyms,
            ask=self.queries,
            id_key=self.settings.id_key,
        )
