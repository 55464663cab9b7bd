"""Where it is kept how far each partner's stream on the broker has come."""

from mongoengine import DynamicDocument

from services.notifications.partners.domain.streams import Stream
from shared.platform import Platform
from shared.store import Store


class StreamDocument(DynamicDocument):
    meta = {"collection": "streams", "auto_create_index": False, "indexes": ["open"]}


def streams(platform: Platform) -> Store[Stream]:
    return Store(platform, Stream, StreamDocument)


def open_ones(streams: Store[Stream]) -> list[Stream]:
    return [streams.codec.read(found) for found in streams.collection.find({"open": True})]


def every_one(streams: Store[Stream]) -> list[Stream]:
    """Open or not, by id."""
    return [streams.codec.read(found) for found in streams.collection.find({}).sort("_id", 1)]
