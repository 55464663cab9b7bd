"""Agreements over HTTP: as data, or as the bytes that were accepted."""

from hashlib import sha256
from typing import Any

import pytest

from tests.unit.gateway.conftest import World

TEXT = "# Confidentiality\n\nUse it for “this” only.\n"
PATH = "/v1/engagements/eng-1/agreements/nda"


def answer(text: str = TEXT) -> dict[str, Any]:
    digest = sha256(text.encode()).hexdigest()
    offered = {"kind": "nda", "title": "NDA", "version": 1, "sha256": digest, "acceptances": []}
    return {"id": "eng-1", "version": 4, "agreement": offered, "text": text}


@pytest.mark.parametrize("accept", ["text/markdown", "text/markdown, application/json;q=0.5"])
def test_an_agreement_is_served_as_the_bytes_that_have_its_hash(world: World, accept: str) -> None:
    world.rpc.answers["get_agreement"] = answer()
    got = world.client("candidate").get(PATH, headers={"Accept": accept})
    assert got.content_type == "text/markdown; charset=utf-8"
    assert "Accept" in got.headers["Vary"].split(", ")
    assert sha256(got.data).hexdigest() == answer()["agreement"]["sha256"]


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_an_agreement_is_data_for_whoever_does_not_ask_for_its_text(
    world: World, accept: str
) -> None:
    world.rpc.answers["get_agreement"] = answer()
    got = world.client("owner").get(PATH, headers={"Accept": accept})
    assert got.get_json() == answer()
    assert got.headers["ETag"] == '"4"'
