"""The payroll engine alone: payslips of a second month, regularised, a second of CPU of one core, and
what importing it costs a process that has nothing else."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from app.hr.payroll.french import FrenchEngine
from app.hr.payroll.given import Bonus, EmployeeMonth, Employer, Health, MealVouchers
from bench.measure import Result, Stage

COUNT, ROUNDS = 3_000, 5
IMPORT = """
import json, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before, began = resident(), time.process_time()
from app.hr.payroll.french import FrenchEngine
FrenchEngine()
taken = time.process_time() - began
print(json.dumps([taken, (resident() - before) / 2**20]))
"""


def measure(_stage: Stage | None = None) -> list[Result]:
    rows = _rows()
    engine = FrenchEngine()
    october = engine.compute(date(2026, 10, 1), rows, {})
    assert all(one.status == "ok" for one in october)
    counters = {one.employee_id: one.after for one in october}
    rates = []
    for _ in range(ROUNDS):
        began = _spent()
        made = engine.compute(date(2026, 11, 1), rows, counters)
        rates.append(COUNT / (_spent() - began))
        assert all(one.status == "ok" for one in made)
    imports = [_import() for _ in range(ROUNDS)]
    return [
        Result("payslips computed in a CPU second of one core", statistics.median(rates), 5_000,
               20_000, unit="payslips", better="high"),
        Result("import of the payroll engine", statistics.median(i[0] for i in imports) * 1000,
               200, 100),
        Result("its memory", statistics.median(i[1] for i in imports), 30, 15, unit="MB"),
    ]  # fmt: skip


def _spent() -> float:
    return time.process_time()


def _import() -> tuple[float, float]:
    told = subprocess.run([sys.executable, "-c", IMPORT], check=True, stdout=subprocess.PIPE,
                          cwd=Path(__file__).parents[1]).stdout  # fmt: skip
    seconds, memory = json.loads(told)
    return seconds, memory


def _rows() -> list[EmployeeMonth]:
    """Of six kinds, as a company has them."""
    small = Employer(size=30, accident_rate=Decimal("0.0208"), mobility_rate=Decimal(0))
    large = replace(small, size=300, mobility_rate=Decimal("0.02"))
    health = Health(Decimal(20), Decimal(20))
    least = EmployeeMonth("", small, Decimal(1900), health=health)
    kinds = [
        least,
        replace(least, salary=Decimal(2500), overtime_25=Decimal(10)),
        replace(least, salary=Decimal(3500), executive=True, employer=large),
        replace(least, salary=Decimal(8000), executive=True, bonuses=(Bonus(Decimal(500)),)),
        replace(least, salary=Decimal(2000), monthly_hours=Decimal("121.3333")),
        replace(least, salary=Decimal(2500), meal_vouchers=MealVouchers(
            Decimal(18), Decimal(10), Decimal("0.5"))),
    ]  # fmt: skip
    return [replace(kinds[n % len(kinds)], employee_id=str(n)) for n in range(COUNT)]


if __name__ == "__main__":
    for result in measure():
        print(result.line())
