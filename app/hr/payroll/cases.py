"""Cases as rows of a CSV file: the columns of the reference cases, in and out. For comparing the
engine with another one, line by line, without a database."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO

from app.hr.payroll.counters import Counters
from app.hr.payroll.engine import PayrollEngine
from app.hr.payroll.given import Bonus, EmployeeMonth, Employer, Health, MealVouchers
from app.hr.payroll.outcome import Issue, PayslipResult
from app.hr.payroll.rounding import NIL, ZERO, to_cent
from tenants.core.text import _m

NEEDED = ("id", "period", "salaire_base")
# x_ column -> code and side
COLUMNS: Mapping[str, tuple[str, str]] = {
    "x_maladie_pat": ("SICKNESS", "employer"),
    "x_maladie_sal": ("SICKNESS_ALSACE_MOSELLE", "employee"),
    "x_mutuelle_sal": ("HEALTH", "employee"),
    "x_mutuelle_pat": ("HEALTH", "employer"),
    "x_prev_cadre_pat": ("PROVIDENT_1", "employer"),
    "x_atmp": ("ACCIDENTS", "employer"),
    "x_vp_sal": ("OLD_AGE_CAPPED", "employee"),
    "x_vp_pat": ("OLD_AGE_CAPPED", "employer"),
    "x_vd_sal": ("OLD_AGE", "employee"),
    "x_vd_pat": ("OLD_AGE", "employer"),
    "x_cet_sal": ("TECHNICAL_BALANCE", "employee"),
    "x_cet_pat": ("TECHNICAL_BALANCE", "employer"),
    "x_apec_sal": ("APEC", "employee"),
    "x_apec_pat": ("APEC", "employer"),
    "x_famille": ("FAMILY", "employer"),
    "x_chomage_pat": ("UNEMPLOYMENT", "employer"),
    "x_ags": ("WAGE_GUARANTEE", "employer"),
    "x_csa": ("AUTONOMY_SOLIDARITY", "employer"),
    "x_fnal": ("HOUSING_AID", "employer"),
    "x_dialogue": ("SOCIAL_DIALOGUE", "employer"),
    "x_formation": ("TRAINING", "employer"),
    "x_ta_base": ("APPRENTICESHIP_TAX", "employer"),
    "x_ta_solde": ("APPRENTICESHIP_TAX_BALANCE", "employer"),
    "x_csa_app": ("APPRENTICESHIP_SUPPLEMENT", "employer"),
    "x_peec": ("HOUSING_PARTICIPATION", "employer"),
    "x_vm": ("MOBILITY", "employer"),
    "x_forfait_social": ("HEALTH_LEVY", "employer"),
    "x_csg_ded": ("CSG_DEDUCTIBLE", "employee"),
    "x_csg_nd": ("CSG_NOT_DEDUCTIBLE", "employee"),
    "x_crds": ("CRDS", "employee"),
    "x_csg_hs": ("CSG_OVERTIME", "employee"),
}
TRANCHES = {"x_aa": ("RETIREMENT_1", "RETIREMENT_2"), "x_ceg": ("BALANCE_1", "BALANCE_2")}
TURNED = {"x_exo_hs_sal": ("OVERTIME_RELIEF", "employee"),
          "x_exo_hs_pat": ("OVERTIME_EMPLOYER", "employer")}  # fmt: skip
OUT = (
    "id", "period", "brut", "x_maladie_pat", "x_maladie_sal", "x_mutuelle_sal", "x_mutuelle_pat",
    "x_prev_cadre_pat", "x_atmp", "x_vp_sal", "x_vp_pat", "x_vd_sal", "x_vd_pat", "x_aa_sal",
    "x_aa_pat", "x_ceg_sal", "x_ceg_pat", "x_cet_sal", "x_cet_pat", "x_apec_sal", "x_apec_pat",
    "x_famille", "x_chomage_pat", "x_ags", "x_csa", "x_fnal", "x_dialogue", "x_formation",
    "x_ta_base", "x_ta_solde", "x_csa_app", "x_peec", "x_vm", "x_forfait_social", "x_csg_base",
    "x_csg_ded", "x_csg_nd", "x_crds", "x_csg_hs", "x_exo_hs_sal", "x_exo_hs_pat", "x_rgdu_taux",
    "x_rgdu", "exp_net_avant_impot", "exp_net_somme_lignes_arrondies", "exp_montant_net_social",
    "exp_net_imposable", "exp_taux_neutre", "exp_pas_taux_neutre", "exp_net_a_payer",
    "exp_cout_employeur", "status", "note",
)  # fmt: skip


class Unreadable(ValueError):
    """The file as a whole."""


class WrongCell(ValueError):
    def __init__(self, column: str, given: str) -> None:
        super().__init__(column)
        self.issue = Issue(
            "cell_unreadable",
            _m("“%(given)s” in the column %(column)s can’t be read. Correct it."),
            {"given": given[:40], "column": column},
        )


Row = Mapping[str, str]


def read(file: TextIO) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(file)
        rows = [{k: v or "" for k, v in row.items() if k is not None} for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable("This is no CSV file in UTF-8.") from error
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise Unreadable(f"The first line lacks the column {', '.join(missing)}.")
    return rows


def month_of(row: Row) -> date:
    try:
        return date.fromisoformat(f"{row['period'].strip()}-01")
    except ValueError:
        raise WrongCell("period", row["period"]) from None


def employee_month(row: Row) -> EmployeeMonth:
    """Rates that the file leaves empty are missing, not zero. Without `taux_pas` the tax is by the
    neutral grid."""
    share = _number(row, "mutuelle_part_employeur")
    whole = to_cent(_number(row, "mutuelle_totale"))
    employer = to_cent(whole * share)
    bonus, number = _number(row, "primes"), _number(row, "tr_nb")
    apprentice = _flag(row, "apprenti")
    contract = row.get("contrat", "").strip() or ("apprentice" if apprentice else "permanent")
    vouchers = MealVouchers(number, _number(row, "tr_valeur"), _number(row, "tr_part_employeur"))
    return EmployeeMonth(
        employee_id=row["id"],
        employer=Employer(
            size=_size(row),
            accident_rate=_optional(row, "taux_at"),
            mobility_rate=_optional(row, "taux_vm"),
            alsace_moselle=_flag(row, "alsace_moselle"),
        ),
        contract=contract,
        executive=_flag(row, "cadre"),
        salary=to_cent(_number(row, "salaire_base")),
        monthly_hours=_optional(row, "heures_mois") or Decimal("151.6667"),
        nir=row.get("nir", "").strip() or None,
        bonuses=(Bonus(to_cent(bonus), counts_for_minimum=True),) if bonus else (),
        overtime_25=_number(row, "heures_sup_25"),
        overtime_50=_number(row, "heures_sup_50"),
        benefits_in_kind=to_cent(_number(row, "aen")),
        meal_vouchers=vouchers if number else None,
        health=Health(whole - employer, employer) if whole else None,
        tax_rate=_optional(row, "taux_pas"),
    )


def _optional(row: Row, name: str) -> Decimal | None:
    given = row.get(name, "").strip()
    if not given:
        return None
    try:
        found = Decimal(given)
    except InvalidOperation:
        raise WrongCell(name, given) from None
    if not found.is_finite() or abs(found) >= 10**9:
        raise WrongCell(name, given)
    return found


def _number(row: Row, name: str) -> Decimal:
    return _optional(row, name) or ZERO


def _size(row: Row) -> int:
    """Which contributions are due hangs on it, so none is guessed."""
    found = _optional(row, "effectif")
    if found is None or found < 0:
        raise WrongCell("effectif", row.get("effectif", ""))
    return int(found)


def _flag(row: Row, name: str) -> bool:
    given = row.get(name, "").strip()
    if given not in {"", "0", "1"}:
        raise WrongCell(name, given)
    return given == "1"


def compute(engine: PayrollEngine, rows: Sequence[Row]) -> list[PayslipResult | Issue]:
    """Rows with the same id are one employee, whose months are regularised in their order. A row
    that can't be read is refused alone."""
    found: dict[int, PayslipResult | Issue] = {}
    months: dict[date, list[tuple[int, EmployeeMonth]]] = {}
    for place, row in enumerate(rows):
        try:
            months.setdefault(month_of(row), []).append((place, employee_month(row)))
        except WrongCell as error:
            found[place] = error.issue
    counters: dict[str, Counters] = {}
    for period, given in sorted(months.items()):
        results = engine.compute(period, [row for _, row in given], counters)
        for (place, _), result in zip(given, results, strict=True):
            found[place] = result
            counters[result.employee_id] = result.after
    return [found[place] for place in range(len(rows))]


