"""Settings: the key of the ids must be there and long."""

import pytest

from services.applications.config import from_env

ENVIRONMENT = {
    "STINT_ENV": "development",
    "AMQP_URI": "amqp://broker:5672/",
    "MONGO_URI": "mongodb://database:27017",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ID_KEY", raising=False)


def test_the_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ID_KEY", "k" * 32)
    assert from_env().id_key == "k" * 32


@pytest.mark.parametrize("key", [None, "", "short"])
def test_without_a_long_key_the_service_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str | None
) -> None:
    if key is not None:
        monkeypatch.setenv("ID_KEY", key)
    with pytest.raises(SystemExit) as stop:
        from_env()
    assert stop.value.code == 2
    assert "ID_KEY" in capsys.readouterr().err


def test_the_published_key_of_development_never_serves_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ID_KEY", "for-development-only-0123456789abcdef")
    assert from_env().id_key
    monkeypatch.setenv("STINT_ENV", "production")
    with pytest.raises(SystemExit):
        from_env()
    assert "ID_KEY" in capsys.readouterr().err
