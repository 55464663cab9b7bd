"""The thread of an engagement: people's messages between what happened."""

from functools import partial
from typing import Any

from services.projects import schemas, store, usecases
from services.projects.domain.engagement import Engagement
from services.projects.domain.thread import Thread
from services.projects.domain.timeline import entries
from services.projects.domain.work import Party
from services.projects.schemas import workroom as requests
from services.projects.schemas import workroom_views as views
from services.projects.schemas.inputs import PageSchema, load
from shared.envelope import Call, Event
from shared.messaging import on, provide
from shared.rpc import rpc

View = dict[str, Any]


class Threads:
    """What both sides write; the engagement's own record tells the rest."""

    engagements = provide(store.engagements)
    threads = provide(store.threads)
    messages = provide(store.messages)
    now = provide(lambda platform: platform.now)

    @rpc
    def list_messages(
        self, call: Call, engagement_id: str, limit: Any = 20, after: Any = None
    ) -> View:
        page = load(PageSchema(), {"limit": limit, "after": after})
        engagement = usecases.read_thread(self.engagements.load(engagement_id), call.principal)
        found = store.find_messages(engagement_id, page["limit"] + 1, page["after"])
        happened = [views.entry(one) for one in entries(engagement)]
        if page["after"]:
            behind = store.read_cursor(page["after"])
            happened = [one for one in happened if _place(one) < behind]
        lines = sorted([*map(views.line, found), *happened], key=_place, reverse=True)
        shown = lines[: page["limit"]]
        following = store.cursor(*_place(shown[-1])) if len(lines) > len(shown) else None
        return {"items": shown, "next": following}

    @rpc
    def post_message(self, call: Call, engagement_id: str, text: Any, files: Any = ()) -> View:
        """Admit it first, then keep it: a call that dies between costs one of the limit."""
        given = load(requests.MessageSchema(), {"text": text, "files": list(files)})
        engagement, by, now = self.engagements.load(engagement_id), call.principal, self.now()
        admit = partial(usecases.admit_message, engagement=engagement, by=by, now=now)
        thread = self.threads.change(engagement_id, call, admit, new=partial(Thread, engagement_id))
        message = usecases.message_of(thread, engagement, f"msg-{call.id}", **given, by=by, now=now)
        return views.message(self.messages.create(call, message))

    @rpc
    def get_message(self, call: Call, message_id: str) -> View:
        found = usecases.read_message(self.messages.find(message_id), call.principal)
        return views.message(found)

    @on("message.posted.v1")
    def on_message_posted(self, event: Event) -> None:
        """Who wrote is there, and the other side owes an answer."""
        told = load(schemas.MessagePosted(), event.data)
        note = partial(Engagement.note_message, party=Party(told["by"]), at=event.time)
        self.engagements.change(told["engagement_id"], event, note)


def _place(line: View) -> tuple[Any, str]:
    return line["at"], line["id"]
