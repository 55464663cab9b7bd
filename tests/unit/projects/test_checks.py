"""What handed-in work is checked for before anybody reads it."""

from dataclasses import asdict, replace

import pytest

from services.projects.domain.checks import check
from services.projects.domain.work import File
from services.projects.schemas import views
from tests.unit.projects.samples import DAY, FILE, NOW, active, revision_requested

A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.mark.parametrize(
    ("sums", "before", "expected", "late", "failed"),
    [
        ([A, B], [], 2, False, []),
        ([A, B], [], 2, True, ["on-time"]),
        ([A], [], 2, False, ["complete"]),
        ([A, A], [], 2, False, ["no-file-twice"]),
        ([A, B], [B, A], 2, False, ["revised"]),
        ([A, C], [A, B], 2, False, []),
        ([A], [A, B], 1, False, ["revised"]),
    ],
)
def test_each_check_fails_on_what_it_is_for_and_on_nothing_else(
    sums: list[str], before: list[str], expected: int, late: bool, failed: list[str]
) -> None:
    found = list(check(sums, before, expected, late=late))
    assert [each.name for each in found if not each.passed] == failed
    assert len({each.name for each in found}) == len(found) == (4 if before else 3)


def test_a_first_version_is_not_compared() -> None:
    assert "revised" not in {each.name for each in check([A], [], 1, late=False)}


def test_every_version_is_shown_with_its_checks() -> None:
    engagement = revision_requested()
    engagement.submit([File(**FILE)], "The same again.", NOW + 3 * DAY)
    changed = replace(File(**FILE), sha256=A)
    first, second = views.engagement(asdict(engagement))["deliverables"]
    assert [each["passed"] for each in first["checks"]] == [True, True, True]
    assert [each["name"] for each in second["checks"] if not each["passed"]] == ["revised"]

    other = active()
    other.submit([changed], "Late.", NOW + 90 * DAY)
    (late,) = views.engagement(asdict(other))["deliverables"]
    assert [each["name"] for each in late["checks"] if not each["passed"]] == ["on-time"]
