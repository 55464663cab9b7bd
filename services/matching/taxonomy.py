"""The skills that everybody means the same by: ESCO 1.2.0, searched as people type.

This service uses the ESCO classification of the European Commission (data/README.md).
"""

import gzip
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from math import log
from pathlib import Path
from typing import Any

VERSION = "esco-1.2.0"
FILE = Path(__file__).parent / "data" / f"{VERSION}.tsv.gz"
FILLERS = frozenset(re.findall(r"\w+", "a an and as at by for from in of on or the to with"))
LAST = "\U0010ffff"  # Sorts behind every word that begins alike.


@dataclass(frozen=True, slots=True)
class Skill:
    id: str
    label: str
    alternatives: tuple[str, ...]
    further: str


class Taxonomy:
    """Finds skills by the beginnings of words, in labels first, then in other names."""

    version = VERSION

    def __init__(self, file: Path = FILE) -> None:
        self._skills = list(read(file))
        self._labels = [" ".join(words(skill.label)) for skill in self._skills]
        self._names = [
            {" ".join(words(name)) for name in skill.alternatives} for skill in self._skills
        ]
        self._in_labels = Postings(self._labels)
        self._anywhere = Postings(
            f"{label} {' '.join(words(' '.join((*skill.alternatives, skill.further))))}"
            for label, skill in zip(self._labels, self._skills, strict=True)
        )
        self.search = lru_cache(maxsize=2048)(self._search)

    def __len__(self) -> int:
        return len(self._skills)

    def _search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """At most `limit` skills, the likeliest first."""
        asked = words(query)
        wanted = [word for word in asked if word not in FILLERS] or asked
        worth = self._worth(wanted)
        enough = max(worth.values(), default=0) / 2
        whole = " ".join(asked)
        best = nsmallest(
            limit,
            (i for i, sum_ in worth.items() if sum_ >= enough),
            key=lambda i: (self._tier(i, whole), -worth[i], len(self._labels[i]), self._labels[i]),
        )
        return [view(self._skills[i]) for i in best]

    def _worth(self, wanted: list[str]) -> dict[int, float]:
        """Rare words count more, whole words more than beginnings, labels more than other names."""
        worth: defaultdict[int, float] = defaultdict(float)
        for word in wanted:
            begun, whole = self._anywhere.starting(stem(word)), self._anywhere.having(word)
            in_label = self._in_labels.starting(stem(word))
            rarity = log(1 + len(self._skills) / (1 + len(begun)))
            for i in begun:
                worth[i] += rarity * (1 + (i in whole)) * (1 + (i in in_label))
        return worth

    def _tier(self, i: int, whole: str) -> int:
        if self._labels[i] == whole:
            return 0
        if whole in self._names[i]:
            return 1
        return 2 if self._labels[i].startswith(whole) else 3


class Postings:
    """From the beginning of a word to the texts that hold such a word."""

    def __init__(self, texts: Iterator[str] | list[str]) -> None:
        found: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            for word in set(text.split()):
                found.setdefault(word, []).append(i)
        self._words = sorted(found)
        self._texts = [found[word] for word in self._words]

    def having(self, word: str) -> set[int]:
        at = bisect_left(self._words, word)
        return set(self._texts[at]) if self._words[at : at + 1] == [word] else set()

    def starting(self, beginning: str) -> set[int]:
        first = bisect_left(self._words, beginning)
        until = bisect_left(self._words, beginning + LAST)
        return {i for texts in self._texts[first:until] for i in texts}


def read(file: Path) -> Iterator[Skill]:
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        id_, label, names, further = line.split("\t")
        yield Skill(id_, label, tuple(names.split("|")) if names else (), further)


def words(text: str) -> list[str]:
    """Lower case without accents and plural s; `c++` and `c#` are words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return [singular(word) for word in re.findall(r"[^\W_]+[+#]*", plain)]


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def stem(word: str) -> str:
    """`cleaning` begins like `clean` and `cleanse`."""
    return word[:-3] if len(word) > 5 and word.endswith("ing") else word


def view(skill: Skill) -> dict[str, Any]:
    return {"skill_id": skill.id, "label": skill.label, "alternatives": list(skill.alternatives)}
