"""Which contributions an employer and an employee owe, on which part of pay, at which rates."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from app.hr.payroll.given import Employer
from app.hr.payroll.rounding import ZERO

FOR_TRAINING = ("TRAINING", "APPRENTICESHIP_TAX", "APPRENTICESHIP_TAX_BALANCE")
ALL, CAPPED, UPPER, FOUR, TECHNICAL, APEC = range(6)


class Due(NamedTuple):
    """`of` is the place in ceilings.Bases."""

    code: str
    of: int
    employee_rate: Decimal
    employer_rate: Decimal


class Contributions:
    """The plans of one month's figures, kept for every kind of employer and employee."""

    def __init__(self, rates: Mapping[str, Any]) -> None:
        self._rates = rates
        self.due = lru_cache(maxsize=1024)(self._due)

    def _due(self, employer: Employer, executive: bool, apprentice: bool) -> tuple[Due, ...]:
        found = [
            *self._social_security(employer), *self._pensions(executive=executive),
            *self._employer_only(employer),
        ]  # fmt: skip
        # small employers owe nothing of these on the pay of apprentices (Code du travail L6331-1, L6241-1)
        free = apprentice and employer.size < self._rates["size_training"]
        return tuple(
            one
            for one in found
            if (one.employee_rate or one.employer_rate) and not (free and one.code in FOR_TRAINING)
        )

    def _social_security(self, employer: Employer) -> list[Due]:
        r = self._rates
        local = r["sickness_alsace_moselle"] if employer.alsace_moselle else ZERO
        return [
            Due("SICKNESS", ALL, ZERO, r["sickness_employer"]),
            Due("SICKNESS_ALSACE_MOSELLE", ALL, local, ZERO),
            Due("ACCIDENTS", ALL, ZERO, employer.accident_rate or ZERO),
            Due("OLD_AGE_CAPPED", CAPPED, r["old_age_capped_employee"],
                r["old_age_capped_employer"]),
            Due("OLD_AGE", ALL, r["old_age_employee"], r["old_age_employer"]),
        ]  # fmt: skip

    def _pensions(self, *, executive: bool) -> list[Due]:
        r = self._rates
        names = [
            ("RETIREMENT_1", CAPPED, "retirement_1"), ("RETIREMENT_2", UPPER, "retirement_2"),
            ("BALANCE_1", CAPPED, "balance_1"), ("BALANCE_2", UPPER, "balance_2"),
            ("TECHNICAL_BALANCE", TECHNICAL, "technical"),
        ]  # fmt: skip
        if executive:
            names.append(("APEC", APEC, "apec"))
        return [Due(code, of, r[f"{n}_employee"], r[f"{n}_employer"]) for code, of, n in names]

    def _employer_only(self, employer: Employer) -> list[Due]:
        r, size = self._rates, employer.size
        large, local = size >= r["size_50"], employer.alsace_moselle
        tax = "apprenticeship_tax_alsace_moselle" if local else "apprenticeship_tax"
        training = "training_large" if size >= r["size_training"] else "training_small"
        return [
            Due("FAMILY", ALL, ZERO, r["family"]),
            Due("UNEMPLOYMENT", FOUR, ZERO, r["unemployment"]),
            Due("WAGE_GUARANTEE", FOUR, ZERO, r["wage_guarantee"]),
            Due("AUTONOMY_SOLIDARITY", ALL, ZERO, r["autonomy_solidarity"]),
            Due("HOUSING_AID", ALL if large else CAPPED, ZERO,
                r["housing_aid_large" if large else "housing_aid_small"]),
            Due("HOUSING_PARTICIPATION", ALL, ZERO, r["housing_participation"] if large else ZERO),
            Due("SOCIAL_DIALOGUE", ALL, ZERO, r["social_dialogue"]),
            Due("TRAINING", ALL, ZERO, r[training]),
            Due("APPRENTICESHIP_TAX", ALL, ZERO, r[tax]),
            Due("APPRENTICESHIP_TAX_BALANCE", ALL, ZERO,
                ZERO if local else r["apprenticeship_tax_balance"]),
            Due("APPRENTICESHIP_SUPPLEMENT", ALL, ZERO, self._supplement(employer)),
            Due("MOBILITY", ALL, ZERO, self._mobility(employer)),
        ]  # fmt: skip

    def _mobility(self, employer: Employer) -> Decimal:
        """The threshold counts by zone, so a company below it has no zone above it; whether a larger
        one owes it where the establishment is, its rate says."""
        small = employer.size < self._rates["size_mobility"]
        return ZERO if small else employer.mobility_rate or ZERO

    def _supplement(self, employer: Employer) -> Decimal:
        """Less, the more apprentices; in Alsace-Moselle 52 % of it."""
        r = self._rates
        if employer.size < r["size_supplement"]:
            return ZERO
        steps = [rate for least, rate in r["apprenticeship_supplement"]
                 if employer.apprentice_share >= least]  # fmt: skip
        rate: Decimal = steps[-1]
        if len(steps) == 1 and employer.size >= r["size_supplement_2000"]:
            rate = r["apprenticeship_supplement_2000"]
        if employer.alsace_moselle:
            rate *= r["apprenticeship_supplement_alsace_moselle"]
        return rate
