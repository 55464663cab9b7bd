"""Calls share batches, each gets its own answer, and nobody waits for ever."""

from collections.abc import Sequence

import eventlet
import pytest
from greenlet import GreenletExit

from shared.coalescer import BATCH, Coalescer


class Doubler:
    """Doubles numbers in batches, slowly; odd ones of `bad` fail alone."""

    def __init__(self, bad: Sequence[int] = ()) -> None:
        self.bad, self.batches = bad, list[list[int]]()

    def __call__(self, numbers: Sequence[int]) -> list[int | BaseException]:
        self.batches.append(list(numbers))
        eventlet.sleep(0.001)
        return [ValueError(number) if number in self.bad else number * 2 for number in numbers]


def gather(coalescer: Coalescer[int, int], numbers: Sequence[int]) -> list[object]:
    def call(number: int) -> object:
        try:
            return coalescer(number)
        except BaseException as exc:  # noqa: BLE001 Whatever came is the answer.
            return exc

    with eventlet.Timeout(10):
        return list(eventlet.GreenPool(1_000).imap(call, numbers))


def test_one_call_is_one_batch() -> None:
    assert Coalescer(Doubler())(4) == 8


def test_calls_that_come_together_share_a_batch() -> None:
    double = Doubler()

    assert gather(Coalescer(double), range(50)) == [number * 2 for number in range(50)]
    assert len(double.batches) == 1


def test_a_batch_is_bounded() -> None:
    double = Doubler()

    assert len(gather(Coalescer(double), range(2 * BATCH + 1))) == 2 * BATCH + 1
    assert max(len(batch) for batch in double.batches) == BATCH


def test_a_call_made_while_a_batch_runs_is_in_a_later_one() -> None:
    double = Doubler()
    coalescer = Coalescer(double)
    first = eventlet.spawn(coalescer, 1)
    while not double.batches:
        eventlet.sleep(0)

    assert coalescer(2) == 4
    assert first.wait() == 2
    assert double.batches == [[1], [2]]


def test_one_that_fails_fails_alone() -> None:
    answers = gather(Coalescer(Doubler(bad=[2])), [1, 2, 3])

    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 6


@pytest.mark.parametrize("failure", [OSError("away"), GreenletExit(), KeyboardInterrupt()])
def test_whatever_ends_a_batch_reaches_every_caller(failure: BaseException) -> None:
    def fail(_numbers: Sequence[int]) -> list[int]:
        raise failure

    answers = gather(Coalescer(fail), [1, 2, 3])

    assert all(answer is failure for answer in answers)


def test_it_works_on_after_a_failure() -> None:
    doubled = Doubler()
    failures = [OSError("away")]

    def flaky(numbers: Sequence[int]) -> Sequence[int | BaseException]:
        if failures:
            raise failures.pop()
        return doubled(numbers)

    coalescer = Coalescer(flaky)

    assert isinstance(gather(coalescer, [1])[0], OSError)
    assert gather(coalescer, [1]) == [2]


def test_a_caller_that_gives_up_disturbs_nobody() -> None:
    coalescer = Coalescer(Doubler())
    impatient = eventlet.spawn(coalescer, 1)
    eventlet.sleep(0)
    impatient.kill()

    assert gather(coalescer, [2, 3]) == [4, 6]
