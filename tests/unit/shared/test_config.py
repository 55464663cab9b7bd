"""Settings come from the environment; whatever is wrong is told at once, by name."""

from dataclasses import dataclass

import pytest

from shared.config import Common, Env, read

COMPLETE = {
    "STINT_ENV": "development",
    "AMQP_URI": "amqp://guest:guest@broker:5672/",
    "MONGO_URI": "mongodb://database:27017/?journal=true",
}
OURS = (
    *COMPLETE,
    "MANAGEMENT_URI",
    "DATABASE_PREFIX",
    "HEALTH_PORT",
    "RETRY_LADDER",
    "LOG_LEVEL",
    "REPLICAS",
    "CLOCK_OFFSET_FILE",
    "FEE",
)


@dataclass(frozen=True, kw_only=True)
class Settings(Common):
    fee: int


def settings() -> Settings:
    env = Env()
    return read(Settings, env, fee=env.int("FEE"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_what_is_not_said_has_a_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEE", "10")

    read = settings()

    assert read.amqp_uri == COMPLETE["AMQP_URI"]
    assert read.ladder == {"5s": 5, "30s": 30, "2m": 120, "10m": 600, "1h": 3600}
    assert (read.database_prefix, read.health_port, read.log_level) == ("stint", 0, "INFO")
    assert (read.replicas, read.management_uri, read.fee) == (1, "", 10)


def test_settings_do_not_change(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEE", "10")

    with pytest.raises(AttributeError):
        settings().fee = 11  # type: ignore[misc]


def test_a_ladder_of_ones_own_may_be_shorter(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEE", "10")
    environment.setenv("RETRY_LADDER", "200ms, 1s")

    assert settings().ladder == {"200ms": 0.2, "1s": 1}


def test_all_that_is_missing_is_told_in_one_line(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("STINT_ENV")
    environment.setenv("MONGO_URI", "")

    with pytest.raises(SystemExit) as stopped:
        settings()

    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line.startswith("missing settings: ")
    assert all(name in line for name in ("FEE", "STINT_ENV", "MONGO_URI"))


def test_an_empty_variable_counts_as_missing(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEE", "10")
    environment.setenv("REPLICAS", "")

    assert settings().replicas == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STINT_ENV", "staging"),
        ("AMQP_URI", "http://broker"),
        ("AMQP_URI", "amqp:broker"),
        ("MONGO_URI", "database:27017"),
        ("MANAGEMENT_URI", "broker:15672"),
        ("DATABASE_PREFIX", "a.b"),
        ("HEALTH_PORT", "70000"),
        ("HEALTH_PORT", "x"),
        ("RETRY_LADDER", "5s,,1m"),
        ("RETRY_LADDER", "0s"),
        ("RETRY_LADDER", "5"),
        ("RETRY_LADDER", "5d"),
        ("LOG_LEVEL", "LOUD"),
        ("REPLICAS", "0"),
        ("FEE", "ten"),
    ],
)
def test_a_wrong_value_is_told_by_name(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    environment.setenv("FEE", "10")
    environment.setenv(name, value)

    with pytest.raises(SystemExit) as stopped:
        settings()

    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith(f"{name}: ")


def test_the_clock_is_never_moved_in_production(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("FEE", "10")
    environment.setenv("CLOCK_OFFSET_FILE", "/tmp/offset")
    settings()
    environment.setenv("STINT_ENV", "production")

    with pytest.raises(SystemExit):
        settings()

    assert "CLOCK_OFFSET_FILE: moves the clock: never in production" in capsys.readouterr().err
