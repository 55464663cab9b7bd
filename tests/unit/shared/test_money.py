"""Money never loses or invents a minor unit, and two currencies never mix."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from shared.errors import Invalid
from shared.money import BASIS_POINTS, EXPONENTS, Money, exponent

amounts = st.integers(-(10**15), 10**15)
positive = st.integers(0, 10**15)
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "PLN"])
points = st.integers(0, BASIS_POINTS)


@given(positive, points, currencies)
def test_a_share_is_the_exact_part_rounded_half_up(
    amount: int, basis_points: int, currency: str
) -> None:
    exact = Fraction(amount * basis_points, BASIS_POINTS)
    share = Money(amount, currency).share(basis_points)

    assert -Fraction(1, 2) < share.amount - exact <= Fraction(1, 2)


@given(positive, points)
def test_a_share_and_the_rest_make_the_whole(amount: int, basis_points: int) -> None:
    whole = Money(amount, "EUR")
    share = whole.share(basis_points)

    assert Money(0, "EUR") <= share <= whole
    assert share + (whole - share) == whole


def test_half_a_cent_is_rounded_up() -> None:
    assert Money(5, "EUR").share(1_000) == Money(1, "EUR")
    assert Money(4, "EUR").share(1_000) == Money(0, "EUR")


@given(amounts, currencies)
def test_text_and_amount_tell_the_same(amount: int, currency: str) -> None:
    code, digits = str(Money(amount, currency)).split(" ")
    whole, _, part = digits.replace(",", "").partition(".")

    assert code == currency
    assert len(part) == exponent(currency)
    assert int(whole + part) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (123_456, "EUR", "EUR 1,234.56"),
        (-5, "EUR", "EUR -0.05"),
        (1_234, "JPY", "JPY 1,234"),
        (1_234, "KWD", "KWD 1.234"),
        (0, "USD", "USD 0.00"),
    ],
)
def test_it_reads_as_people_write_it(amount: int, currency: str, text: str) -> None:
    assert str(Money(amount, currency)) == text


@given(amounts, st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_the_amount_to_the_last_digit(amount: int, currency: str) -> None:
    code, number = str(Money(amount, currency)).split(" ")

    assert code == currency
    assert Decimal(number.replace(",", "")).scaleb(EXPONENTS[currency]) == amount


def test_the_table_is_that_of_the_standard() -> None:
    """`iso4217` carries the maintenance agency's own file."""
    listed = {found.code: found.exponent for found in Currency}

    assert {code: places for code, places in listed.items() if places is not None} == EXPONENTS


@given(amounts, amounts)
def test_sums_and_comparisons_are_those_of_the_amounts(one: int, other: int) -> None:
    a, b = Money(one, "EUR"), Money(other, "EUR")

    assert (a + b).amount == one + other
    assert (a - b).amount == one - other
    assert (a < b, a <= b, a == b) == (one < other, one <= other, one == other)


@given(amounts, amounts)
def test_two_currencies_never_mix(one: int, other: int) -> None:
    a, b = Money(one, "EUR"), Money(other, "USD")

    for mix in (a.__add__, a.__sub__, a.__lt__, a.__le__):
        with pytest.raises(Invalid, match="EUR and USD do not mix"):
            mix(b)
    assert a != b


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_an_amount_is_a_whole_number(amount: object) -> None:
    with pytest.raises(Invalid) as refused:
        Money(amount, "EUR")  # type: ignore[arg-type]
    assert refused.value.code == "amount-not-integer"


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R", "€UR", "ÉUR", "ABC", "XAU"])
def test_a_currency_is_an_iso_code(currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money(1, currency)
    assert refused.value.code == "currency-unknown"
