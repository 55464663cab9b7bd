"""Accounts over the real database: registration, signing in, members, the command."""

from tests.integration.gateway.conftest import Gateway


def test_a_company_and_a_candidate_register_and_sign_in(gateway: Gateway) -> None:
    owner, candidate = gateway.client().owner(), gateway.client().register()
    me = owner.get("/v1/me").json()
    assert me["role"] == "owner"
    assert me["organisation"]["name"] == "Northwind"
    assert candidate.get("/v1/me").json()["org_id"] is None
