"""What can be told of handed-in work without reading it, before anybody's time goes into it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What each policy of a project allows a submission to declare.
ALLOWED = {
    "none": ("none",),
    "assist": ("none", "assisted"),
    "free": ("none", "assisted", "generated"),
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; the sentence says what was found, for both sides."""

    name: str
    passed: bool
    sentence: str


def check(
    sums: Sequence[str], before: Collection[str], expected: int, *, late: bool
) -> Iterator[Check]:
    """Look at a version: the SHA-256 of its files and of those before it, and what is expected.

    A check that fails stops nothing: a late version may be welcome, and one archive may hold all.
    """
    yield Check(
        "on-time", not late, "It was handed in late." if late else "It was handed in on time."
    )
    enough = len(sums) >= expected
    yield Check(
        "complete",
        enough,
        f"{_files(len(sums))} for {expected} deliverables"
        + ("." if enough else ": something may be missing."),
    )
    twice = len(sums) - len(set(sums))
    yield Check(
        "no-file-twice",
        not twice,
        f"{_files(twice)} handed in twice." if twice else "No file is there twice.",
    )
    if before:
        new = len(set(sums) - set(before))
        yield Check(
            "revised",
            bool(new),
            f"{_files(new)} new or changed."
            if new
            else "No file differs from those of the version before.",
        )


def check_ai_use(declared: Mapping[str, Any] | None, policy: str) -> Check:
    """Look at what was declared of a machine's part: whether it was, and keeps to the policy."""
    if declared is None:
        passed, sentence = policy == "free", "Nothing was declared of the use of AI."
    else:
        level = declared["level"]
        passed = level in ALLOWED[policy]
        sentence = f"Declared use of AI: {level}; the policy of the project: {policy}."
    return Check("ai-use", passed, sentence)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
