"""`make payroll-check`: random salaries computed by our engine and by openfisca-france, differences
by line. Runs in an environment of its own (.venv-payroll-check), which openfisca's pins need.

Where the two read the law differently a rule below says by how much, and why ours stands; what no
rule explains makes the command fail."""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.hr.payroll import general_reduction
from app.hr.payroll.french import FrenchEngine
from app.hr.payroll.given import Bonus, EmployeeMonth, Employer, Health
from app.hr.payroll.outcome import PayslipResult
from app.hr.payroll.parameters import french

RATES = french().values(date(2026, 1, 1))
CENTS = Decimal("0.02")
FULL = Decimal("151.6667")
MONTHS = (date(2026, 1, 1), date(2026, 6, 1), date(2026, 11, 1))
# openfisca's variable -> codes and side; its amounts are negative where ours are positive
LINES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "mmid_employeur": (("SICKNESS",), "employer"),
    "contribution_solidarite_autonomie": (("AUTONOMY_SOLIDARITY",), "employer"),
    "mmid_salarie": (("SICKNESS_ALSACE_MOSELLE",), "employee"),
    "accident_du_travail": (("ACCIDENTS",), "employer"),
    "vieillesse_plafonnee_salarie": (("OLD_AGE_CAPPED",), "employee"),
    "vieillesse_plafonnee_employeur": (("OLD_AGE_CAPPED",), "employer"),
    "vieillesse_deplafonnee_salarie": (("OLD_AGE",), "employee"),
    "vieillesse_deplafonnee_employeur": (("OLD_AGE",), "employer"),
    "agirc_arrco_salarie": (("RETIREMENT_1", "RETIREMENT_2"), "employee"),
    "agirc_arrco_employeur": (("RETIREMENT_1", "RETIREMENT_2"), "employer"),
    "contribution_equilibre_general_salarie": (("BALANCE_1", "BALANCE_2"), "employee"),
    "contribution_equilibre_general_employeur": (("BALANCE_1", "BALANCE_2"), "employer"),
    "contribution_equilibre_technique_salarie": (("TECHNICAL_BALANCE",), "employee"),
    "contribution_equilibre_technique_employeur": (("TECHNICAL_BALANCE",), "employer"),
    "apec_salarie": (("APEC",), "employee"),
    "apec_employeur": (("APEC",), "employer"),
    "prevoyance_obligatoire_cadre": (("PROVIDENT_1",), "employer"),
    "complementaire_sante_salarie": (("HEALTH",), "employee"),
    "complementaire_sante_employeur": (("HEALTH",), "employer"),
    "famille": (("FAMILY",), "employer"),
    "chomage_employeur": (("UNEMPLOYMENT",), "employer"),
    "ags": (("WAGE_GUARANTEE",), "employer"),
    "fnal": (("HOUSING_AID",), "employer"),
    "participation_effort_construction": (("HOUSING_PARTICIPATION",), "employer"),
    "financement_organisations_syndicales": (("SOCIAL_DIALOGUE",), "employer"),
    "contribution_formation_professionnelle": (("TRAINING",), "employer"),
    "taxe_apprentissage": (("APPRENTICESHIP_TAX", "APPRENTICESHIP_TAX_BALANCE"), "employer"),
    "contribution_supplementaire_apprentissage": (("APPRENTICESHIP_SUPPLEMENT",), "employer"),
    "versement_transport": (("MOBILITY",), "employer"),
    "forfait_social": (("HEALTH_LEVY",), "employer"),
    "csg_deductible_salaire": (("CSG_DEDUCTIBLE",), "employee"),
    "csg_imposable_salaire": (("CSG_NOT_DEDUCTIBLE",), "employee"),
    "crds_salaire": (("CRDS",), "employee"),
    "allegement_general": (("REDUCTION", "REDUCTION_RETIREMENT"), "employer"),
    "salaire_imposable": (("taxable",), "total"),
}


@dataclass(frozen=True)
class Case:
    row: EmployeeMonth
    made: PayslipResult

    def ours(self, codes: tuple[str, ...], side: str) -> Decimal:
        if side == "total":
            return sum((getattr(self.made.totals, code) for code in codes), Decimal(0))
        lines = [self.made.line(code) for code in codes]
        return sum((getattr(one, side) for one in lines if one), Decimal(0))


