"""The lists' questions: the real database answers as the fake of the unit tests does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.applications.domain import (
    Application,
    Credential,
    HireOffer,
    HireTerms,
    Invitation,
    InvitationStatus,
    OfferStatus,
    Scorecard,
    Status,
)
from services.applications.store import Queries
from services.applications.store.queries import PAGE
from shared.platform import Platform
from tests.memory_store import MemoryStore
from tests.unit.applications.world import START, FakeQueries, Time

TERMS = HireTerms("internship", "Data intern", 2400, "USD", "hour", 7)
Query = Callable[[Any, Any], Any]


def application(number: int, **changes: Any) -> Application:
    values: dict[str, Any] = {
        "project_id": f"prj-{number % 2}",
        "org_id": f"org-{number % 2}",
        "candidate_id": f"acc-{number % 3}",
        "project_title": "Title",
        "blind_review": True,
        "skills": [],
        "submitted_at": START + timedelta(minutes=number // 2),
        "score": (-1, 0, 50, 50, 87)[number % 5],
        "status": list(Status)[number % len(Status)],
        "weekly_hours": number,
        "engagement_status": (None, "started", "completed", "cancelled")[number % 4],
        "responded": (None, True, False)[number % 3],
        "rank": number % 4,
    }
    return Application(id=f"app-{number:02}", **{**values, **changes})


def offer(number: int) -> HireOffer:
    return HireOffer(
        id=f"hof-{number:02}",
        engagement_id=f"eng-{number}",
        project_id="prj-1",
        org_id=f"org-{number % 2}",
        candidate_id=f"acc-{number % 3}",
        terms=TERMS,
        created_at=START + timedelta(minutes=number // 3),
        status=list(OfferStatus)[number % len(OfferStatus)],
    )


def credential(number: int) -> Credential:
    return Credential(
        id=f"crd-{number:02}",
        engagement_id=f"eng-{number}",
        project_id="prj-1",
        org_id="org-1",
        candidate_id=f"acc-{number % 3}",
        project_title="Title",
        skills=[],
        hours=12,
        automatic=False,
        completed_at=START,
        issued_at=START + timedelta(minutes=number // 2),
    )


def invitation(number: int) -> Invitation:
    return Invitation(
        id=f"inv-{number:02}",
        project_id=f"prj-{number % 2}",
        org_id="org-1",
        candidate_id=f"acc-{number % 3}",
        project_title="Title",
        blind_review=True,
        suggested=False,
        message="",
        sent_at=START + timedelta(minutes=number // 3),
        expires_at=START + timedelta(days=14),
        status=list(InvitationStatus)[number % len(InvitationStatus)],
    )


def scorecard(number: int) -> Scorecard:
    return Scorecard(f"scd-{number:02}", f"app-{number % 3:02}", "prj-1", "org-1", f"acc-{number}")


MAKERS: dict[type, Callable[[int], Any]] = {
    Application: application,
    HireOffer: offer,
    Credential: credential,
    Invitation: invitation,
    Scorecard: scorecard,
}


@pytest.fixture
def both(quiet: Platform) -> tuple[Queries, FakeQueries]:
    """The same aggregates in both."""
    now = Time()
    fakes: dict[type, MemoryStore[Any]] = {
        kind: MemoryStore(kind, "applications", now) for kind in MAKERS
    }
    real = {store.kind: store for store in quiet.stores}
    for make in MAKERS.values():
        for number in range(30):
            thing: Any = make(number)
            real[fakes[type(thing)].codec.kind].create(None, thing)
            thing.version = 0
            fakes[type(thing)].create(None, thing)
    return Queries(), FakeQueries(fakes)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        (lambda queries, start: queries.ranked("prj-0", start, 4), "score"),
        (lambda queries, start: queries.applications_of("acc-1", start, 4), "submitted_at"),
        (lambda queries, start: queries.offers({"candidate_id": "acc-1"}, start, 4), "created_at"),
        (lambda queries, start: queries.offers({"org_id": "org-1"}, start, 4), "created_at"),
        (lambda queries, start: queries.offers({}, start, 4), "created_at"),
        (lambda queries, start: queries.credentials_of("acc-2", start, 4), "issued_at"),
        (lambda queries, start: queries.invitations_of("prj-1", start, 4), "sent_at"),
        (lambda queries, start: queries.invitations_for("acc-1", start, 4), "sent_at"),
    ],
    ids=[
        *("ranked", "own", "offers-to-me", "offers-of-us", "all-offers", "credentials"),
        *("invitations-of-a-project", "invitations-to-me"),
    ],
)
def test_pages_come_in_the_same_order_and_miss_nothing(
    both: tuple[Queries, FakeQueries], query: Query, key: str
) -> None:
    real, fake = both
    start: list[Any] | None = None
    pages = 0
    while expected := query(fake, start):
        found = query(real, start)
        assert ids(found) == ids(expected)
        assert [row[key] for row in found] == [row[key] for row in expected]
        start, pages = [found[-1][key], found[-1]["id"]], pages + 1
    assert query(real, start) == []
    assert pages > 1


def test_what_waits_is_found(both: tuple[Queries, FakeQueries]) -> None:
    real, fake = both
    for found, expected in (
        (real.selections("acc-2"), fake.selections("acc-2")),
        (real.undecided("org-1"), fake.undecided("org-1")),
        (real.extended_offers("acc-1"), fake.extended_offers("acc-1")),
        (real.drafted_offers("org-0"), fake.drafted_offers("org-0")),
        (real.waiting_alternates("org-0"), fake.waiting_alternates("org-0")),
        (real.invitations_to("acc-0"), fake.invitations_to("acc-0")),
        (real.scorecards("app-01"), fake.scorecards("app-01")),
    ):
        assert expected
        assert sorted(ids(found)) == sorted(ids(expected))


def test_what_is_counted_and_lined_up_is_the_same(both: tuple[Queries, FakeQueries]) -> None:
    real, fake = both
    for field, value in (("candidate_id", "acc-1"), ("project_id", "prj-1")):
        expected = sorted(fake.pending(field, value))
        assert expected
        assert sorted(real.pending(field, value)) == expected
    assert ids(real.alternates("prj-0")) == ids(fake.alternates("prj-0"))
    assert len(fake.alternates("prj-0")) > 2
    for candidate in ("acc-0", "acc-1", "acc-2"):
        assert real.busy_hours(candidate) == fake.busy_hours(candidate)
    for org in ("org-0", "org-1", "org-nowhere"):
        assert real.responses(org) == fake.responses(org)
    assert fake.responses("org-0")[False] > 0


def test_the_undecided_are_found_page_by_page(quiet: Platform) -> None:
    (applications,) = (store for store in quiet.stores if store.kind == "application")
    wanted = [f"app-{number:03}" for number in range(PAGE + 7)]
    for number, id_ in enumerate(wanted):
        status = (Status.SUBMITTED, Status.SHORTLISTED)[number % 2]
        one = application(0, status=status)
        one.id = id_
        applications.create(None, one)
    other = application(1, project_id="prj-0", status=Status.ACCEPTED)
    applications.create(None, other)
    first = Queries().choosable("prj-0", "")
    assert first == wanted[:PAGE]
    assert Queries().choosable("prj-0", first[-1]) == wanted[PAGE:]
    assert Queries().choosable("prj-0", wanted[-1]) == []


def test_an_application_survives_its_document(quiet: Platform) -> None:
    (applications,) = (store for store in quiet.stores if store.kind == "application")
    one = application(4, points=[{"skill_id": "s1", "label": "x", "points": 87, "evidence": 0}])
    applications.create(None, one)
    assert applications.load(one.id) == one
