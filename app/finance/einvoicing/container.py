"""The XML of an invoice inside its PDF, as Factur-X has it: an associated file, and metadata that name
it. What the page already is (PDF/A-3a, PDF/UA-1) stays."""

import io

from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import Form
from tenants.core.errors import CoulisseError

FILE_NAME = "factur-x.xml"
_DESCRIPTION = "Factur-X"
_VERSION = "1.0"
_SCHEMAS_END = b"</rdf:Bag></pdfaExtension:schemas>"
_METADATA_END = b"</rdf:RDF>"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = (
    ("DocumentFileName", "name of the embedded XML invoice file"),
    ("DocumentType", "INVOICE"),
    ("Version", "The actual version of the Factur-X XML schema"),
    ("ConformanceLevel", "The conformance level of the embedded Factur-X data"),
)


class NotEmbedded(CoulisseError):
    """The page wasn't made as ours are."""

    code = "invoice_not_embedded"


def embed(page: bytes, xml: bytes, *, document: InvoiceDocument, form: Form) -> bytes:
    """The same page and XML give the same bytes."""
    import pikepdf

    with pikepdf.open(io.BytesIO(page)) as pdf:
        day = f"D:{document.issued_on:%Y%m%d}000000Z"
        spec = pikepdf.AttachedFileSpec(
            pdf,
            xml,
            filename=FILE_NAME,
            description=_DESCRIPTION,
            mime_type="text/xml",
            creation_date=day,
            mod_date=day,
        )
        spec.obj.AFRelationship = pikepdf.Name(f"/{form.relationship.capitalize()}")
        pdf.attachments[FILE_NAME] = spec
        pdf.Root.AF = pdf.make_indirect(pikepdf.Array([pdf.attachments[FILE_NAME].obj]))
        metadata = pdf.Root.Metadata
        metadata.write(_described(metadata.read_bytes(), form))
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def extract(content: bytes) -> bytes:
    """Empty when there is none."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = pdf.attachments.get(FILE_NAME)
        return b"" if found is None else bytes(found.get_file().read_bytes())


def _described(metadata: bytes, form: Form) -> bytes:
    for end in (_SCHEMAS_END, _METADATA_END):
        if metadata.count(end) != 1:
            raise NotEmbedded
    metadata = metadata.replace(_SCHEMAS_END, _schema().encode() + _SCHEMAS_END)
    return metadata.replace(_METADATA_END, _values(form).encode() + _METADATA_END)


def _schema() -> str:
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{text}</pdfaProperty:description></rdf:li>"
        for name, text in _PROPERTIES
    )
    return (
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_FX}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )


def _values(form: Form) -> str:
    return (
        f'<rdf:Description rdf:about="" xmlns:fx="{_FX}">'
        "<fx:DocumentType>INVOICE</fx:DocumentType>"
        f"<fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName>"
        f"<fx:Version>{_VERSION}</fx:Version>"
        f"<fx:ConformanceLevel>{form.conformance}</fx:ConformanceLevel></rdf:Description>"
    )
