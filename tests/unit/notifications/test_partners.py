"""Partners and their endpoints: how many, where to, with which secrets, and until when."""

import base64
from datetime import datetime, timedelta

import pytest

from services.notifications.config import from_env
from services.notifications.partners.domain.addresses import check_url
from services.notifications.partners.domain.partner import (
    FEWEST_FAILURES,
    GRAVES,
    MOST_ENDPOINTS,
    Endpoint,
    Partner,
    Status,
    chosen,
    new_secret,
)
from services.notifications.partners.schemas import ReplayRange, read
from services.notifications.partners.usecases.reading import cursor, position
from services.notifications.partners.usecases.running import require_room, rotation
from services.notifications.partners.usecases.views import endpoint_view, partner_view
from shared.addresses import all_public
from shared.errors import Conflict, Invalid, NotFound
from tests.unit.notifications.world import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def endpoint(id: str = "end-1", at: datetime = NOW) -> Endpoint:
    secret = new_secret(f"of-{id}", b"0" * 32, at)
    return Endpoint(id, "https://hooks.example.com/", at, at, secrets=[secret])


def partner(*endpoints: Endpoint) -> Partner:
    return Partner("par-1", "Tracking", NOW, org_id="org-acme", endpoints=list(endpoints))


def test_a_partner_has_a_handful_of_endpoints_and_removed_ones_make_room() -> None:
    full = partner()
    for number in range(MOST_ENDPOINTS):
        full.add_endpoint(endpoint(f"end-{number}"))
    with pytest.raises(Conflict):
        full.add_endpoint(endpoint("end-9"))
    full.remove_endpoint("end-0")
    full.remove_endpoint("end-0")
    full.add_endpoint(endpoint("end-9"))
    assert full.endpoint("end-0").secrets == []
    assert [one["id"] for one in partner_view(full)["endpoints"]][-1] == "end-9"
    with pytest.raises(Conflict):
        full.living("end-0")
    with pytest.raises(NotFound):
        full.endpoint("end-none")
    for number in range(GRAVES + 5):
        full.remove_endpoint(full.endpoints[-1].id)
        full.add_endpoint(endpoint(f"end-x{number}"))
    assert len(full.endpoints) <= GRAVES + MOST_ENDPOINTS + 1


def test_a_new_secret_signs_beside_the_old_one_for_a_while() -> None:
    ours = partner(endpoint())
    rotation("end-1", new_secret("two", b"2" * 32, NOW + HOUR), 24)(ours)
    found = ours.endpoint("end-1")
    first, second = (one.value for one in found.secrets)
    assert found.signing(NOW + 2 * HOUR) == [second, first]
    with pytest.raises(Conflict):
        rotation("end-1", new_secret("three", b"3" * 32, NOW + 2 * HOUR), 24)(ours)
    assert found.signing(NOW + 25 * HOUR) == [second]
    rotation("end-1", new_secret("three", b"3" * 32, NOW + 26 * HOUR), 1)(ours)
    assert len(found.signing(NOW + 26 * HOUR)) == 2


def test_without_overlap_the_old_secrets_are_worth_nothing_at_once() -> None:
    ours = partner(endpoint())
    rotation("end-1", new_secret("two", b"2" * 32, NOW), 24)(ours)
    rotation("end-1", new_secret("three", b"3" * 32, NOW), 0)(ours)
    found = ours.endpoint("end-1")
    assert found.signing(NOW) == [found.made_by("three").value]
    with pytest.raises(Conflict):
        found.made_by("two")


def test_a_secret_is_in_no_view_and_no_text_of_it() -> None:
    ours = partner(endpoint())
    value = ours.endpoints[0].secrets[0].value
    assert base64.b64decode(value.removeprefix("whsec_")) == b"0" * 32
    assert value not in str(partner_view(ours)) + str(endpoint_view(ours, "end-1")) + repr(ours)


def test_days_of_nothing_but_failures_turn_an_endpoint_off_and_tell_its_owner() -> None:
    ours, now = partner(endpoint()), NOW
    for _ in range(FEWEST_FAILURES):
        ours.endpoint_failed("end-1", now)
        ours.endpoint_failed("end-1", now)  # Within a minute it counts once.
        now += HOUR
    assert ours.endpoint("end-1").failures == FEWEST_FAILURES
    assert ours.events == []
    ours.endpoint_failed("end-1", NOW + 5 * DAY)
    (told,) = ours.events
    assert (told.endpoint_id, told.partner_id, told.reason) == ("end-1", "par-1", "failing")
    assert (told.org_id, told.account_id) == ("org-acme", None)
    assert ours.endpoint("end-1").status is Status.DISABLED
    ours.disable_endpoint("end-1", "gone")
    assert len(ours.events) == 1


def test_one_success_between_begins_the_count_anew() -> None:
    ours = partner(endpoint())
    for hour in range(200):
        ours.endpoint_failed("end-1", NOW + hour * HOUR)
        if hour % 100 == 99:
            ours.endpoint_succeeded("end-1")
    assert ours.events == []
    assert ours.endpoint("end-1").is_healthy()


