"""Which charge a transfer or a refund draws on, where several charges brought the money."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Part = tuple[str, int]


@dataclass(frozen=True)
class Drawn:
    """A charge that brought `amount`, of which `taken` was drawn; minor units."""

    charge_id: str
    amount: int
    taken: int

    @property
    def room(self) -> int:
        return self.amount - self.taken


def in_turn(amount: int, charges: Sequence[Drawn]) -> Iterator[Part]:
    """The oldest charge first, each as far as it goes; raises ValueError where there is less."""
    for charge in charges:
        part = min(amount, charge.room)
        if part:
            yield charge.charge_id, part
        amount -= part
    if amount:
        raise ValueError(f"{amount} more than the charges have")


def in_proportion(amount: int, charges: Sequence[Drawn]) -> Iterator[Part]:
    """So that of all that went back each charge has its share, to the minor unit.

    A sum that does not divide leaves single units over; they are drawn in turn.
    """
    parts = dict.fromkeys((charge.charge_id for charge in charges), 0)
    total = amount + sum(charge.taken for charge in charges)
    whole = sum(charge.amount for charge in charges)
    left = amount
    for charge in charges:
        due = total * charge.amount // whole - charge.taken
        parts[charge.charge_id] = part = max(0, min(due, left))
        left -= part
    after = [Drawn(c.charge_id, c.amount, c.taken + parts[c.charge_id]) for c in charges]
    for charge_id, part in in_turn(left, after):
        parts[charge_id] += part
    yield from ((charge_id, part) for charge_id, part in parts.items() if part)
