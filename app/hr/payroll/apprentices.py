"""Apprentices: no employee contributions up to a share of the SMIC (Code du travail L6243-2), no
income tax up to the SMIC (CGI 81 bis). Both on the year so far."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll.rounding import NIL, to_cent

REFORM = date(2025, 3, 1)


def free_pay(
    gross: Decimal, smic: Decimal, *, since: date | None, rates: Mapping[str, Any]
) -> Decimal:
    """Of the year's gross pay so far; a contract without a date counts as a recent one."""
    older = since is not None and since < REFORM
    share = rates["apprentice_free_before" if older else "apprentice_free"]
    return min(max(gross, NIL), to_cent(smic * share))


def owes_csg(gross: Decimal, free: Decimal, *, since: date | None) -> bool:
    """Pay under contracts from before March 2025 is free of CSG and CRDS altogether. Where no pay is
    subject to them, neither is what the employer pays for cover; both of the year so far, so that the
    cover of an earlier payslip is made up for once pay exceeds what is free, and given back."""
    return (since is None or since >= REFORM) and gross > free


def taxable(pay: Decimal, smic: Decimal) -> Decimal:
    return max(NIL, pay - to_cent(smic))
