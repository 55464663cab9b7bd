"""What holds for the gateway's records holds for the fakes of its unit tests: one suite over both.

Here keys, files, their quota and uploads.
"""

from datetime import timedelta
from typing import Any

import pytest

from services.gateway.store import HELD
from shared.errors import Conflict
from tests.integration.gateway.sides import Side

KIM, DANA = "acc-kim", "acc-dana"
HOUR = timedelta(hours=1)


def file(file_id: str, owner_id: str = KIM, **more: Any) -> dict[str, Any]:
    return {"file_id": file_id, "owner_id": owner_id, "sha256": "aa", "size": 30, **more}


def upload(id: str, side: Side, owner_id: str = KIM) -> dict[str, Any]:
    return {"id": id, "owner_id": owner_id, "expires_at": side.clock() + HOUR, "size": 3}


def test_a_key_is_begun_once(side: Side) -> None:
    until = side.clock() + HOUR
    assert side.keys.begin("k", "first", until) is None

    found = side.keys.begin("k", "second", until)
    assert (found["fingerprint"], found["expires_at"]) == ("first", until)
    assert not found.get("answer")
    assert side.keys.begin("other", "second", until) is None


def test_a_key_is_free_from_the_moment_it_expires(side: Side) -> None:
    side.keys.begin("k", "first", side.clock() + HOUR)
    side.keys.finish("k", "sealed")
    side.clock.forward(minutes=59, seconds=59)
    assert side.keys.begin("k", "second", side.clock() + HOUR)["answer"] == "sealed"

    side.clock.forward(seconds=1)
    assert side.keys.begin("k", "second", side.clock() + HOUR) is None
    found = side.keys.begin("k", "third", side.clock() + HOUR)
    assert (found["fingerprint"], found.get("answer")) == ("second", None)


def test_a_key_is_forgotten_unless_it_was_answered(side: Side) -> None:
    until = side.clock() + HOUR
    for name in ("open", "answered"):
        side.keys.begin(name, "first", until)
    side.keys.finish("answered", "sealed")
    for name in ("open", "answered", "never begun"):
        side.keys.forget(name)

    assert side.keys.begin("open", "second", until) is None
    assert side.keys.begin("answered", "second", until)["answer"] == "sealed"


def test_an_answer_to_a_key_that_is_gone_is_kept_nowhere(side: Side) -> None:
    side.keys.finish("k", "sealed")

    assert side.keys.begin("k", "first", side.clock() + HOUR) is None


def test_a_file_is_added_once(side: Side) -> None:
    added = side.files.add(file("f"))
    assert added == file("f")

    again = side.files.add(file("f", sha256="bb"))
    assert (again["sha256"], again["kept_by"], again["engagements"]) == ("aa", "", [])
    assert side.files.find("f")["sha256"] == "aa"
    assert side.files.find("none") is None


def test_what_is_found_is_a_copy(side: Side) -> None:
    given = file("f", tags=["one"])
    side.files.add(given)
    given["tags"].append("two")
    side.files.find("f")["engagements"].append("eng-1")

    found = side.files.find("f")
    assert (found["tags"], found["engagements"]) == (["one"], [])


def test_the_first_to_keep_the_bytes_is_told_so(side: Side) -> None:
    side.files.add(file("f"))

    assert side.files.mark_kept("f", "place-1") is True
    assert side.files.mark_kept("f", "place-2") is False
    assert side.files.mark_kept("none", "place-3") is False
    assert side.files.find("f")["kept_by"] == "place-1"


def test_one_s_own_files_are_found_by_id(side: Side) -> None:
    for record in (file("a"), file("b"), file("hers", DANA)):
        side.files.add(record)

    found = side.files.owned(["a", "hers", "none", "a"], KIM)
    assert {id_: record["owner_id"] for id_, record in found.items()} == {"a": KIM}
    assert side.files.owned([], KIM) == {}


def test_a_file_is_handed_in_once_to_each_place(side: Side) -> None:
    side.files.add(file("a"))
    for place in ("eng-1", "eng-2", "eng-1"):
        side.files.hand_in(["a", "a", "none"], place)

    assert side.files.find("a")["engagements"] == ["eng-1", "eng-2"]
    assert side.files.find("none") is None


