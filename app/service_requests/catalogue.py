"""The service catalogue: what a client can ask for, with its form, files and gates."""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import Schema, fields, validate

from app.contracts.offered import OfferedItem, offer
from app.web.fields import TrimmedString
from tenants.core.errors import NotFound
from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class FileSlot:
    name: str
    label: str
    help: str
    accept: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """`job` names the work that starts when a request is raised; `gated` items need the client's
    approval before they count as delivered: of `approvals` people, confirmed by a code where
    `code_asked`, which money and payroll always are. `review` says whether a second person checks
    the result: 'always', 'sampled' or 'never'."""

    code: str
    line: str
    title: str
    summary: str
    icon: str
    schema: type[Schema]
    files: tuple[FileSlot, ...] = ()
    gated: bool = False
    working_days: int = 2
    job: str | None = None
    review: str = "always"
    approvals: int = 1
    code_asked: bool = False


class GeneralForm(Schema):
    title = TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": _m("Subject"), "placeholder": _m("What do you need?")},
    )
    details = TrimmedString(
        required=True,
        validate=validate.Length(max=10_000),
        metadata={"label": _m("Details"), "input": "textarea", "rows": 6},
    )
    wanted_on = fields.Date(
        allow_none=True,
        load_default=None,
        metadata={"label": _m("Needed by"), "help": _m("Leave empty if it is not urgent.")},
    )


class PaymentControlForm(Schema):
    period = TrimmedString(
        required=True,
        validate=validate.Regexp(
            r"^20\d\d-(0[1-9]|1[0-2])$", error=_m("Write the month as year-month, like 2026-10.")
        ),
        metadata={
            "label": _m("Month"),
            "placeholder": "2026-10",
            "help": _m("The month that the bank statement covers."),
        },
    )
    details = TrimmedString(
        load_default="",
        validate=validate.Length(max=10_000),
        metadata={
            "label": _m("Remarks for the operator"),
            "input": "textarea",
            "rows": 3,
        },
    )


STATEMENT_SUFFIXES = ".xml,.sta,.mt940,.940,.txt,.csv,.zip"

_DOCUMENT = FileSlot(
    "document", _m("Document"), _m("PDF, image, spreadsheet or text, 20 MB at most."), "",
    required=False,
)  # fmt: skip

ITEMS: Mapping[str, CatalogueItem] = {
    item.code: item
    for item in (
        CatalogueItem(
            code="payment_control",
            line="finance",
            title=_m("Payment control"),
            summary=_m("We match your bank statement with your open items and report what is paid."),
            icon="building-bank",
            schema=PaymentControlForm,
            files=(
                FileSlot(
                    "open_items",
                    _m("Open items"),
                    _m("CSV or XLSX with number, customer, date, due date, amount, currency."),
                    ".csv,.txt,.xlsx",
                ),
                FileSlot(
                    "statement",
                    _m("Bank statement"),
                    _m(
                        "As your bank offers it for download: camt.053 (XML) is best; camt.052, "
                        "camt.054, MT940 and CSV are read too."
                    ),
                    STATEMENT_SUFFIXES,
                ),
            ),
            gated=True,
            working_days=2,
            job="finance.prepare_payment_control",
        ),
        *(
            CatalogueItem(
                code=f"{line}_question",
                line=line,
                title=title,
                summary=summary,
                icon=icon,
                schema=GeneralForm,
                files=(_DOCUMENT,),
                review=review,
            )
            for line, title, summary, icon, review in (
                ("administration", _m("Administration task"),
                 _m("Letters, calls, mail, appointments, filing."), "mail", "never"),
                ("finance", _m("Finance task"),
                 _m("Supplier invoices, reminders, accounts, questions of your accountant."),
                 "receipt", "always"),
                ("hr", _m("HR task"),
                 _m("Contracts, absences, certificates, payroll variables."), "users", "always"),
                ("sales", _m("Sales assistance task"),
                 _m("Quotes, orders, follow-ups, complaints."), "clipboard-list", "sampled"),
                ("logistics", _m("Logistics task"),
                 _m("Deliveries, carriers, stock, proofs of delivery."), "truck", "sampled"),
            )
        ),
    )
}  # fmt: skip

LEVELS: Mapping[str, str] = {"read": _m("Read"), "work": _m("Work"), "review": _m("Review")}
LEVEL_ICONS: Mapping[str, str] = {"read": "eye", "work": "tool", "review": "checks"}
LINES: Mapping[str, str] = {
    "administration": _m("Administration"),
    "finance": _m("Finance"),
    "hr": _m("HR"),
    "sales": _m("Sales assistance"),
    "logistics": _m("Logistics"),
    "legal": _m("Legal"),
    "quality": _m("Quality"),
    "it": _m("IT"),
    "production": _m("Production"),
    "projects": _m("Projects"),
}

offer(
    (
        OfferedItem(
            item.code,
            item.line,
            item.title,
            item.working_days,
            has_period="period" in item.schema._declared_fields,
        )
        for item in ITEMS.values()
    ),
    LINES,
)


def get_item(code: str) -> CatalogueItem:
    if code not in ITEMS:
        raise NotFound
    return ITEMS[code]
