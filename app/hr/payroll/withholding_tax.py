"""Income tax withheld at source: the rate that the tax office sent, else that of the neutral grid
(CGI 204 H), on the month's taxable pay. Several payslips of one month are taxed as one."""

from decimal import Decimal

from app.hr.payroll.rounding import NIL, ZERO, to_cent

Grid = tuple[tuple[Decimal, Decimal], ...]


def neutral_rate(taxable: Decimal, grid: Grid) -> Decimal:
    for below, rate in grid:
        if taxable < below:
            return rate
    return grid[-1][1]


def tax_of_month(taxable: Decimal, *, rate: Decimal | None, grid: Grid) -> tuple[Decimal, Decimal]:
    """The rate and the tax on the month so far."""
    if taxable <= 0:
        return (ZERO if rate is None else rate), NIL
    found = neutral_rate(taxable, grid) if rate is None else rate
    return found, to_cent(taxable * found)
