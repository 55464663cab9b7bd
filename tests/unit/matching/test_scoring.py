"""Scores: points that sum up, order that does not matter, and no prize for long lists."""

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.scoring import (
    Held,
    Need,
    Profile,
    distinct,
    match,
    profile,
    tie_break,
    value,
)

SKILLS = [f"s{i}" for i in range(12)]
needs_of = st.lists(
    st.builds(Need, st.sampled_from(SKILLS), st.just("label"), st.booleans()),
    min_size=1,
    max_size=15,
).map(distinct)
held_of = st.dictionaries(
    st.sampled_from([*SKILLS, *(f"other-{i}" for i in range(30))]),
    st.builds(Held, st.integers(0, 5), st.integers(0, 4)),
)


def need(skill_id: str, required: bool = True) -> Need:
    return Need(skill_id, f"label of {skill_id}", required)


@given(needs_of, held_of)
def test_the_points_sum_to_the_score_which_is_between_0_and_100(
    needs: list[Need], held: Profile
) -> None:
    found = match(needs, held)
    assert sum(point.points for point in found.points) == found.score
    assert 0 <= found.score <= 100
    assert all(point.points >= 0 for point in found.points)


@given(needs_of, held_of)
def test_a_skill_that_is_not_there_has_no_points(needs: list[Need], held: Profile) -> None:
    for point in match(needs, held).points:
        has = held.get(point.skill_id, Held()).percent > 0
        assert has or point.points == 0


@given(needs_of, held_of, st.randoms())
def test_the_order_of_what_is_asked_and_had_changes_nothing(
    needs: list[Need], held: dict[str, Held], random: object
) -> None:
    shuffled, turned = list(needs), list(held.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(turned)  # type: ignore[attr-defined]
    one, other = match(needs, held), match(distinct(shuffled), dict(turned))
    assert one == other


@given(needs_of, held_of, st.integers(1, 5), st.integers(0, 3), st.data())
def test_one_more_asked_skill_or_a_better_one_never_lowers_the_score(
    needs: list[Need], held: dict[str, Held], level: int, evidence: int, data: st.DataObject
) -> None:
    asked = data.draw(st.sampled_from(needs)).skill_id
    had = held.get(asked, Held())
    better = Held(max(had.level, level), max(had.evidence, evidence))
    before, after = match(needs, held), match(needs, {**held, asked: better})
    assert after.value >= before.value
    assert after.score >= before.score


@given(needs_of, held_of, st.integers(1, 5))
def test_a_skill_that_nobody_asked_for_never_raises_the_score(
    needs: list[Need], held: dict[str, Held], level: int
) -> None:
    more = {**held, "never-asked": Held(level)}
    assert match(needs, more).value <= match(needs, held).value


def test_a_required_skill_weighs_twice_an_optional_one() -> None:
    needs = distinct([need("a"), need("b", required=False)])
    only_required = match(needs, {"a": Held(4)})
    only_optional = match(needs, {"b": Held(4)})
    assert only_required.value == 2 * only_optional.value


def test_levels_count_and_proof_counts_more_than_any_claim() -> None:
    told = [Held(level).percent for level in range(6)]
    assert told == [0, 40, 55, 70, 85, 85]
    assert [Held(0, 1).percent, Held(1, 1).percent, Held(3, 1).percent] == [70, 70, 85]
    assert [Held(4, 1).percent, Held(5, 1).percent, Held(1, 9).percent] == [100, 100, 100]


def test_a_short_honest_list_beats_a_long_one_that_covers_the_same() -> None:
    needs = distinct([need("a"), need("b")])
    honest = {"a": Held(3), "b": Held(3)}
    padded = honest | {f"x{i}": Held(5) for i in range(40)}
    assert match(needs, honest).value > 1.4 * match(needs, padded).value


def test_skills_that_work_has_proven_do_not_count_as_padding() -> None:
    needs = distinct([need("a")])
    versatile = {"a": Held(3)} | {f"x{i}": Held(3, 1) for i in range(40)}
    assert match(needs, versatile) == match(needs, {"a": Held(3)})


def test_only_a_profile_that_proves_everything_asked_reaches_100() -> None:
    needs = distinct([need("a"), need("b", required=False)])
    assert match(needs, {"a": Held(5, 1), "b": Held(0, 3)}).score == 100
    assert match(needs, {"a": Held(5), "b": Held(5)}).score == 85


def test_a_skill_asked_for_twice_is_asked_for_once_as_required() -> None:
    assert distinct([need("a", False), need("a"), need("a", False)]) == [need("a")]


def test_a_project_that_asks_for_nothing_fits_nobody() -> None:
    assert match([], {"a": Held(5)}).score == 0
    assert value(0, 0, 3) == 0


def test_points_tell_the_level_and_the_proofs() -> None:
    (point,) = match([need("a")], {"a": Held(2, 3)}).points
    assert (point.label, point.level, point.evidence) == ("label of a", 2, 3)
    assert point.required


def test_declared_and_proven_skills_make_up_a_profile() -> None:
    assert profile({"a": 3}, {"a": 1, "b": 2}) == {"a": Held(3, 1), "b": Held(0, 2)}


def test_the_order_of_equals_depends_on_both_and_on_nothing_else() -> None:
    assert tie_break("p", "a") == tie_break("p", "a")
    orders = [
        sorted("abcdef", key=lambda c, p=p: tie_break(p, c))  # type: ignore[misc]
        for p in map(str, range(9))
    ]
    assert len({tuple(order) for order in orders}) > 1
