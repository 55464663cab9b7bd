"""What a dispute is made of: steps, and the posts of a record that is never changed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

COMPANY, CANDIDATE, OPERATOR = "company", "candidate", "operator"
SILENCE = "silence"  # Who decides where nobody answers.


class Step(StrEnum):
    RESPONSE = "awaiting-response"
    NEGOTIATION = "negotiating"
    DECISION = "awaiting-decision"
    APPEAL = "appealable"  # Decided; the money waits until nobody can appeal any more.
    REVIEW = "appealed"
    FINAL = "final"


class Act(StrEnum):
    """What a post of the record is."""

    OPENED = "opened"
    STATEMENT = "statement"
    OFFER = "offer"
    ACCEPTANCE = "acceptance"
    ESCALATION = "escalation"
    DECISION = "decision"
    APPEAL = "appeal"
    WAIVER = "waiver"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class Evidence:
    """An uploaded file, as the gateway refers to it."""

    file_id: str
    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Split:
    """Minor units for the candidate (less the platform's share) and for the company."""

    released: int
    refunded: int

    @property
    def total(self) -> int:
        return self.released + self.refunded

    @property
    def outcome(self) -> str:
        if self.released and self.refunded:
            return "split"
        return "released" if self.released else "refunded"

    def within(self, amount: int) -> "Split":
        """The same proportion of another amount; the odd minor unit is the company's."""
        if amount == self.total or not self.total:
            return self
        released = amount * self.released // self.total
        return Split(released, amount - released)


@dataclass(frozen=True)
class Post:
    """A line of the record, never changed. `by` is a side, an operator, or silence."""

    id: str
    act: Act
    by: str
    person_id: str
    at: datetime
    text: str = ""
    files: list[Evidence] = field(default_factory=list)
    split: Split | None = None


def opposite(side: str) -> str:
    return CANDIDATE if side == COMPANY else COMPANY


# What to tell somebody whose wish does not fit the step.
SENTENCES = {
    Step.RESPONSE: "The other side has not answered yet; its time is not over.",
    Step.NEGOTIATION: "Both sides may still agree; either can ask for an operator's decision.",
    Step.DECISION: "It waits for an operator's decision.",
    Step.APPEAL: "It is decided; either side may appeal in time, or do without.",
    Step.REVIEW: "It was appealed and waits for another operator's decision.",
    Step.FINAL: "It is decided for good.",
}
