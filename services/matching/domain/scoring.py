"""How well a person's skills cover what a project asks, in points that sum to the score.

A required skill weighs twice an optional one. How much of its weight a skill earns depends on its
level: what someone says of themselves counts up to level 4, each finished engagement that used the
skill adds a level. The sum is divided by the square root of the profile's norm, so that a long list
of declared skills does not win by its length: only skills that are neither asked for nor proven
lengthen it. Hence one more of the skills that are asked for never lowers a score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

MODEL_VERSION = "coverage-1"
LEVEL_PERCENT = (40, 55, 70, 85, 100)
DECLARED_AT_MOST = 4
PROVEN_FROM = 2  # A skill proven once, and declared lower or not at all, is at level 3.
REQUIRED_WEIGHT, OPTIONAL_WEIGHT = 2, 1
USUAL_LENGTH = 5  # Declared skills beside the asked ones that double the square of the norm.


@dataclass(frozen=True, slots=True)
class Need:
    """A skill that a project asks for."""

    skill_id: str
    label: str
    required: bool

    @property
    def weight(self) -> int:
        return REQUIRED_WEIGHT if self.required else OPTIONAL_WEIGHT


@dataclass(frozen=True, slots=True)
class Held:
    """A skill that a person has: the level they declare (1..5, 0 for none), and proofs of it."""

    level: int = 0
    evidence: int = 0

    @property
    def percent(self) -> int:
        """How much of a need's weight it earns, in percent."""
        told = min(self.level, DECLARED_AT_MOST)
        base = max(told, PROVEN_FROM) if self.evidence else told
        level = min(base + self.evidence, len(LEVEL_PERCENT))
        return LEVEL_PERCENT[level - 1] if level else 0

    @property
    def lengthens(self) -> bool:
        return self.level > 0 and not self.evidence


Profile = Mapping[str, Held]


@dataclass(frozen=True)
class Point:
    """What one asked skill adds to the score, 0 for a gap."""

    skill_id: str
    label: str
    points: int
    evidence: int
    required: bool
    level: int


@dataclass(frozen=True)
class Match:
    """`score` is 0..100 and the sum of the points; `value` is the same before rounding."""

    score: int
    value: float
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Ranked:
    """A place in a ranking: of a candidate for a project, or of a project for a candidate."""

    id: str
    match: Match


def profile(declared: Mapping[str, int], proven: Mapping[str, int]) -> dict[str, Held]:
    """What a person has, of the levels they declare and the proofs of each skill."""
    return {
        skill_id: Held(declared.get(skill_id, 0), proven.get(skill_id, 0))
        for skill_id in declared.keys() | proven.keys()
    }


def distinct(needs: Iterable[Need]) -> list[Need]:
    """Each skill once, as required where it is named as required anywhere; sorted by id."""
    strictest: dict[str, Need] = {}
    for need in needs:
        if need.skill_id not in strictest or need.required:
            strictest[need.skill_id] = need
    return sorted(strictest.values(), key=lambda need: need.skill_id)


def match(needs: Sequence[Need], held: Profile) -> Match:
    """The score of these skills for distinct needs, with points per need in the needs' order."""
    nothing = Held()
    found = [held.get(need.skill_id, nothing) for need in needs]
    earned = [need.weight * skill.percent for need, skill in zip(needs, found, strict=True)]
    length = sum(skill.lengthens for skill in held.values())
    asked = sum(skill.lengthens for skill in found)
    total = sum(need.weight for need in needs)
    worth = value(sum(earned), total, length - asked)
    shares = [value(part, total, length - asked) for part in earned]
    points = apportion(rounded(worth), shares, [need.skill_id for need in needs])
    return Match(
        rounded(worth),
        worth,
        tuple(
            Point(need.skill_id, need.label, part, skill.evidence, need.required, skill.level)
            for need, skill, part in zip(needs, found, points, strict=True)
        ),
    )


def value(earned: int, total: int, beside: int) -> float:
    """0..100: percent of the total weight earned, over the square root of the profile's norm.

    `beside` counts declared, unproven skills that are not asked for.
    """
    if not total:
        return 0.0
    norm: float = (1 + beside / USUAL_LENGTH) ** 0.5
    return float(earned / total / norm**0.5)


def rounded(worth: float) -> int:
    """To the nearest whole point, halves up."""
    return int(worth + 0.5)


def apportion(score: int, shares: Sequence[float], names: Sequence[str]) -> list[int]:
    """Whole points that sum to the score, by largest remainder; ties go by name."""
    points = [int(share) for share in shares]
    missing = score - sum(points)
    order = sorted(range(len(shares)), key=lambda i: (points[i] - shares[i], names[i]))
    for i in order[:missing]:
        points[i] += 1
    return points


def tie_break(one: str, other: str) -> str:
    """An order of equals that tells nothing of age or name, and is the same everywhere."""
    return sha256(f"{one}:{other}".encode()).hexdigest()
