"""Names for blind review tell nothing and are many."""

from itertools import islice

from services.applications.domain.pseudonym import PLAIN, pseudonyms


def test_the_same_application_is_always_called_the_same() -> None:
    assert list(islice(pseudonyms("app-1"), 50)) == list(islice(pseudonyms("app-1"), 50))


def test_two_applications_of_one_person_have_nothing_in_common() -> None:
    one, other = (set(islice(pseudonyms(id_), PLAIN)) for id_ in ("app-1", "app-2"))
    assert len(one & other) <= 1


def test_enough_names_are_free_for_every_application_of_a_large_project() -> None:
    taken: set[str] = set()
    for number in range(5000):
        taken.add(next(name for name in pseudonyms(f"app-{number}") if name not in taken))
    assert len(taken) == 5000
    assert next(pseudonyms("app-1")).startswith("Candidate ")
