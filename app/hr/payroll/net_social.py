"""The montant net social: gross pay less what the employee pays in contributions, health and
provident cover included; benefits in kind and meal vouchers stay in."""

from decimal import Decimal

from app.hr.payroll.regularisation import Sheet


def net_social(sheet: Sheet) -> Decimal:
    return sheet.sums["earning"] - sheet.sums["contribution"]
