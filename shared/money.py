"""Money as integer minor units plus an ISO 4217 currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import Invalid

# ISO 4217 list one, as published on 2026-01-01: digits after the point of the major unit -> codes.
# Gold and the like (XAU, XDR, XXX) have no minor unit and are no money here.
LIST_ONE = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {code: places for places, codes in LIST_ONE.items() for code in codes.split(" ")}
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` counts minor units (cents); two currencies never mix."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Invalid("amount-not-integer", "An amount is a whole number of minor units.")
        exponent(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def share(self, basis_points: int) -> Money:
        """This many hundredths of a percent, rounded half up to a whole minor unit."""
        product = self.amount * basis_points
        return Money((product + BASIS_POINTS // 2) // BASIS_POINTS, self.currency)

    def __str__(self) -> str:
        places = exponent(self.currency)
        sign, digits = "-" * (self.amount < 0), str(abs(self.amount)).rjust(places + 1, "0")
        whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
        return f"{self.currency} {sign}{int(whole):,}" + (f".{part}" if part else "")

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise Invalid("currency-mismatch", f"{self.currency} and {other.currency} do not mix.")
        return other.amount


def exponent(currency: str) -> int:
    """Digits after the point of this currency's major unit; raises Invalid for no currency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        message = "A currency is an ISO 4217 code such as USD."
        raise Invalid("currency-unknown", message) from None
