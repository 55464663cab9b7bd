"""The gateway's world in memory, behaving as the real one as far as its users can tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.envelope import Call

Fields = dict[str, Any]


class FakeClock:
    """Starts at a moment and moves only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 9, 14, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


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
