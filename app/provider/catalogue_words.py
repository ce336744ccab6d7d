from collections.abc import Mapping

from billing.plans import METERS
from tenants.core.text import _m

FIELD_WORDS: Mapping[str, str] = {
    "text": _m("Short text"), "long_text": _m("Long text"), "date": _m("Date"),
    "month": _m("Month"), "number": _m("Whole number"), "money": _m("Amount"),
    "choice": _m("Choice"), "yes_no": _m("Box to tick"), "email": _m("E-mail address"),
    "phone": _m("Phone number"), "iban": _m("IBAN"), "vat_id": _m("VAT number"),
}  # fmt: skip
STEP_WORDS: Mapping[str, str] = {
    "do": _m("To do"), "attach": _m("Attach a file"), "compute": _m("Figures are right"),
    "ask_client": _m("The client answered"), "approve": _m("The client approves"),
    "wait_until": _m("Wait for a day"),
}  # fmt: skip
REVIEW_WORDS: Mapping[str, str] = {
    "always": _m("Always"), "sampled": _m("By sample"), "never": _m("Never"),
}  # fmt: skip
METER_WORDS: Mapping[str, str] = {code: label for code, (_, label, _) in METERS.items()}
RULES: Mapping[str, str] = {
    "month_day": _m("Day of month"), "business_day": _m("Business day of month"),
    "after": _m("Business days after"),
}  # fmt: skip
