"""What handed-in work is checked for before anybody reads it."""

from dataclasses import asdict, replace

import pytest

from services.projects.domain.checks import check, check_ai_use
from services.projects.domain.work import AIUse, File
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
    assert [each["passed"] for each in first["checks"]] == [True, True, True, False]
    assert [each["name"] for each in second["checks"] if not each["passed"]] == [
        "revised",
        "ai-use",
    ]

    other = active()
    other.submit([changed], "Late.", NOW + 20 * DAY)
    (late,) = views.engagement(asdict(other))["deliverables"]
    assert [each["name"] for each in late["checks"] if not each["passed"]] == [
        "on-time",
        "ai-use",
    ]


@pytest.mark.parametrize(
    ("policy", "level", "passed"),
    [
        ("none", "none", True),
        ("none", "assisted", False),
        ("assist", "assisted", True),
        ("assist", "generated", False),
        ("free", "generated", True),
        ("free", None, True),
        ("assist", None, False),
        ("none", None, False),
    ],
)
def test_the_declared_use_of_ai_is_held_against_the_policy_of_the_project(
    policy: str, level: str | None, passed: bool
) -> None:
    found = check_ai_use(level and {"level": level}, policy)
    assert found.passed is passed
    assert (level or "Nothing") in found.sentence


def test_each_version_keeps_its_own_declaration() -> None:
    engagement = active(ai_policy="none")
    said = AIUse(level="assisted", tools=["A spelling checker"])
    engagement.submit([File(**FILE)], "", NOW, said)
    view = views.engagement(asdict(engagement))["deliverables"][0]
    assert view["ai_use"]["tools"] == ["A spelling checker"]
    assert [one["name"] for one in view["checks"] if not one["passed"]] == ["ai-use"]
