"""The kinds of documents: whose line they are, where they are filed, how long they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _c, _m


@dataclass(frozen=True, slots=True)
class Kind:
    """`own_line`: its line holds even where the document belongs to a request of another one."""

    code: str
    name: str
    line: str
    folder: str
    retention: str
    own_line: bool = False


_ALL = (
    Kind("sales_invoice", _m("Sales invoice"), "finance", "sales_invoices", "voucher"),
    Kind("credit_note", _m("Credit note"), "finance", "sales_invoices", "voucher"),
    Kind("supporting_document", _m("Supporting document"), "finance", "supporting", "voucher"),
    Kind("bank_statement", _m("Bank statement"), "finance", "bank", "voucher"),
    Kind("finance_report", _m("Finance report"), "finance", "finance_reports", "book"),
    Kind("tax_document", _m("Tax document"), "finance", "taxes", "tax"),
    Kind("payslip", _m("Payslip"), "hr", "payroll", "payslip", own_line=True),
    Kind("payroll_report", _m("Payroll report"), "hr", "payroll", "payslip", own_line=True),
    Kind("social_charges", _m("Social charges"), "hr", "payroll", "social", own_line=True),
    Kind("employment_contract", _m("Employment contract"), "hr", "personnel", "personnel",
         own_line=True),
    Kind("personnel_document", _m("Personnel file"), "hr", "personnel", "personnel",
         own_line=True),
    Kind("working_time", _m("Working time record"), "hr", "working_time", "working_time",
         own_line=True),
    Kind("quote", _m("Quote"), "sales", "quotes", "letter"),
    Kind("order", _c("document", "Order"), "sales", "orders", "letter"),
    Kind("delivery_note", _m("Delivery note"), "logistics", "deliveries", "letter"),
    Kind("consignment_note", _m("Consignment note (CMR)"), "logistics", "deliveries", "letter"),
    Kind("contract", _m("Contract"), "legal", "contracts", "contract"),
    Kind("legal_file", _m("Legal file"), "legal", "legal_files", "contract"),
    Kind("letter", _m("Letter"), "administration", "letters", "letter"),
    Kind("minutes", _m("Meeting minutes"), "administration", "minutes", "general"),
    Kind("list", _m("List"), "administration", "other", "general"),
    Kind("other", _m("Other document"), "administration", "other", "general"),
)  # fmt: skip
KINDS: Mapping[str, Kind] = {one.code: one for one in _ALL}


def line_of(kind: Kind, *, request_line: str | None, line: str | None) -> str:
    """Who sees it: what is salary stays with those who see salaries."""
    if kind.own_line:
        return kind.line
    return request_line or line or kind.line
