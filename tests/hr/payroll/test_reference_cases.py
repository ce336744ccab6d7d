"""Every line and total of the reference cases, from the project's own data and, where it is at hand,
from the folder that COULISSE_SAMPLES names."""

import csv
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.hr.payroll import cases
from app.hr.payroll.given import Bonus
from tests.hr.payroll.people import ENGINE, employee, employer, paid

OWN = Path(__file__).parent / "data"
SAMPLES = os.environ.get("COULISSE_SAMPLES")
needs_samples = pytest.mark.skipif(not SAMPLES, reason="COULISSE_SAMPLES names no folder")


def differences(file: Path) -> list[tuple[str, str, str, str]]:
    with file.open(encoding="utf-8") as opened:
        rows = cases.read(opened)
    assert len(rows) > 40
    found = []
    for row, result in zip(rows, cases.compute(ENGINE, rows), strict=True):
        out = cases.as_row(row, result)
        for name, wanted in row.items():
            if name == "brut" or name.startswith(("x_", "exp_")):
                total = name.startswith("exp_")
                allowed = Decimal(row["tol_total" if total else "tol_ligne"])
                if name in {"x_rgdu_taux", "exp_taux_neutre"}:
                    allowed = Decimal(0)
                if wanted and abs(Decimal(wanted) - Decimal(out[name] or "NaN")) > allowed:
                    found.append((row["id"], name, wanted, out[name]))
    return found


def year_differences(file: Path) -> list[tuple[str, str]]:
    counters, found = None, []
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 12
    for row in rows:
        more = Decimal(row["brut"]) - 2000
        made = paid(
            date.fromisoformat(f"{row['mois']}-01"), counters, salary=Decimal(2000),
            bonuses=(Bonus(more),) if more else (),
        )  # fmt: skip
        counters, line = made.after, made.line("REDUCTION")
        booked = [counters.booked(code)[1] for code in ("REDUCTION", "REDUCTION_RETIREMENT")]
        got = {
            "cumul_brut": counters.gross,
            "cumul_smic": counters.reduction_smic.quantize(Decimal("0.01")),
            "coef_cumul": line.employer_rate if line else None,
            "rgdu_cumul": -sum(booked),
            "rgdu_mois": -employer(made, "REDUCTION") - employer(made, "REDUCTION_RETIREMENT"),
            "pss_cumul": counters.ceiling,
            "vieillesse_plaf_sal_cumul": counters.booked("OLD_AGE_CAPPED")[0],
            "vieillesse_plaf_sal_mois": employee(made, "OLD_AGE_CAPPED"),
        }
        found += [(row["mois"], name) for name, value in got.items() if Decimal(row[name]) != value]
    return found


def test_every_line_of_the_reference_months() -> None:
    assert differences(OWN / "months.csv") == []


def test_the_reference_year_is_exact() -> None:
    assert year_differences(OWN / "year.csv") == []


@needs_samples
def test_the_shared_months() -> None:
    assert differences(Path(str(SAMPLES)) / "payroll" / "golden_fr.csv") == []


@needs_samples
def test_the_shared_year() -> None:
    assert year_differences(Path(str(SAMPLES)) / "payroll" / "golden_fr_cumul.csv") == []
