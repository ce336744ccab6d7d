"""One formula from January to December: what a line comes to on the year so far, less what is
booked. It also puts earlier months right. Every month of a year is added exactly, with the rate of
its month, and rounded as a sum; so a line may differ by a cent from its printed base and rate."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.hr.payroll.catalogue import kinds
from app.hr.payroll.contributions import Due
from app.hr.payroll.outcome import Amounts
from app.hr.payroll.rounding import CENT, NIL, ZERO


class Sheet:
    """The lines of one payslip while they are worked out, beside the exact sums of the year."""

    __slots__ = ("employee", "employer", "kinds", "lines", "sums")

    def __init__(self, employee: dict[str, Decimal], employer: dict[str, Decimal]) -> None:
        self.employee, self.employer = employee, employer
        self.kinds = kinds()
        self.lines: list[Amounts] = []
        # the employee's amounts by kind of line, and what the employer pays
        self.sums = {"earning": NIL, "contribution": NIL, "deduction": NIL, "tax": NIL,
                     "payment": NIL, "employer": NIL}  # fmt: skip

    def contribute(
        self,
        code: str,
        employee_base: Decimal,
        employee_rate: Decimal,
        employer_base: Decimal,
        employer_rate: Decimal,
    ) -> tuple[Decimal, Decimal]:
        """What this month adds, employee's and employer's part, rounded on the year's sum."""
        employee = employer = NIL
        if employee_rate and employee_base:
            employee = _further(self.employee, code, employee_base * employee_rate)
            employee_base = employee_base.quantize(CENT, ROUND_HALF_UP)
        if employer_rate and employer_base:
            employer = _further(self.employer, code, employer_base * employer_rate)
            employer_base = employer_base.quantize(CENT, ROUND_HALF_UP)
        self._add(code, employee_base, employee_rate, employee,
                  employer_base, employer_rate, employer)  # fmt: skip
        return employee, employer

    def contribute_all(
        self, plan: Sequence[Due], mine: Sequence[Decimal], theirs: Sequence[Decimal]
    ) -> None:
        """The same for a whole plan, on bases in cents. Most of the engine's time goes by here."""
        sums_e, sums_p, add = self.employee, self.employer, self.lines.append
        withheld = paid = NIL
        for code, of, employee_rate, employer_rate in plan:
            employee = employer = NIL
            base_e, base_p = mine[of], theirs[of]
            if employee_rate and base_e:
                exact = base_e * employee_rate
                if before := sums_e.get(code):
                    employee = -before.quantize(CENT, ROUND_HALF_UP)
                    exact += before
                sums_e[code] = exact
                employee += exact.quantize(CENT, ROUND_HALF_UP)
                withheld += employee
            if employer_rate and base_p:
                exact = base_p * employer_rate
                if before := sums_p.get(code):
                    employer = -before.quantize(CENT, ROUND_HALF_UP)
                    exact += before
                sums_p[code] = exact
                employer += exact.quantize(CENT, ROUND_HALF_UP)
                paid += employer
            if employee or employer:
                add((code, base_e, employee_rate, employee, base_p, employer_rate, employer))
        self.sums["contribution"] += withheld
        self.sums["employer"] += paid

    def to_sum(
        self, code: str, base: Decimal, rate: Decimal, *, employee: Decimal = NIL,
        employer: Decimal = NIL, of_employee: Decimal | None = None,
        of_employer: Decimal | None = None,
    ) -> tuple[Decimal, Decimal]:  # fmt: skip
        """Book an amount as it is, or the difference to what the year so far should come to."""
        if of_employee is not None:
            employee = of_employee - self.employee.get(code, NIL)
        if of_employer is not None:
            employer = of_employer - self.employer.get(code, NIL)
        if employee:
            self.employee[code] = self.employee.get(code, NIL) + employee
        if employer:
            self.employer[code] = self.employer.get(code, NIL) + employer
        self._add(code, base if employee else ZERO, rate if employee else ZERO, employee,
                  base if employer else ZERO, rate if employer else ZERO, employer)  # fmt: skip
        return employee, employer

    def plain(self, code: str, base: Decimal, rate: Decimal, employee: Decimal,
              employer: Decimal = NIL) -> None:  # fmt: skip
        """A line that no other month concerns."""
        self._add(code, base, rate, employee, ZERO, ZERO, employer)

    def exact_employee(self, codes: Iterable[str]) -> Decimal:
        """The year's sum of these lines."""
        return sum((self.employee.get(code, NIL) for code in codes), NIL)

    def in_order(self) -> tuple[Amounts, ...]:
        """As they stand on the payslip."""
        known = self.kinds
        return tuple(sorted(self.lines, key=lambda line: known[line[0]].place))

    def _add(
        self, code: str, employee_base: Decimal, employee_rate: Decimal, employee: Decimal,
        employer_base: Decimal, employer_rate: Decimal, employer: Decimal,
    ) -> None:  # fmt: skip
        if employee or employer:
            self.lines.append((code, employee_base, employee_rate, employee,
                               employer_base, employer_rate, employer))  # fmt: skip
            self.sums[self.kinds[code].kind] += employee
            self.sums["employer"] += employer


def _further(sums: dict[str, Decimal], code: str, more: Decimal) -> Decimal:
    before = sums.get(code)
    if not before:
        sums[code] = more
        return more.quantize(CENT, ROUND_HALF_UP)
    sums[code] = exact = before + more
    return exact.quantize(CENT, ROUND_HALF_UP) - before.quantize(CENT, ROUND_HALF_UP)
