"""Operators in somebody else's name: for a reason, for minutes, and never for money or consent."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.gateway.domain import Account, Role, Standing
from shared.principal import Principal, permissions
from tests.unit.gateway.conftest import Api, World, kim
from tests.unit.gateway.test_audit import log_of

WHY = {"account_id": "acc-kim", "reason": "Cannot hand in her work.", "ticket": "SUP-7"}
MONEY_AND_CONSENT = [
    *("accept_selection", "sign_kickoff", "accept_agreement", "accept_hire_offer"),
    *("grant_talent", "open_payout_account", "put_payment_method", "add_payment_method"),
    *("release_part", "grant_bonus", "accept_deliverable", "accept_split", "accept_change_order"),
    *("answer_repayment", "answer_funding", "select_application", "refund_engagement"),
    *("create_api_key", "revoke_api_key", "update_me", "add_member", "share_credential"),
    *("ask_export", "ask_erasure", "cancel_erasure", "begin_impersonation", "end_impersonation"),
]


class Acting(Api):
    """Requests with the token of an impersonation."""

    token = ""

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return super().__call__(method, path, headers=headers, **options)


def begun(world: World, **changes: str) -> tuple[dict[str, Any], Acting]:
    """The answer, and requests with its token."""
    kim(world)
    world.accounts.alter("acc-kim", standing=Standing.ACTIVE)
    answer = world.client("operator").post("/v1/impersonations", {**WHY, **changes})
    assert answer.status_code == 201, answer.text
    acting = Acting(world, None)
    acting.token = answer.get_json()["access_token"]
    return answer.get_json(), acting


def test_it_reads_as_the_person_and_every_request_names_both(world: World) -> None:
    found, acting = begun(world)
    assert acting.get("/v1/me").get_json()["id"] == "acc-kim"
    entry = log_of(world)[-1]
    assert (entry["principal_id"], entry["acting_id"]) == ("acc-kim", "acc-op")
    assert (entry["operation"], entry["impersonation_id"]) == ("get_me", found["id"])
    first = log_of(world)[0]
    assert (first["kind"], first["operation"]) == ("begun", "begin_impersonation")


def test_services_hear_who_acts(world: World) -> None:
    _, acting = begun(world)
    acting.get("/v1/applications")
    (call, _), *_ = world.rpc.calls("list_applications")
    assert call.principal == Principal("acc-kim", "candidate", None, "acc-op")


def test_the_person_is_told(world: World) -> None:
    found, _ = begun(world)
    events = world.ports.privacy.impersonations.kept.announced  # type: ignore[attr-defined]
    (told,) = events
    about = {"account_id": "acc-kim", "impersonation_id": found["id"], "scope": "read"}
    assert about.items() <= told.data.items()
    listed = world.client("candidate").get("/v1/impersonations").get_json()["items"]
    assert [(one["reason"], one["ticket"]) for one in listed] == [(WHY["reason"], WHY["ticket"])]
    assert "operator_id" not in listed[0]
    seen = world.client("operator").get("/v1/impersonations").get_json()["items"]
    assert seen[0]["operator_id"] == "acc-op"


def test_it_only_reads_unless_it_says_otherwise(world: World) -> None:
    _, acting = begun(world)
    answer = acting("PUT", "/v1/preferences", json={"preferences": {}})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "impersonation-read-only")
    assert log_of(world)[-1]["kind"] == "refused"


def test_with_the_scope_it_writes_what_is_on_the_list(world: World) -> None:
    _, acting = begun(world, scope="write")
    world.rpc.answers["put_preferences"] = {"id": "acc-kim", "version": 1, "preferences": {}}
    assert acting("PUT", "/v1/preferences", json={"preferences": {}}).status_code == 200
    refused = acting.post("/v1/applications/app-1/accept")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "impersonation-refused")


@pytest.mark.parametrize("operation", MONEY_AND_CONSENT)
def test_money_consent_and_access_are_not_on_the_list(operation: str) -> None:
    assert not permissions()[operation].get("support")


def test_nobody_fetches_another_s_data_in_one_file(world: World) -> None:
    _, acting = begun(world, scope="write")
    assert acting.get("/v1/me/exports/exp-1/content").status_code == 403


def test_it_ends_at_once_by_whomever_of_the_two(world: World) -> None:
    found, acting = begun(world)
    path = f"/v1/impersonations/{found['id']}"
    assert world.client("owner")("DELETE", path).status_code == 404
    assert world.client("candidate")("DELETE", path).status_code == 204
    answer = acting.get("/v1/me")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "impersonation-over")


def test_it_is_over_after_15_minutes(world: World) -> None:
    _, acting = begun(world)
    world.clock.forward(minutes=15)
    assert acting.get("/v1/me").status_code == 401


def test_never_another_operator_nor_without_a_reason(world: World) -> None:
    api, details = world.client("operator"), {"email": "x@example.com", "name": "X"}
    other = Account(
        "acc-2", role=Role.OPERATOR, password_hash="", created_at=world.clock(), **details
    )
    other.activate(world.clock(), None)
    world.accounts.put(other)
    refused = api.post("/v1/impersonations", {**WHY, "account_id": "acc-2"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "account-of-operator")
    assert api.post("/v1/impersonations", {**WHY, "account_id": "acc-0"}).status_code == 404
    without = {name: value for name, value in WHY.items() if name != "reason"}
    assert api.post("/v1/impersonations", without).status_code == 422
