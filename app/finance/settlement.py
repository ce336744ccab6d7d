"""Differences that settle an item in full: small ones, the bank's charges, cash discount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tenants.core.money import exponent

SMALL_DIFFERENCE, BANK_CHARGE, CASH_DISCOUNT = "small_difference", "bank_charge", "cash_discount"
KINDS = (SMALL_DIFFERENCE, BANK_CHARGE, CASH_DISCOUNT)
DISCOUNT_DAYS = 14
# In hundredths of a percent: customary rates, so that a slip of the pen is no discount.
DISCOUNT_RATES = (100, 150, 200, 250, 300)
DEFAULT_BASIS_POINTS = 50
# What a company may set at most, in major units and hundredths of a percent.
MOST_MAJOR, MOST_BASIS_POINTS = 5, 200


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Both limits hold: the lower one counts."""

    absolute: int
    basis_points: int

    def of(self, whole: int) -> int:
        return min(self.absolute, abs(whole) * self.basis_points // 10_000)


@dataclass(frozen=True, slots=True)
class Difference:
    """`amount` is what the payment lacks (positive on a receivable) or has too much; `rate` of a
    discount in hundredths of a percent."""

    kind: str
    amount: int
    rate: int = 0


def default_tolerance(currency: str) -> Tolerance:
    return Tolerance(int(10 ** exponent(currency)) // 2, DEFAULT_BASIS_POINTS)


def tolerance_for(tolerances: Mapping[str, Tolerance], currency: str) -> Tolerance:
    return tolerances.get(currency) or default_tolerance(currency)


def reach(whole: int, charges: int, tolerance: Tolerance) -> int:
    """No difference of an item of this amount is larger."""
    return max(tolerance.of(whole), charges, abs(whole) * DISCOUNT_RATES[-1] // 10_000 + 1)


def explain_difference(
    *,
    whole: int,
    paid: int,
    charges: int,
    issued_on: date,
    booked_on: date,
    tolerance: Tolerance,
) -> Difference | None:
    """Why `paid` settles `whole` in full, or None where it is a part payment or an overpayment."""
    lacking = whole - paid
    if not lacking or not paid or (paid > 0) != (whole > 0):
        return None
    if charges and lacking == charges and charges < abs(whole):
        return Difference(BANK_CHARGE, lacking)
    rate = _discount_rate(whole, lacking, (booked_on - issued_on).days)
    if rate:
        return Difference(CASH_DISCOUNT, lacking, rate)
    if abs(lacking) <= tolerance.of(whole):
        return Difference(SMALL_DIFFERENCE, lacking)
    return None


def _discount_rate(whole: int, lacking: int, days: int) -> int:
    if lacking <= 0 or whole <= 0 or not 0 <= days <= DISCOUNT_DAYS:
        return 0
    for rate in DISCOUNT_RATES:
        # Payers round as they like, by a cent.
        if abs(lacking * 10_000 - whole * rate) <= 10_000:
            return rate
    return 0


def shared_discount(wholes: Sequence[int], paid: int) -> tuple[int, list[int]] | None:
    """One discount over several invoices: its rate and each one's share, adding up exactly."""
    total = sum(wholes)
    lacking = total - paid
    if lacking <= 0 or any(whole <= 0 for whole in wholes):
        return None
    for rate in DISCOUNT_RATES:
        shares = [(whole * rate + 5_000) // 10_000 for whole in wholes]
        rest = lacking - sum(shares)
        if abs(rest) <= len(wholes):
            largest = max(range(len(wholes)), key=lambda n: (wholes[n], -n))
            shares[largest] += rest
            if all(0 < share < whole for share, whole in zip(shares, wholes, strict=True)):
                return rate, shares
    return None


def may_settle(
    *, kind: str, whole: int, difference: int, charges: int, tolerance: Tolerance
) -> bool:
    """Whether a person may call this difference so; a discount's days are theirs to judge."""
    if kind == BANK_CHARGE:
        return 0 < difference <= max(charges, tolerance.of(whole))
    if kind == CASH_DISCOUNT:
        most = abs(whole) * DISCOUNT_RATES[-1] // 10_000
        return whole > 0 and 0 < difference <= most
    return kind == SMALL_DIFFERENCE and 0 < abs(difference) <= tolerance.of(whole)
