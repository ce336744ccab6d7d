"""Packs are known by their rules, in the layouts of their publishers, and run as they say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.documents.checking.pack_files import BadPack, FoundPack, read_packs
from app.documents.checking.packs import Pack, packaged
from app.documents.checking.running import check
from app.documents.checking.slip import Slip
from tests.documents.checking.pack_samples import (
    PEPPOL,
    kosit_configuration,
    kosit_release,
    kosit_schema,
    schema,
    xslt,
    zipped,
)
from tests.documents.checking.samples import ubl

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def ran(found: FoundPack, content: bytes) -> Slip:
    pack = Pack(
        found.name, "", found.version, "schematron", "ubl", text=found.text,
        levels=tuple(found.levels.items()),
    )  # fmt: skip
    return check(content, (found.name,), now=NOW, installed={found.name: pack})


def test_a_release_of_kosit() -> None:
    (found,) = read_packs("xrechnung-3.0.2-schematron-2.5.0.zip", kosit_release())
    assert (found.name, found.version) == ("kosit-xrechnung-ubl", "2.5.0 / XRechnung 3.0.2")
    assert (found.source.rpartition(".")[2], found.rules) == ("xsl", 5)


def test_rules_are_run_as_schematron_says() -> None:
    (found,) = read_packs("a.zip", kosit_release())
    slip = ran(found, ubl())
    assert slip.outcome == "valid"
    assert [(one.rule, one.severity, one.text) for one in slip.findings] == [
        ("BR-DE-902", "warning", "There are 2 {lines}."),
        # The first line met an earlier rule of the pattern.
        ("BR-DE-903-B", "info", "Seen."),
    ]
    short = ran(found, ubl().replace(b">Conseil<", b">Con<"))
    (fatal,) = short.of("fatal")
    assert (fatal.rule, fatal.text) == ("BR-DE-903-A", "'Con' in cac:InvoiceLine is short.")
    assert (fatal.place, bool(fatal.line)) == ("Invoice/InvoiceLine", True)
    assert {one.rule for one in ran(found, ubl().replace(b"BuyerReference", b"Note")).of("fatal")} >= {
        "BR-DE-901"
    }  # fmt: skip


def test_levels_of_a_configuration_soften_its_rules() -> None:
    (found,) = read_packs("validator-configuration.zip", kosit_configuration())
    assert found.levels == {"BR-DE-901": "warning", "BR-DE-77": "warning"}
    slip = ran(found, ubl().replace(b"BuyerReference", b"Note"))
    assert {one.rule for one in slip.of("warning")} >= {"BR-DE-901"}


def test_schematron_of_peppol_is_compiled() -> None:
    (found,) = read_packs("PEPPOL-EN16931-UBL.sch", schema(PEPPOL).encode())
    assert (found.name, found.version) == ("peppol-ubl", "3.0.21")
    assert {one.rule for one in ran(found, ubl()).findings} == {
        "PEPPOL-EN16931-R902", "PEPPOL-EN16931-R903-B",
    }  # fmt: skip


def test_the_version_can_be_given() -> None:
    text = xslt(schema(PEPPOL))
    with pytest.raises(BadPack, match="doesn't say its version"):
        read_packs("rules.xslt", text.encode())
    (found,) = read_packs("rules.xslt", text.encode(), version="7")
    assert found.version == "7"


@pytest.mark.parametrize("name", [one.name for one in packaged().values() if one.kind != "xsd"])
def test_no_rule_set_of_the_product_is_taken_for_another_one(name: str) -> None:
    path = Path(packaged()[name].path)
    with pytest.raises(BadPack, match="No rule set was found"):
        read_packs(path.name, path.read_bytes(), version="9")


def test_rules_that_need_a_file_beside_them_are_no_pack() -> None:
    text = xslt(kosit_schema()).replace("cbc:BuyerReference", "document('codes.xml')//cl", 1)
    with pytest.raises(BadPack, match="No rule set was found"):
        read_packs("rules.xsl", text.encode())


def _broken(member: str) -> bytes:
    """Its data can't be inflated."""
    content = bytearray(zipped({member: xslt(kosit_schema())}))
    start = 30 + len(member)
    content[start : start + 40] = b"\xff" * 40
    return bytes(content)


BOMB = {f"{n}.xsl": b"<a>" + b" " * (9 * 1024 * 1024) for n in range(16)}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04 but no archive", b"%PDF-1.7", zipped({}), zipped({"a.txt": "x"}),
        zipped({"../../etc/rules.xsl": xslt(kosit_schema())}),
        zipped({"/etc/rules.xsl": xslt(kosit_schema())}),
        zipped({"a\\..\\..\\rules.xsl": xslt(kosit_schema())}),
        zipped({"rules.xsl": "<not xml"}),
        zipped({"rules.xsl": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}),
        zipped({f"{n}.txt": b"" for n in range(5001)}),
        zipped({"1/a.xsl": xslt(kosit_schema()), "2/a-CreditNote.xsl": xslt(kosit_schema())}),
        zipped({"big.xsl": b" " * (17 * 1024 * 1024)}), zipped(BOMB),
        schema(PEPPOL).replace("<pattern>", '<pattern abstract="true">').encode(),
        _broken("rules.xsl"), _broken("scenarios.xml"),
        zipped({"scenarios.xml": "<not xml", "rules.xsl": xslt(kosit_schema())}),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_no_pack_is_refused(content: bytes) -> None:
    with pytest.raises(BadPack):
        read_packs("rules.sch", content)
