"""Texts are judged without their writer: no name survives, and the rest stays readable."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.folding import folded
from shared.names import LONG, PARTICLES
from shared.redaction import Identity, redact

ZOE = Identity(
    names=["Zoë Müller-Kowalska"],
    emails=["zoe.mk99@uw.edu.pl"],
    schools=["Institute of Careful Testing (IOCT)"],
    links=["https://github.com/zmkdev", "https://example.com/survey"],
)
NAMES = st.sampled_from(
    [
        "Kim Li",
        "Zoë Müller-Kowalska",
        "Seán O'Brien",
        "Łukasz Żółć",
        "Jean Luc de la Tour",
        "王小明",
        "김민준",
        "Иван Петров",
        "Γιώργος Παπαδόπουλος",
        "प्रिया शर्मा",
        "محمد الأحمد",
        "Søren Ærø Åkesson",
        "Nguyễn Thị Ánh",
        "İpek I\u015f\u0131k",
        "Strauß Jr.",
        "Name School Link",
    ]
) | st.lists(
    st.text(st.characters(categories=["Lu", "Ll"]), min_size=2, max_size=12),
    min_size=1,
    max_size=4,
).map(" ".join)
WORDS = st.lists(st.sampled_from(["I", "would", "use", "OpenRefine,", "e.g.", "3", "rows."]))
CHANGES = st.sampled_from(
    [
        str.upper,
        str.lower,
        str.title,
        lambda name: unicodedata.normalize("NFD", name),
        lambda name: unicodedata.normalize("NFC", name),
        lambda name: name.replace(" ", "\n"),
        lambda name: name.replace(" ", "_"),
        lambda name: " ".join(reversed(name.split())),
        lambda name: "".join(name.split()),
        lambda name: "\u200b".join(name),
        lambda name: f"({name})'s",
        lambda name: f"{name.lower().replace(' ', '.')}@example.com",
        lambda name: f"https://example.com/{name.replace(' ', '-')}",
    ]
)
LETTERS = re.compile(r"[^\W\d_]+")


def words(text: str) -> set[str]:
    return {word for word in LETTERS.findall(folded(text)) if len(word) > 1}


def shown(text: str, of: Identity = ZOE) -> str:
    """What is left, without what the redaction has put in."""
    return re.sub(r"\[[a-z-]+\]", " ", redact(text, of))


@given(NAMES, CHANGES, WORDS, WORDS)
def test_no_word_of_a_name_survives_however_it_is_written(name, change, before, after) -> None:
    text = " ".join([*before, change(name), *after])
    own = words(" ".join([*before, *after]))
    left = words(shown(text, Identity([name]))) - own
    assert not left & (words(name) - PARTICLES)
    if len(name) >= LONG:
        assert folded(name).replace(" ", "") not in folded(shown(text, Identity([name])))


@given(st.text(max_size=200), NAMES)
def test_nothing_but_what_is_taken_out_changes(text, name) -> None:
    left = redact(text, Identity([name]))
    pieces = re.split(r"\[[a-z-]+\]", left)
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        assert at >= 0
        at += len(piece)


@pytest.mark.parametrize(
    "text",
    [
        "I am Zoe Mueller-Kowalska.",
        "I am ZOE.",
        "zoe\u0308 here",
        "M U L L E R",
        "M-ü-l-l-e-r",
        "Müllers idea, and Kowalskiego too",
        "zkowalska made it",
        "z.kowalska made it",
        "Ask Mrs Müller.",
        "müllerkowalska2024",
        "Write to zoe.mk99@uw.edu.pl",
        "zoe.mk99 (at) uw [dot] edu [dot] pl",
        "someone at uw dot edu",
        "I post as zmkdev there.",
        "I post as @whoever there.",
        "My LinkedIn is whoever-7",
        "telegram: whoever",
        "See https://zoe.example/cv and www.example.org/x",
        "See whoever.dev or example.com/whoever",
        "+48 600 700 800",
        "(0048) 600-700-800",
        "600700800",
        "555-01992",
        "born 2001-05-17",
        "acc-0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11",
        "0199b8c2-77aa-7c31-8d35-1f0b6a2c9e11",
        "I study at the Institute of Careful Testing now",
        "I study at IOCT now",
        "I study at the University of Warsaw",
        "I study at Warsaw University",
        "I study at Politechnika Warszawska",
        "I study at ETH Zurich",
        "at St Mary High School",
        "(she/her)",
        "they / them",
        "As a woman I know it.",
        "My pronouns are she",
    ],
)
def test_what_tells_who_somebody_is_is_taken_out(text: str) -> None:
    tells = {
        *("zoe", "muller", "mueller", "kowalska", "kowalskiego", "mullers", "zkowalska", "mrs"),
        *("zmkdev", "whoever", "uw", "someone", "dot", "careful", "ioct", "warsaw", "warszawska"),
        *("mary", "eth", "zurich", "she", "her", "they", "them", "woman", "ll", "www", "mk"),
    }
    left = shown(text)
    assert not words(left) & tells, left
    assert not re.search(r"\d{3}", left), left
    assert "M U" not in left


@pytest.mark.parametrize(
    "text",
    [
        "I would use OpenRefine 3.7, because its clusters can be reviewed.",
        "Node.js, pandas.DataFrame and scikit-learn, e.g. for 4,000 rows in 2019 - 2021.",
        "First of all I read the brief; at the end I write tests. It took 10 hours and 30 minutes.",
        "In school work and at college I have learnt to ask: what is it for?",
        "Kimono and lime, any/or of them? 50 % of them / of us.",
        "",
    ],
)
def test_what_tells_nothing_stays_as_it_is(text: str) -> None:
    assert redact(text, Identity(["Kim Li"], ["kim@example.com"])) == text


def test_it_says_what_was_taken_out() -> None:
    text = "Zoë, zoe@uw.pl, +48 600 700 800, https://x.org, at the IOCT (she/her)"
    expected = "[name], [e-mail], [number], [link], at the [school] ([pronouns])"
    assert redact(text, ZOE) == expected


def test_a_text_made_to_keep_it_busy_does_not() -> None:
    """Bounded repetitions: doubling the text must not take four times as long (here: minutes)."""
    for unit in ("a", "a.", "A ", "1 ", "School of ", "a at b dot ", "@", "a-", "github is "):
        redact(unit * 2_000, Identity(["Aaaaaaaa Bbbbbbb"], ["aaaa@example.com"]))


def test_single_letters_and_the_grammar_of_a_name_are_let_pass() -> None:
    assert redact("Plan a de la x.", Identity(["X de la Tour"])) == "Plan a de la x."


def test_an_initial_is_not_the_end_of_what_stands_before_the_name() -> None:
    """Else a text loses more for one address than for another, and is known again by that."""
    of = Identity(["Oluwaseun Adebayo"])
    assert redact("https://host.example/5a. O. Adebayo", of) == "[link]. [name]"
    assert redact("https://host.example/5b. Oluwaseun A.", of) == "[link]. [name]."
