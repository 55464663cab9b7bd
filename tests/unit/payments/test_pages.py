"""Lists of held money come in pages without gaps or repeats."""

import pytest

from services.payments import usecases
from services.payments.usecases.pages import mark
from shared.errors import Invalid
from tests.unit.payments.fakes import World
from tests.unit.payments.story import OPERATOR, Story


def test_pages_go_on_where_the_one_before_ended_also_among_equals() -> None:
    world = World()
    story = Story(world)
    story.account()
    documents = world.escrows.documents
    kept = documents[story.fund().id]
    for number in range(7):  # All of them are held since the same moment.
        documents[f"twin-{number}"] = {**kept, "_id": f"twin-{number}"}
    found: list[str] = []
    after = None
    for _ in range(4):
        page, after = usecases.list_funds(story.desk, OPERATOR, 3, after)
        found += [escrow.id for escrow in page]
        if after is None:
            break
    assert (len(found), len(set(found))) == (8, 8)


@pytest.mark.parametrize("after", ["garbage", "é", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHxh"])
def test_a_cursor_that_is_none_is_refused(after: str) -> None:
    with pytest.raises(Invalid) as caught:
        mark(after)
    assert caught.value.code == "cursor-invalid"