# What ours exceeds openfisca's by, and why.
Rule = Callable[[Case], Decimal]


def _guarantee(case: Case) -> Decimal:
    return case.ours(("WAGE_GUARANTEE",), "employer") / 5


def _local(case: Case) -> Decimal:
    gross = case.made.totals.gross
    return -gross * Decimal("0.002") if case.row.employer.alsace_moselle else Decimal(0)


def _provident(rate: str) -> Rule:
    return lambda case: case.ours(("PROVIDENT_1",), "employer") * Decimal(rate)


def _taxable(case: Case) -> Decimal:
    health = case.ours(("HEALTH",), "employer")
    return health - _provident("0.068")(case) - _local(case)


def _hours(case: Case) -> Decimal:
    """Their month has 151.67 hours, the law's a twelfth of 1,820."""
    row, gross = case.row, case.made.totals.gross
    share = Decimal(1) if row.monthly_hours == FULL else Decimal("0.8")
    theirs = general_reduction.coefficient(
        gross, RATES["reduction_smic"] * Decimal("151.67") * share, size=row.employer.size,
        accident_rate=row.employer.accident_rate or Decimal(0), rates=RATES,
    )  # fmt: skip
    return abs(case.ours(LINES["allegement_general"][0], "employer")) - theirs * gross


CSG = "csg: a cadre’s provident share is in the base"
KNOWN: Mapping[str, tuple[Rule, str]] = {
    "ags": (_guarantee, "wage_guarantee: 0.25 % since 2024-07-01, there 0.20 %"),
    "mmid_salarie": (_local, "sickness_alsace_moselle: 1.3 % since 2022-04-01, there 1.5 %"),
    "csg_deductible_salaire": (_provident("0.068"), CSG),
    "csg_imposable_salaire": (_provident("0.024"), CSG),
    "crds_salaire": (_provident("0.005"), CSG),
    "allegement_general": (_hours, "general_reduction: a month has 1820/12 hours, there 151.67"),
    "salaire_imposable": (
        _taxable,
        "withholding_tax: the employer’s health share is taxable, there not; CSG differs as above",
    ),
}  # fmt: skip


def drawn(count: int, seed: int) -> list[EmployeeMonth]:
    # the same salaries for the same number, so that a difference can be looked at again
    chance, rows = random.Random(seed), []  # noqa: S311
    for number in range(count):
        part_time = chance.random() < 0.25
        hours = Decimal("121.3333") if part_time else FULL
        salary = Decimal(round(190_000 * math.exp(abs(chance.gauss(0, 0.8))))) / 100
        health = Decimal(chance.randint(20, 120))
        theirs = health * chance.choice([Decimal("0.5"), Decimal("0.6"), Decimal(1)])
        rows.append(EmployeeMonth(
            employee_id=str(number),
            employer=Employer(
                size=chance.choice([5, 11, 30, 49, 50, 249, 250, 300]),
                accident_rate=Decimal(chance.choice(["0.0208", "0.011", "0.047"])),
                mobility_rate=Decimal(chance.choice(["0", "0.02"])),
                alsace_moselle=chance.random() < 0.2,
            ),
            executive=chance.random() < 0.4, salary=salary, monthly_hours=hours,
            bonuses=(Bonus(Decimal(chance.randint(1, 900))),) if chance.random() < 0.3 else (),
            health=Health(health - theirs, theirs),
        ))  # fmt: skip
    return rows


