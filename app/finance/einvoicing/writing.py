"""An invoice as XML: CII or UBL of a profile, right by its schema. Whether it keeps the rules is asked
elsewhere, and never of the library that writes it, whose own check passes when it couldn't run."""

import functools
import re
from typing import Any

from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.fields import fields_of
from app.finance.einvoicing.forms import UBL, Form
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.xsd import schema_errors
from tenants.core.text import _m

_STANDARD = b">urn:cen.eu:en16931:2017<"
_ROUNDING = b'PayableRoundingAmount currencyID="%s"'
_NUMBER = re.compile(r"\bB[TG]-[0-9]+")
_SHOWN = 300
_AT_FIELD = _m(
    "The form doesn't take the field %(field)s of the standard. In the words of the check:"
    " “%(said)s”"
)
_SOMEWHERE = _m("The form doesn't take this invoice. In the words of the check: “%(said)s”")


def write_xml(document: InvoiceDocument, *, form: Form) -> bytes:
    """The same document gives the same bytes. Heavy the first time: for a job, not for a page."""
    fields = fields_of(document, form)
    try:
        content = _generate(fields, form)
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(_field(error), str(error)) from error
    content = _finished(content, document, form)
    wrong = schema_errors(content, document, form)
    if wrong:
        raise _refused("format", wrong[0])
    return content


def _generate(fields: dict[str, Any], form: Form) -> bytes:
    from facturx.generate_xml import generate_xml

    mend_tables()
    flavor = "ubl-2.1" if form.kind == UBL else "factur-x"
    # Any word here, "none" too, has the library ask a server for its own check.
    made = generate_xml(
        fields, flavor=flavor, level=form.level, check_xsd=False, check_schematron=""
    )
    return bytes(made)


def _field(error: Exception) -> str:
    found = _NUMBER.search(str(error))
    return found.group() if found else "format"


def _refused(field: str, said: str) -> NotWritable:
    message = _SOMEWHERE if field == "format" else _AT_FIELD
    return NotWritable(field, message, said=said[:_SHOWN])


def _finished(content: bytes, document: InvoiceDocument, form: Form) -> bytes:
    # An empty element is written as one without a value, which the schema doesn't take.
    content = content.replace(b' xsi:nil="true"', b"")
    if form.customization:
        content = content.replace(_STANDARD, b">%s<" % form.customization.encode(), 1)
    if form.kind == UBL:
        # Written as EUR whatever the invoice's currency is.
        content = content.replace(
            _ROUNDING % b"EUR", _ROUNDING % document.currency.encode("ascii"), 1
        )
    return content


class _Unchanged(list[str]):
    """The library appends to its own table at each basic invoice, and from then on drops the buyer's
    trade name of every other."""

    def append(self, value: str) -> None:
        pass


@functools.cache
def mend_tables() -> None:
    """Which parts of a party a profile has is decided in our fields; the library would take contacts and
    register of the seller out of EXTENDED-CTC-FR, which has them."""
    from facturx.generate_xml import EN16931_FIELDS, EN16931_PARTY_FIELDS

    for given in EN16931_FIELDS.values():
        if "party_dict_blacklist" in given:
            given["party_dict_blacklist"] = _Unchanged(given["party_dict_blacklist"])
    for given in EN16931_PARTY_FIELDS.values():
        given.pop("min_level", None)