def as_row(given: Row, result: PayslipResult | Issue) -> dict[str, str]:
    out = dict.fromkeys(OUT, "") | {"id": given["id"], "period": given["period"]}
    issues: Iterable[Issue] = (result,) if isinstance(result, Issue) else result.issues
    if isinstance(result, Issue) or result.status != "ok":
        codes = [f"{one.code}: {one.text}" for one in issues]
        return out | {"status": "blocked", "note": " ".join(codes)}
    return out | _amounts(result) | {"status": "ok"}


def _exact(result: PayslipResult, side: str) -> Decimal:
    """Net before tax or the employer's cost with each contribution unrounded, rounded once, as the
    reference cases state them. A payslip's own totals are the sums of its rounded lines: with thirty
    lines they may be a few cents away."""
    off = ZERO
    for line in result.lines:
        if line.kind.kind == "contribution":
            rate, base = getattr(line, f"{side}_rate"), getattr(line, f"{side}_base")
            if rate and line.group != "exemptions":
                off += base * rate - getattr(line, side)
    if side == "employee":
        return to_cent(result.totals.net_before_tax - off)
    return to_cent(result.totals.employer_cost + off)


def _amounts(result: PayslipResult) -> dict[str, str]:
    lines = {one.code: one for one in result.lines}

    def of(code: str, side: str) -> Any:
        return getattr(lines[code], side) if code in lines else NIL

    found = {name: of(*place) for name, place in COLUMNS.items()}
    for prefix, codes in TRANCHES.items():
        for side, end in (("employee", "sal"), ("employer", "pat")):
            found[f"{prefix}_{end}"] = sum((of(code, side) for code in codes), NIL)
    found |= {name: -of(*place) for name, place in TURNED.items()}
    reduction = of("REDUCTION", "employer") + of("REDUCTION_RETIREMENT", "employer")
    totals = result.totals
    found |= {
        "brut": totals.gross,
        "x_csg_base": of("CRDS", "employee_base"),
        "x_rgdu": -reduction,
        "exp_net_avant_impot": _exact(result, "employee"),
        "exp_net_somme_lignes_arrondies": totals.net_before_tax,
        "exp_montant_net_social": totals.net_social,
        "exp_net_imposable": totals.taxable,
        "exp_pas_taux_neutre": totals.tax,
        "exp_net_a_payer": totals.net_paid,
        "exp_cout_employeur": _exact(result, "employer"),
    }
    out = {name: f"{value if value else NIL:.2f}" for name, value in found.items()}
    out["x_rgdu_taux"] = f"{of('REDUCTION', 'employer_rate') or ZERO:.4f}"
    out["exp_taux_neutre"] = f"{totals.tax_rate * 100:.1f}"
    return out
