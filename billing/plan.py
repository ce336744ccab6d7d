"""What the plan costs. A price that changes becomes a new version; old rows stay as they are."""

from dataclasses import dataclass
from decimal import Decimal

from tenants.core.text import _m

PLAN = "coulisse"
VERSION = 1
CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Part:
    """`unit_amount` in minor units; of a tax it is the percentage. `name` stands on invoices,
    `label` on our own pages."""

    lookup_key: str
    kind: str
    product: str
    name: str
    label: str
    unit_amount: Decimal
    meter: str | None = None
    unit_label: str | None = None
    country: str = ""


BASE = Part(
    lookup_key="coulisse_v1_base",
    kind="base",
    product="coulisse_base",
    name="Coulisse, monthly base fee",
    label=_m("Base fee"),
    unit_amount=Decimal(49000),
)
STATEMENT_LINES = Part(
    lookup_key="coulisse_v1_statement_lines",
    kind="meter",
    product="coulisse_statement_lines",
    name="Reconciled statement lines",
    label=_m("Reconciled statement lines"),
    unit_amount=Decimal("32.5"),
    meter="statement_lines",
    unit_label="line",
)
OPERATOR_MINUTES = Part(
    lookup_key="coulisse_v1_operator_minutes",
    kind="meter",
    product="coulisse_operator_minutes",
    name="Operator minutes",
    label=_m("Operator minutes"),
    unit_amount=Decimal(95),
    meter="operator_minutes",
    unit_label="minute",
)
# Other countries: no VAT on the invoice, since a reverse charge needs a verified VAT number.
FRENCH_VAT = Part(
    lookup_key="vat_fr_20",
    kind="tax",
    product="",
    name="TVA",
    label=_m("VAT"),
    unit_amount=Decimal(20),
    country="FR",
)
PRICED = (BASE, STATEMENT_LINES, OPERATOR_MINUTES)
METERED = (STATEMENT_LINES, OPERATOR_MINUTES)
PARTS = (*PRICED, FRENCH_VAT)
BY_KEY = {part.lookup_key: part for part in PARTS}
BY_METER = {part.meter: part for part in METERED}


def taxes_for(country: str) -> list[str]:
    """The lookup keys of the tax rates on this country's invoices."""
    return [part.lookup_key for part in PARTS if part.kind == "tax" and part.country == country]
