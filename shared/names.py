"""Finding a person's name in a text, however it is written."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from shared.folding import folded

SHORT = 4  # Letters up to which a name is looked for as a whole word only: `Kim`, not in `kimono`.
LONG = 7  # Letters from which it is found anywhere in a word.
ENDING = 4  # Letters that a language may add to a name: `Kowalskiego`.
FURTHEST = 40  # Characters that the rest of a word has at most.
MOST = 6  # Words of a name that are also looked for in pairs.
LETTER = r"[^\W\d_]"
GAP = r"[\W_]"
FREE, BOUND = f"(?<!{LETTER})", f"(?!{LETTER})"
START = r"(?<![^\W_])"  # An initial begins a word: the `a` of `https://host.example/5a` is none.
# Scripts without spaces between words: no boundary can be asked for.
UNSPACED = re.compile("[\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|mme|sra?|pani?)\.?\s+\Z")
# Umlauts that keyboards lack.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})
SAME = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
VOWELS = "aeiouy"
# Inside a name they are its grammar; by themselves they are half of all words of a language.
GRAMMAR = (
    "a al and bin bint da das de dei del della den der des di do dos du e el i ibn la las le los "
    "of san santa st ten ter the to und van vom von y zu zum zur"
)
PARTICLES = frozenset(GRAMMAR.split())


@dataclass(frozen=True)
class NameFinder:
    """Where the names are in folded text, in parts, whole, in any order, spelled out, joined, with
    initials or inflected. Single letters by themselves are let pass.

    Each way of writing is looked for by itself: where one ends, another may have begun before.
    """

    whole: list[re.Pattern[str]]
    within: list[re.Pattern[str]]  # Finds a part of a word, all of which is meant.

    @classmethod
    def of(cls, names: list[str]) -> "NameFinder":
        whole: dict[str, None] = {}
        within: dict[str, None] = {}
        for name in names:
            words = list(_words(name))
            written = [way for word in words for way in _spellings(word)]
            whole |= dict.fromkeys(way for word in written for way in _alone(word))
            whole |= dict.fromkeys(_with_initials([folded(word) for word in words[:MOST]]))
            within |= dict.fromkeys(_spaced(word, 0, 2) for word in written if len(word) >= LONG)
            within |= dict.fromkeys(_pairs([folded(word) for word in words[:MOST]]))
        return cls([*map(re.compile, whole)], [*map(re.compile, within)])

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern in self.whole:
            for match in pattern.finditer(text):
                yield _titled(text, match.start()), match.end()
        for pattern in self.within:
            for match in pattern.finditer(text):
                yield _word_around(text, *match.span())


def _titled(text: str, start: int) -> int:
    """Where it begins with the `Mrs` before it, which tells something too."""
    before = TITLE.search(text, max(0, start - 8), start)
    return before.start() if before else start


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = max(0, start - FURTHEST), min(len(text), end + FURTHEST)
    while start > first and text[start - 1].isalnum():
        start -= 1
    while end < last and text[end].isalnum():
        end += 1
    return start, end


def _words(name: str) -> Iterator[str]:
    """Its words as letters, and where one is joined of several (`Anna-Maria`) also those."""
    words = unicodedata.normalize("NFC", name).casefold().split()
    for place, word in enumerate(words):
        pieces = [piece for piece in re.split(r"[\W_]+", word) if len(piece) > 1]
        for piece in dict.fromkeys((word, *pieces)):
            letters = "".join(char for char in piece if char.isalnum())
            inside = 0 < place < len(words) - 1
            if letters and not (inside and letters in PARTICLES):
                yield letters
            if UNSPACED.search(letters) and len(letters) > 2:
                yield letters[1:]  # The given name behind the family's.


def _spellings(word: str) -> Iterator[str]:
    """Folded as it is, and with umlauts written the other ways."""
    plain = folded(word)
    yield plain
    if word != word.translate(UMLAUTS):
        yield folded(word.translate(UMLAUTS))
    for two, one in SAME:
        if two in plain:
            yield plain.replace(two, one)


def _alone(word: str) -> Iterator[str]:
    """This word of the name by itself."""
    size = len(word)
    if UNSPACED.search(word):
        yield _spaced(word, 0, 2)
        return
    if size > SHORT + 1 and word[-1] in VOWELS:
        yield f"{FREE}{_spaced(word[:-1], 0, 2)}{LETTER}{{0,{ENDING + 1}}}{BOUND}"
    elif size > SHORT:
        yield f"{FREE}{_spaced(word, 0, 2)}{LETTER}{{0,{ENDING}}}{BOUND}"
    elif size > 1:
        yield f"{FREE}{re.escape(word)}s?{BOUND}"
    if 2 < size <= SHORT:
        yield FREE + _spaced(word, 1, 3) + BOUND


def _spaced(word: str, least: int, most: int) -> str:
    """Its letters, with so many other characters between each two."""
    return f"{GAP}{{{least},{most}}}".join(map(re.escape, word))


def _pairs(words: list[str]) -> Iterator[str]:
    """Two as one, or all, in a word: `kimcandidate`, `candidate_kim2`."""
    for some in (*permutations(words, 2), words, words[::-1]):
        if len(some) < 2:  # A word by itself is looked for otherwise.
            continue
        joined = f"{GAP}{{0,3}}".join(map(re.escape, some))
        yield joined if len("".join(some)) > SHORT else FREE + joined + BOUND


def _with_initials(words: list[str]) -> Iterator[str]:
    """`k.candidate`, `candidatek`."""
    for one, other in permutations(words, 2):
        if len(other) > 1:
            initial, word = re.escape(one[0]), re.escape(other)
            yield f"{START}{initial}{GAP}{{0,2}}{word}{BOUND}"
            yield f"{FREE}{word}{GAP}{{0,2}}{initial}{BOUND}"
