"""What waits for me, from every service that knows of something."""

from functools import partial
from typing import Any

from services.gateway.calls import ask, gather
from services.gateway.operations import Resource
from services.gateway.schemas.engagements import Todo
from shared.errors import Unavailable
from shared.principal import permissions

resource = Resource("todo", __name__, description="What waits for me")
LAST = "9999"  # Sorts what is due at no time behind every date.


@resource.operation("GET", "/todo", answer=Todo)
def list_todo() -> Any:
    parts = permissions()["list_todo"]["parts"]
    answers = gather({service: partial(ask, service, "list_todo") for service in parts})
    items: list[dict[str, Any]] = []
    incomplete: list[str] = []
    for service, answer in answers.items():
        if isinstance(answer, Unavailable):
            incomplete.append(service)
        else:
            items += answer["items"]
    if len(incomplete) == len(parts):
        raise Unavailable("service-unavailable", "No service answers just now.")
    items.sort(key=lambda item: (item.get("due_at") or LAST, item["id"]))
    return {"items": items, "incomplete": incomplete}
