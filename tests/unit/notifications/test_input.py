"""Input: cursors and settings say what is wrong with them."""

from datetime import timedelta

import pytest

from services.notifications import schemas
from services.notifications.config import from_env
from shared.errors import Invalid
from tests.unit.notifications.world import NOW

ENVIRONMENT = {
    "STINT_ENV": "development",
    "AMQP_URI": "amqp://broker:5672/",
    "MONGO_URI": "mongodb://database:27017",
    "SMTP_HOST": "mail.example",
}


@pytest.mark.parametrize("cursor", ["x", "-1.a", ".a", "٣.a", f"{'9' * 30}.a", " 1.a"])
def test_what_is_no_cursor_of_an_inbox_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        schemas.moment(cursor)


def test_cursors_lead_back_to_where_they_were_taken() -> None:
    assert schemas.moment(None) is None
    at = NOW + timedelta(milliseconds=123)
    assert schemas.moment(schemas.inbox_cursor({"created_at": at, "id": "a-b"})) == (at, "a-b")


def test_faults_are_told_per_field() -> None:
    with pytest.raises(Invalid) as refused:
        schemas.read(
            schemas.PreferencesInput(), preferences={"match.suggested": {"email": "perhaps"}}
        )
    assert refused.value.errors == {
        "preferences.match.suggested.value.email": "Not a valid boolean."
    }
    with pytest.raises(Invalid) as refused:
        schemas.read(schemas.Page(), limit=0, after=None)
    assert set(refused.value.errors) == {"limit"}


def test_settings_have_defaults_for_all_but_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings = from_env()
    assert (settings.smtp_host, settings.smtp_port) == ("mail.example", 25)
    assert settings.mail_lease == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SMTP_HOST", ""), ("SMTP_PORT", "x"), ("SMTP_SECURITY", "ssl"), ("MAIL_FROM", "nobody")],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    for given, content in {**ENVIRONMENT, name: value}.items():
        monkeypatch.setenv(given, content)
    with pytest.raises(SystemExit) as stop:
        from_env()
    assert stop.value.code == 2
    assert name in capsys.readouterr().err
