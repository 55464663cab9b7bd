"""The thread of an engagement: what people write, and how much of it at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.projects.domain.work import File, Party
from services.projects.events import Event, MessagePosted
from shared.errors import Conflict

# Replies of one person: none is that urgent, and nobody is to be flooded.
LIMITS = ((timedelta(minutes=1), 5), (timedelta(hours=1), 30), (timedelta(days=1), 100))
NUDGE_AGAIN = timedelta(hours=12)


@dataclass
class Thread:
    """Who wrote when, of one engagement (its id is the engagement's); messages are kept apart.

    `sent` holds each person's times of the last day, at most as many as the limit allows.
    """

    id: str
    sent: dict[str, list[datetime]] = field(default_factory=dict)
    nudged: dict[str, datetime] = field(default_factory=dict)
    messages: int = 0
    nudge: bool = False
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def admit(self, party: Party, person_id: str, now: datetime) -> None:
        """Count one message; raises Conflict where it is one too many.

        `nudge` says then whether the other side has still to be told that somebody wrote.
        """
        earlier = [at for at in self.sent.get(person_id, ()) if at > now - LIMITS[-1][0]]
        for window, most in LIMITS:
            recent = [at for at in earlier if at > now - window]
            if len(recent) >= most:
                again = recent[-most] + window
                sentence = f"That is {most} messages already: write again at {again.isoformat()}."
                raise Conflict("messages-too-many", sentence)
        self.sent[person_id] = [*earlier, now]
        self.messages += 1
        told = self.nudged.get(party.value)
        self.nudge = told is None or now - told >= NUDGE_AGAIN
        self.nudged = {party.value: now if self.nudge or told is None else told}


@dataclass
class Message:
    """What one person wrote, never changed afterwards."""

    id: str
    engagement_id: str
    project_id: str
    org_id: str
    candidate_id: str
    by: Party
    person_id: str
    text: str
    files: list[File]
    posted_at: datetime
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def announce(self, *, nudge: bool) -> "Message":
        """Tell that it was posted, without a word of it."""
        self.events.append(
            MessagePosted(
                engagement_id=self.engagement_id,
                project_id=self.project_id,
                org_id=self.org_id,
                candidate_id=self.candidate_id,
                message_id=self.id,
                by=self.by.value,
                files=len(self.files),
                nudge=nudge,
            )
        )
        return self
