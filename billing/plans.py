"""What can be subscribed to. A price that changes becomes a new version of its plan; old versions stay
as they are, for whoever has them.

A plan's base is paid in advance, by the month or the year; usage afterwards, always by the month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from tenants.core.text import _m

CURRENCY = "EUR"
Interval = Literal["month", "year"]
INTERVALS: tuple[Interval, ...] = ("month", "year")
# At least so long, and on until the first of a month: every period is then a calendar month.
TRIAL_DAYS = 14


@dataclass(frozen=True, slots=True)
class Part:
    """`unit_amount` in minor units; of a tax it is the percentage. `name` stands on invoices,
    `label` on our own pages. The first `included` units of a month are part of the base fee."""

    lookup_key: str
    kind: str
    product: str
    name: str
    label: str
    unit_amount: Decimal
    plan: str = ""
    version: int = 1
    meter: str | None = None
    unit_label: str | None = None
    country: str = ""
    included: int = 0
    interval: Interval = "month"


@dataclass(frozen=True, slots=True)
class Plan:
    """`seats` and `storage_gb` are the most of each; None is no limit. One that isn't `offered` any
    more goes on for whoever has it."""

    key: str
    version: int
    label: str
    summary: str
    offered: bool
    bases: Mapping[Interval, Part]
    metered: Sequence[Part]
    seats: int | None
    storage_gb: int | None

    @property
    def parts(self) -> Sequence[Part]:
        return (*self.bases.values(), *self.metered)

    def priced(self, interval: Interval = "month") -> Sequence[Part]:
        """What a subscription by this interval consists of."""
        return (self.bases.get(interval) or self.bases["month"], *self.metered)

    def part_of(self, meter: str) -> Part | None:
        return next((part for part in self.metered if part.meter == meter), None)


# Every plan counts by the same meters, so usage stays where it is when somebody changes plans.
# meter: (name on invoices, label on our pages, unit on invoices)
METERS: Mapping[str, tuple[str, str, str]] = {
    "statement_lines": ("Reconciled statement lines", _m("Reconciled statement lines"), "line"),
    "operator_minutes": ("Operator minutes", _m("Operator minutes"), "minute"),
    "payslips": ("Payslips", _m("Payslips"), "payslip"),
    "invoices_issued": ("Invoices issued", _m("Invoices issued"), "invoice"),
    "orders_handled": ("Orders handled", _m("Orders handled"), "order"),
    "deliveries": ("Deliveries", _m("Deliveries"), "delivery"),
}


def _base(plan: str, version: int, interval: Interval, amount: int, key: str = "") -> Part:
    return Part(
        lookup_key=key or f"{plan}_v{version}_base_{interval}", kind="base",
        product="coulisse_base" if key else f"coulisse_{plan}",
        name="Coulisse, monthly base fee" if key else f"Coulisse {plan.title()}, base fee",
        label=_m("Base fee of a year") if interval == "year" else _m("Base fee"),
        unit_amount=Decimal(amount), plan=plan, version=version, interval=interval,
    )  # fmt: skip


def _metered(plan: str, version: int, terms: Mapping[str, tuple[str, int]]) -> Sequence[Part]:
    """Each meter's price in minor units and the units that are included."""
    return tuple(
        Part(
            lookup_key=f"{plan}_v{version}_{meter}", kind="meter", product=f"coulisse_{meter}",
            name=METERS[meter][0], label=METERS[meter][1], unit_label=METERS[meter][2],
            unit_amount=Decimal(amount), plan=plan, version=version, meter=meter,
            included=included,
        )
        for meter, (amount, included) in terms.items()
    )  # fmt: skip


def _plan(
    key: str,
    label: str,
    summary: str,
    *,
    month: int,
    seats: int,
    storage_gb: int,
    terms: Mapping[str, tuple[str, int]],
) -> Plan:
    """A year costs ten months."""
    bases: dict[Interval, Part] = {
        "month": _base(key, 1, "month", month), "year": _base(key, 1, "year", month * 10),
    }  # fmt: skip
    return Plan(key, 1, label, summary, True, bases, _metered(key, 1, terms), seats, storage_gb)


