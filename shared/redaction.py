"""Taking out of a text who wrote it, so that it can be judged blindly.

A pure function of the text and of what is known of the person. It finds names, addresses, numbers,
links, handles, ids, schools and stated pronouns. It cannot keep a secret that its writer wants to
tell, nor can it know what only an insider would recognise.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.folding import Folded, fold, folded
from shared.names import BOUND, FREE, GAP, NameFinder

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Identity:
    """What a person is known by."""

    names: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    schools: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, person: Mapping[str, str] | None) -> "Identity":
        """Of an account's `name` and `email`, as far as they are told."""
        return cls([person["name"]], [person["email"]]) if person else cls()


# Every repetition is bounded: nobody's text may keep us busy.
DOT = r"\s{0,3}(?:\.|[\[({<]\s{0,3}(?:dot|\.)\s{0,3}[\])}>])\s{0,3}"
LOCAL, WORD = r"[\w.+%'-]{1,64}", r"[\w-]{1,63}"
EMAIL = re.compile(
    rf"{LOCAL}@{WORD}(?:\.{WORD}){{0,8}}"
    rf"|{LOCAL}\s{{0,3}}[\[({{<]\s{{0,3}}(?:at|@)\s{{0,3}}[\])}}>]\s{{0,3}}{WORD}(?:{DOT}{WORD}){{0,8}}"
    rf"|{LOCAL}\s{{1,3}}at\s{{1,3}}{WORD}(?:\s{{1,3}}dot\s{{1,3}}{WORD}){{1,8}}"
)
TLD = (
    "com|org|net|edu|io|dev|me|app|ai|co|info|name|page|site|tech|xyz|blog|eu|uk|ca|au|de|ch|fr|es"
    "|pt|nl|pl|cz|se|dk|fi|ie|br|mx|jp|cn|kr|sg|za|ng|ke|gh|eg|tr|ua|ru|gg|ly"
)
PATH = r"\S{0,1000}[^\s.,;:!?()\[\]]"
LINK = re.compile(
    rf"\b[a-z][a-z0-9+.-]{{0,20}}://{PATH}|\bwww\.{PATH}"
    rf"|(?<![\w@.])(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:(?:{TLD})\b(?:/{PATH})?|[a-z]{{2,12}}/{PATH})"
)
HANDLE = re.compile(r"(?<![\w@])@[\w.-]{0,63}\w")
# `linkedin: kimc`, `my GitHub is kimc`.
ACCOUNT = re.compile(
    r"\b(?:linkedin|github|gitlab|instagram|insta|twitter|tiktok|telegram|discord|whatsapp|"
    r"facebook|snapchat|skype|behance|dribbble|kaggle|mastodon|bluesky|wechat|signal)\b"
    r"\s*(?:(?:id|name|username|handle|profile|account|is)\s*)*(?:[:=]|\bis\b)\s*\S+"
)
PHONE = re.compile(r"(?<![\w.])[+(]?\d(?:[\s().\-\u2010-\u2015/]{0,3}\d){6,16}(?!\w)")
YEARS = re.compile(r"(?:19|20)\d\d\D{1,3}(?:19|20)\d\d")
ID = re.compile(
    r"\b(?:acc|app|crd|dsp|eng|fil|hof|inv|org|prj|scd|sug)-[0-9a-z-]{8,}"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
)
SELF = "she|he|they|xe|ze|zie|ey|fae|sie|er|elle|il|iel|ella|el|elle|ona|on"
OTHER = "her|hers|him|his|them|theirs|xem|xyr|hir|zir|em|faer|ihr|ihm|ihn|lui|any|all"
PRONOUNS = re.compile(
    rf"\b(?:{SELF})\s*/\s*(?:{OTHER}|{SELF})(?:\s*/\s*(?:{OTHER}|{SELF}))*\b"
    r"|\bas an? (?:young |single |working )?(?:woman|man|girl|boy|female|male|mother|father|mum|"
    r"mom|dad|lady|guy)\b"
    r"|\bpronouns?\s*(?:are|is)?\s*:?\s*(?:she|he|they)\b"
)
CAP = r"\b[^\W\d_a-z][\w'\u2019&-]{0,40}"
KIND = (
    r"(?:Universit\w*|Uniwersytet\w*|Univerzit\w*|Universidad\w*|College|Coll[e\xe8]ge|Polytechnic|"
    r"Polit[e\xe9]cn\w*|Politechnik\w*|Polytechniqu\w*|Hochschule|Fachhochschule|Gymnasium|Academy|"
    r"Akademi\w*|Lyc[e\xe9]e|Liceum|Liceo|Institute|Institut|Instituto|High School|"
    r"Business School|Law School|School)"
)
JOIN = r"(?:of|for|at|in|and|the|de|del|della|di|do|da|du|des|la|le|f\xfcr|der|w|&)(?!\w)"
SCHOOL = re.compile(
    rf"(?:(?:{CAP}|{JOIN})\s+){{0,4}}\b{KIND}\b(?:\s+{JOIN}){{1,3}}(?:[\s,]+(?:{CAP}|{JOIN})){{1,6}}"
    rf"|{CAP}(?:\s+{CAP}){{0,3}}\s+{KIND}\b"
    rf"|\b{KIND}\s+{CAP}(?:\s+{CAP}){{0,3}}"
    r"|\b(?:TU|ETH|EPFL|MIT|UCLA|UCL|LSE|NYU|IIT|KU|FH|UC)\b(?:\s+[A-Z][\w-]+)?"
)
PLATFORM = re.compile(
    r"(?:github|gitlab|linkedin|behance|dribbble|kaggle|medium|twitter|instagram|tiktok|youtube|x)"
    r"\.com/(?:in/|@)?([\w.-]{3,})|([\w-]{3,})\.(?:github|gitlab)\.io"
)


