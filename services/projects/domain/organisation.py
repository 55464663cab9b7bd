"""What is known here of an organisation: how far an operator has verified it, for all to see."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.projects.events import Event


class Level(StrEnum):
    """In rising order."""

    UNVERIFIED = "unverified"
    EMAIL_VERIFIED = "email_verified"
    VERIFIED = "verified"
    TRUSTED = "trusted"


CLEARED = (Level.VERIFIED, Level.TRUSTED)  # Their briefs go out without a look, if all is usual.


@dataclass
class Organisation:
    """A copy of the gateway's word; `revision` keeps older news from replacing newer."""

    id: str
    level: Level = Level.UNVERIFIED
    revision: int = -1
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def verify(self, level: Level, revision: int) -> None:
        """Take the level as of this revision."""
        if revision > self.revision:
            self.level, self.revision = level, revision
