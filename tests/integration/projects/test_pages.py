"""Pages of a list in which many things happened in the same millisecond."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.embedded.database import Database
from services.projects import store
from tests.integration.quiet import quiet_platform
from tests.unit.projects.samples import NOW, awaiting_funding

MINUTES = (0, 0, 0, 1, 1, 2, 0)


@pytest.fixture
def listed(database: Database, database_prefix: str) -> Iterator[list[str]]:
    """Engagements in the order of their list: the newest first, then by id downwards."""
    platform = quiet_platform(database.uri, database_prefix, "projects")
    engagements = store.engagements(platform)
    platform.prepare()
    made = [(NOW + timedelta(minutes=m), f"eng-{i}") for i, m in enumerate(MINUTES)]
    for created_at, id_ in made:
        engagements.create(None, replace(awaiting_funding(), id=id_, created_at=created_at))
    yield [id_ for _, id_ in sorted(made, reverse=True)]
    platform.stop()


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("scope", [{}, {"org_id": "org-acme", "status": "awaiting_funding"}])
def test_pages_have_no_gaps_and_no_repeats(
    listed: list[str], limit: int, scope: dict[str, str], sort: str
) -> None:
    seen: list[str] = []
    after = None
    for _ in range(len(listed)):
        rows, after = store.find_engagements(scope, limit, after, sort)
        assert len(rows) <= limit
        seen += [row["id"] for row in rows]
        if after is None:
            break
    assert seen == (listed if sort == "newest" else listed[::-1])
