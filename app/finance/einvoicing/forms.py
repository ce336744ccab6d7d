"""The forms an invoice leaves in. `level` is what the writer of XML calls its profile."""

from dataclasses import dataclass

from tenants.core.text import _m

CII, UBL = "cii", "ubl"
_PDF, _XML = "application/pdf", "application/xml"
_XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"


@dataclass(frozen=True, kw_only=True)
class Form:
    """`conformance` and `relationship` are of the PDF around the XML: what its metadata call the
    profile, and what the file is to the page (basic profiles are data of it, full ones another form
    of it)."""

    name: str
    label: str
    kind: str
    profile: str
    level: str
    media_type: str
    has_pdf: bool
    # BT-24, where it isn't the level's own.
    customization: str = ""
    conformance: str = ""
    relationship: str = ""

    @property
    def has_lines(self) -> bool:
        return self.level != "basicwl"

    @property
    def is_extended(self) -> bool:
        return self.level.startswith("extended")

    @property
    def extension(self) -> str:
        return "pdf" if self.has_pdf else "xml"


def _facturx(profile: str, label: str, conformance: str, relationship: str) -> Form:
    return Form(
        name=f"facturx-{profile}", label=label, kind=CII, profile=profile, level=profile,
        media_type=_PDF, has_pdf=True, conformance=conformance, relationship=relationship,
    )  # fmt: skip


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        _facturx("basicwl", _m("Factur-X BASIC WL (totals only)"), "BASIC WL", "data"),
        _facturx("en16931", _m("Factur-X EN 16931"), "EN 16931", "alternative"),
        _facturx("extended", _m("Factur-X EXTENDED"), "EXTENDED", "alternative"),
        _facturx(
            "extended-ctc-fr", _m("Factur-X EXTENDED-CTC-FR"), "EXTENDED", "alternative"
        ),
        Form(
            name="xrechnung-cii", label=_m("XRechnung (CII)"), kind=CII, profile="xrechnung",
            level="en16931", media_type=_XML, has_pdf=False, customization=_XRECHNUNG,
        ),
        Form(
            name="xrechnung-ubl", label=_m("XRechnung (UBL)"), kind=UBL, profile="xrechnung",
            level="en16931", media_type=_XML, has_pdf=False, customization=_XRECHNUNG,
        ),
        Form(
            name="ubl-en16931", label=_m("UBL EN 16931"), kind=UBL, profile="en16931",
            level="en16931", media_type=_XML, has_pdf=False,
        ),
    )
}  # fmt: skip
