"""What the issuer of credentials keeps: its keys, the list of revocations, people's portfolios."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.applications.events import Event

LIVE = 2  # Keys that can sign: the newest does, the one before it is there to go back to.


@dataclass(frozen=True, kw_only=True)
class IssuerKey:
    """A key pair: `public` is a JWK; `sealed` the private half, or None once it is retired."""

    kid: str
    public: dict[str, Any]
    sealed: str | None
    created_at: datetime


@dataclass
class KeyRing:
    """The newest key signs. Public halves stay for ever: what they signed must stay provable."""

    id: str = "issuer"
    keys: list[IssuerKey] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def rotate(self, key: IssuerKey) -> None:
        """Sign with this one from now on; the private halves of old ones are forgotten."""
        older = [one if place < LIVE - 1 else _retired(one) for place, one in enumerate(self.keys)]
        self.keys = [key, *older]

    def begin(self, key: IssuerKey) -> None:
        """The first key, where there is none."""
        if not self.keys:
            self.keys = [key]


def _retired(key: IssuerKey) -> IssuerKey:
    return IssuerKey(kid=key.kid, public=key.public, sealed=None, created_at=key.created_at)


@dataclass
class Revocations:
    """Places in the status lists: how many were given out, and which of them are revoked."""

    id: str = "revocations"
    taken: int = 0
    revoked: list[int] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def take(self) -> None:
        """Give out the next place; it is `taken - 1` then."""
        self.taken += 1

    def revoke(self, index: int) -> None:
        if index not in self.revoked:
            self.revoked.append(index)


@dataclass
class Portfolio:
    """A candidate's page: public only if they say so, with what they pick of their profile."""

    id: str
    candidate_id: str
    public: bool = False
    name: str | None = None
    headline: bool = False
    items: list[int] = field(default_factory=list)
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def arrange(self, public: bool, name: str | None, headline: bool, items: list[int]) -> None:
        """Show this much from now on; items are places in the profile's portfolio."""
        self.public, self.name, self.headline = public, name, headline
        self.items = list(dict.fromkeys(items))
