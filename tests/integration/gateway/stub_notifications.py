"""Stands in for `notifications`: keeps contacts, and reads a log that the test writes."""

from typing import Any

from shared.envelope import Call
from shared.messaging import provide
from shared.rpc import rpc


class NotificationsStub:
    name = "notifications"
    database = provide(lambda platform: platform.database)

    @rpc
    def put_contact(self, call: Call, person_id: str, **contact: Any) -> dict[str, Any]:
        call.principal.require("put_contact")
        self.database["contacts"].replace_one({"_id": person_id}, contact, upsert=True)
        return {}

    @rpc
    def send_letter(self, call: Call, letter_id: str, **letter: Any) -> dict[str, Any]:
        call.principal.require("send_letter")
        self.database["letters"].replace_one({"_id": letter_id}, letter, upsert=True)
        return {}

    @rpc
    def list_events(
        self, call: Call, after: str | None, limit: int, types: list[str] | None
    ) -> dict[str, Any]:
        number = int((after or "e-0").removeprefix("e-"))
        found = self.database["log"].find({"sequence": {"$gt": number}})
        items = [{**event, "_id": None} for event in found.sort("sequence", 1).limit(limit)]
        return {"items": items, "next": None}
