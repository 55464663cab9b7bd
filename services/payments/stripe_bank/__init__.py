"""Stripe behind the port: separate charges and transfers on Connect. The one door to its library.

The library is imported with this package, and must not be before eventlet has patched the process.
"""

from services.payments.stripe_bank.access import Access
from services.payments.stripe_bank.accounts import COUNTRIES
from services.payments.stripe_bank.bank import StripeBank

__all__ = ["COUNTRIES", "Access", "StripeBank"]
