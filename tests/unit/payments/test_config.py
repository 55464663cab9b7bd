"""Which bank the settings choose, and what they never let start."""

import pytest

from services.payments import config, stripe_bank
from services.payments.sandbox_bank import SandboxBank
from services.payments.service.banks import bank_of
from tests.unit.payments.fake_database import fake_platform
from tests.unit.payments.fakes import Time

LEAST = {
    "STINT_ENV": "development",
    "AMQP_URI": "amqp://guest:guest@localhost/",
    "MONGO_URI": "mongodb://localhost/",
}
KEYS = {"STRIPE_API_KEY": "sk_test_abc", "STRIPE_WEBHOOK_SECRETS": "whsec_a,whsec_b"}


def settings(monkeypatch: pytest.MonkeyPatch, **given: str) -> config.Settings:
    for name, value in {**LEAST, **given}.items():
        monkeypatch.setenv(name, value)
    return config.from_env()


def test_with_a_key_the_bank_is_stripe_and_without_one_it_plays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = fake_platform(Time())
    platform.settings = settings(monkeypatch)
    bank, countries = bank_of(platform)
    assert isinstance(bank, SandboxBank)
    assert "KE" in countries
    platform.settings = settings(monkeypatch, **KEYS, STRIPE_TRANSFER_GROUPS="false")
    assert platform.settings.stripe_webhook_secrets == ("whsec_a", "whsec_b")
    bank, countries = bank_of(platform)
    assert isinstance(bank, stripe_bank.StripeBank)
    assert (bank.name, bank.simulated) == ("stripe", True)
    assert countries == stripe_bank.COUNTRIES


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"STRIPE_WEBHOOK_SECRETS": ""}, "missing settings: STRIPE_WEBHOOK_SECRETS"),
        ({"STRIPE_WEBHOOK_SECRETS": "secret"}, "STRIPE_WEBHOOK_SECRETS: "),
        ({"STRIPE_API_KEY": "pk_test_abc"}, "STRIPE_API_KEY: is no secret key"),
        ({"STRIPE_API_KEY": "sk_live_abc"}, "STRIPE_API_KEY: a live key belongs in production"),
        ({"STINT_ENV": "production"}, "STRIPE_API_KEY: a live key belongs in production"),
        (
            {
                "STINT_ENV": "production",
                "STRIPE_API_KEY": "sk_live_abc",
                "STRIPE_API_BASE": "http://localhost:1",
            },
            "STRIPE_API_BASE: is for stand-ins",
        ),
        ({"STRIPE_COUNTRY": "usa"}, "STRIPE_COUNTRY: "),
    ],
)
def test_keys_that_do_not_fit_stop_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: dict[str, str],
    told: str,
) -> None:
    with pytest.raises(SystemExit) as caught:
        settings(monkeypatch, **{**KEYS, **given})
    said = capsys.readouterr().err
    assert (caught.value.code, said.count("\n")) == (2, 1)
    assert told in said
    assert "abc" not in said


def test_a_live_key_in_production_moves_real_money(monkeypatch: pytest.MonkeyPatch) -> None:
    live = {"STINT_ENV": "production", "STRIPE_API_KEY": "rk_live_abc"}
    platform = fake_platform(Time())
    platform.settings = settings(monkeypatch, **{**KEYS, **live})
    assert bank_of(platform)[0].simulated is False
    assert "rk_live" not in repr(platform.settings)
