"""The filing plan that every company begins with: a folder for each line, and within it one for each
sort of document. Companies rename, add and move afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenants.core.text import _m

DEEPEST = 3
MOST_FOLDERS = 200


@dataclass(frozen=True, slots=True)
class Planned:
    code: str
    name: str
    below: str = ""


PLAN: Sequence[Planned] = (
    Planned("finance", _m("Finance")),
    Planned("sales_invoices", _m("Invoices and credit notes"), "finance"),
    Planned("supporting", _m("Supporting documents"), "finance"),
    Planned("bank", _m("Bank"), "finance"),
    Planned("finance_reports", _m("Reports"), "finance"),
    Planned("taxes", _m("Taxes"), "finance"),
    Planned("hr", _m("Human resources")),
    Planned("payroll", _m("Payroll"), "hr"),
    Planned("personnel", _m("Personnel files"), "hr"),
    Planned("working_time", _m("Working time"), "hr"),
    Planned("sales", _m("Sales")),
    Planned("quotes", _m("Quotes"), "sales"),
    Planned("orders", _m("Orders"), "sales"),
    Planned("logistics", _m("Logistics")),
    Planned("deliveries", _m("Deliveries"), "logistics"),
    Planned("legal", _m("Legal")),
    Planned("contracts", _m("Contracts"), "legal"),
    Planned("legal_files", _m("Legal files"), "legal"),
    Planned("administration", _m("Administration")),
    Planned("letters", _m("Letters"), "administration"),
    Planned("minutes", _m("Meeting minutes"), "administration"),
    Planned("other", _m("Everything else"), "administration"),
)
NAMES: Mapping[str, str] = {one.code: one.name for one in PLAN}
