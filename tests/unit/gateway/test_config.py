"""Settings: what is missing or wrong is told by name."""

import json
from pathlib import Path

import pytest

from services.gateway import config
from services.gateway.tokens import new_key

NEEDED = {
    "STINT_ENV": "development",
    "AMQP_URI": "amqp://guest@127.0.0.1//",
    "MONGO_URI": "mongodb://127.0.0.1/?journal=true",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTP_PORT", "FILES_DIR", "SIGNING_KEYS", "RATE_LIMIT", "CLOCK_OFFSET_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_development_needs_little_and_limits_little(environment: pytest.MonkeyPatch) -> None:
    settings = config.from_env()
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8000)
    assert settings.files_dir == Path(".stint/files")
    assert settings.sign_in_limit == "6000/minute"


def test_production_is_strict_and_needs_its_keys(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("STINT_ENV", "production")
    with pytest.raises(SystemExit):
        config.from_env()
    assert "SIGNING_KEYS" in capsys.readouterr().err
    environment.setenv("SIGNING_KEYS", json.dumps({"keys": [new_key()]}))
    with pytest.raises(SystemExit):
        config.from_env()
    assert "SEALING_KEYS" in capsys.readouterr().err
    environment.setenv("SEALING_KEYS", f"{'n' * 32},{'o' * 32}")
    settings = config.from_env()
    assert settings.sign_in_limit == "10/minute"
    assert (settings.email_verification, len(settings.sealing_keys)) == ("required", 2)
    assert "Ed25519" not in repr(settings)
    assert "n" * 32 not in repr(settings)


@pytest.mark.parametrize(
    "keys", ["/no/such/file", "{}", '{"keys": []}', '{"keys": [{"kid": "a", "d": "secret"}]}', "{"]
)
def test_keys_that_cannot_sign_stop_the_start_without_telling_them(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], keys: str
) -> None:
    environment.setenv("SIGNING_KEYS", keys)
    with pytest.raises(SystemExit) as stop:
        config.from_env()
    told = capsys.readouterr().err
    assert (stop.value.code, told.count("\n")) == (2, 1)
    assert "SIGNING_KEYS" in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "70000"),
        ("RATE_LIMIT", "many"),
        ("SIGN_IN_LIMIT", "0/minute"),
        ("MAX_FILE_BYTES", "-1"),
        ("PROXY_HOPS", "one"),
        ("SEALING_KEYS", "short"),
        ("EMAIL_VERIFICATION", "sometimes"),
        ("RATE_STORE", "mongodb://database:27017"),
        ("RATE_STORE", "async+redis://cache:6379"),
        ("RATE_STORE", "redis://"),
        ("RATE_STORE", "cache:6379"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        config.from_env()
    assert stop.value.code == 2
    assert name in capsys.readouterr().err


def test_a_list_of_origins_is_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CORS_ORIGINS", "https://a.example,https://b.example")
    assert config.from_env().cors_origins == ("https://a.example", "https://b.example")


def test_browsers_are_sent_back_to_plain_addresses_alone(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SSO_RETURN_URLS", "http://localhost:5173/in, https://app.example/")
    assert config.from_env().sso_return_urls == ("http://localhost:5173/in", "https://app.example/")
    for wrong in ("javascript:alert(1)", "https://u@a.example/", "https://a.example/?to=", "/in"):
        environment.setenv("SSO_RETURN_URLS", wrong)
        with pytest.raises(SystemExit):
            config.from_env()
        assert "SSO_RETURN_URLS" in capsys.readouterr().err
