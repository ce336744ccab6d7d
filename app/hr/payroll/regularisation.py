"""One formula from January to December: what a line comes to on the year so far, less what is
booked. It also puts earlier months right. Every month of a year is added exactly, with the rate of
its month, and rounded as a sum; so a line may differ by a cent from its printed base and rate."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.hr.payroll.catalogue import kinds
from app.hr.payroll.contributions import Due
from app.hr.payroll.counters import NOTHING, Booked
from app.hr.payroll.outcome import Line
from app.hr.payroll.rounding import CENT, NIL, ZERO


class Sheet:
    """The lines of one payslip while they are worked out, beside the sums of the year."""

    __slots__ = ("booked", "kinds", "lines", "sums")

    def __init__(self, booked: dict[str, Booked]) -> None:
        self.booked = booked
        self.kinds = kinds()
        self.lines: list[Line] = []
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
        exact_e, booked_e, exact_p, booked_p = self.booked.get(code, NOTHING)
        employee = employer = NIL
        if employee_rate and employee_base:
            exact_e += employee_base * employee_rate
            sum_e = exact_e.quantize(CENT, ROUND_HALF_UP)
            employee, booked_e = sum_e - booked_e, sum_e
        if employer_rate and employer_base:
            exact_p += employer_base * employer_rate
            sum_p = exact_p.quantize(CENT, ROUND_HALF_UP)
            employer, booked_p = sum_p - booked_p, sum_p
        self.booked[code] = (exact_e, booked_e, exact_p, booked_p)
        if employee or employer:
            self._add(Line(self.kinds[code], employee_base.quantize(CENT, ROUND_HALF_UP),
                           employee_rate, employee, employer_base.quantize(CENT, ROUND_HALF_UP),
                           employer_rate, employer))  # fmt: skip
        return employee, employer

    def contribute_all(
        self, plan: Sequence[Due], mine: Sequence[Decimal], theirs: Sequence[Decimal]
    ) -> None:
        """The same for a whole plan, on bases in cents. Most of an engine's time goes by here."""
        booked, kinds, lines, new = self.booked, self.kinds, self.lines, tuple.__new__
        withheld = paid = NIL
        for code, of, employee_rate, employer_rate in plan:
            exact_e, booked_e, exact_p, booked_p = booked.get(code, NOTHING)
            employee = employer = NIL
            employer_base = theirs[of]
            if employee_rate and (base := mine[of]):
                exact_e += base * employee_rate
                total = exact_e.quantize(CENT, ROUND_HALF_UP)
                employee, booked_e = total - booked_e, total
                withheld += employee
            if employer_rate and employer_base:
                exact_p += employer_base * employer_rate
                total = exact_p.quantize(CENT, ROUND_HALF_UP)
                employer, booked_p = total - booked_p, total
                paid += employer
            if employee or employer:
                booked[code] = (exact_e, booked_e, exact_p, booked_p)
                lines.append(
                    new(Line, (kinds[code], mine[of], employee_rate, employee,
                               employer_base, employer_rate, employer))
                )  # fmt: skip
            elif employer_base:
                booked[code] = (exact_e, booked_e, exact_p, booked_p)
        self.sums["contribution"] += withheld
        self.sums["employer"] += paid

    def to_sum(
        self, code: str, base: Decimal, rate: Decimal, *, employee: Decimal = NIL,
        employer: Decimal = NIL, of_employee: Decimal | None = None,
        of_employer: Decimal | None = None,
    ) -> tuple[Decimal, Decimal]:  # fmt: skip
        """Book an amount as it is, or the difference to what the year so far should come to."""
        exact_e, booked_e, exact_p, booked_p = self.booked.get(code, NOTHING)
        if of_employee is not None:
            employee = of_employee - booked_e
        if of_employer is not None:
            employer = of_employer - booked_p
        if employee or employer:
            self.booked[code] = (
                exact_e + employee, booked_e + employee, exact_p + employer, booked_p + employer
            )  # fmt: skip
            self._add(Line(self.kinds[code], base if employee else ZERO,
                           rate if employee else ZERO, employee, base if employer else ZERO,
                           rate if employer else ZERO, employer))  # fmt: skip
        return employee, employer

    def plain(self, code: str, base: Decimal, rate: Decimal, employee: Decimal,
              employer: Decimal = NIL) -> None:  # fmt: skip
        """A line that no other month concerns."""
        if employee or employer:
            self._add(Line(self.kinds[code], base, rate, employee, ZERO, ZERO, employer))

    def booked_employee(self, *codes: str) -> Decimal:
        """The exact sum of the year of these lines."""
        return sum((self.booked.get(code, NOTHING)[0] for code in codes), ZERO)

    def _add(self, line: Line) -> None:
        self.lines.append(line)
        self.sums[line.kind.kind] += line.employee
        self.sums["employer"] += line.employer
