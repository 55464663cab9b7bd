"""What an application carries beside answers, and how many may be open at once."""

from typing import Any

import pytest

from services.applications.domain import PER_CANDIDATE, PER_PROJECT, Allowance
from shared.errors import Conflict, Invalid
from shared.principal import Principal
from tests.unit.applications.test_reading import text
from tests.unit.applications.world import ANSWERS, KIM, LEE, OPERATOR, OWNER, PROFILE, START, World

RESUME: dict[str, Any] = {
    "file_id": "fil-1",
    "name": "kim-resume.pdf",
    "sha256": "a" * 64,
    "size": 48_000,
    "media_type": "application/pdf",
}
ITEMS = [{"title": name, "url": None, "description": name} for name in ("Survey", "Chart", "Map")]


def apply(world: World, **materials: Any) -> Any:
    world.call("put_profile", KIM, profile={**PROFILE, "portfolio": ITEMS})
    return world.call("submit_application", KIM, project_id="prj-1", answers=ANSWERS, **materials)


def test_picks_are_kept_as_they_were_whatever_becomes_of_the_profile(world: World) -> None:
    world.publish()
    id_ = apply(world, portfolio=[2, 0, 2], resume=RESUME)["id"]
    world.call("put_profile", KIM, profile=PROFILE)
    view = world.call("get_application", KIM, application_id=id_)
    assert [item["title"] for item in view["portfolio"]] == ["Map", "Survey"]
    assert view["resume"] == {name: RESUME[name] for name in RESUME if name != "sha256"}
    assert view["brief_version"] == 1


def test_a_pick_that_is_not_in_the_portfolio_is_named(world: World) -> None:
    world.publish()
    with pytest.raises(Invalid) as failure:
        apply(world, portfolio=[0, 3])
    assert list(failure.value.errors) == ["portfolio.1"]
    assert world.service.applications.documents == {}


@pytest.mark.parametrize(
    "wrong", [{"media_type": "application/zip"}, {"size": 0}, {"name": ""}, {"path": "/etc"}]
)
def test_a_resume_is_a_document_that_the_gateway_has_described(
    world: World, wrong: dict[str, Any]
) -> None:
    world.publish()
    with pytest.raises(Invalid) as failure:
        apply(world, resume={**RESUME, **wrong})
    assert list(failure.value.errors) == [f"resume.{name}" for name in wrong]


def test_what_tells_who_it_is_comes_with_the_acceptance(world: World) -> None:
    world.publish()
    id_ = apply(world, portfolio=[0], resume=RESUME)["id"]
    for view in (
        world.call("get_application", OWNER, application_id=id_),
        world.call("list_project_applications", OWNER, project_id="prj-1"),
    ):
        assert "kim-resume" not in text(view)
        assert "Survey" not in text(view)
    assert world.call("get_application", OPERATOR, application_id=id_)["resume"] is not None
    world.select(id_)
    world.accept(id_)
    view = world.call("get_application", OWNER, application_id=id_)
    assert view["resume"]["name"] == "kim-resume.pdf"
    assert [item["title"] for item in view["portfolio"]] == ["Survey"]


def test_an_open_review_shows_it_at_once(world: World) -> None:
    world.publish(blind_review=False)
    id_ = apply(world, resume=RESUME)["id"]
    assert world.call("get_application", OWNER, application_id=id_)["resume"]["size"] == 48_000


# Status, history, what comes next


def test_the_status_shows_its_history_and_what_comes_next(world: World) -> None:
    world.publish()
    id_ = world.apply()
    first = world.call("get_application", KIM, application_id=id_)
    assert (first["next"]["who"], first["next"]["by"]) == ("company", first["decide_by"])
    world.now.pass_(days=1)
    world.call("shortlist_application", OWNER, application_id=id_)
    offered = world.select(id_)
    assert (offered["next"]["who"], offered["next"]["by"]) == ("candidate", offered["expires_at"])
    accepted = world.accept(id_)
    assert [step["status"] for step in accepted["history"]] == [
        *("submitted", "shortlisted", "selected", "accepted")
    ]
    assert accepted["history"][0]["at"] == START
    assert accepted["next"]["by"] is None
    world.call("withdraw_application", KIM, application_id=id_)
    assert world.call("get_application", KIM, application_id=id_)["next"] is None


def test_a_blind_company_reads_days_in_the_history(world: World) -> None:
    world.publish()
    id_ = world.apply()
    view = world.call("get_application", OWNER, application_id=id_)
    assert view["history"] == [{"status": "submitted", "at": "2026-03-02"}]
    assert (view["decide_by"].hour, view["decide_by"].minute) == (0, 0)


# Caps


def open_many(world: World, number: int) -> list[str]:
    for at in range(number):
        world.publish(project_id=f"prj-{at}")
    return [world.apply(project_id=f"prj-{at}") for at in range(number)]


def test_a_candidate_has_so_many_open_applications_and_no_more(world: World) -> None:
    ids = open_many(world, PER_CANDIDATE)
    world.publish(project_id="prj-more")
    with pytest.raises(Conflict) as failure:
        world.apply(project_id="prj-more")
    assert failure.value.code == "too-many-applications"
    assert len(world.service.applications.documents) == PER_CANDIDATE
    assert world.apply(LEE, project_id="prj-more")
    world.now.pass_(minutes=1)
    world.call("withdraw_application", KIM, application_id=ids[3])
    assert world.apply(project_id="prj-more")
    world.publish(project_id="prj-again")
    with pytest.raises(Conflict):
        world.apply(project_id="prj-again")


def test_a_place_whose_application_was_never_written_comes_back_after_a_minute(
    world: World,
) -> None:
    open_many(world, PER_CANDIDATE - 1)
    world.service.allowances.change(
        KIM.id, None, lambda one: one.take("app-crashed", PER_CANDIDATE, world.now())
    )
    world.publish(project_id="prj-more")
    with pytest.raises(Conflict):
        world.apply(project_id="prj-more")
    world.now.pass_(minutes=1)
    assert world.apply(project_id="prj-more")


def test_a_project_takes_so_many_open_applications_and_no_more(world: World) -> None:
    world.publish()
    places = {f"app-{number}": world.now() for number in range(PER_PROJECT - 1)}
    world.service.allowances.create(None, Allowance("prj-1", places))
    assert world.apply()
    with pytest.raises(Conflict) as failure:
        world.apply(LEE)
    assert failure.value.code == "project-full"
    world.now.pass_(minutes=1)
    assert world.apply(LEE)


def test_an_application_that_is_refused_takes_no_place(world: World) -> None:
    world.publish()
    with pytest.raises(Invalid):
        world.apply(answers=[])
    assert world.service.allowances.documents == {}


def test_nothing_that_an_applicant_can_send_moves_an_application_up(world: World) -> None:
    world.publish()
    ids = sorted(world.apply(Principal(f"acc-{number}", "candidate")) for number in range(4))
    rich = apply(world, portfolio=[0, 1, 2], resume=RESUME)["id"]
    page = world.call("list_project_applications", OWNER, project_id="prj-1")
    assert [item["id"] for item in page["items"]] == sorted([*ids, rich])
    for bid in ("boost", "amount", "priority"):
        with pytest.raises(TypeError):
            world.call("submit_application", LEE, project_id="prj-1", answers=ANSWERS, **{bid: 1})
