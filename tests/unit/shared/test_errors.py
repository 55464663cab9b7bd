"""The five categories cross the wire as themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import (
    CATEGORIES,
    Conflict,
    NotYet,
    StintError,
    Unavailable,
    by_path,
    from_wire,
    to_wire,
)


@given(
    st.sampled_from(sorted(CATEGORIES.values(), key=lambda kind: kind.__name__)),
    st.text(),
    st.text(),
    st.dictionaries(st.text(), st.text(), max_size=3),
)
def test_an_error_crosses_the_wire_as_itself(
    category: type[StintError], code: str, detail: str, errors: dict[str, str]
) -> None:
    crossed = from_wire(to_wire(category(code, detail, errors)))

    assert type(crossed) is category
    assert (crossed.code, crossed.detail, crossed.errors) == (code, detail, errors)
    assert str(crossed) == detail


def test_an_event_that_came_early_crosses_as_unavailable() -> None:
    assert type(from_wire(to_wire(NotYet("not-yet", "Too early.")))) is Unavailable


@pytest.mark.parametrize("data", [{}, {"category": "Odd"}, {"category": None, "code": 7}])
def test_an_error_that_we_do_not_know_is_unavailable(data: dict[str, object]) -> None:
    assert type(from_wire(data)) is Unavailable


def test_an_error_shows_its_code_and_sentence() -> None:
    assert (
        repr(Conflict("already-paid", "It is paid.")) == "Conflict('already-paid', 'It is paid.')"
    )


def test_messages_of_any_depth_become_a_sentence_for_each_path() -> None:
    messages = {"name": ["Too short.", "No digits."], "skills": {0: {"level": ["Too high."]}}}
    assert by_path(messages) == {
        "name": "Too short. No digits.",
        "skills.0.level": "Too high.",
    }
    assert by_path({"name": "Wrong."}) == {"name": "Wrong."}
    assert by_path({}) == {}
