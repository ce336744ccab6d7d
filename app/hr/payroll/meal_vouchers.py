"""Meal vouchers: the employer's share is free of contributions and tax up to a limit per voucher
(CGI 81, 19°), when it is at least half; what exceeds six tenths of the value is pay."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from app.hr.payroll.given import MealVouchers
from app.hr.payroll.rounding import ZERO, to_cent


class Shares(NamedTuple):
    employee: Decimal
    employer_free: Decimal
    # joins gross pay
    employer_taxed: Decimal


def shares(vouchers: MealVouchers, rates: Mapping[str, Any]) -> Shares:
    each = vouchers.value * vouchers.employer_share
    employer = to_cent(vouchers.number * each)
    free = ZERO
    if vouchers.employer_share >= rates["voucher_least_share"]:
        free = min(each, vouchers.value * rates["voucher_most_share"], rates["voucher_limit"])
    employer_free = to_cent(vouchers.number * free)
    whole = to_cent(vouchers.number * vouchers.value)
    return Shares(whole - employer, employer_free, employer - employer_free)
