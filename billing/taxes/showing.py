"""What VAT means for a client's invoices, in sentences for its own pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import BillingAccount, StripeInvoice
from billing.taxes.queries import get_seller, treatment_of
from billing.taxes.rules import KINDS, Mention, Treatment, mention
from tenants.core.text import _m

Pill = tuple[str, str, str]
NUMBER_STATES: Mapping[str, Pill] = {
    "pending": (_m("Being verified"), "clock", "wait"),
    "verified": (_m("Verified"), "circle-check", "good"),
    "unverified": (_m("Not confirmed"), "alert-triangle", "bad"),
    "unavailable": (_m("Could not be verified"), "alert-triangle", "warn"),
}
DOMESTIC = _m("VAT of %(rate)s is added to your invoices.")
REVERSE = _m(
    "No VAT is added: the VAT number is verified, and your company declares the VAT itself."
)
OUTSIDE = _m("No VAT is added: services to companies outside the EU are not subject to EU VAT.")
NO_RULE = _m("Your invoices say nothing of VAT yet. Ask us which VAT applies to you.")
UNTIL_VERIFIED: Mapping[str, str] = {
    "": _m("VAT of %(rate)s is added. With a verified VAT number of your country none is."),
    "pending": _m(
        "VAT of %(rate)s is added until the VAT number is verified. That takes minutes, sometimes"
        " a day."
    ),
    "unverified": _m(
        "VAT of %(rate)s is added: the authorities of your country do not know this VAT number."
        " Correct it, or ask them to enter it for trade within the EU and save it again the day after."
    ),
    "unavailable": _m(
        "VAT of %(rate)s is added: the authorities' register did not answer. Save the VAT number"
        " again to have it verified."
    ),
}


@dataclass(frozen=True, slots=True)
class VatNow:
    """Of invoices that become final from now on; `mention` stands on them."""

    treatment: Treatment | None
    sentence: str
    number: Pill | None
    mention: Mention | None

    @property
    def percentage(self) -> Decimal:
        return self.treatment.percentage if self.treatment else Decimal(0)


def vat_now(account: BillingAccount, *, on: date, language: str) -> VatNow:
    found = treatment_of(account, on)
    if found is None:
        return VatNow(None, NO_RULE, NUMBER_STATES.get(account.vat_status), None)
    return VatNow(
        found,
        _sentence(found, account.vat_status),
        NUMBER_STATES.get(account.vat_status),
        mention(found.kind, seller=get_seller().country, language=language),
    )


def mention_on(invoice: StripeInvoice, *, language: str) -> Mention | None:
    """What an invoice has to say of its VAT."""
    kind = next((one for one in KINDS if one == invoice.tax_treatment), None)
    return mention(kind, seller=get_seller().country, language=language) if kind else None


def _sentence(found: Treatment, vat_status: str) -> str:
    known = {"domestic": DOMESTIC, "reverse_charge": REVERSE, "outside": OUTSIDE}
    if found.kind in known:
        return known[found.kind]
    # Verified, but of another country than the invoices are for.
    return UNTIL_VERIFIED.get(vat_status, UNTIL_VERIFIED[""])
