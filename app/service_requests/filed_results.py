"""As what a delivered result stands among the company's documents."""

from collections.abc import Mapping

from app.documents.kinds import KINDS

# Results of our catalogue whose documents have rules of their own; by their codes.
_KINDS: Mapping[str, str] = {
    "reconciliation_pdf": "finance_report", "reconciliation_xlsx": "finance_report",
    "closing_file": "finance_report", "vat_sheet": "tax_document",
    "sorted_vouchers": "supporting_document", "invoice_files": "supporting_document",
    "letter": "letter", "notice_letter": "letter", "claim_letter": "letter",
    "complaint_answer": "letter", "reminder_letters": "letter", "recall_letters": "letter",
    "posting_proof": "letter", "receipt_proof": "letter", "filed_mail": "letter",
    "quote": "quote", "order_confirmation": "order", "purchase_order": "order",
    "transport_papers": "consignment_note", "minutes": "minutes", "confidential_minutes": "minutes",
    "variables_sheet": "payroll_report", "variance_note": "payroll_report",
    "absence_list": "working_time", "contract_draft": "employment_contract",
    "certificate_draft": "personnel_document", "reference_draft": "personnel_document",
    "register_entry": "contract", "power_draft": "legal_file", "exhibit_list": "legal_file",
    "chronology": "legal_file", "exhibits": "legal_file",
}  # fmt: skip
_LISTS = (".xlsx", ".csv", ".ods")


def kind_of(result: str, *, file_name: str, line: str) -> str:
    """A kind that stays with a line of its own is for requests of that line alone: the others'
    people would not see what was delivered to them."""
    kind = KINDS[_KINDS.get(result, "list" if file_name.lower().endswith(_LISTS) else "other")]
    return kind.code if kind.line == line or not kind.own_line else "other"
