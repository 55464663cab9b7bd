"""The thread of an engagement: limits, order, what the clocks learn from it, who reads it."""

from datetime import timedelta
from typing import Any

import pytest

from services.projects.domain.thread import Thread
from services.projects.domain.work import Party
from shared.envelope import Call
from shared.errors import Conflict, NotFound
from shared.principal import Principal
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import ANNA, CARLA, DAY, EVA, FILE, NOW, OTTO, STRANGERS, told
from tests.unit.projects.samples import active as working

MINUTE = timedelta(minutes=1)


def world() -> World:
    made = World()
    engagement = working()
    made.engagements.create(None, engagement)
    return made


def post(made: World, by: Principal, text: str = "Hello.", **options: Any) -> Any:
    files = options.pop("files", [])
    return made.service.post_message(Call(principal=by, **options), "eng-1", text, files)


@pytest.mark.parametrize(("most", "window"), [(5, MINUTE), (30, 60 * MINUTE), (100, DAY)])
def test_one_person_writes_so_much_in_a_time_and_no_more(most: int, window: timedelta) -> None:
    thread, pace = Thread("eng-1"), window / most
    for number in range(most):
        thread.admit(Party.CANDIDATE, CARLA.id, NOW + number * pace)
    with pytest.raises(Conflict) as caught:
        thread.admit(Party.CANDIDATE, CARLA.id, NOW + window - timedelta(milliseconds=1))
    assert caught.value.code == "messages-too-many"
    thread.admit(Party.COMPANY, ANNA.id, NOW + window / 2)
    thread.admit(Party.CANDIDATE, CARLA.id, NOW + window)
    assert len(thread.sent[CARLA.id]) <= 100


def test_the_other_side_is_told_of_the_first_message_and_again_after_half_a_day() -> None:
    thread, told_of = Thread("eng-1"), []
    for party, hours in (("c", 0), ("c", 1), ("c", 12), ("o", 13), ("c", 14)):
        side = Party.CANDIDATE if party == "c" else Party.COMPANY
        thread.admit(side, party, NOW + timedelta(hours=hours))
        told_of.append(thread.nudge)
    assert told_of == [True, False, True, True, True]


def test_a_repeated_call_posts_once_and_a_used_up_limit_keeps_nothing() -> None:
    made = world()
    assert post(made, CARLA, id="1") == post(made, CARLA, id="1")
    for number in range(2, 6):
        post(made, CARLA, id=str(number))
    with pytest.raises(Conflict):
        post(made, CARLA, id="6")
    assert len(made.messages.documents) == 5


def test_messages_stand_between_what_happened_and_pages_miss_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = world()
    made.now = NOW + MINUTE
    post(made, CARLA, "Here I am.", files=[FILE])
    made.now = NOW + 2 * MINUTE
    made.service.submit_deliverable(Call(principal=CARLA), "eng-1", [FILE])
    made.now = NOW + 3 * MINUTE
    post(made, EVA, "Thank you.")
    stored = made.find_messages
    monkeypatch.setattr("services.projects.store.find_messages", stored)
    everything = made.service.list_messages(Call(principal=CARLA), "eng-1", 100)
    assert everything["next"] is None
    lines = [line.get("text") or line["what"] for line in everything["items"]]
    assert lines == [
        "Thank you.",
        "deliverable-submitted",
        "Here I am.",
        "engagement-started",
        "engagement-created",
    ]
    page, pages = made.service.list_messages(Call(principal=OTTO), "eng-1", 2), []
    while True:
        pages += page["items"]
        if page["next"] is None:
            break
        page = made.service.list_messages(Call(principal=OTTO), "eng-1", 2, page["next"])
    assert pages == everything["items"]


def test_strangers_read_no_thread_and_no_message() -> None:
    made = world()
    message = post(made, CARLA)
    for stranger in STRANGERS:
        with pytest.raises(NotFound):
            made.service.list_messages(Call(principal=stranger), "eng-1")
        with pytest.raises(NotFound):
            made.service.get_message(Call(principal=stranger), message["id"])
        with pytest.raises(NotFound):
            post(made, stranger)
    assert made.service.get_message(Call(principal=ANNA), message["id"]) == message


def test_a_message_is_a_sign_of_life_and_says_nothing_of_itself_in_its_event() -> None:
    made = world()
    post(made, CARLA, "A secret.")
    (event,) = made.messages.announced
    assert "A secret." not in str(event.data)
    made.deliver(event)
    engagement = made.engagements.load("eng-1")
    assert engagement.no_show_at is None
    assert engagement.silence == {"company": event.time}
    assert told(engagement) == []


def test_the_record_of_an_engagement_does_not_grow_with_its_thread() -> None:
    made = world()
    before = made.engagements.documents["eng-1"]
    for number in range(5):
        post(made, CARLA, id=str(number))
    for event in made.messages.announced:
        made.deliver(event)
    after = made.engagements.documents["eng-1"]
    assert {**after, "handled": 0, "version": 0, "heard": 0, "silence": 0, "due_at": 0} | {
        "no_show_at": 0
    } == {**before, "handled": 0, "version": 0, "heard": 0, "silence": 0, "due_at": 0} | {
        "no_show_at": 0
    }
