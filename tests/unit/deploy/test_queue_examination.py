"""Queues that do not answer are named, and hold nobody up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import InternalError, NotFound

from deploy.cli.examination import State
from deploy.cli.queue_examination import MOST_SILENT, answering, examine_leaders

# As RabbitMQ 3.10 tells of them, 20 s after it was killed as soon as `young` was declared.
PLACE = {"type": "quorum", "members": ["a"], "online": ["a"], "leader": "a"}
YOUNG = {"name": "young", **PLACE}
WELL = {"name": "well", **PLACE, "state": "running", "messages": 3}
STREAM = {"name": "stint.archive", "type": "stream"}


class Channel:
    def __init__(self, line: "Line") -> None:
        self.line = line

    def queue_declare(self, name: str, passive: bool) -> Any:
        assert passive
        assert self.line.usable
        self.line.asked.append(name)
        if name == "missing":
            raise NotFound
        if name.startswith("silent"):
            self.line.usable = False
            raise TimeoutError
        if name.startswith("failing"):
            self.line.usable = False
            raise InternalError
        return f"about {name}"


class Line:
    """A broker of which some queues never answer; then the connection is good for nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.usable = False

    @contextmanager
    def __call__(self, uri: str, **options: Any) -> Iterator["Line"]:
        assert options["transport_options"]["read_timeout"] > 0
        self.usable = True
        yield self

    def channel(self) -> Channel:
        return Channel(self)


def test_a_queue_that_does_not_answer_is_named_and_the_others_are_asked() -> None:
    names = ["one", "silent", "missing", "failing", "two"]
    found, silent = answering("amqp://", names, Line())
    assert (list(found), silent) == (["one", "two"], ["silent", "failing"])


def test_after_some_that_do_not_answer_no_more_is_asked() -> None:
    line = Line()
    _, silent = answering("amqp://", [f"silent-{n}" for n in range(50)], line)
    assert len(silent) == len(line.asked) == MOST_SILENT


def test_a_queue_without_a_leader_is_named_with_what_to_do() -> None:
    found = examine_leaders(lambda: [WELL, YOUNG, STREAM], [], 0.01)
    assert (found.state, found.runbook) == (State.WRONG, "queue-without-leader")
    assert found.text.startswith("young has no leader and never will: delete it, then `stint topo")
    assert examine_leaders(lambda: [WELL, STREAM], [], 0.01).state is State.OK


def test_a_new_queue_has_a_while_to_show_its_leader() -> None:
    looks = iter([[YOUNG], [{**YOUNG, "state": "running", "messages": 0}]])
    assert examine_leaders(lambda: next(looks), [], 30).state is State.OK
    assert examine_leaders(lambda: [YOUNG], [], 0).state is State.OK, "nobody waits"


def test_a_queue_whose_nodes_are_away_is_not_to_be_deleted() -> None:
    row = {**YOUNG, "members": ["a", "b", "c"], "online": ["a"], "state": "minority"}
    found = examine_leaders(lambda: [row], [], 0.01)
    assert found.text == "young waits for nodes that are away"
    assert found.runbook == "broker-down"


def test_without_a_management_api_a_silent_queue_is_told_all_the_same() -> None:
    assert examine_leaders(None, ["young"], 15).text.startswith("young has no leader")
    assert examine_leaders(None, [], 15).state is State.OK
