"""Every way to spoil a message: a corpus made from one good event and its contract."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.envelope import CONTENT_TYPE, REQUIRED

MIB = 1024 * 1024
CUTS = 12
NOT_TEXT: tuple[Any, ...] = (7, None, True, [], {}, "")
Json = dict[str, Any]


@dataclass(frozen=True)
class Poison:
    """What is wrong with it, and the message itself."""

    what: str
    body: bytes
    content_type: str | None = CONTENT_TYPE


def corpus(good: Json, seed: int = 1) -> Iterator[Poison]:
    """Nothing of this may be taken for the event that it was made from."""
    yield from truncated(json.dumps(good).encode(), random.Random(seed))
    yield from without_attributes(good)
    yield from wrong_attributes(good)
    yield from unknown_versions(good)
    yield from wrong_data(good)
    yield from large(good)
    for content_type in (None, "application/json", "text/plain", ""):
        yield Poison(f"content type {content_type!r}", json.dumps(good).encode(), content_type)


def truncated(body: bytes, dice: random.Random) -> Iterator[Poison]:
    for cut in sorted(dice.sample(range(len(body)), CUTS)):
        yield Poison(f"cut after {cut} bytes", body[:cut])
    for at in sorted(dice.sample(range(len(body)), CUTS)):
        yield Poison(f"bad UTF-8 at {at}", body[:at] + b"\xff\xfe" + body[at:])
    yield Poison("UTF-16", body.decode().encode("utf-16"))
    yield Poison("nothing", b"")
    yield Poison("two events", body + body)


def without_attributes(good: Json) -> Iterator[Poison]:
    for name in REQUIRED:
        rest = {key: value for key, value in good.items() if key != name}
        yield Poison(f"without {name}", json.dumps(rest).encode())


def wrong_attributes(good: Json) -> Iterator[Poison]:
    wrong: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("id", "source", "type", "subject", "correlationid"), NOT_TEXT),
        "time": (7, None, "yesterday", "2030-13-40T00:00:00Z", []),
        "data": (7, None, True, [], "text"),
        "aggregateversion": ("1", None, [], 1.5),
    }
    for name, values in wrong.items():
        for value in values:
            yield Poison(f"{name} = {value!r}", json.dumps({**good, name: value}).encode())


def unknown_versions(good: Json) -> Iterator[Poison]:
    name = good["type"].removesuffix(".v1")
    for type_ in (f"{name}.v2", f"{name}.v0", name, f"{name}.v1.1", name.upper(), "thing.lost.v1"):
        yield Poison(f"type {type_}", json.dumps({**good, "type": type_}).encode())


def wrong_data(good: Json) -> Iterator[Poison]:
    for name, value in good["data"].items():
        rest = {key: each for key, each in good["data"].items() if key != name}
        yield Poison(f"data without {name}", json.dumps({**good, "data": rest}).encode())
        for wrong in (None, [], {}, -1 if isinstance(value, int) else 7, "x" * 200, 1.5):
            data = {**good["data"], name: wrong}
            yield Poison(
                f"data {name} = {str(wrong)[:9]}", json.dumps({**good, "data": data}).encode()
            )


def large(good: Json) -> Iterator[Poison]:
    name = next(name for name, value in good["data"].items() if isinstance(value, str))
    data = {**good["data"], name: "x" * MIB}
    yield Poison("a MiB in a field", json.dumps({**good, "data": data}).encode())
    yield Poison("a MiB of brackets", b"[" * MIB)
    yield Poison("a MiB of letters", b"x" * MIB)
    yield Poison("a MiB of zeros", bytes(MIB))
