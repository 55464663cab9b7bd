"""The skills: found as people type, from data that can be rebuilt."""

import re
import time
from pathlib import Path

import pytest

from services.matching.cli import DATA, Skill, description_start, line, proper_names, split
from services.matching.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy()


def labels(taxonomy: Taxonomy, query: str, limit: int = 5) -> list[str]:
    return [skill["label"] for skill in taxonomy.search(query, limit)]


def test_all_of_esco_is_there_with_short_stable_ids(taxonomy: Taxonomy) -> None:
    assert len(taxonomy) == 13_931
    assert taxonomy.version == "esco-1.2.0"
    (found,) = taxonomy.search("manage musical staff", 1)
    assert found["skill_id"] == "0005c151-5b5a-4a66-8aac-60e734beb1ab"
    assert "direct musical staff" in found["alternatives"]
    assert re.fullmatch(r"[0-9a-f-]{36}", found["skill_id"])


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("manage dat", "manage data"),
        ("Market Research", "market research"),
        ("python", "Python (computer programming)"),
        ("C++", "C++"),
        ("sql", "SQL"),
        ("data cleaning", "perform data cleansing"),
        ("direct musical staff", "manage musical staff"),
        ("SPREADSHEET", "use spreadsheets software"),
        ("crm", "customer relationship management"),
    ],
)
def test_the_likeliest_skill_comes_first(taxonomy: Taxonomy, query: str, first: str) -> None:
    assert labels(taxonomy, query)[0] == first


@pytest.mark.parametrize("query", ["zzzz", "!!!", " ", "\x00", "'; drop"])
def test_what_is_no_skill_finds_nothing_or_something_harmless(
    taxonomy: Taxonomy, query: str
) -> None:
    assert len(labels(taxonomy, query)) <= 5


def test_fillers_alone_are_searched_as_they_are(taxonomy: Taxonomy) -> None:
    assert labels(taxonomy, "to the", 1)


def test_no_search_takes_long(taxonomy: Taxonomy) -> None:
    queries = [*"abcdefghijklmnopqrstuvwxyz", "manage data and people in a team of the world"]
    before = time.process_time()
    for query in queries:
        taxonomy.search(query, 100)
    assert (time.process_time() - before) / len(queries) < 0.1


def test_accents_and_case_do_not_matter(taxonomy: Taxonomy) -> None:
    assert labels(taxonomy, "MÁNAGE DATÀ")[0] == "manage data"


def test_the_description_is_told_from_the_other_names() -> None:
    words = ["handle", "cats", "Shiva", "JDK", "Keep", "cats", "calm."]
    names = proper_names([[*words, "keep", "cats"], ["of", "Shiva"]])
    assert description_start(("keep", "cats"), words, names) == 4
    assert description_start(("keep", "cats"), ["handle", "cats"], names) == 0


def test_runs_of_names_are_split_and_what_looks_unsplit_is_not_shown() -> None:
    label = ("lay", "pipes")
    skills = [
        Skill("id-1", label, ("install", "pipes", "lay", "out", "pipes")),
        Skill("id-2", ("install", "wires"), ("lay", "wires")),
        Skill("id-3", ("lay", "bricks"), ()),
    ]
    found = split(skills)
    assert [" ".join(name) for name in found[0]] == ["install pipes", "lay out pipes"]
    assert line(skills[0], found[0]) == "id-1\tlay pipes\tinstall pipes|lay out pipes\t\n"
    unsplit = [("laying", "pipes", "laying", "pipe")]
    assert line(Skill("id-1", label, unsplit[0]), unsplit) == "id-1\tlay pipes\t\tlaying pipe\n"


def test_the_data_say_where_they_come_from() -> None:
    notice = Path(DATA / "README.md").read_text()
    assert "This service uses the ESCO classification of the European Commission." in notice
