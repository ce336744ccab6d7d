"""The general degressive reduction of 2026 (CSS D241-7), on the year so far."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.hr.payroll.rounding import NIL, ZERO, to_cent

PLACES = Decimal("0.0001")
QUARTERS = 4


def reference_smic(
    rates: Mapping[str, Any], *, hours_share: Decimal, paid_share: Decimal, overtime: Decimal
) -> Decimal:
    """The SMIC of the month: by the contract's hours and the pay received of full pay, and by
    hours of overtime."""
    hours = rates["hours_year"] / 12 * hours_share * paid_share + overtime
    found: Decimal = hours * rates["reduction_smic"]
    return found


def coefficient(
    gross: Decimal, smic: Decimal, *, size: int, accident_rate: Decimal, rates: Mapping[str, Any]
) -> Decimal:
    """Four decimals; never more than the contributions that it is set against, whose accident part
    counts as far as it is due."""
    if gross <= 0:
        return ZERO
    # at the limit itself a twelfth of the year's hours has endless digits
    ratio = ((rates["reduction_limit"] * smic / gross - 1) / 2).quantize(Decimal("1e-9"))
    if ratio <= 0:
        return ZERO
    steep = rates["reduction_large" if size >= rates["size_50"] else "reduction_small"]
    found = rates["reduction_minimum"] + steep * _power(min(ratio, Decimal(1)),
                                                         rates["reduction_power"])  # fmt: skip
    short = max(ZERO, rates["reduction_accident"] - accident_rate)
    most = rates["reduction_minimum"] + steep - short
    rounded: Decimal = min(found, most).quantize(PLACES, ROUND_HALF_UP)
    return rounded


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    """The exponent is in quarters, and two square roots are twenty times as fast as a logarithm."""
    quarters = exponent * QUARTERS
    if quarters == quarters.to_integral_value():
        return (base ** int(quarters)).sqrt().sqrt()
    return base**exponent


def parts(reduction: Decimal, *, size: int, rates: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Of the reduction, what is set against Urssaf's and against Agirc-Arrco's contributions."""
    if not reduction:
        return NIL, NIL
    steep = rates["reduction_large" if size >= rates["size_50"] else "reduction_small"]
    retirement = to_cent(
        reduction * rates["reduction_retirement"] / (rates["reduction_minimum"] + steep)
    )
    return reduction - retirement, retirement
