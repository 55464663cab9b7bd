"""Aggregates become documents and come back the same; nothing of another release is lost."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from bson import decode
from hypothesis import given
from hypothesis import strategies as st

from shared.codec import Codec, kind
from shared.errors import Unavailable
from shared.money import EXPONENTS, Money
from shared.records import OPTIONS, to_raw


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass
class Leaf:
    name: str
    weight: int
    colour: Colour = Colour.GREEN
    note: str | None = None


@dataclass(frozen=True)
class Stem:
    height: float
    leaves: tuple[Leaf, ...] = ()


@dataclass
class FruitTree:
    id: str
    price: Money
    planted_at: datetime
    leaves: list[Leaf] = field(default_factory=list)
    stem: Stem | None = None
    by_name: dict[str, int] = field(default_factory=dict)
    anything: dict[str, Any] = field(default_factory=dict)
    season: date | None = None
    due_at: datetime | None = None
    rounds: int | None = 2
    wild: bool = False
    version: int = 0
    events: list[object] = field(default_factory=list)


CODEC = Codec(FruitTree)
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
TREE = FruitTree("t1", Money(100, "EUR"), NOW)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
whole = st.integers(-(2**63), 2**63 - 1)
EARLIEST, LATEST = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 9000))
moments = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
leaves = st.builds(Leaf, texts, whole, st.sampled_from(Colour), st.none() | texts)
stems = st.builds(Stem, st.floats(allow_nan=False), st.lists(leaves, max_size=3).map(tuple))
currencies = st.sampled_from(sorted(EXPONENTS))
trees = st.builds(
    FruitTree,
    id=texts.filter(bool),
    price=st.builds(Money, whole, currencies),
    planted_at=moments,
    leaves=st.lists(leaves, max_size=4),
    stem=st.none() | stems,
    by_name=st.dictionaries(texts.filter(lambda key: "\0" not in key), whole, max_size=4),
    season=st.none() | st.dates(),
    due_at=st.none() | moments,
    rounds=st.none() | whole,
    wild=st.booleans(),
)


def stored(tree: FruitTree, **more: Any) -> dict[str, Any]:
    """The document as the database gives it back."""
    return decode(to_raw({**CODEC.write(tree), "version": 1, **more}), OPTIONS)


@given(trees)
def test_an_aggregate_comes_back_as_it_was(tree: FruitTree) -> None:
    read = CODEC.read(stored(tree))

    assert read == replace(tree, version=1)
    assert [type(leaf.colour) for leaf in read.leaves] == [Colour] * len(tree.leaves)


def test_the_kind_is_the_class_name_in_kebab_case() -> None:
    assert kind(FruitTree) == "fruit-tree"
    assert kind(Leaf) == "leaf"


def test_version_and_events_are_not_state() -> None:
    state = CODEC.write(replace(TREE, version=7, events=[object()]))

    assert not {"version", "events", "id"} & state.keys()
    assert state["_id"] == "t1"


def test_a_none_is_left_out_so_that_sparse_indexes_stay_small() -> None:
    assert "due_at" not in CODEC.write(TREE)
    assert "due_at" in CODEC.write(replace(TREE, due_at=NOW))


def test_a_none_is_kept_where_absent_would_mean_another_default() -> None:
    assert CODEC.read(stored(replace(TREE, rounds=None))).rounds is None


@dataclass
class Bare:
    id: str
    due_at: datetime | None
    version: int = 0
    events: list[object] = field(default_factory=list)


def test_a_none_without_a_default_comes_back_too() -> None:
    codec = Codec(Bare)
    assert codec.read({**codec.write(Bare("b", None)), "version": 3}) == Bare("b", None, version=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rounds", 1.9),
        ("rounds", True),
        ("rounds", "1"),
        ("wild", 1),
        ("price", {"amount": 1.0, "currency": "EUR"}),
        ("price", {"amount": 1, "currency": 5}),
        ("planted_at", "2026-01-01"),
        ("planted_at", datetime(2026, 1, 1)),  # noqa: DTZ001
        ("by_name", {"a": 1.5}),
        ("leaves", [{"name": "a", "weight": "9"}]),
        ("leaves", [{"name": "a"}]),
        ("leaves", [{"name": "a", "weight": 1, "colour": "blue"}]),
        ("leaves", ["a"]),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_line(name: str, value: object) -> None:
    document = {**stored(TREE), name: value}

    with pytest.raises(Unavailable) as refused:
        CODEC.read(document)

    assert refused.value.code == "unreadable-document"
    assert name in refused.value.detail
    assert "\n" not in refused.value.detail


def test_a_missing_field_is_named() -> None:
    document = stored(TREE)
    del document["price"]

    with pytest.raises(Unavailable, match=r"fruit-tree t1: missing.*price"):
        CODEC.read(document)


def test_large_numbers_come_back_as_plain_integers() -> None:
    tree = CODEC.read(stored(replace(TREE, price=Money(2**40, "EUR"), by_name={"a": 2**40})))

    assert type(tree.price.amount) is int
    assert type(tree.by_name["a"]) is int


def test_moments_are_stored_in_utc_and_whole_milliseconds() -> None:
    elsewhere = timezone(timedelta(hours=5))
    moment = datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=elsewhere)

    read = CODEC.read(stored(replace(TREE, planted_at=moment)))

    assert read.planted_at == datetime(2026, 1, 1, 7, 0, 0, 123_000, tzinfo=UTC)
    assert read.planted_at.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_never_stored() -> None:
    with pytest.raises(TypeError, match="no time zone"):
        CODEC.write(replace(TREE, planted_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_what_a_newer_release_stored_survives_an_older_one() -> None:
    newer = stored(
        replace(TREE, leaves=[Leaf("a", 1), Leaf("b", 2)], stem=Stem(1.5, (Leaf("c", 3),))),
        scent="sweet",
    )
    newer["leaves"][1]["veins"] = 5
    newer["stem"]["bark"] = {"thick": True}
    newer["stem"]["leaves"][0]["veins"] = 7

    tree = CODEC.read(newer)
    del tree.leaves[0]
    state = CODEC.write(tree)

    assert state["scent"] == "sweet"
    assert state["leaves"][0]["veins"] == 5
    assert state["stem"]["bark"] == {"thick": True}
    assert state["stem"]["leaves"][0]["veins"] == 7


def test_a_known_field_that_became_none_vanishes() -> None:
    tree = CODEC.read(stored(replace(TREE, due_at=NOW), scent="sweet"))
    tree.due_at = None

    state = CODEC.write(tree)

    assert "due_at" not in state
    assert state["scent"] == "sweet"


def test_the_envelope_is_no_state() -> None:
    tree = CODEC.read(stored(TREE, handled=["m"], outbox=[], schema_version=1))

    assert not {"version", "handled", "outbox", "schema_version"} & CODEC.write(tree).keys()


def upcast_label(state: dict[str, Any]) -> dict[str, Any]:
    state["leaves"] = [{"name": state.pop("label"), "weight": 1}]
    return state


def upcast_weight(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "leaves": [{**leaf, "weight": 10} for leaf in state["leaves"]]}


def test_old_documents_are_upcast_step_by_step() -> None:
    codec = Codec(FruitTree, 4, {1: upcast_label, 3: upcast_weight})

    old = codec.read(stored(TREE, label="old"))
    newer = codec.read(stored(replace(TREE, leaves=[Leaf("x", 5)]), schema_version=2))

    assert old.leaves == [Leaf("old", 10)]
    assert newer.leaves == [Leaf("x", 10)]
    assert "label" not in codec.write(old)


def test_a_failing_upcast_is_told_in_one_line() -> None:
    with pytest.raises(Unavailable, match="fruit-tree t1: KeyError: 'label'"):
        Codec(FruitTree, 2, {1: upcast_label}).read(stored(TREE))


def test_a_newer_document_is_refused_only_where_it_cannot_be_read() -> None:
    readable = stored(TREE, schema_version=9, scent="sweet")
    assert CODEC.read(readable).id == "t1"

    with pytest.raises(Unavailable) as refused:
        CODEC.read({**readable, "price": "EUR 1.00"})
    assert refused.value.code == "newer-document"
    assert "schema version 9, this release reads 1" in refused.value.detail


def test_an_aggregate_may_not_use_the_names_of_the_envelope() -> None:
    @dataclass
    class Box:
        id: str
        outbox: list[str]

    with pytest.raises(ValueError, match="Box may have no field outbox"):
        Codec(Box)


def test_two_reads_of_one_document_share_nothing() -> None:
    document = stored(replace(TREE, anything={"deep": {"list": [1]}}))
    raw = to_raw(document)

    first, second = (CODEC.read(decode(raw, OPTIONS)) for _ in range(2))
    first.anything["deep"]["list"].append(2)

    assert second.anything == {"deep": {"list": [1]}}
