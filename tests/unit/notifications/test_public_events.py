"""What partners are told: an allow-list, with contracts of its own, to those whose event it is."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.visibility import HIDDEN, visible
from services.notifications.partners.domain.partner import Partner
from services.notifications.partners.domain.public import EVERYBODY, public_id, translate
from services.notifications.partners.domain.shapes import PING, SHAPES, TYPES
from shared.data import read_yaml
from shared.envelope import CONTRACTS, Contracts
from shared.principal import Principal
from tests.unit.notifications.world import EXAMPLES, NOW, event

PUBLIC = {path.stem: read_yaml(path) for path in (CONTRACTS / "public").glob("*.yml")}
EVERY = [(type_, example) for type_ in SHAPES for example in EXAMPLES[type_]]
NAMES = [f"{type_}-{number}" for number, (type_, _) in enumerate(EVERY)]


def partner(**changes: Any) -> Partner:
    known = {"org_id": "org-acme", "created_at": NOW - timedelta(days=1)}
    return Partner("par-1", "Tracking", **{**known, **changes})


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts.load(CONTRACTS / "public")


def test_every_public_event_has_a_contract_of_its_own_and_no_other_has() -> None:
    assert set(PUBLIC) == TYPES | {PING}
    for shape in SHAPES.values():
        assert set(PUBLIC[shape.type]["schema"]["properties"]) == set(shape.facts)


@pytest.mark.parametrize("type_", PUBLIC)
def test_a_public_contract_says_what_happened_in_plain_facts(
    type_: str, contracts: Contracts
) -> None:
    contract = PUBLIC[type_]
    assert set(contract) == {"description", "schema", "examples"}
    assert contract["description"].endswith(".")
    assert contract["schema"]["properties"].keys() >= set(contract["schema"]["required"])
    for example in contract["examples"]:
        contracts.check(type_, example)
    for about in contract["schema"]["properties"].values():
        assert "object" not in str(about.get("type", about))


@pytest.mark.parametrize(("type_", "example"), EVERY, ids=NAMES)
def test_a_translation_keeps_the_public_contract_and_tells_no_more_than_the_log(
    type_: str, example: dict[str, Any], contracts: Contracts
) -> None:
    told = translate(event(type_, **example))
    assert told is not None
    contracts.check(told.type, told.data)
    owner = Principal("acc-x", "owner", example.get("org_id"))
    assert told.data.items() <= visible(type_, example, owner).items()
    assert told.data.keys() <= set(SHAPES[type_].facts)
    assert not told.type.startswith(HIDDEN["owner"])


def test_what_is_not_listed_never_leaves() -> None:
    told = translate(event("engagement.opened.v1", phone="+1 555", email="kim@example.com"))
    assert told is not None
    assert not {"phone", "email"} & told.data.keys()
    assert translate(event("message.posted.v1")) is None
    assert translate(event("candidate.updated.v1")) is None


def test_nobody_is_named_before_they_are_accepted() -> None:
    for type_, example in EVERY:
        told = translate(event(type_, **example))
        assert told is not None
        if example.get("candidate_id") and not example.get("engagement_id"):
            assert example["candidate_id"] not in str(told.data)


def test_that_somebody_applied_does_not_tell_which_application_it_is() -> None:
    told = translate(event("application.submitted.v1"))
    assert told is not None
    assert told.data.keys() == {"project_id", "org_id"}
    assert told.subject == f"project:{told.data['project_id']}"


def test_a_partner_hears_of_its_own_organisation_only() -> None:
    told = translate(event("engagement.opened.v1", org_id="org-acme"))
    assert told is not None
    assert partner().hears(told)
    assert not partner(org_id="org-umbra").hears(told)
    assert not partner(org_id=None, account_id="acc-par").hears(told)


def test_a_partner_s_account_hears_of_briefs_that_everybody_may_read() -> None:
    ours = partner(org_id=None, account_id="acc-par")
    for visibility, heard in (
        ("public", True),
        (None, True),
        ("link_only", False),
        ("invite_only", False),
    ):
        told = translate(event("project.published.v1", visibility=visibility))
        assert told is not None
        assert ours.hears(told) == heard
        assert (EVERYBODY in told.audience) == heard
        assert partner(org_id="org-umbra").hears(told) is False
        assert "link_token_hash" not in told.data


def test_what_is_about_a_partner_is_told_to_it_alone() -> None:
    about = {"org_id": "org-acme", "partner_id": "par-1", "account_id": None}
    told = translate(event("endpoint.disabled.v1", **about))
    assert told is not None
    assert partner().hears(told)
    other = partner()
    other.id = "par-2"
    assert not other.hears(told)


def test_a_partner_hears_only_what_it_wants_and_what_is_of_its_time() -> None:
    told = translate(event("engagement.opened.v1", org_id="org-acme"))
    assert told is not None
    assert partner(kinds=["engagement.opened.v1"]).hears(told)
    assert not partner(kinds=["payout.paid.v1"]).hears(told)
    assert not partner(created_at=NOW + timedelta(seconds=1)).hears(told)
    off = partner()
    off.change(name=None, kinds=None, status="disabled")  # type: ignore[arg-type]
    assert not off.hears(told)


def test_two_partners_cannot_tell_that_they_heard_of_the_same_event() -> None:
    assert public_id("par-1", "evt-1") == public_id("par-1", "evt-1")
    assert public_id("par-1", "evt-1") != public_id("par-2", "evt-1")
