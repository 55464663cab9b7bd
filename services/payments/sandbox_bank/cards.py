"""What the sandbox's test cards do, by the names that Stripe gives their tokens."""

from dataclasses import dataclass

LOST = "answer-lost"
INQUIRY, CHARGEBACK = "inquiry", "chargeback"
EURO = "AT BE DE EE ES FI FR GR HR IE IT LT LU LV NL PT SI SK"
OTHERS = "AUD BRL CAD CHF CZK DKK GBP INR JPY KES MXN NGN NOK NZD PLN RON SEK SGD TND USD ZAR"
COUNTRIES = {  # Where it pays, and in which currency, whose name begins with the country's.
    **dict.fromkeys(EURO.split(" "), "EUR"),
    **{currency[:2]: currency for currency in OTHERS.split(" ")},
}


@dataclass(frozen=True)
class TokenCard:
    """`code` is why its charges fail; `disputed` is what becomes of them; `refunds` of those."""

    last4: str
    code: str = ""
    brand: str = "visa"
    confirmed: bool = False  # Its payer has to confirm each charge.
    disputed: str = ""
    fee_back: bool = False  # What a chargeback costs is given back where it is won.
    refunds: str = ""  # Empty: at once. `pending`: later. `failing`, `failing-once`: at once, but
    # then they fail: each of them, or the first one.
    pending: bool = True  # What it pays is pending for two days, as cards are.


CARDS = {
    "tok_visa": TokenCard("4242"),
    "tok_mastercard": TokenCard("4444", brand="mastercard"),
    "tok_bypassPending": TokenCard("0077", pending=False),
    "tok_chargeDeclined": TokenCard("0002", "card-declined"),
    "tok_chargeDeclinedInsufficientFunds": TokenCard("9995", "insufficient-funds"),
    "tok_insufficientFunds": TokenCard("9995", "insufficient-funds"),
    "tok_chargeDeclinedExpiredCard": TokenCard("0069", "expired-card"),
    "tok_chargeDeclinedProcessingError": TokenCard("0119", "processing-error"),
    "tok_threeDSecureRequired": TokenCard("3063", confirmed=True),
    "tok_createDispute": TokenCard("0259", disputed=CHARGEBACK),
    "tok_createDisputeFeeReturned": TokenCard("2685", disputed=CHARGEBACK, fee_back=True),
    "tok_createDisputeInquiry": TokenCard("1976", disputed=INQUIRY),
    "tok_pendingRefund": TokenCard("7726", refunds="pending"),
    "tok_refundFail": TokenCard("5126", refunds="failing"),
    "tok_refundFailOnce": TokenCard("5134", refunds="failing-once"),
    "tok_unavailable": TokenCard("0341", LOST),
}
