"""What is packed is parsed again as it was; what is not ours is malformed and nothing worse."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import MAX_BYTES, Call, Contracts, Event, Malformed, pack, parse

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

texts = st.text(st.characters(codec="utf-8"), max_size=30)
names = texts.filter(bool)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True)
class ThingMoved:
    type: ClassVar[str] = "thing.moved.v1"
    to: Any


def packed(fact: ThingMoved, cause: Call | None = None) -> dict[str, Any]:
    return pack(
        fact,
        source="tally",
        subject="thing:t1",
        version=3,
        now=NOW,
        cause=cause,
        new_id=lambda: "e1",
    )


@given(json_values, names, names, texts)
def test_what_is_packed_is_parsed_as_it_was(
    value: Any, call_id: str, correlation_id: str, trace: str
) -> None:
    cause = Call(id=call_id, correlation_id=correlation_id, traceparent=trace)

    event = parse(packed(ThingMoved(value), cause)["body"])

    assert event == Event(
        id="e1",
        type="thing.moved.v1",
        source="tally",
        subject="thing:t1",
        time=NOW,
        data={"to": value},
        aggregate_version=3,
        correlation_id=correlation_id,
        causation_id=call_id,
        traceparent=trace,
    )


def test_an_event_without_a_cause_starts_its_own_correlation() -> None:
    event = parse(packed(ThingMoved(1))["body"])

    assert (event.correlation_id, event.causation_id) == ("e1", "e1")


def test_the_entry_repeats_what_the_relay_needs() -> None:
    entry = packed(ThingMoved(1))

    assert {name: entry[name] for name in ("id", "type", "at")} == {
        "id": "e1",
        "type": "thing.moved.v1",
        "at": NOW,
    }


def test_an_event_is_at_most_64_kib() -> None:
    with pytest.raises(ValueError, match="the limit is 65536"):
        packed(ThingMoved("x" * MAX_BYTES))


@given(st.binary(max_size=200) | texts)
def test_arbitrary_bytes_are_malformed_and_nothing_worse(body: bytes | str) -> None:
    with pytest.raises(Malformed):
        parse(body)


@given(st.data())
def test_a_damaged_event_is_parsed_or_malformed(data: st.DataObject) -> None:
    raw = orjson.loads(packed(ThingMoved(1))["body"])
    name = data.draw(st.sampled_from(sorted(raw)))
    raw[name] = data.draw(json_values)
    try:
        event = parse(orjson.dumps(raw))
    except Malformed:
        return
    assert all(isinstance(text, str) for text in (event.id, event.type, event.subject))
    assert isinstance(event.data, dict)
    assert event.time.tzinfo is UTC


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_a_missing_attribute_is_named(name: str) -> None:
    raw = orjson.loads(packed(ThingMoved(1))["body"])
    del raw[name]

    with pytest.raises(Malformed, match=f"missing: {name}"):
        parse(orjson.dumps(raw))


@pytest.mark.parametrize("body", [b"", b"null", b"[1,2]", b"{broken", b"\x1f\x8b\x08", b"7"])
def test_the_broken_bodies_of_the_field_are_malformed(body: bytes | str) -> None:
    with pytest.raises(Malformed):
        parse(body)


def test_unknown_attributes_are_ignored() -> None:
    raw = orjson.loads(packed(ThingMoved(1))["body"])

    assert parse(orjson.dumps({**raw, "partitionkey": "x"})) == parse(orjson.dumps(raw))


CONTRACTS = Contracts(
    {
        "thing.moved.v1": {
            "type": "object",
            "required": ["to", "at"],
            "properties": {
                "to": {"type": "integer"},
                "at": {"type": "string", "format": "date-time"},
            },
        }
    }
)


def test_data_as_its_contract_says_passes() -> None:
    CONTRACTS.check("thing.moved.v1", {"to": 1, "at": "2026-01-01T00:00:00Z", "more": True})


@pytest.mark.parametrize(
    ("type_", "data", "fault"),
    [
        ("thing.moved.v2", {}, "no contract for thing.moved.v2"),
        ("thing.moved.v1", {"to": 1}, "data: "),
        ("thing.moved.v1", {"to": "x", "at": "2026-01-01T00:00:00Z"}, "to: "),
        ("thing.moved.v1", {"to": 1, "at": "yesterday"}, "at: "),
    ],
)
def test_a_breach_of_contract_is_malformed_and_named(
    type_: str, data: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Malformed, match=fault):
        CONTRACTS.check(type_, data)
