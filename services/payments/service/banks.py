"""Which bank it is: Stripe where there is a key for it, else the one that only plays."""

from typing import Any

from services.payments.sandbox_bank import COUNTRIES, FaultPlan, SandboxBank
from services.payments.usecases import Bank
from shared.platform import Platform


def bank_of(platform: Platform) -> tuple[Bank, frozenset[str]]:
    """The bank, and where it pays candidates."""
    settings: Any = platform.settings
    if not settings.stripe_api_key:
        return SandboxBank(platform, FaultPlan(settings.sandbox_faults)), frozenset(COUNTRIES)
    from services.payments import stripe_bank  # Half a second that the sandbox need not wait.

    access = stripe_bank.Access(
        api_key=settings.stripe_api_key,
        webhook_secrets=settings.stripe_webhook_secrets,
        country=settings.stripe_country,
        # A stand-in leads nobody to a bank and back.
        return_url="" if settings.stripe_api_base else f"{settings.web_url}/",
        api_base=settings.stripe_api_base,
        groups=settings.stripe_transfer_groups,
    )
    return stripe_bank.StripeBank(access), stripe_bank.COUNTRIES
