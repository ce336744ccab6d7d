"""Which sets of rules an invoice must pass before it leaves: those of its form, and those of the
receiver's country."""

from app.finance.einvoicing.document import InvoiceDocument, Note
from app.finance.einvoicing.forms import CII, FORMS, Form
from app.finance.einvoicing.mentions import B2C, TREATMENT
from app.finance.einvoicing.places import is_french_business

_OF_FORM = {
    **{
        f"facturx-{profile}": (f"facturx-xsd:{profile}", f"facturx-schematron:{profile}")
        for profile in ("basicwl", "en16931", "extended")
    },
    "facturx-extended-ctc-fr": ("facturx-xsd:extended-ctc-fr", "ctc-fr-cii"),
    "xrechnung-cii": ("facturx-xsd:en16931", "cen-cii", "kosit-xrechnung-cii"),
    "xrechnung-ubl": ("ubl-xsd", "cen-ubl", "kosit-xrechnung-ubl"),
    "ubl-en16931": ("ubl-xsd", "cen-ubl"),
}
assert set(_OF_FORM) == set(FORMS)


def rule_sets(document: InvoiceDocument, form: Form) -> tuple[str, ...]:
    return (*_OF_FORM[form.name], *_of_country(document, form))


def is_french_exchange(document: InvoiceDocument) -> bool:
    """Two companies whom France's e-invoicing reform binds: a consumer has no address in its
    directory."""
    sides = (document.seller, document.buyer)
    consumer = Note(code=TREATMENT, text=B2C) in document.notes
    return all(is_french_business(one.address) for one in sides) and not consumer


def _of_country(document: InvoiceDocument, form: Form) -> tuple[str, ...]:
    if not is_french_exchange(document):
        return ()
    return ("br-fr-cii" if form.kind == CII else "br-fr-ubl",)
