"""What must be there in the end, counted from the script and from the price list as it was printed,
by no rule of the product."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from tests.billing.proofs.year.drawing import DAY, METERS, Firm, turn_after

# A month's base in cents; of each meter the price of a unit in cents and what is included.
LIST: dict[str, tuple[int, dict[str, tuple[Fraction, int]]]] = {
    "essential": (29_000, {
        "statement_lines": (Fraction(35), 300), "operator_minutes": (Fraction(98), 120),
        "payslips": (Fraction(1400), 5), "invoices_issued": (Fraction(180), 20),
        "orders_handled": (Fraction(250), 0), "deliveries": (Fraction(90), 0),
    }),
    "standard": (79_000, {
        "statement_lines": (Fraction(32), 1500), "operator_minutes": (Fraction(92), 480),
        "payslips": (Fraction(1200), 25), "invoices_issued": (Fraction(150), 100),
        "orders_handled": (Fraction(220), 100), "deliveries": (Fraction(80), 100),
    }),
    "extended": (199_000, {
        "statement_lines": (Fraction(28), 6000), "operator_minutes": (Fraction(85), 1500),
        "payslips": (Fraction(980), 80), "invoices_issued": (Fraction(120), 400),
        "orders_handled": (Fraction(180), 500), "deliveries": (Fraction(60), 500),
    }),
}  # fmt: skip
HOUR = timedelta(hours=1)
Lines = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Bill:
    """`lines` are quantity and net amount by "base" and by meter."""

    made: datetime
    lines: Lines
    net: int
    tax: int


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def plan_at(firm: Firm, moment: datetime) -> str:
    return firm.plans[max(day for day in firm.plans if day <= max(moment, firm.joins))]


def counted_in(firm: Firm, start: datetime, end: datetime) -> dict[str, int]:
    """By meter: what belongs to this period's bill. What is recorded when its month is on a final
    bill belongs to the month of its recording."""
    found: dict[str, int] = defaultdict(int)
    for use in firm.uses:
        if start <= use.at < end:
            found[use.meter] += use.quantity
    return found


def bills(firm: Firm, until: datetime) -> list[Bill]:
    """Those that ask for money, oldest first."""
    tax = 20  # also abroad: none of them has a VAT number that was verified
    found, turn = [], firm.trial_ends or turn_after(firm.joins)
    if not firm.by_trial:
        began = firm.joins.replace(minute=0, second=0, microsecond=0)
        month = (turn - timedelta(days=1)).replace(day=1)
        share = Fraction((turn - began) // HOUR, (turn - month) // HOUR)
        base = half_up(LIST[plan_at(firm, began)][0] * share)
        found.append(_bill(firm.joins, {"base": (1, base)}, [base], tax))
    start = firm.joins
    while turn <= until and turn <= (firm.ends or turn):
        lines: Lines = {}
        amounts = []
        if firm.ends is None or turn < firm.ends:
            base = LIST[plan_at(firm, turn)][0]
            lines["base"] = (1, base)
            amounts.append(base)
        if turn != firm.trial_ends:
            used = counted_in(firm, start, turn)
            prices = LIST[plan_at(firm, turn - HOUR)][1]
            for meter in METERS:
                price, included = prices[meter]
                amount = half_up(price * max(0, used[meter] - included))
                lines[meter] = (used[meter], amount)
                amounts.append(amount)
        found.append(_bill(turn, lines, amounts, tax))
        start, turn = turn, turn_after(turn)
    return [bill for bill in found if bill.net]


def _bill(made: datetime, lines: Lines, amounts: list[int], percent: int) -> Bill:
    """Tax is rounded line by line."""
    tax = sum(half_up(Fraction(amount * percent, 100)) for amount in amounts)
    return Bill(made, {key: row for key, row in lines.items() if row[0]}, sum(amounts), tax)


def access_on(firm: Firm, noon: datetime) -> tuple[str, bool] | None:
    """State and whether new work is taken, at the end of what happens at this noon. None before."""
    if noon < firm.joins:
        return None
    if firm.ends is not None and noon >= firm.ends:
        return ("closed" if noon >= firm.ends + 30 * DAY else "cancelled", False)
    for turn, days in firm.late.items():
        age = noon - (turn + HOUR)
        if timedelta() <= age and noon < turn + days * DAY + timedelta(hours=12):
            return ("grace", age < 7 * DAY) if age < 14 * DAY else ("suspended", False)
    if firm.trial_ends is not None and noon < firm.trial_ends:
        return "trialing", not _used_up(firm, noon)
    return "active", True


def _used_up(firm: Firm, noon: datetime) -> bool:
    """Of a trial, when of any meter nothing is left that is included."""
    included = LIST[plan_at(firm, firm.joins)][1]
    used = counted_in(firm, firm.joins, noon + HOUR)
    return any(used[meter] >= max(1, most) for meter, (_, most) in included.items())


def mails(firm: Firm, last: datetime) -> list[str]:
    """In their order, each once."""
    found: list[tuple[datetime, str]] = []
    if firm.trial_ends is not None and firm.trial_ends - 3 * DAY <= last:
        found.append((firm.trial_ends - 3 * DAY, "trial_ends"))
    for turn, days in firm.late.items():
        paid = turn + days * DAY + timedelta(hours=12)
        found += [
            (turn + day * DAY, f"payment_late_{day}")
            for day in (0, 3, 7, 12)
            if day <= days and turn + day * DAY + timedelta(hours=12) <= last
        ]
        if days >= 14 and turn + 14 * DAY + timedelta(hours=12) <= last:
            found.append((turn + 14 * DAY, "suspended"))
        if paid <= last:
            found.append((paid, "resumed"))
    if firm.ends is not None and firm.ends <= last:
        found.append((firm.ends, "cancelled"))
    return [name for _, name in sorted(found)]
