"""The gateway's world in memory, behaving as the real one as far as its users can tell."""

import copy
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.envelope import Call, Message
from shared.errors import Conflict, NotFound, StintError

Fields = dict[str, Any]


class FakeClock:
    """Starts at a moment and moves only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 9, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


class FakeStore:
    """Aggregates by id, with versions, handled messages and the events of every save."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.saved: dict[str, Any] = {}
        self.handled: set[tuple[str, str]] = set()
        self.events: list[Any] = []
        self.fails: StintError | None = None

    def find(self, id: str) -> Any:
        return copy.deepcopy(self.saved.get(id))

    def load(self, id: str) -> Any:
        found = self.find(id)
        if found is None:
            raise NotFound(f"{self.kind}-not-found", "There is no such thing.")
        return found

    def change(
        self,
        id: str,
        message: Message | None,
        use_case: Callable[[Any], object],
        *,
        new: Callable[[], Any] | None = None,
    ) -> Any:
        if self.fails:
            raise self.fails
        if message and (id, message.id) in self.handled:
            return self.load(id)
        found = self.find(id)
        thing = copy.deepcopy(found) or (new and new()) or self.load(id)
        expected = getattr(message, "expected_version", None)
        if expected not in (None, thing.version):
            raise Conflict("version-changed", "It was changed.")
        use_case(thing)
        if thing == found:
            return thing
        if message:
            self.handled.add((id, message.id))
        self.events += thing.events
        thing.events, thing.version = [], thing.version + 1
        self.saved[id] = copy.deepcopy(thing)
        return thing

    def create(self, message: Message | None, aggregate: Any) -> Any:
        return self.change(aggregate.id, message, lambda _: None, new=lambda: aggregate)

    def due(self, now: datetime, limit: int = 100) -> list[str]:
        overdue = [a for a in self.saved.values() if a.due_at and a.due_at <= now]
        return [a.id for a in sorted(overdue, key=lambda a: a.due_at)][:limit]


class FakeKeys:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.kept: dict[str, Fields] = {}

    def begin(self, id: str, fingerprint: str, expires_at: datetime) -> Fields | None:
        found = self.kept.get(id)
        if found and found["expires_at"] > self.now():
            return dict(found)
        self.kept[id] = {"fingerprint": fingerprint, "expires_at": expires_at}
        return None

    def finish(self, id: str, answer: str) -> None:
        self.kept[id]["answer"] = answer

    def forget(self, id: str) -> None:
        if "answer" not in self.kept[id]:
            del self.kept[id]


class FakeFileRecords:
    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}

    def add(self, record: Fields) -> Fields:
        return self.kept.setdefault(record["file_id"], {**record, "engagements": [], "kept_by": ""})

    def mark_kept(self, file_id: str, place: str) -> bool:
        if self.kept[file_id]["kept_by"]:
            return False
        self.kept[file_id]["kept_by"] = place
        return True

    def find(self, file_id: str) -> Fields | None:
        return self.kept.get(file_id)

    def owned(self, file_ids: list[str], owner_id: str) -> dict[str, Fields]:
        found = {id_: self.kept[id_] for id_ in file_ids if id_ in self.kept}
        return {id_: record for id_, record in found.items() if record["owner_id"] == owner_id}

    def handed_in(self, owner_id: str, engagement_id: str, sha256: str) -> Fields | None:
        wanted = {"owner_id": owner_id, "sha256": sha256}
        found = (one for one in self.kept.values() if wanted.items() <= one.items())
        return next((one for one in found if engagement_id in one["engagements"]), None)

    def hand_in(self, file_ids: list[str], engagement_id: str) -> None:
        for file_id in file_ids:
            self.kept[file_id]["engagements"].append(engagement_id)

    def forget(self, file_id: str) -> None:
        self.kept.pop(file_id, None)