def redact(text: str, of: Identity) -> str:
    """The text without who wrote it; what was taken out is named in brackets."""
    shape = fold(text)
    spans = [*_known(shape, of), *_typical(text, shape)]
    parts, end = [], 0
    for start, stop, label in _merged(text, spans):
        parts += [text[end:start], f"[{label}]"]
        end = stop
    return "".join([*parts, text[end:]])


def _known(shape: Folded, of: Identity) -> Iterator[Span]:
    """Where the text tells what is known of this very person."""
    for start, end in NameFinder.of(of.names).spans(shape.text):
        yield *shape.span(start, end), "name"
    for phrase in _handles(of):
        yield from _found(_phrase(phrase), shape, "handle")
    for school in of.schools:
        for phrase in _school_names(school):
            yield from _found(_phrase(phrase), shape, "school")


def _typical(text: str, shape: Folded) -> Iterator[Span]:
    """Where the text tells what would tell anybody."""
    patterns = {"e-mail": EMAIL, "link": LINK, "id": ID, "account": ACCOUNT, "handle": HANDLE}
    for label, pattern in {**patterns, "pronouns": PRONOUNS}.items():
        yield from _found(pattern, shape, label)
    for match in PHONE.finditer(shape.text):
        if not YEARS.fullmatch(match[0]):
            yield *shape.span(*match.span()), "number"
    for match in SCHOOL.finditer(text):
        yield *match.span(), "school"


def _found(pattern: re.Pattern[str], shape: Folded, label: str) -> Iterator[Span]:
    for match in pattern.finditer(shape.text):
        if match.end() > match.start():
            yield *shape.span(*match.span()), label


def _merged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """In order and without overlap; what belongs together is taken out together.

    In how many words somebody is called tells something too.
    """
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    if not ordered:
        return
    start, end, label = ordered[0]
    for next_start, next_end, next_label in ordered[1:]:
        alike = next_label == label and not text[end:next_start].strip(" -")
        if next_start >= end and not alike:
            yield start, end, label
            start, end, label = next_start, next_end, next_label
        else:
            end = max(end, next_end)
    yield start, end, label


def _phrase(phrase: str) -> re.Pattern[str]:
    """The words of the phrase with anything but letters between them."""
    words = [re.escape(word) for word in re.findall(r"\w+", folded(phrase))]
    return re.compile(FREE + rf"{GAP}{{0,3}}".join(words) + BOUND)


def _handles(of: Identity) -> Iterator[str]:
    """The first parts of addresses, and what known platforms call this person."""
    found = [email.partition("@")[0] for email in of.emails]
    found += [part for link in of.links for match in PLATFORM.findall(link) for part in match]
    yield from (handle for handle in found if len(re.findall(r"\w", handle)) > 2)


def _school_names(school: str) -> Iterator[str]:
    """`Institute of Testing (IOT)`: the long name, the short one, and its capitals."""
    short = re.findall(r"\(([^)]{2,})\)", school)
    full = re.sub(r"\([^)]*\)", " ", school).strip()
    capitals = "".join(word[0] for word in re.findall(r"\b[^\W\d_a-z]\w*", full))
    for name in (full, *short, capitals if len(capitals) > 2 else ""):
        if re.search(r"\w\w", name):
            yield name
