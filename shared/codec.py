"""Aggregates as documents and back, losing nothing that another release has written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.bson import make_converter

from shared.errors import Unavailable

A = TypeVar("A")
State = dict[str, Any]
Upcast = Callable[[State], State]

ENVELOPE = frozenset({"version", "schema_version", "handled", "outbox", "saved_in", "flushed"})
KEPT = "_kept"  # The attribute that carries an object's stored but unknown fields to its next save.


def kind(aggregate: type) -> str:
    """The aggregate's name on the wire: `HireOffer` becomes `hire-offer`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", aggregate.__name__).lower()


class Codec(Generic[A]):
    """Converts one aggregate type; `upcasts[n]` turns the state of schema version n into n + 1.

    A step that is not named changes nothing. An upcast gets its own copy, `_id` included.
    """

    def __init__(
        self, aggregate: type[A], schema_version: int = 1, upcasts: Mapping[int, Upcast] = {}
    ) -> None:
        names = {field.name for field in fields(aggregate)}  # type: ignore[arg-type]
        if taken := names & (ENVELOPE - {"version"}):
            raise ValueError(f"{aggregate.__name__} may have no field {', '.join(sorted(taken))}")
        self.kind, self.schema_version = kind(aggregate), schema_version
        self._aggregate, self._upcasts = aggregate, dict(upcasts)
        self._converter = _converter(aggregate)

    def read(self, document: Mapping[str, Any]) -> A:
        """The aggregate of a stored document; raises Unavailable where it cannot be read."""
        stored = document.get("schema_version", 1)
        try:
            state = self._upcast({k: v for k, v in document.items() if k not in ENVELOPE}, stored)
            aggregate = self._converter.structure(state, self._aggregate)
        except Exception as exc:
            raise self._unreadable(document, stored, exc) from exc
        aggregate.version = document["version"]  # type: ignore[attr-defined]
        return aggregate

    def write(self, aggregate: A) -> State:
        """The state to store, without the envelope's fields."""
        state: State = self._converter.unstructure(aggregate, unstructure_as=self._aggregate)
        return state

    def _upcast(self, state: State, stored: int) -> State:
        for version in range(stored, self.schema_version):
            if version in self._upcasts:
                state = self._upcasts[version](state)
        return state

    def _unreadable(self, document: Mapping[str, Any], stored: int, exc: Exception) -> Unavailable:
        faults = _faults(exc)
        if stored > self.schema_version:
            newer = f"is of schema version {stored}, this release reads {self.schema_version}"
            return Unavailable("newer-document", f"{self.kind} {document['_id']} {newer}: {faults}")
        return Unavailable("unreadable-document", f"{self.kind} {document['_id']}: {faults}")


def _faults(exc: Exception) -> str:
    if not isinstance(exc, BaseValidationError):
        return f"{type(exc).__name__}: {exc}"
    return "; ".join(transform_error(exc, format_exception=_fault))


def _fault(exc: BaseException, _expected: type | None) -> str:
    return "missing" if isinstance(exc, KeyError) else str(exc)


def _converter(aggregate: type) -> Converter:
    converter = make_converter()
    for type_ in (str, bool, int, float):
        converter.register_structure_hook(type_, _exactly(type_))
    converter.register_structure_hook(datetime, _read_moment)
    converter.register_unstructure_hook(datetime, _write_moment)
    converter.register_structure_hook_factory(_is_dataclass, lambda cls: _reader(cls, converter))
    converter.register_unstructure_hook_factory(_is_dataclass, lambda cls: _writer(cls, converter))
    own = {"id": override(rename="_id")} | {
        name: override(omit=True) for name in ("version", "events")
    }
    converter.register_structure_hook(aggregate, _reader(aggregate, converter, own))
    write = _writer(aggregate, converter, own)
    converter.register_unstructure_hook(aggregate, _without_nones(aggregate, write))
    return converter


def _is_dataclass(cls: Any) -> bool:
    return isinstance(cls, type) and is_dataclass(cls)


def _exactly(type_: type) -> Callable[[Any, Any], Any]:
    """cattrs turns 1.9 into 1 and 7 into "7"; money and versions must not change in passing.

    The hook of str also reads every StrEnum.
    """
    allowed = (int, float) if type_ is float else type_

    def read(value: Any, cls: Any) -> Any:
        if not isinstance(value, allowed) or (isinstance(value, bool) and type_ is not bool):
            raise TypeError(f"{value!r} is no {type_.__name__}")
        return cls(value)  # The database's Int64 becomes a plain int.

    return read


def _read_moment(value: Any, _: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"{value!r} is no aware datetime")
    return value.astimezone(UTC)


def _write_moment(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TypeError(f"{value!r} has no time zone")
    utc = value.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _reader(cls: Any, converter: Converter, own: Mapping[str, Any] = {}) -> Callable[..., Any]:
    """Structures a dataclass and lets the object carry what this release does not know of it."""
    structure = make_dict_structure_fn(cls, converter, **own)
    known = {
        "_id" if name == "id" and own else name for name in _names(cls) if not _omitted(own, name)
    }
    optional = dict.fromkeys(_optional(cls))

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"{value!r} is no {cls.__name__}")
        thing = structure({**optional, **value}, cls)
        if (unknown := value.keys() - known) and hasattr(thing, "__dict__"):
            thing.__dict__[KEPT] = {name: value[name] for name in unknown}
        return thing

    return read


def _writer(cls: Any, converter: Converter, own: Mapping[str, Any] = {}) -> Callable[..., Any]:
    unstructure = make_dict_unstructure_fn(cls, converter, **own)

    def write(thing: Any) -> State:
        state: State = unstructure(thing)
        kept = thing.__dict__.get(KEPT) if hasattr(thing, "__dict__") else None
        return {**kept, **state} if kept else state

    return write


def _without_nones(cls: Any, write: Callable[..., State]) -> Callable[..., State]:
    """Leaves None out, so that sparse indexes stay small, except where absent means otherwise."""
    free = {field.name for field in fields(cls) if field.default is None or _bare(field)}

    def sparse(thing: Any) -> State:
        return {k: v for k, v in write(thing).items() if v is not None or k not in free}

    return sparse


def _names(cls: Any) -> list[str]:
    return [field.name for field in fields(cls)]


def _omitted(own: Mapping[str, Any], name: str) -> bool:
    return name in own and bool(own[name].omit)


def _optional(cls: Any) -> list[str]:
    """Fields that may be None and have no default: absent means None."""
    hints = get_type_hints(cls)
    return [field.name for field in fields(cls) if _bare(field) and _allows_none(hints[field.name])]


def _bare(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _allows_none(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
