"""The library: every template is a good brief that could be published as soon as it has a name."""

import gzip
from typing import Any

import pytest

from services.projects import library
from services.projects.domain.brief import Brief
from services.projects.domain.hints import advice
from services.projects.schemas.briefs import BriefSchema
from services.projects.schemas.inputs import load
from shared.envelope import CONTRACTS, Call
from shared.errors import Forbidden, Invalid, NotFound
from tests.unit.projects.fakes import World
from tests.unit.projects.samples import ANNA, CARLA, NOW, POLICY, RUBEN

TEMPLATES = library.templates()
SKILLS = CONTRACTS.parents[1] / "services/matching/data/esco-1.2.0.tsv.gz"
OWN = {"supervisor": {"name": "Dana Whitfield", "role": "Head of sales operations"}}
SCHOOL = {"organisation_kind": "nonprofit", "institution": "Lakeside College"}
GOOD = 90


@pytest.fixture(scope="module")
def labels() -> dict[str, str]:
    lines = gzip.decompress(SKILLS.read_bytes()).decode().splitlines()
    rows = [line.split("\t") for line in lines]
    return {row[0]: row[1] for row in rows if len(row) > 1}


def test_there_are_a_dozen() -> None:
    assert len(TEMPLATES) >= 12


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: str(one["id"]))
def test_each_can_be_published_once_it_has_a_supervisor(
    template: dict[str, Any], labels: dict[str, str]
) -> None:
    sent = {**template["brief"], **OWN}
    if sent.get("unpaid_basis"):
        sent["unpaid_terms"] = SCHOOL
    values = load(BriefSchema(), sent)
    assert POLICY.faults(Brief(**values), None, NOW) == {}
    assert POLICY.concerns(Brief(**values)) == []
    assert advice(values, POLICY, NOW)["score"] >= GOOD
    assert all(labels[skill.skill_id] == skill.label for skill in values["skills"])
    assert template["title"] == values["title"]
    assert template["about"].endswith(".")


def test_a_list_shows_what_to_choose_by_and_one_template_its_whole_brief() -> None:
    service = World().service
    items = service.list_templates(Call(principal=CARLA))["items"]
    assert [item["id"] for item in items] == sorted(TEMPLATES)
    assert all("brief" not in item and item["hours"] for item in items)
    assert service.get_template(Call(principal=CARLA), "blog-posts")["brief"]["weeks"] == 3
    with pytest.raises(NotFound):
        service.get_template(Call(principal=CARLA), "../rules/pay")


def test_a_draft_from_a_template_takes_changes_and_remembers_where_it_came_from() -> None:
    service = World().service
    call = Call(principal=RUBEN)
    draft = service.create_from_template(call, "blog-posts", {"hours": 20, **OWN})
    assert (draft["hours"], draft["weeks"], draft["status"]) == (20, 3, "draft")
    assert (draft["template_id"], draft["supervisor"]["name"]) == ("blog-posts", "Dana Whitfield")
    assert service.create_from_template(call, "blog-posts", {})["id"] == draft["id"]


def test_a_template_that_is_not_there_or_changed_wrongly_is_refused() -> None:
    service = World().service
    with pytest.raises(NotFound):
        service.create_from_template(Call(principal=ANNA), "nothing")
    for changes in ({"hours": 41}, ["hours"], {"colour": "red"}):
        with pytest.raises(Invalid):
            service.create_from_template(Call(principal=ANNA), "blog-posts", changes)
    with pytest.raises(Forbidden):
        service.create_from_template(Call(principal=CARLA), "blog-posts")
