"""How Stripe is reached: keys, the version of its API, how long is waited and how often asked."""

from dataclasses import dataclass

import requests
import stripe

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 3.05, 20.0
RETRIES = 2  # Of one request under one key: lost connections, 409 and 5xx.
TOLERANCE = 300  # seconds that a notice may have been under way


@dataclass(frozen=True)
class Access:
    """The account's keys. `country` is the platform's; `return_url` is where payers come back to
    from their bank, and without one no charge may lead them there; `groups` marks what belongs to
    one engagement by `transfer_group`, too, as metadata do anyway.
    """

    api_key: str
    webhook_secrets: tuple[str, ...] = ()
    country: str = "US"
    return_url: str = ""
    groups: bool = True
    api_base: str = ""  # Of a stand-in; empty: Stripe's own.
    tolerance: int = TOLERANCE
    retries: int = RETRIES

    @property
    def live(self) -> bool:
        """Whether these keys move real money."""
        return self.api_key.startswith(("sk_live_", "rk_live_"))


def client(access: Access, http: stripe.HTTPClient | None = None) -> stripe.StripeClient:
    """One for the process: its connections are kept."""
    stripe.enable_telemetry = False
    stripe.set_app_info("stint")
    return stripe.StripeClient(
        access.api_key,
        stripe_version=API_VERSION,
        max_network_retries=access.retries,
        http_client=http or http_client(),
        base_addresses={"api": access.api_base} if access.api_base else {},
    )


def http_client() -> stripe.RequestsClient:
    """Without a session of its own each greenlet would open a connection for each request."""
    return stripe.RequestsClient(
        timeout=(CONNECT_SECONDS, READ_SECONDS), session=requests.Session()
    )