def test_what_was_handed_in_is_found_by_its_hash_once_its_bytes_are_kept(side: Side) -> None:
    for record in (file("a"), file("b", sha256="bb")):
        side.files.add(record)
    side.files.hand_in(["a", "b"], "eng-1")
    assert side.files.handed_in(KIM, "eng-1", "aa") is None

    side.files.mark_kept("a", "place")
    assert side.files.handed_in(KIM, "eng-1", "aa")["file_id"] == "a"
    for wrong in ((DANA, "eng-1", "aa"), (KIM, "eng-2", "aa"), (KIM, "eng-1", "bb")):
        assert side.files.handed_in(*wrong) is None


def test_a_forgotten_file_is_gone(side: Side) -> None:
    side.files.add(file("a"))
    for _ in range(2):
        side.files.forget("a")

    assert side.files.find("a") is None
    assert side.files.owned(["a"], KIM) == {}


def refused(side: Side, size: int, owner_id: str = KIM) -> bool:
    """Whether both ways of asking say that there is no room."""
    codes = set()
    for ask in (side.quota.require_room, lambda *_: side.quota.hold(owner_id, "f-more", size)):
        with pytest.raises(Conflict) as caught:
            ask(owner_id, size)
        codes.add(caught.value.code)
    return codes == {"storage-full"}


def test_files_and_bytes_are_bounded_for_each_owner(side: Side) -> None:
    side.quota.hold(KIM, "f1", 40)
    side.quota.hold(KIM, "f2", 40)
    assert refused(side, 21)
    side.quota.require_room(KIM, 20)
    side.quota.hold(KIM, "f3", 20)
    assert refused(side, 0)

    side.quota.hold(DANA, "f4", 100)
    assert refused(side, 1, DANA)


def test_who_asks_for_room_holds_nothing(side: Side) -> None:
    for _ in range(5):
        side.quota.require_room(KIM, 100)


def test_a_place_is_released_once_and_only_while_it_is_held(side: Side) -> None:
    held, settled = side.quota.hold(KIM, "f1", 40), side.quota.hold(KIM, "f2", 40)
    side.quota.settle(KIM, settled)
    side.quota.settle(KIM, "no such place")
    side.quota.release(KIM, settled, 40)
    side.quota.release(KIM, held, 39)
    side.quota.release(DANA, held, 40)
    assert refused(side, 21)

    for _ in range(2):
        side.quota.release(KIM, held, 40)
    side.quota.require_room(KIM, 60)
    assert refused(side, 61)


def test_places_of_the_same_file_are_not_mixed_up(side: Side) -> None:
    first = side.quota.hold(KIM, "f", 60)
    side.quota.release(KIM, first, 60)
    assert side.quota.hold(KIM, "f", 60) != first
    side.quota.release(KIM, first, 60)

    assert refused(side, 60)


def test_what_a_crash_left_held_is_put_right_after_an_hour(side: Side) -> None:
    side.files.add(file("kept", size=30))
    side.files.mark_kept("kept", side.quota.hold(KIM, "kept", 30))
    side.quota.hold(KIM, "lost", 70)
    side.clock.forward(seconds=HELD.total_seconds() - 1)
    assert refused(side, 70)

    side.clock.forward(seconds=1)
    side.quota.require_room(KIM, 70)
    side.quota.hold(KIM, "f3", 70)
    assert refused(side, 1)


def test_an_upload_is_added_once(side: Side) -> None:
    assert side.uploads.add(upload("u", side))["id"] == "u"

    again = side.uploads.add({**upload("u", side), "size": 9})
    assert again["size"] == side.uploads.find("u")["size"] == 3
    assert side.uploads.find("none") is None


def test_uploads_count_until_they_are_finished_or_expired(side: Side) -> None:
    for id_ in ("u1", "u2"):
        side.uploads.add(upload(id_, side))
    side.uploads.add(upload("hers", side, DANA))
    assert side.uploads.count(KIM, side.clock()) == 2

    for id_ in ("u1", "u1", "none"):
        side.uploads.finish(id_)
    assert side.uploads.count(KIM, side.clock()) == 1
    assert side.uploads.find("u1")["owner_id"] == KIM
    assert side.uploads.count(KIM, side.clock() + HOUR) == 0