# By invoice, agreed with the provider, without included usage: the first plan there was.
AGREED = Plan(
    "coulisse", 1, _m("Coulisse, by agreement"), _m("Base fee and usage as agreed."), False,
    {"month": _base("coulisse", 1, "month", 49_000, key="coulisse_v1_base")},
    _metered("coulisse", 1, {"statement_lines": ("32.5", 0), "operator_minutes": ("95", 0)}),
    None, None,
)  # fmt: skip
ESSENTIAL = _plan(
    "essential", _m("Essential"), _m("For a company that hands over its first tasks."),
    month=29_000, seats=5, storage_gb=5,
    terms={
        "statement_lines": ("35", 300), "operator_minutes": ("98", 120), "payslips": ("1400", 5),
        "invoices_issued": ("180", 20), "orders_handled": ("250", 0), "deliveries": ("90", 0),
    },
)  # fmt: skip
STANDARD = _plan(
    "standard", _m("Standard"), _m("For a company whose back office we run with it."),
    month=79_000, seats=20, storage_gb=25,
    terms={
        "statement_lines": ("32", 1_500), "operator_minutes": ("92", 480), "payslips": ("1200", 25),
        "invoices_issued": ("150", 100), "orders_handled": ("220", 100), "deliveries": ("80", 100),
    },
)  # fmt: skip
EXTENDED = _plan(
    "extended", _m("Extended"), _m("For a company whose whole back office is with us."),
    month=199_000, seats=100, storage_gb=100,
    terms={
        "statement_lines": ("28", 6_000), "operator_minutes": ("85", 1_500), "payslips": ("980", 80),
        "invoices_issued": ("120", 400), "orders_handled": ("180", 500), "deliveries": ("60", 500),
    },
)  # fmt: skip

# In the order in which they are offered.
PLANS = (AGREED, ESSENTIAL, STANDARD, EXTENDED)
OFFERED = tuple(plan for plan in PLANS if plan.offered)


def _tax(key: str, country: str, percentage: str, name: str) -> Part:
    return Part(
        lookup_key=key, kind="tax", product="", name=name, label=_m("VAT"),
        unit_amount=Decimal(percentage), country=country,
    )  # fmt: skip


# Which of them an invoice carries, if any, is said in billing.taxes.rules.
TAXES = (
    _tax("vat_fr_20", "FR", "20", "TVA"),
    _tax("vat_fr_8_5", "FR", "8.5", "TVA"),
    _tax("vat_de_19", "DE", "19", "USt"),
)
PARTS = (*(part for plan in PLANS for part in plan.parts), *TAXES)
BY_KEY = {part.lookup_key: part for part in PARTS}
# The prices of a meter over all plans and versions.
KEYS_OF = {
    meter: tuple(part.lookup_key for part in PARTS if part.meter == meter) for meter in METERS
}
METERED_KEYS = {part.lookup_key: part.meter for part in PARTS if part.meter}


def find_plan(key: str, version: int = 1) -> Plan | None:
    return next((plan for plan in PLANS if (plan.key, plan.version) == (key, version)), None)


def plan_of(key: str, version: int = 1) -> Plan:
    """The one by agreement for what this version of ours doesn't know."""
    return find_plan(key, version) or AGREED


def find_offered(key: str) -> Plan | None:
    """Its newest version."""
    found = [plan for plan in OFFERED if plan.key == key]
    return max(found, key=lambda plan: plan.version, default=None)


def part_in(plan: Plan, meter: str) -> Part:
    """The plan's price of a meter; one of nothing where the plan doesn't have it."""
    found = plan.part_of(meter)
    if found is not None:
        return found
    known = next(part for part in PARTS if part.meter == meter)
    return replace(known, lookup_key="", plan="", unit_amount=Decimal(0), included=0)