def referee(rows: list[EmployeeMonth], period: date) -> dict[str, Any]:
    """One simulation for all. The contract begins with the month, so that no earlier one counts."""
    import numpy  # type: ignore[import-not-found]
    from openfisca_core.simulation_builder import (  # type: ignore[import-not-found]
        SimulationBuilder,
    )
    from openfisca_france import FranceTaxBenefitSystem  # type: ignore[import-not-found]

    system = FranceTaxBenefitSystem()
    builder, ids = SimulationBuilder(), [row.employee_id for row in rows]
    builder.create_entities(system)
    builder.declare_person_entity("individu", ids)
    for plural, role in (
        ("familles", "demandeur"), ("foyers_fiscaux", "declarant"), ("menages", "personne_de_reference"),
    ):  # fmt: skip
        groups = builder.declare_entity(
            plural[:-1] if plural != "foyers_fiscaux" else "foyer_fiscal", ids
        )
        builder.join_with_persons(groups, ids, [role] * len(ids))
    simulation = builder.build(system)
    month = f"{period:%Y-%m}"

    def give(name: str, values: list[Any]) -> None:
        simulation.set_input(name, month, numpy.array(values))

    give("salaire_de_base", [float(row.salary) for row in rows])
    give("primes_salaires", [float(sum(b.amount for b in row.bonuses)) for row in rows])
    give("categorie_salarie",
         ["prive_cadre" if row.executive else "prive_non_cadre" for row in rows])  # fmt: skip
    give("contrat_de_travail",
         ["temps_plein" if row.monthly_hours == FULL else "temps_partiel" for row in rows])  # fmt: skip
    give("heures_remunerees_volume",
         [0.0 if row.monthly_hours == FULL else 151.67 * 0.8 for row in rows])  # fmt: skip
    give("contrat_de_travail_debut", [numpy.datetime64(period)] * len(rows))
    give("effectif_entreprise", [row.employer.size for row in rows])
    give("entreprise_assujettie_is", [True] * len(rows))
    give("salarie_regime_alsace_moselle", [row.employer.alsace_moselle for row in rows])
    give("depcom_entreprise", ["67482" if r.employer.alsace_moselle else "75101" for r in rows])
    give("taux_accident_travail", [float(row.employer.accident_rate or 0) for row in rows])
    # given a rate, openfisca leaves the threshold to whoever gives it
    owed = [row.employer.mobility_rate if row.employer.size >= 11 else 0 for row in rows]
    give("taux_versement_transport", [float(rate or 0) for rate in owed])
    health = [row.health or Health(Decimal(0), Decimal(0)) for row in rows]
    give("complementaire_sante_montant", [float(h.employee + h.employer) for h in health])
    give("complementaire_sante_part_employeur",
         [float(h.employer / (h.employee + h.employer)) for h in health])  # fmt: skip
    return {name: simulation.calculate_add(name, month) for name in LINES}


def compare(cases: list[Case], theirs: Mapping[str, Any]) -> tuple[dict[str, int], list[str]]:
    explained: dict[str, int] = defaultdict(int)
    unexplained = []
    for name, (codes, side) in LINES.items():
        for place, case in enumerate(cases):
            ours = case.ours(codes, side)
            other = Decimal(str(float(abs(theirs[name][place]))))
            gap = abs(ours) - other
            allowed = CENTS + abs(ours) * Decimal("0.00002")
            if abs(gap) <= allowed:
                continue
            rule, why = KNOWN.get(name, (None, ""))
            if rule and abs(gap - rule(case)) <= 2 * allowed:
                explained[f"{name}: {why}"] += 1
            else:
                unexplained.append(
                    f"{name}: ours {ours}, theirs {other:.2f}; gross {case.made.totals.gross},"
                    f" size {case.row.employer.size}, executive {case.row.executive},"
                    f" hours {case.row.monthly_hours}, Alsace {case.row.employer.alsace_moselle}"
                )
    return explained, unexplained


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dev.payroll_check")
    parser.add_argument("--count", type=int, default=400, help="salaries for each month")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    engine, unexplained = FrenchEngine(), list[str]()
    explained: dict[str, int] = defaultdict(int)
    for period in MONTHS:
        rows = drawn(asked.count, asked.seed + period.month)
        made = engine.compute(period, rows, {})
        cases = [Case(row, one) for row, one in zip(rows, made, strict=True) if one.status == "ok"]
        told, rest = compare(cases, referee([case.row for case in cases], period))
        print(
            f"{period:%Y-%m}: {len(cases)} payslips of {len(rows)} drawn, {len(LINES)} lines each"
        )
        for why, count in told.items():
            explained[why] += count
        unexplained += [f"{period:%Y-%m} {one}" for one in rest]
    print("\nDifferent, and explained:")
    for why, count in sorted(explained.items()):
        print(f"  {count:6}  {why}")
    print(f"\nDifferent, and not explained: {len(unexplained)}")
    for one in unexplained[:60]:
        print(f"  {one}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
