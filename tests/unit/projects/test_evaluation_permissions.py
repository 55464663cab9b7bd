"""Who may ask what of an evaluation, a check-in and a reputation, as the service itself answers."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, NotFound
from shared.principal import ANONYMOUS, Principal, permissions
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import (
    ANNA,
    CARLA,
    COMPANY_SCORES,
    DAY,
    EVA,
    OTTO,
    RUBEN,
    STRANGERS,
)
from tests.unit.projects.test_service import ANSWERS, call, start, submit

EVERYBODY = (ANNA, RUBEN, EVA, CARLA, OTTO, Principal("acc-pat", "partner"), ANONYMOUS, *STRANGERS)
RATED = {"scores": COMPANY_SCORES, "would_engage_again": True, "would_recommend": True}
JUDGED = {"side": "candidate", "outcome": "upheld"}
ASKED: dict[str, dict[str, Any]] = {
    "accept_deliverable": {},
    "evaluate_engagement": ANSWERS,
    "rate_company": RATED,
    "get_evaluation": {},
    "reply_to_evaluation": {"text": "Thank you."},
    "publish_comment": {"public": True},
    "report_evaluation": {"reason": "untrue", "text": "Not so."},
    "judge_evaluation": JUDGED,
    "get_midpoint": {},
    "answer_midpoint": {"on_track": True},
}


def finished() -> World:
    """Work that both sides have rated, with its check-in."""
    world = World()
    start(world)
    for event in [one for one in world.engagements.announced if "started" in one.type]:
        world.deliver(event)
    submit(world)
    world.service.evaluate_engagement(call(ANNA), "eng-1", **ANSWERS)
    world.service.rate_company(call(CARLA), "eng-1", **RATED, comment="A clear brief.")
    world.now += DAY
    return world


def outcome(act: Callable[[], Any]) -> str:
    try:
        act()
    except (Forbidden, NotFound) as exc:
        return type(exc).__name__
    except Conflict:  # It is too late, or done already: they were let in.
        return "done"
    return "done"


def expected(operation: str, by: Principal) -> str:
    relation = permissions()[operation]["allow"].get(by.role)
    if relation is None:
        return "Forbidden"
    return "NotFound" if by in STRANGERS and relation != "any" else "done"


@pytest.mark.parametrize("operation", ASKED)
def test_an_evaluation_is_for_whom_the_table_says(operation: str) -> None:
    world = finished()
    method = getattr(world.service, operation)
    did = {
        by: outcome(lambda by=by: method(call(by), "eng-1", **ASKED[operation]))  # type: ignore[misc]
        for by in EVERYBODY
    }
    assert did == {by: expected(operation, by) for by in EVERYBODY}


def test_a_candidate_s_reputation_is_for_them_and_for_companies_that_engaged_them() -> None:
    world = finished()
    did = {
        by: outcome(lambda by=by: world.service.get_candidate_reputation(call(by), CARLA.id))  # type: ignore[misc]
        for by in EVERYBODY
    }
    assert did == {by: expected("get_candidate_reputation", by) for by in EVERYBODY}
