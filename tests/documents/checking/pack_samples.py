"""Rule packs in the layouts of their publishers, with rules of our own in them."""

import io
import zipfile
from collections.abc import Mapping

from lxml import etree

from app.documents.checking import schematron

SCHEMA = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Last update: 2026 November release 3.0.21 -->
<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
  <title>{title}</title>
  <ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
  <ns prefix="cac" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"/>
  <ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/>
  <ns prefix="u" uri="utils"/>
  <let name="currency" value="string(/*/cbc:DocumentCurrencyCode)"/>
  <function xmlns="http://www.w3.org/1999/XSL/Transform" name="u:short" as="xs:boolean">
    <param name="val"/>
    <sequence select="string-length($val) &lt; 5"/>
  </function>
  <pattern>
    <let name="lines" value="count(/*/cac:InvoiceLine)"/>
    <rule context="/*">
      <assert id="{first}" flag="fatal" test="cbc:BuyerReference">A buyer reference must be given.</assert>
      <assert id="{second}" flag="warning" test="$lines &lt; 2">There are <value-of select="$lines"/> {{lines}}.</assert>
      <assert id="{third}" flag="fatal" test="cbc:BuyerReference != 'wrong'">Not that one.</assert>
    </rule>
    <rule context="cac:InvoiceLine[cbc:ID = '1']">
      <let name="name" value="cac:Item/cbc:Name"/>
      <assert id="{third}-A" flag="fatal" test="not(u:short($name))">'<value-of select="$name"/>' in <name/> is short.</assert>
    </rule>
    <rule context="cac:InvoiceLine">
      <report id="{third}-B" role="information" test="$currency = 'EUR'">Seen.</report>
    </rule>
  </pattern>
</schema>
"""

KOSIT = ("BR-DE-901", "BR-DE-902", "BR-DE-903")
PEPPOL = ("PEPPOL-EN16931-R004", "PEPPOL-EN16931-R902", "PEPPOL-EN16931-R903")
SCENARIOS = """<scenarios xmlns="http://www.xoev.de/de/validator/framework/1/scenarios">
  <scenario><validateWithSchematron><resource>
    <location>resources/xrechnung/3.0.2/xsl/XRechnung-UBL-validation.xsl</location>
  </resource></validateWithSchematron>
  <createReport><customLevel level="warning">BR-DE-901 BR-DE-77</customLevel></createReport>
  </scenario></scenarios>"""


def schema(ids: tuple[str, str, str], title: str = "Rules") -> str:
    first, second, third = ids
    return SCHEMA.format(first=first, second=second, third=third, title=title)


def kosit_schema(version: str = "2.5.0") -> str:
    return schema(KOSIT, f"Schematron Version {version} - XRechnung 3.0.2 compatible - UBL")


def xslt(source: str) -> str:
    return schematron.compiled(etree.fromstring(source.encode()))


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def kosit_release(version: str = "2.5.0") -> bytes:
    """As xrechnung-schematron is laid out."""
    source = kosit_schema(version)
    return zipped({
        "README.md": "Rules", "schematron/ubl/XRechnung-UBL-validation.sch": source,
        "schematron/ubl/XRechnung-UBL-validation.xsl": xslt(source),
        "schematron/common.sch": '<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>',
    })  # fmt: skip


def kosit_configuration() -> bytes:
    """As validator-configuration-xrechnung is laid out."""
    place = "resources/xrechnung/3.0.2/xsl"
    return zipped({
        "scenarios.xml": SCENARIOS, "resources/ubl/2.1/xsd/maindoc/UBL-Invoice-2.1.xsd": "<a/>",
        f"{place}/XRechnung-UBL-validation.xsl": xslt(kosit_schema()),
        "resources/xrechnung-report.xsl":
            '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="2.0"/>',
    })  # fmt: skip
