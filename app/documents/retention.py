"""How long a document has to be kept, by its class and the company's country: dated rules, each
with its source. Common knowledge of the trade, shown as such; it replaces no advice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tenants.core.text import _m

CLASSES: Mapping[str, str] = {
    "voucher": _m("Vouchers and invoices"),
    "book": _m("Books and annual accounts"),
    "tax": _m("Tax documents"),
    "payslip": _m("Payslips and payroll accounts"),
    "social": _m("Social charges"),
    "personnel": _m("Personnel files and employment contracts"),
    "working_time": _m("Working time records"),
    "contract": _m("Contracts and legal files"),
    "letter": _m("Business letters, quotes, orders and delivery notes"),
    "general": _m("Everything else"),
}

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
NO_SUCH_DAY = _m("Choose a day from 1900 to 2100.")


def sensible(day: date) -> bool:
    """A slip of the hand in the year would keep a document too short a time, or for ever."""
    return FIRST_DAY <= day <= LAST_DAY


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds from `since` until the next one of its class and country. Whole years, counted from the
    end of the document's calendar year, which is never too short."""

    name: str
    country: str
    years: int
    since: date
    source: str


_ALWAYS = date(2000, 1, 1)
RULES: Sequence[Rule] = (
    Rule("voucher", "FR", 10, _ALWAYS, "C. com. art. L123-22"),
    Rule("book", "FR", 10, _ALWAYS, "C. com. art. L123-22"),
    Rule("tax", "FR", 6, _ALWAYS, "LPF art. L102 B"),
    Rule("payslip", "FR", 5, _ALWAYS, "C. trav. art. L3243-4"),
    Rule("social", "FR", 3, _ALWAYS, "CSS art. L244-3"),
    Rule("personnel", "FR", 5, _ALWAYS, "C. trav. art. R1221-26"),
    Rule("working_time", "FR", 1, _ALWAYS, "C. trav. art. D3171-16"),
    Rule("contract", "FR", 5, _ALWAYS, "C. civ. art. 2224"),
    Rule("letter", "FR", 5, _ALWAYS, "C. com. art. L110-4"),
    Rule("voucher", "DE", 10, _ALWAYS, "§ 147 AO, § 257 HGB"),
    Rule("voucher", "DE", 8, date(2025, 1, 1), "§ 147 AO, § 257 HGB, BEG IV"),
    Rule("book", "DE", 10, _ALWAYS, "§ 147 AO, § 257 HGB"),
    Rule("tax", "DE", 10, _ALWAYS, "§ 147 AO"),
    Rule("payslip", "DE", 6, _ALWAYS, "§ 147 AO, § 41 EStG"),
    Rule("social", "DE", 6, _ALWAYS, "§ 147 AO, § 28f SGB IV"),
    Rule("personnel", "DE", 6, _ALWAYS, "§ 147 AO"),
    Rule("working_time", "DE", 2, _ALWAYS, "§ 16 ArbZG"),
    Rule("contract", "DE", 6, _ALWAYS, "§ 257 HGB"),
    Rule("letter", "DE", 6, _ALWAYS, "§ 257 HGB"),
)


def rule_on(name: str, country: str, day: date) -> Rule | None:
    """For a country that we know no rule of, the longest one: never too short. None where there is
    no period at all."""
    places = [country] if any(one.country == country for one in RULES) else ["FR", "DE"]
    found = [one for place in places if (one := _in_force(name, place, day)) is not None]
    return max(found, key=lambda one: one.years, default=None)


@dataclass(frozen=True, slots=True)
class Own:
    """What a company chose for a class from `since` on; None: what the law asks for."""

    name: str
    years: int | None
    since: date


def own_on(name: str, chosen: Sequence[Own], day: date) -> Own | None:
    """Of those of one day the last one counts; None where the law alone does."""
    found = [one for one in chosen if one.name == name and one.since <= day]
    latest = max(enumerate(found), key=lambda pair: (pair[1].since, pair[0]), default=None)
    return latest[1] if latest and latest[1].years is not None else None


def years_on(name: str, country: str, day: date, chosen: Sequence[Own] = ()) -> int | None:
    """Never less than the law's; None where no period is known."""
    rule, own = rule_on(name, country, day), own_on(name, chosen, day)
    if rule is None:
        return None
    return max(rule.years, own.years or 0) if own else rule.years


def last_day(counts_from: date, years: int | None) -> date | None:
    return date(counts_from.year + years, 12, 31) if years is not None else None


def _in_force(name: str, country: str, day: date) -> Rule | None:
    found = [r for r in RULES if (r.name, r.country) == (name, country) and r.since <= day]
    return max(found, key=lambda one: one.since, default=None)
