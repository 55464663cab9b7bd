"""The quota against the real wire protocol: many uploads at once, and what a crash leaves held."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import pytest

from deploy.embedded.database import Database
from services.gateway.store import HELD, FileRecords, Quota
from shared.errors import Conflict
from shared.platform import Platform
from tests.integration.quiet import quiet_platform

KIM, DANA = "acc-kim", "acc-dana"


class Clock:
    moment = datetime(2026, 9, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def platform(database: Database, database_prefix: str) -> Iterator[Platform]:
    platform = quiet_platform(database.uri, database_prefix, "gateway", now=Clock())
    yield platform
    platform.client.close()


@pytest.fixture
def quota(platform: Platform) -> Quota:
    """Ten files and a hundred bytes for each."""
    made = Quota(platform, 10, 100)
    platform.prepare()
    return made


def record(file_id: str, **more: Any) -> dict[str, Any]:
    return {"file_id": file_id, "owner_id": KIM, "size": 30, **more}


def used(platform: Platform, owner_id: str = KIM) -> tuple[int, int, int]:
    """Files, bytes and places that are held."""
    found = platform.database["file_usage"].find_one({"_id": owner_id})
    assert found is not None
    return found["files"], found["bytes"], len(found["held"])


def later(platform: Platform, by: timedelta) -> None:
    clock: Any = platform.now
    clock.moment += by


def test_many_uploads_at_once_never_keep_more_than_the_bounds(
    platform: Platform, quota: Quota
) -> None:
    def one(number: int) -> bool:
        try:
            return bool(quota.hold(KIM, f"fil-{number}", 9))
        except Conflict:
            return False

    held = list(eventlet.GreenPool().imap(one, range(30)))
    assert held.count(True) == 10
    assert used(platform) == (10, 90, 10)
    assert quota.hold(DANA, "fil-hers", 100)


def test_bytes_are_bounded_too_and_the_refusal_says_what_to_do(quota: Quota) -> None:
    quota.hold(KIM, "fil-1", 60)
    quota.require_room(KIM, 40)
    for attempt in (lambda: quota.hold(KIM, "fil-2", 41), lambda: quota.require_room(KIM, 41)):
        with pytest.raises(Conflict, match=r"1 of 10 files and 60 of 100 bytes.*upload a smaller"):
            attempt()


def test_a_place_is_given_back_once_however_often_it_is_released(
    platform: Platform, quota: Quota
) -> None:
    place = quota.hold(KIM, "fil-1", 60)
    for _ in range(2):
        quota.release(KIM, place, 60)
    assert used(platform) == (0, 0, 0)
    settled = quota.hold(KIM, "fil-2", 60)
    quota.settle(KIM, settled)
    quota.release(KIM, settled, 60)
    assert used(platform) == (1, 60, 0)


def test_what_a_crash_left_held_is_settled_where_the_file_is_kept_and_else_released(
    platform: Platform, quota: Quota
) -> None:
    records = FileRecords(platform)
    for file_id in ("fil-nothing", "fil-no-bytes", "fil-kept"):
        place = quota.hold(KIM, file_id, 30)
        if file_id != "fil-nothing":
            records.add(record(file_id))
    assert records.mark_kept("fil-kept", place)
    assert not records.mark_kept("fil-kept", "place-of-another")
    with pytest.raises(Conflict):
        quota.hold(KIM, "fil-1", 30)
    later(platform, HELD + timedelta(seconds=1))
    quota.hold(KIM, "fil-1", 30)
    assert used(platform) == (2, 60, 1)


def test_files_of_before_the_quota_count(platform: Platform, quota: Quota) -> None:
    for number in range(2):
        old = {**record(f"fil-{number}"), "_id": f"fil-{number}"}
        platform.database["files"].insert_one(old)
    quota.hold(KIM, "fil-new", 40)
    assert used(platform) == (3, 100, 1)
