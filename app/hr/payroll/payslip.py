"""One payslip, step by step in the order in which one amount needs another."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll import (
    apprentices,
    ceilings,
    csg,
    general_reduction,
    gross,
    health_contracts,
    leave,
    overtime_relief,
    presence,
    refusals,
    withholding_tax,
)
from app.hr.payroll.contributions import Contributions
from app.hr.payroll.counters import Counters, ThisMonth
from app.hr.payroll.given import EmployeeMonth, Health
from app.hr.payroll.net_social import net_social
from app.hr.payroll.outcome import Issue, PayslipResult, Totals
from app.hr.payroll.regularisation import Sheet
from app.hr.payroll.rounding import NIL, ZERO, to_cent

NOBODY = (NIL, NIL)


class Figures:
    """Those of one month."""

    def __init__(self, rates: Mapping[str, Any]) -> None:
        self.rates = rates
        self.contributions = Contributions(rates)


def blocked(row: EmployeeMonth, before: Counters, issues: tuple[Issue, ...]) -> PayslipResult:
    return PayslipResult(row.employee_id, "blocked", issues, (), Totals(), before, before)


def make_payslip(
    period: date, row: EmployeeMonth, before: Counters, figures: Figures
) -> PayslipResult:
    issues = refusals.check(row, period, before, figures.rates)
    if issues:
        return blocked(row, before, issues)
    made = _Payslip(period, row, before.at(period), figures)
    totals, after = made.totals()
    if totals.net_paid < 0:
        return blocked(row, before, (refusals.negative_net(totals.net_paid),))
    return PayslipResult(row.employee_id, "ok", (), made.sheet.in_order(), totals, before, after)


class _Payslip:
    def __init__(self, period: date, row: EmployeeMonth, began: Counters, figures: Figures) -> None:
        self.period, self.row, self.began = period, row, began
        self.month = began.in_month(period)
        self.rates = figures.rates
        self.sheet = Sheet(dict(began.employee), dict(began.employer))
        self.earned = gross.earn(self.sheet, row, period, figures.rates)
        self.gross = began.gross + self.earned.gross
        self._time()
        self._contributions(figures.contributions)
        self._csg()
        self._reliefs()
        self._deductions()

    def _time(self) -> None:
        """Ceiling, SMIC and an apprentice's exemption on the year so far."""
        row, began, rates = self.row, self.began, self.rates
        hours = ceilings.share_of_hours(row.monthly_hours, rates["hours_week"])
        days, of_month = self.earned.days, presence.month_days(self.period)
        self.fraction = hours if days == of_month else hours * days / of_month
        self.ceiling = began.ceiling + ceilings.month_ceiling(
            rates["ceiling_month"], self.month.fraction, self.fraction
        )
        self.smic = began.reduction_smic + general_reduction.reference_smic(
            rates, hours_share=hours, paid_share=self.earned.paid_share,
            overtime=self.earned.overtime_hours,
        )  # fmt: skip
        self.apprentice_smic, self.exempted = began.apprentice_smic, began.exempted
        self.apprentice_gross = began.apprentice_gross
        if row.contract == "apprentice":
            self.apprentice_gross += self.earned.gross
            month = rates["smic_hourly"] * rates["hours_year"] / 12
            self.apprentice_smic += month * self.fraction
            self.exempted = apprentices.free_pay(
                self.apprentice_gross, self.apprentice_smic, since=row.contract_since, rates=rates
            )

    def _contributions(self, contributions: Contributions) -> None:
        row, began = self.row, self.began
        theirs = self._bases(ZERO, ZERO)
        mine = theirs
        if self.exempted:
            mine = self._bases(self.exempted, began.exempted)._replace(apec=theirs.apec)
        due = contributions.due(row.employer, row.executive, row.contract == "apprentice")
        self.sheet.contribute_all(due, mine, theirs)
        already = Health(self.month.health_employee, self.month.health_employer)
        self.cover = health_contracts.cover(
            self.sheet, row, theirs, already=already, rates=self.rates
        )

    def _bases(self, exempted: Decimal, exempted_before: Decimal) -> ceilings.Bases:
        now = ceilings.bases(self.gross - exempted, self.ceiling)
        if not self.began.gross and not self.began.ceiling:
            return now
        before = ceilings.bases(self.began.gross - exempted_before, self.began.ceiling)
        return ceilings.difference(now, before)

    def _csg(self) -> None:
        """Overtime that is free of income tax carries a CSG of its own, not deductible."""
        row, began, rates = self.row, self.began, self.rates
        self.tax_free = overtime_relief.tax_free(
            self.earned.overtime, used=began.overtime_tax_free, rates=rates
        )
        base = csg.pay_base(self.gross - self.exempted, self.ceiling, rates)
        base -= csg.pay_base(began.gross - began.exempted, began.ceiling, rates)
        overtime = rates["csg_share"] * self.tax_free
        cover = self.cover.health + self.cover.provident
        self.apprentice_cover = began.apprentice_cover
        if row.contract == "apprentice":
            self.apprentice_cover += cover
            owed, owes = (
                apprentices.owes_csg(pay, free, since=row.contract_since)
                for pay, free in ((began.apprentice_gross, began.exempted),
                                  (self.apprentice_gross, self.exempted))
            )  # fmt: skip
            cover = (self.apprentice_cover if owes else ZERO) - (
                began.apprentice_cover if owed else ZERO
            )
            if not owes:
                base, overtime = (ZERO if not owed else base), ZERO
        ordinary, whole = base - overtime + cover, base + cover
        self.not_deductible = NIL
        deductible, fixed = rates["csg_deductible"], rates["csg_not_deductible"]
        for code, amount, rate in (
            ("CSG_DEDUCTIBLE", ordinary, deductible),
            ("CSG_NOT_DEDUCTIBLE", ordinary, fixed),
            ("CRDS", whole, rates["crds"]),
            ("CSG_OVERTIME", overtime, deductible + fixed),
        ):
            withheld, _ = (
                self.sheet.contribute(code, amount, rate, ZERO, ZERO) if amount else NOBODY
            )
            if code != "CSG_DEDUCTIBLE":
                self.not_deductible += withheld
        self.csg_base = whole

    def _reliefs(self) -> None:
        """The general reduction and overtime's reliefs, as what the year so far comes to."""
        row, sheet, rates = self.row, self.sheet, self.rates
        factor = general_reduction.coefficient(
            self.gross, self.smic, size=row.employer.size,
            accident_rate=row.employer.accident_rate or ZERO, rates=rates,
        )  # fmt: skip
        urssaf, retirement = general_reduction.parts(
            to_cent(factor * self.gross), size=row.employer.size, rates=rates
        )
        pay = self.earned.gross
        sheet.to_sum("REDUCTION", pay, factor, of_employer=-urssaf)
        sheet.to_sum("REDUCTION_RETIREMENT", pay, factor, of_employer=-retirement)
        overtime = self.began.overtime_gross + self.earned.overtime
        if not overtime:
            return
        rate = overtime_relief.relief_rate(
            pensions=sheet.exact_employee(overtime_relief.PENSIONS), gross=self.gross,
            most=rates["overtime_relief"],
        )  # fmt: skip
        sheet.to_sum("OVERTIME_RELIEF", self.earned.overtime, rate,
                     of_employee=-to_cent(overtime * rate))  # fmt: skip
        hours = self.earned.overtime_hours
        deduction = overtime_relief.employer_deduction(hours, size=row.employer.size, rates=rates)
        sheet.to_sum("OVERTIME_EMPLOYER", hours, ZERO, employer=-deduction)

    def _deductions(self) -> None:
        row, sheet, vouchers = self.row, self.sheet, self.earned.vouchers
        sheet.plain("BENEFITS_DEDUCTED", ZERO, ZERO, row.benefits_in_kind)
        if vouchers and row.meal_vouchers:
            sheet.plain("VOUCHERS_DEDUCTED", ZERO, ZERO, vouchers.employer_taxed)
            sheet.plain("VOUCHERS", row.meal_vouchers.number, row.meal_vouchers.value,
                        vouchers.employee, vouchers.employer_free)  # fmt: skip

    def totals(self) -> tuple[Totals, Counters]:
        row, began, sheet = self.row, self.began, self.sheet
        social = net_social(sheet)
        before_tax = social - sheet.sums["deduction"]
        pay = social + self.not_deductible + self.cover.health - self.tax_free
        apprentice = began.apprentice_pay
        if row.contract == "apprentice":
            apprentice += pay
            pay = apprentices.taxable(apprentice, self.apprentice_smic) - apprentices.taxable(
                began.apprentice_pay, began.apprentice_smic
            )
        month = self.month.taxable + pay
        rate, tax = withholding_tax.tax_of_month(
            month, rate=row.tax_rate, grid=self.rates["neutral_rates"]
        )
        tax -= self.month.tax
        sheet.plain("TAX", pay, rate, tax)
        sheet.plain("EXPENSES", ZERO, ZERO, row.expenses)
        sheet.plain("ADVANCE", ZERO, ZERO, -row.advance)
        totals = Totals(
            gross=self.earned.gross,
            net_before_tax=before_tax,
            net_social=social,
            taxable=pay,
            tax_rate=rate,
            tax=tax,
            net_paid=before_tax - tax + sheet.sums["payment"],
            employer_cost=self.earned.gross + sheet.sums["employer"],
        )
        return totals, self._counters(totals, apprentice, month, tax)

    def _counters(
        self, totals: Totals, apprentice_pay: Decimal, month: Decimal, tax: Decimal
    ) -> Counters:
        row, began, earned, sheet = self.row, self.began, self.earned, self.sheet
        days = presence.month_days(self.period)
        health = row.health or Health(self.month.health_employee, self.month.health_employer)
        return Counters(
            period=self.period,
            gross=self.gross,
            ceiling=self.ceiling,
            reduction_smic=self.smic,
            apprentice_smic=self.apprentice_smic,
            apprentice_gross=self.apprentice_gross,
            exempted=self.exempted,
            apprentice_cover=self.apprentice_cover,
            apprentice_pay=apprentice_pay,
            overtime_hours=began.overtime_hours + earned.overtime_hours,
            overtime_gross=began.overtime_gross + earned.overtime,
            overtime_tax_free=began.overtime_tax_free
            + (self.tax_free and self.tax_free * overtime_relief.taxed_share(self.rates)),
            net_social=began.net_social + totals.net_social,
            net_before_tax=began.net_before_tax + totals.net_before_tax,
            taxable=began.taxable + totals.taxable,
            tax=began.tax + tax,
            net_paid=began.net_paid + totals.net_paid,
            employer_cost=began.employer_cost + totals.employer_cost,
            leave_earned=began.leave_earned
            + leave.earned(days=earned.leave_days_earned_on, sick=earned.sick_days, of_month=days,
                           rates=self.rates),
            leave_taken=began.leave_taken + sum(
                (one.days for one in (row.leave, row.leave_payout) if one), ZERO),
            month=ThisMonth(
                last_day=self.month.last_day if row.supplement else row.last_day or days,
                fraction=self.month.fraction + self.fraction,
                health_employee=health.employee,
                health_employer=health.employer,
                taxable=month,
                tax=self.month.tax + tax,
            ),
            employee=sheet.employee,
            employer=sheet.employer,
        )  # fmt: skip