class FakeQuota:
    """Counts files alone."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.held: list[str] = []
        self.settled: list[str] = []

    def require_room(self, owner_id: str, size: int) -> None:
        if len(self.held) + len(self.settled) >= self.most:
            raise Conflict("storage-full", "No room.")

    def hold(self, owner_id: str, file_id: str, size: int) -> str:
        self.require_room(owner_id, size)
        self.held.append(f"place-of-{file_id}")
        return self.held[-1]

    def settle(self, owner_id: str, place: str) -> None:
        self.held.remove(place)
        self.settled.append(place)

    def release(self, owner_id: str, place: str, size: int) -> None:
        self.held.remove(place)


class FakeUploads:
    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}
        self.finished: set[str] = set()

    def add(self, record: Fields) -> Fields:
        return self.kept.setdefault(record["id"], record)

    def find(self, id: str) -> Fields | None:
        return self.kept.get(id)

    def count(self, owner_id: str, now: datetime) -> int:
        open_ = (one for id_, one in self.kept.items() if id_ not in self.finished)
        return sum(one["owner_id"] == owner_id and one["expires_at"] > now for one in open_)

    def finish(self, id: str) -> None:
        self.finished.add(id)


class FakeApiKeys:
    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}

    def add(self, record: Fields) -> Fields:
        return self.kept.setdefault(record["id"], dict(record))

    def by_secret(self, secret_hash: str) -> Fields | None:
        found = (one for one in self.kept.values() if one["secret_hash"] == secret_hash)
        return next(found, None)

    def find(self, id: str) -> Fields | None:
        return self.kept.get(id)

    def count(self, account_id: str) -> int:
        good = (one for one in self.kept.values() if one["revoked_at"] is None)
        return sum(one["account_id"] == account_id for one in good)

    def good(self, account_id: str) -> list[Fields]:
        theirs = (one for one in self.kept.values() if one["account_id"] == account_id)
        return [one for one in theirs if one["revoked_at"] is None]

    def page(self, owner: Fields, limit: int, after: str | None) -> tuple[list[Fields], str | None]:
        return [one for one in self.kept.values() if owner.items() <= one.items()][:limit], None

    def revoke(self, id: str, now: datetime) -> None:
        self.kept[id]["revoked_at"] = self.kept[id]["revoked_at"] or now

    def revoke_all(self, account_id: str, now: datetime) -> None:
        for one in self.kept.values():
            if one["account_id"] == account_id:
                one["revoked_at"] = one["revoked_at"] or now

    def used(self, id: str, now: datetime) -> None:
        self.kept[id]["last_used_at"] = now


class FakeResets:
    """Wishes for new passwords, by address."""

    def __init__(self) -> None:
        self.asked: dict[str, datetime] = {}

    def ask(self, email: str, now: datetime) -> None:
        self.asked[email] = now

    def waiting(self) -> list[tuple[str, datetime]]:
        return list(self.asked.items())

    def done(self, email: str, at: datetime) -> None:
        if self.asked.get(email) == at:
            del self.asked[email]


class FakeStates:
    """Sign-ins at a provider that are under way."""

    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}

    def keep(self, id: str, fields: Fields, expires_at: datetime) -> None:
        self.kept[id] = {**fields, "expires_at": expires_at}

    def take(self, id: str, now: datetime) -> Fields | None:
        found = self.kept.pop(id, None)
        return found if found and found["expires_at"] > now else None


class FakeProvider:
    """Signs in `person`; remembers what it was asked."""

    def __init__(self) -> None:
        self.person: Any = None
        self.begun: list[Fields] = []
        self.finished: list[tuple[Any, ...]] = []

    def begin(self, issuer: str, client_id: str, state: Fields, callback: str) -> str:
        self.begun.append(state)
        return f"{issuer}/authorize?state={state['state']}"

    def finish(self, issuer: str, client: Any, code: str, state: Fields, callback: str) -> Any:
        self.finished.append((issuer, client, code, state, callback))
        return self.person


class FakeRpc:
    """Answers as told, by method; remembers what it was asked. An error is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"put_contact": {}, "send_letter": {}}
        self.asked: list[tuple[str, str, Call, Fields]] = []

    def call(self, service: str, method: str, call: Call, /, **arguments: Any) -> Any:
        self.asked.append((service, method, call, arguments))
        answer = self.answers.get(method, {"items": [], "next": None})
        if callable(answer):
            answer = answer(**arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def calls(self, method: str) -> list[tuple[Call, Fields]]:
        """The calls of this method and their arguments."""
        return [(call, arguments) for _, name, call, arguments in self.asked if name == method]


class FakeAuditRecords:
    """Entries by id; `fails` is raised by the next appends, before or after they are kept."""

    def __init__(self) -> None:
        self.kept: dict[str, Fields] = {}
        self.fails: Exception | None = None
        self.lost_answer = False

    def append(self, entries: Sequence[Fields]) -> None:
        if self.fails and not self.lost_answer:
            raise self.fails
        for entry in entries:
            self.kept.setdefault(entry["_id"], dict(entry))
        if self.fails:
            raise self.fails

    def heads(self) -> list[Fields]:
        last = {entry["chain"]: entry for entry in self.all()}
        return list(last.values())

    def all(self) -> list[Fields]:
        return [self.kept[id_] for id_ in sorted(self.kept)]

    def hash_of(self, id_: str) -> str | None:
        found = self.kept.get(id_)
        return found and found["hash"]

    def find(self, where: Fields, start: Any, limit: int) -> list[Fields]:
        names = ("principal_id", "operation")
        wanted = {name: where[name] for name in names if name in where}
        found = [one for one in self.all() if wanted.items() <= one.items()]
        if "subjects" in where:
            found = [one for one in found if where["subjects"] in one.get("subjects", ())]
        behind = [one for one in found if start is None or (one["at"], one["_id"]) > start]
        return sorted(behind, key=lambda one: (one["at"], one["_id"]))[:limit]


class FakeKeeping:
    """What somebody has at the gateway, out of the fakes."""

    def __init__(self, sessions: FakeStore, files: FakeFileRecords) -> None:
        self._sessions, self._files = sessions, files

    def sessions(self, account: Any) -> list[str]:
        return [one.id for one in self._sessions.saved.values() if one.account_id == account.id]

    def files(self, account: Any) -> list[Fields]:
        found = list(self._files.kept.values())
        return [record for record in found if record["owner_id"] == account.id]
