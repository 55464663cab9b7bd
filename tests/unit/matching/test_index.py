"""The index ranks exactly as scoring everybody one by one would."""

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.scoring import Held, Need, Ranked, distinct, match, tie_break
from services.matching.index import CandidateIndex, ProjectIndex

SKILLS = [f"s{i}" for i in range(8)]
people_of = st.dictionaries(
    st.integers(0, 40).map("acc-{}".format),
    st.dictionaries(
        st.sampled_from([*SKILLS, "x", "y"]), st.builds(Held, st.integers(1, 5), st.integers(0, 2))
    ),
    max_size=25,
)
needs_of = st.lists(
    st.builds(Need, st.sampled_from(SKILLS), st.just(""), st.booleans()), min_size=1, max_size=6
).map(distinct)
Steps = list[tuple[str, dict[str, Held] | None]]


@given(people_of, needs_of, st.integers(1, 10), st.sets(st.integers(0, 40).map("acc-{}".format)))
def test_top_equals_brute_force(
    people: dict[str, dict[str, Held]], needs: list[Need], limit: int, without: set[str]
) -> None:
    index = CandidateIndex()
    for id_, held in people.items():
        index.put(id_, held)
    everybody = [Ranked(id_, match(needs, held)) for id_, held in people.items()]
    fits = [one for one in everybody if one.match.score > 0 and one.id not in without]
    fits.sort(key=lambda one: (-one.match.value, tie_break("prj", one.id)))
    assert index.top("prj", needs, limit, without) == fits[:limit]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | people_of.map(dict))),
    needs_of,
)
def test_an_index_after_changes_and_removals_equals_one_made_afresh(
    steps: list[tuple[str, dict[str, dict[str, Held]] | None]], needs: list[Need]
) -> None:
    worn, now = CandidateIndex(), {}
    for id_, people in steps:
        if people is None:
            worn.remove(id_)
            now.pop(id_, None)
        else:
            held = next(iter(people.values()), {})
            worn.put(id_, held)
            now[id_] = held
    fresh = CandidateIndex()
    for id_, held in now.items():
        fresh.put(id_, held)
    assert worn.top("prj", needs, 9) == fresh.top("prj", needs, 9)
    assert len(worn) == len(fresh) == len(now)


def test_a_candidate_can_be_scored_alone() -> None:
    index = CandidateIndex()
    needs = [Need("a", "label", True)]
    index.put("acc-1", {"a": Held(4)})
    assert index.score(needs, "acc-1") == match(needs, {"a": Held(4)})
    assert index.score(needs, "acc-2") is None


@given(st.dictionaries(st.sampled_from("abcdef"), needs_of), people_of, st.integers(1, 4))
def test_projects_are_ranked_for_a_candidate_by_the_same_scores(
    projects: dict[str, list[Need]], people: dict[str, dict[str, Held]], limit: int
) -> None:
    index = ProjectIndex()
    for id_, needs in projects.items():
        index.put(id_, needs)
    held = next(iter(people.values()), {})
    everything = [Ranked(id_, match(needs, held)) for id_, needs in projects.items()]
    fits = [one for one in everything if one.match.score > 0 and one.id != "c"]
    fits.sort(key=lambda one: (-one.match.value, tie_break(one.id, "acc-1")))
    assert index.top("acc-1", held, limit, {"c"}) == fits[:limit]


def test_a_closed_project_is_recommended_no_more() -> None:
    index = ProjectIndex()
    index.put("prj-1", [Need("a", "label", True)])
    index.put("prj-1", [Need("b", "label", True)])
    assert index.top("acc-1", {"a": Held(3)}, 5) == []
    assert len(index) == 1
    index.remove("prj-1")
    index.remove("prj-1")
    assert index.top("acc-1", {"b": Held(3)}, 5) == []
