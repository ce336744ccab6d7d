"""The fields that a template's text may name, `{{like_this}}`: a fixed set, shown beside every
editor. Automatic ones are known where a document is made, asked ones are typed for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m

KINDS = {
    "letter": _m("Letter"),
    "list": _m("List"),
    "cover": _m("Cover sheet"),
    "invoice": _m("Invoice"),
}
LONGEST_VALUE = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    code: str
    label: str
    automatic: bool
    kinds: tuple[str, ...]
    sample: Mapping[str, str]
    lines: bool = False


_WRITTEN = ("letter", "list", "cover")
_ALL = (*_WRITTEN, "invoice")


def _same(text: str) -> dict[str, str]:
    return {"fr": text, "de": text, "en": text}


_DECLARED = (
    Field("company_name", _m("Name of the company"), True, _ALL, _same("Lentier SAS")),
    Field("company_registration", _m("Registration number of the company"), True, _ALL,
          _same("732 829 320")),
    Field("company_vat_id", _m("VAT number of the company"), True, _ALL, _same("FR44732829320")),
    Field("today", _m("Date of the document"), True, _ALL,
          {"fr": "3 décembre 2026", "de": "3. Dezember 2026", "en": "3 December 2026"}),
    Field("request_number", _m("Number of the request"), True, _WRITTEN, _same("1042")),
    Field("request_title", _m("Subject of the request"), True, _WRITTEN,
          {"fr": "Résiliation du bail", "de": "Kündigung des Mietvertrags",
           "en": "End of the lease"}),
    Field("recipient_name", _m("Name of the recipient"), False, _WRITTEN,
          {"fr": "Mme Hélène Durand", "de": "Frau Käthe Weiß", "en": "Ms Helen Durand"}),
    Field("recipient_address", _m("Address of the recipient"), False, _WRITTEN,
          {"fr": "12 rue des Tilleuls\n69003 Lyon", "de": "Lindenstraße 12\n50667 Köln",
           "en": "12 Lime Street\nLondon EC3M 7AA"}, lines=True),
    Field("salutation", _m("Form of address"), False, _WRITTEN,
          {"fr": "Madame", "de": "Sehr geehrte Frau Weiß", "en": "Dear Ms Durand"}),
    Field("reference", _m("Reference of the recipient"), False, _WRITTEN, _same("K-20 417")),
    Field("deadline", _m("Date until which an answer is wanted"), False, _WRITTEN,
          {"fr": "15 décembre 2026", "de": "15. Dezember 2026", "en": "15 December 2026"}),
    Field("amount", _m("Amount"), False, _WRITTEN,
          {"fr": "1 250,00 €", "de": "1.250,00 €", "en": "€1,250.00"}),
    Field("place", _m("Place of signature"), False, _WRITTEN,
          {"fr": "Lyon", "de": "Köln", "en": "London"}),
    Field("signatory", _m("Who signs"), False, _WRITTEN, _same("Claire Martin")),
    Field("customer_name", _m("Name of the customer"), True, ("invoice",),
          _same("Brasserie du Port")),
    Field("invoice_number", _m("Number of the invoice"), True, ("invoice",), _same("F-2026-0007")),
    Field("invoice_date", _m("Date of the invoice"), True, ("invoice",),
          {"fr": "3 décembre 2026", "de": "3. Dezember 2026", "en": "3 December 2026"}),
    Field("due_date", _m("Due date"), True, ("invoice",),
          {"fr": "2 janvier 2027", "de": "2. Januar 2027", "en": "2 January 2027"}),
    Field("amount_due", _m("Amount due"), True, ("invoice",),
          {"fr": "1 250,00 €", "de": "1.250,00 €", "en": "€1,250.00"}),
)  # fmt: skip
FIELDS = {field.code: field for field in _DECLARED}


def fields_of(kind: str) -> list[Field]:
    return [field for field in _DECLARED if kind in field.kinds]


def sample_values(kind: str, language: str) -> dict[str, str]:
    return {field.code: field.sample[language] for field in fields_of(kind)}
