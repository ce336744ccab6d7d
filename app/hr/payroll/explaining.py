"""One payslip in words: each line with its rule, base, rates, and where its figures come from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.hr.payroll.catalogue import groups
from app.hr.payroll.french import FrenchEngine
from app.hr.payroll.outcome import Issue, Line, PayslipResult

UNCONFIRMED = "NOT CONFIRMED by an outside source"
EMPLOYERS_OWN = {"ACCIDENTS": "the employer’s notified rate", "MOBILITY": "the employer’s rate",
                 "HEALTH": "the employer’s contract"}  # fmt: skip


def explain(
    engine: FrenchEngine, period: str, result: PayslipResult | Issue, language: str
) -> Iterator[str]:
    yield f"Engine {engine.country} {engine.version}, figures {engine.params_id}, period {period}"
    issues = [result] if isinstance(result, Issue) else result.issues
    if isinstance(result, Issue) or result.status != "ok":
        yield from (f"refused, {one.code}: {one.text}" for one in issues)
        return
    group = ""
    for line in result.lines:
        if line.group != group:
            group = line.group
            yield f"\n{groups()[group][language]}"
        yield _amounts(line, language)
        yield f"      rule {line.kind.rule}; " + _sources(engine, line, period)
    totals = result.totals
    yield "\nTotals, sums of the lines"
    for label, value in (
        ("gross", totals.gross),
        ("net before tax", totals.net_before_tax),
        ("montant net social", totals.net_social),
        ("taxable", totals.taxable),
        (f"tax at {totals.tax_rate:.2%}", totals.tax),
        ("net paid", totals.net_paid),
        ("employer’s cost", totals.employer_cost),
    ):
        yield f"  {label:60}{value:>14}"
    yield "\nNothing is declared to authorities. Have a payroll professional verify it."


def _amounts(line: Line, language: str) -> str:
    label = f"  {line.code:28}{line.label[language][:52]:54}"
    return label + "   ".join(filter(None, (
        _side("employee", line.employee_base, line.employee_rate, line.employee),
        _side("employer", line.employer_base, line.employer_rate, line.employer),
    )))  # fmt: skip


def _side(who: str, base: Decimal, rate: Decimal, amount: Decimal) -> str:
    if not amount:
        return ""
    return f"{who} {amount}" + (f" = {base} x {rate}" if base and rate else "")


def _sources(engine: FrenchEngine, line: Line, period: str) -> str:
    own = EMPLOYERS_OWN.get(line.code)
    if own:
        return own
    told, on = [], date.fromisoformat(f"{period}-01")
    found = [engine.parameters.figure(name, on) for name in line.kind.parameters]
    # of rates by size or place, the one that applies
    if line.kind.rule == "contributions":
        rates = (line.employee_rate, line.employer_rate)
        found = [one for one in found if one.value in rates] or found
    for one in found:
        value = one.value if isinstance(one.value, Decimal) else "table"
        told.append(f"{one.name} {value}: {one.reference} [{one.source}"
                    f"{'' if one.confirmed else '; ' + UNCONFIRMED}]")  # fmt: skip
    return "; ".join(told) or "from what was given"
