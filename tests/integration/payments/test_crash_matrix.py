"""The crash matrix over the real store, journal and sandbox bank, and their books afterwards."""

import pytest

from services.payments.domain import Kind
from services.payments.usecases.checking import check
from services.payments.usecases.reconciling import reconcile
from tests.integration.payments.conftest import NewWorld
from tests.integration.payments.test_books import books_of
from tests.unit.payments.crashes import MATRIX, TALES, Fault, assert_one_effect, calm, swept
from tests.unit.payments.story import Story
from tests.unit.payments.tales import CONTESTED

# The sandbox charges back, and fails refunds, by itself: see test_books.py and tests/e2e.
THEIRS = {Kind.REFUND_FAILED, *CONTESTED}
OURS = [(kind, point) for kind, point in MATRIX if kind not in THEIRS]


@pytest.mark.parametrize(("kind", "point"), OURS)
def test_wherever_it_breaks_the_sandbox_moves_it_once_and_the_books_agree(
    new_world: NewWorld, kind: Kind, point: str
) -> None:
    world = new_world()
    story = Story(world)  # type: ignore[arg-type]
    fault = Fault(world, kind, point).arm()  # type: ignore[arg-type]
    swept(story, TALES[kind])
    assert fault.happened
    story.sweep_until_quiet(4)
    assert_one_effect(world, calm(kind), kind)  # type: ignore[arg-type]
    books = books_of(world)
    assert reconcile(books)["sound"]
    assert check(books)["sound"]
