"""What the service keeps, built once per process."""

from typing import Any

from services.applications import schemas, store
from services.applications.ats import AtsClient
from services.applications.domain import Result
from services.applications.signing import Seals
from services.applications.usecases import assessments, metrics
from services.applications.usecases.assessments import Bench
from services.applications.usecases.ports import Desk
from shared.envelope import Event
from shared.messaging import provide
from shared.platform import Platform

SWEEP_SECONDS = 5


def _ats(platform: Platform) -> AtsClient:
    settings: Any = platform.settings
    return AtsClient(settings.ats_hosts)


def _seals(platform: Platform) -> Seals:
    settings: Any = platform.settings
    return Seals(settings.id_key)


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
    assessments = provide(store.assessments)
    ats = provide(_ats)
    seals = provide(_seals)
    pseudonyms = provide(store.pseudonyms)
    queries = provide(lambda _: store.Queries())
    settings = provide(lambda platform: platform.settings)
    now = provide(lambda platform: platform.now)

    def note(self, event: Event, **seen: Any) -> None:
        """Keep what an event of an engagement tells for the figures of hiring."""
        whose = schemas.load(schemas.OfEngagement(), event.data)
        metrics.note(self.facts, event, whose, **seen)

    def note_result(self, event: Event) -> None:
        """Keep what the company said of work that its ATS has sent somebody to do."""
        told = schemas.load(schemas.Rated(), event.data)
        released_at = told.pop("released_at")
        whose = {name: told.pop(name) for name in ("candidate_id", "project_id")}
        result = Result(
            **told, completed_at=released_at or event.time, released=released_at is not None
        )
        assessments.note_result(self.bench, event, **whose, result=result)

    @property
    def bench(self) -> Bench:
        """All that assessments touch."""
        return Bench(
            desk=self.desk,
            assessments=self.assessments,
            credentials=self.credentials,
            ask=self.queries,
            ats=self.ats,
            seals=self.seals,
            base=self.settings.public_url,
        )

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
