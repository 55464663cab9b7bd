"""Requests to places that others name: never inwards, never to what is no web address."""

import socket
from typing import Any

import pytest

from shared import outbound
from shared.addresses import all_public
from shared.errors import Invalid, Unavailable

INSIDE = [
    *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"),
]


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", found)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not all_public([address])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert all_public([address])


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_with_any_address_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolving(monkeypatch, "8.8.8.8", address)
    with pytest.raises(Invalid):
        outbound.send("PATCH", "https://ats.example/x", headers={})


def test_it_connects_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "8.8.8.8")
    seen: list[Any] = []

    def connect(address: Any, *_: Any) -> Any:
        seen.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    for url in ("https://ats.example/x", "http://ats.example:8080/x"):
        with pytest.raises(Unavailable):
            outbound.send("PATCH", url, headers={})
    assert seen == [("8.8.8.8", 443), ("8.8.8.8", 8080)]


def test_a_name_that_nobody_knows_may_be_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(outbound.socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable):
        outbound.send("PATCH", "https://ats.example/x", headers={})


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "//x", "file:///etc/passwd", "gopher://x/", "http://", "http://a@b/"),
        *("http://x:0/", "http://x:70000/", "http://x/ y", "http://x/\r\nHost: y", "http://[::1/"),
        *("http://ż.example/", "http://x/" + "a" * 2000),
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        outbound.origin(url)


def test_an_origin_has_the_usual_port_and_a_name_in_lower_case() -> None:
    assert outbound.origin("https://App.Example/x?y#z") == ("https", "app.example", 443)
    assert outbound.origin("http://127.0.0.1:8080") == ("http", "127.0.0.1", 8080)
