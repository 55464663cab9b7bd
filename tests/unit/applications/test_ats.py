"""The client of recruiting systems: where it goes, what it shows there, what an answer means."""

from base64 import b64decode
from typing import Any

import pytest

from services.applications.ats import AtsClient
from services.applications.config import ATS_HOSTS
from services.applications.domain import Told
from services.applications.signing import Seals
from shared.errors import Invalid, Unavailable

URL = "https://app.greenhouse.io/integrations/testing_partners/take_home_tests/12345"


def client(answer: int | Exception = 200, *hosts: str) -> tuple[AtsClient, list[Any]]:
    sent: list[Any] = []

    def send(method: str, url: str, **options: Any) -> int:
        sent.append((method, url, options))
        if isinstance(answer, Exception):
            raise answer
        return answer

    return AtsClient(hosts or ATS_HOSTS, send), sent


def test_it_patches_the_place_signed_in_as_the_ats_is_here() -> None:
    ats, sent = client(204)
    assert ats.tell(URL, "stk_key") is Told.DONE
    [(method, url, options)] = sent
    assert (method, url, options["inside"]) == ("PATCH", URL, False)
    scheme, coded = options["headers"]["Authorization"].split()
    assert (scheme, b64decode(coded)) == ("Basic", b"stk_key:")


@pytest.mark.parametrize(
    "url",
    [
        "http://app.greenhouse.io/x",
        "https://app.greenhouse.io:8443/x",
        "https://app.greenhouse.io.example/x",
        "https://user@app.greenhouse.io/x",
        "https://example.org/x",
        "http://127.0.0.1:8000/x",
        "ftp://app.greenhouse.io/x",
        "https://app.greenhouse.io/a b",
        "no address",
        "",
    ],
)
def test_the_key_is_shown_nowhere_else(url: str) -> None:
    ats, sent = client()
    with pytest.raises(Invalid):
        ats.check(url)
    assert ats.tell(url, "stk_key") is Told.REFUSED
    assert sent == []


def test_a_rehearsal_goes_to_this_machine_where_it_is_named() -> None:
    ats, sent = client(200, "http://127.0.0.1")
    assert ats.tell("http://127.0.0.1:9999/x", "stk_key") is Told.DONE
    assert sent[0][2]["inside"] is True


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 422])
def test_what_is_refused_is_not_tried_again(status: int) -> None:
    assert client(status)[0].tell(URL, "stk_key") is Told.REFUSED


@pytest.mark.parametrize(
    "answer", [408, 429, 500, 503, Unavailable("no-answer", "Nobody answers.")]
)
def test_what_may_come_right_is_tried_again(answer: int | Exception) -> None:
    with pytest.raises(Unavailable):
        client(answer)[0].tell(URL, "stk_key")


def test_a_name_that_leads_inwards_by_now_is_refused_for_good() -> None:
    inwards = Invalid("url-refused", "Not public.")
    assert client(inwards)[0].tell(URL, "stk_key") is Told.REFUSED


def test_a_sealed_key_is_opened_by_the_same_secret_alone() -> None:
    sealed = Seals("k" * 32).seal("stk_key")
    assert "stk_key" not in sealed
    assert Seals("k" * 32).open(sealed) == "stk_key"
    with pytest.raises(Unavailable):
        Seals("x" * 32).open(sealed)
