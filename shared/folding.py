"""Text as it is compared: without case, accents and what nobody sees, each character in place."""

import unicodedata
from dataclasses import dataclass

UNSEEN = frozenset({"Mn", "Mc", "Me", "Cf"})  # Accents, vowel signs, zero-width characters.
# Letters of their own that readers take for others: no decomposition leads from one to the other.
# The last one is no letter, but a line that stretches an Arabic word.
LIKE = str.maketrans(
    dict(zip("łøđðħŧŋ\u0131ĸə", "loddhtnike", strict=True))
    | {"þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "\u0640": ""}
)


@dataclass(frozen=True)
class Folded:
    """`places` says for each folded character which one of the original it is from, and ends with
    the original's length."""

    text: str
    places: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the original that this slice of the folded text is from."""
        first, last = self.places[start], self.places[end - 1]
        after = next((place for place in self.places[end:] if place > last), self.places[-1])
        return first, after


def fold(text: str) -> Folded:
    """Fold each character by itself, so that it can be found again."""
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        folded = fold_char(char)
        kept.append(folded)
        places.extend([place] * len(folded))
    return Folded("".join(kept), [*places, len(text)])


def fold_char(char: str) -> str:
    if char.isascii():
        return char.lower()
    bare = unicodedata.normalize("NFKD", char.casefold()).translate(LIKE)
    seen = (one for one in bare if unicodedata.category(one) not in UNSEEN)
    # A letter stays letters: `Ŀ` is no `L` and a dot.
    return "".join(one for one in seen if one.isalnum() or not char.isalpha()).casefold()


def folded(text: str) -> str:
    """Only the text."""
    return "".join(map(fold_char, text))
