"""What the engine is told: an employer's settings and one employee's month. Rates are shares
(0.0208), amounts euros; whoever calls resolves dated settings to those of the month."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.hr.payroll.rounding import ZERO

FULL_TIME_HOURS = Decimal("151.6667")


@dataclass(frozen=True, slots=True)
class Employer:
    """`size` is the head count that counts for contributions; a crossed threshold counts after
    five years only, which the caller knows. A rate of None is missing; zero is a rate."""

    size: int
    accident_rate: Decimal | None
    mobility_rate: Decimal | None
    alsace_moselle: bool = False
    apprentice_share: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Health:
    """Complementary health: fixed amounts of the month."""

    employee: Decimal
    employer: Decimal


@dataclass(frozen=True, slots=True)
class Provident:
    employee_1: Decimal = ZERO
    employer_1: Decimal = ZERO
    employee_2: Decimal = ZERO
    employer_2: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Bonus:
    amount: Decimal
    counts_for_minimum: bool = False


@dataclass(frozen=True, slots=True)
class MealVouchers:
    number: Decimal
    value: Decimal
    employer_share: Decimal


@dataclass(frozen=True, slots=True)
class Absence:
    """`days` are Monday to Friday; `calendar_days` whole days for the ceiling; `kept` the share of
    pay that goes on. Daily benefits of the health fund are not part of the payslip."""

    kind: str
    days: Decimal
    calendar_days: int
    kept: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Leave:
    """Days are Monday to Saturday, as leave is earned; the reference is the gross pay of the
    reference year and the days earned in it. `month_days` leaves public holidays out."""

    days: Decimal
    reference_gross: Decimal = ZERO
    reference_days: Decimal | None = None
    month_days: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FixedTermEnd:
    gross_before: Decimal
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EmployeeMonth:
    employee_id: str
    employer: Employer
    salary: Decimal
    contract: str = "permanent"
    executive: bool = False
    monthly_hours: Decimal = FULL_TIME_HOURS
    contract_since: date | None = None
    nir: str | None = None
    # a part of the month, or a payslip beside one that covers the same days
    first_day: int = 1
    last_day: int | None = None
    supplement: bool = False
    bonuses: tuple[Bonus, ...] = ()
    overtime_25: Decimal = ZERO
    overtime_50: Decimal = ZERO
    benefits_in_kind: Decimal = ZERO
    meal_vouchers: MealVouchers | None = None
    health: Health | None = None
    provident: Provident | None = None
    absences: tuple[Absence, ...] = ()
    leave: Leave | None = None
    leave_payout: Leave | None = None
    fixed_term_end: FixedTermEnd | None = None
    tax_rate: Decimal | None = None
    agreed_minimum: Decimal | None = None
    # of the SMIC, for an apprentice's age and year
    minimum_share: Decimal | None = None
    expenses: Decimal = ZERO
    advance: Decimal = ZERO
