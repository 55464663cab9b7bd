"""What is kept of somebody, handed out page by page: documents without our own machinery."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.collection import Collection

from shared.codec import ENVELOPE
from shared.errors import Invalid

Document = dict[str, Any]
Rows = Callable[[str, int], list[Document]]  # (behind this id, at most so many) -> documents by id
AT_ONCE = 100


def rows_of(collection: Collection[Document], **where: Any) -> Rows:
    """All documents of the collection that fit."""

    def rows(after: str, limit: int) -> list[Document]:
        wanted = {**where, "_id": {"$gt": after}} if after else where
        return list(collection.find(wanted).sort("_id", 1).limit(limit))

    return rows


def page(sections: Mapping[str, Rows], after: str | None = None) -> Document:
    """Some rows of one section, and the cursor of what follows; raises Invalid for a false one."""
    name, _, last = (after or next(iter(sections))).partition("|")
    if name not in sections:
        raise Invalid("cursor-invalid", "Send the `next` of the page before, unchanged.")
    found = sections[name](last, AT_ONCE + 1)
    shown = found[:AT_ONCE]
    following = f"{name}|{shown[-1]['_id']}" if len(found) > AT_ONCE else _behind(sections, name)
    return {"section": name, "items": [plain(row) for row in shown], "next": following}


def plain(document: Document) -> Document:
    """The document's own fields."""
    kept = {name: value for name, value in document.items() if name not in (*ENVELOPE, "_id")}
    return {"id": document["_id"], **kept}


def _behind(sections: Mapping[str, Rows], name: str) -> str | None:
    names = list(sections)
    place = names.index(name) + 1
    return names[place] if place < len(names) else None
