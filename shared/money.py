"""Money as integer minor units plus an ISO 4217 currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import Invalid

# ISO 4217 currencies whose minor unit is not 1/100 of the major one (ISO 4217:2015, list one).
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` counts minor units (cents); two currencies never mix."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Invalid("amount-not-integer", "An amount is a whole number of minor units.")
        code = self.currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise Invalid("currency-unknown", "A currency is an ISO 4217 code such as USD.")

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
    """Digits after the decimal point in this currency's major unit (ISO 4217)."""
    return EXPONENTS.get(currency, 2)
