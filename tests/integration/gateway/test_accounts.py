"""Accounts over the real database: registration, signing in, members, the command."""

import os
import subprocess
import sys
from typing import Any

from tests.integration.gateway.conftest import PASSWORD, Client, Gateway
from tests.waiting import wait_until


def test_a_company_and_a_candidate_register_and_sign_in(gateway: Gateway) -> None:
    owner, candidate = gateway.client().owner(), gateway.client().register()
    me = owner.get("/v1/me").json()
    assert me["role"] == "owner"
    assert me["organisation"]["name"] == "Northwind"
    assert candidate.get("/v1/me").json()["org_id"] is None
