"""Links in mails work without signing in, and mails that came back are brought by a secret."""

from base64 import b64decode, b64encode

import pytest

from shared.errors import Invalid, NotFound
from tests.unit.gateway.conftest import World

LINK = "/v1/unsubscribe/acc-kim.match.suggested.c2lnbmF0dXJl"
FOUND = {
    "kind": "match.suggested",
    "on": True,
    "language": "de",
    "title": "Diese E-Mails <abstellen>?",
    "text": "Sie ...",
    "button": "Abstellen",
}


def test_whoever_opens_a_link_is_asked_first_and_nothing_is_changed(world: World) -> None:
    world.rpc.answers["read_unsubscribe"] = FOUND
    page = world.client().get(LINK, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    html = page.get_data(as_text=True)
    assert '<html lang="de">' in html
    assert '<form method="post"><button>Abstellen</button></form>' in html
    assert "&lt;abstellen&gt;" in html
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert world.rpc.calls("unsubscribe") == []
    assert world.client().get(LINK).get_json() == FOUND


def test_a_mail_program_turns_it_off_with_one_click(world: World) -> None:
    world.rpc.answers["unsubscribe"] = {**FOUND, "on": False, "button": ""}
    answer = world.client()("POST", LINK, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.get_json()["on"]) == (200, False)
    [(_, sent)] = world.rpc.calls("unsubscribe")
    assert sent == {"token": LINK.rpartition("/")[2]}
    page = world.client()("POST", LINK, headers={"Accept": "text/html"})
    assert "<form" not in page.get_data(as_text=True)


def test_a_forged_link_is_not_there(world: World) -> None:
    world.rpc.answers["read_unsubscribe"] = NotFound("link-unknown", "No.")
    assert world.client().get(LINK).status_code == 404
    assert world.client().get("/v1/unsubscribe/a%2Fb").status_code == 404


@pytest.mark.parametrize("body", [b'{"events": []}', b"From: MAILER-DAEMON\xff\r\n\r\n"])
def test_a_report_goes_on_byte_for_byte_with_the_secret(world: World, body: bytes) -> None:
    world.rpc.answers["receive_mail_report"] = {"received": 1}
    basic = b64encode(b"mail:a secret").decode()
    answer = world.client()(
        "POST",
        "/v1/hooks/mail",
        data=body,
        headers={"Authorization": f"Basic {basic}"},
        content_type="message/rfc822",
    )
    assert (answer.status_code, answer.get_json()) == (200, {"received": 1})
    [(_, sent)] = world.rpc.calls("receive_mail_report")
    assert (b64decode(sent["body_base64"]), sent["secret"]) == (body, "a secret")


def test_without_the_secret_it_is_refused_by_the_service(world: World) -> None:
    world.rpc.answers["receive_mail_report"] = Invalid("secret-wrong", "Send it.")
    assert world.client()("POST", "/v1/hooks/mail", data=b"{}").status_code == 422
    [(_, sent)] = world.rpc.calls("receive_mail_report")
    assert sent["secret"] == ""


def test_a_password_opens_nothing_but_hooks(world: World) -> None:
    headers = {"Authorization": "Basic bWFpbDp4"}
    assert world.client().get("/v1/preferences", headers=headers).status_code == 401


def test_hours_go_along_only_where_they_are_named(world: World) -> None:
    world.rpc.answers["put_preferences"] = {"id": "acc-kim", "version": 1, "preferences": {}}
    kim = world.client("candidate")
    chosen = {"match.suggested": {"email": True, "in_app": True, "frequency": "weekly"}}
    kim("PUT", "/v1/preferences", json={"preferences": chosen})
    kim("PUT", "/v1/preferences", json={"digest_hour": 7, "quiet_hours": None})
    first, second = (sent for _, sent in world.rpc.calls("put_preferences"))
    assert first == {"preferences": chosen}
    assert second == {"preferences": {}, "settings": {"digest_hour": 7, "quiet_hours": None}}


@pytest.mark.parametrize(
    "body",
    [
        {"preferences": {"x.y": {"email": True, "in_app": True, "frequency": "hourly"}}},
        {"digest_hour": 24},
        {"quiet_hours": {"start": "22:00"}},
        {"quiet_hours": {"start": "22:00", "end": "24:00"}},
        {"quiet_hours": {"start": "07:00", "end": "07:00"}},
    ],
)
def test_hours_that_no_clock_shows_are_refused(world: World, body: dict) -> None:
    answer = world.client("candidate")("PUT", "/v1/preferences", json=body)
    assert answer.status_code == 422
    assert world.rpc.calls("put_preferences") == []