def test_few_failures_long_apart_turn_nothing_off() -> None:
    ours = partner(endpoint())
    ours.endpoint_failed("end-1", NOW)
    ours.endpoint_failed("end-1", NOW + 20 * DAY)
    assert ours.endpoint("end-1").status is Status.ACTIVE


def test_an_enabled_endpoint_takes_what_happens_from_then_on() -> None:
    ours = partner(endpoint())
    found = ours.endpoint("end-1")
    assert found.takes("payout.paid.v1", NOW)
    ours.change_endpoint("end-1", NOW, url=None, kinds=None, status=Status.DISABLED)
    assert not found.takes("payout.paid.v1", NOW)
    found.failed(NOW)
    later = NOW + DAY
    ours.change_endpoint("end-1", later, url=None, kinds=["payout.paid.v1"], status=Status.ACTIVE)
    assert (found.reason, found.is_healthy()) == (None, True)
    assert not found.takes("payout.paid.v1", NOW)
    assert found.takes("payout.paid.v1", later)
    assert not found.takes("payment.funded.v1", later)


def test_only_kinds_that_exist_can_be_chosen() -> None:
    assert chosen(["payout.paid.v1", "payout.paid.v1"]) == ["payout.paid.v1"]
    with pytest.raises(Invalid) as refused:
        chosen(["payout.paid.v1", "message.posted.v1"])
    assert set(refused.value.errors) == {"kinds.1"}
    with pytest.raises(Conflict):
        require_room(20)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/stint?key=1",
        "https://hooks.example.com:8443",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
    ],
)
def test_webhooks_go_outwards(url: str) -> None:
    assert check_url(url, private=False).hostname


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.com/", "ftp://example.com/", "https://", "hooks.example.com", ""),
        *("https://user:pass@example.com/", "https://example.com/#x", "https://exa mple.com/"),
        *("https://localhost/", "https://a.localhost./", "https://printer.local/"),
        *("https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data"),
        *(
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1]/",
            "https://0.0.0.0/",
        ),
        *("https://100.64.0.1/", "https://[fd00::1]/", "https://[64:ff9b::7f00:1]/"),
        *("https://[2002:7f00:1::]/", "https://224.0.0.1/", "https://192.168.1.1:99999/"),
        f"https://example.com/{'x' * 500}",
        "https://exa\tmple.com/",
        "https://exämple.com/",
        "https://[::1/",
    ],
)
def test_webhooks_never_go_inwards(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, private=False)


def test_a_name_is_called_only_where_all_its_addresses_lead_outwards() -> None:
    assert all_public(["93.184.216.34", "2606:2800:220:1::1"])
    for inward in ("127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fe80::1%eth0", "nonsense"):
        assert not all_public(["93.184.216.34", inward])
    assert not all_public([])


def test_in_development_a_test_may_call_its_own_machine() -> None:
    assert check_url("http://127.0.0.1:9000/hook", private=True).port == 9000
    with pytest.raises(Invalid):
        check_url("ftp://127.0.0.1/", private=True)


def test_in_production_no_setting_lets_webhooks_go_inwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"AMQP_URI": "amqp://a/", "MONGO_URI": "mongodb://a/", "SMTP_HOST": "a"}
    given["MAIL_KEY"] = "k" * 32
    for name, value in {**given, "WEBHOOKS_TO_PRIVATE": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CLOCK_OFFSET_FILE", raising=False)
    monkeypatch.setenv("STINT_ENV", "development")
    assert from_env().webhooks_to_private
    monkeypatch.setenv("STINT_ENV", "production")
    with pytest.raises(SystemExit):
        from_env()
    assert "WEBHOOKS_TO_PRIVATE" in capsys.readouterr().err
    monkeypatch.setenv("WEBHOOKS_TO_PRIVATE", "false")
    assert not from_env().webhooks_to_private


def test_a_cursor_is_the_partner_s_own() -> None:
    assert position("par-1", cursor("par-1", 42)) == 42
    assert position("par-1", None) == 0
    for wrong in (cursor("par-2", 42), "", "x", "newest", "é", cursor("par-1", 42)[:-3], "=" * 9):
        with pytest.raises(Invalid):
            position("par-1", wrong)


@pytest.mark.parametrize(
    "range_",
    [
        {"from_sequence": 3},
        {"from_sequence": 3, "to_sequence": 9},
        {"since": "2026-03-01T00:00:00Z"},
        {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"},
    ],
)
def test_a_range_is_replayed_by_sequence_or_by_time(range_: dict[str, object]) -> None:
    assert read(ReplayRange(), **range_)


@pytest.mark.parametrize(
    "range_",
    [
        {},
        {"to_sequence": 3},
        {"from_sequence": 0},
        {"from_sequence": 1, "since": "2026-03-01T00:00:00Z"},
        {"from_sequence": 1, "until": "2026-03-01T00:00:00Z"},
        {"since": "2026-03-01"},
    ],
)
def test_a_range_without_a_beginning_or_of_two_measures_is_refused(
    range_: dict[str, object],
) -> None:
    with pytest.raises(Invalid):
        read(ReplayRange(), **range_)
