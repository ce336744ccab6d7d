"""What is no invoice, what an attacker sends, what doesn't run: the slip says so and is never valid."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from app.documents.checking.packs import Pack, packaged
from app.documents.checking.process import CHECKER, Checker
from app.documents.checking.running import check
from app.documents.checking.slip import Finding, RuleRun, Slip
from tests.documents.checking.samples import FRENCH_PACKS, UBL_PACKS, french_cii, ubl

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
XSD, RULES = "facturx-xsd:en16931", "facturx-schematron:en16931"
BOMB = b"<!DOCTYPE a [" + b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12)
) + b"]><a>&e11;</a>"  # fmt: skip


def rules(slip: Slip) -> set[str]:
    return {finding.rule for finding in slip.of("fatal")}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "FILE-EMPTY"),
        (b" \n", "FILE-EMPTY"),
        (b"%PDF-1.7 ...", "FILE-XML"),
        (b"PK\x03\x04", "FILE-XML"),
        (b"\xff\xfe\x00", "FILE-XML"),
        (b"<Invoice><unclosed></Invoice>", "FILE-FORM"),
        (french_cii()[:-40], "FILE-XML"),
        (b'<?xml version="1.0" encoding="x-unknown"?><a/>', "FILE-XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "FILE-DTD"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "FILE-DTD"),
        (BOMB, "FILE-DTD"),
        (b" " * (20 * 1024 * 1024) + b"<a/>", "FILE-SIZE"),
        (b"<html><body>not found</body></html>", "FILE-FORM"),
        (ubl(), "FILE-FORM"),
    ],
)  # fmt: skip
def test_what_is_no_such_invoice_is_refused(content: bytes, rule: str) -> None:
    slip = check(content, (XSD,), now=NOW)
    assert (slip.outcome, rules(slip)) == ("invalid", {rule})


def test_another_profile_than_the_rules_are_for() -> None:
    slip = check(french_cii("basicwl"), FRENCH_PACKS, now=NOW)
    assert [(run.outcome, {f.rule for f in run.findings}) for run in slip.runs[:2]] == [
        ("failed", {"FILE-PROFILE"}),
        ("failed", {"FILE-PROFILE"}),
    ]
    (found,) = slip.runs[0].findings
    assert (found.term, found.text) == ("BT-24", "urn:factur-x.eu:1p0:basicwl")


def test_a_finding_says_where() -> None:
    content = french_cii().replace(b">1305.50</ram:GrandTotal", b">1305.51</ram:GrandTotal")
    found = next(f for f in check(content, FRENCH_PACKS, now=NOW).findings if f.rule == "BR-CO-15")
    assert found.term == "BT-112"
    assert found.text.startswith("Invoice total amount with VAT (BT-112)")
    assert found.place.endswith("SpecifiedTradeSettlementHeaderMonetarySummation")
    assert found.line
    assert b"Summation" in content.splitlines()[found.line - 1]


def test_a_finding_of_the_structure_has_its_line() -> None:
    content = french_cii().replace(b"<ram:TypeCode>380<", b"<ram:Typo>380<", 1)
    content = content.replace(b">380</ram:TypeCode>", b">380</ram:Typo>")
    (found,) = check(content, (XSD,), now=NOW).findings
    assert (found.rule, found.severity, found.place) == ("XSD", "fatal", "Typo")
    assert b"Typo" in content.splitlines()[(found.line or 0) - 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    text = french_cii().decode().partition("?>")[2]
    text = text.replace("€", "euros") if encoding == "iso-8859-1" else text
    named = encoding.removesuffix("-sig")
    content = f'<?xml version="1.0" encoding="{named}"?>{text}'.encode(encoding)
    assert check(content, FRENCH_PACKS, now=NOW).outcome == "valid"


def test_a_file_of_almost_20_mb() -> None:
    content = french_cii()
    padded = content + b"<!-- " + b"x" * (20 * 1024 * 1024 - len(content) - 9) + b" -->"
    assert check(padded, (XSD, "br-fr-cii"), now=NOW).outcome == "valid"


def test_rules_that_nobody_installed_are_not_taken_for_passed() -> None:
    slip = check(ubl(), (*UBL_PACKS, "kosit-xrechnung-ubl"), now=NOW, installed={})
    assert slip.outcome == "not_validated"
    assert slip.runs[-1] == RuleRun("kosit-xrechnung-ubl", "", "not_run", reason="missing")
    assert slip.not_checked[0] == "kosit-xrechnung-ubl"


def test_no_rules_at_all_are_not_validity() -> None:
    slip = check(ubl(), (), now=NOW)
    assert slip.outcome == "not_validated"
    assert {"structure", "rules", "registers"} <= set(slip.not_checked)


def made(text: str, name: str = "own") -> dict[str, Pack]:
    return {name: Pack(name, "Own", "1", "schematron", "ubl", text=text)}


def sheet(body: str) -> str:
    return (
        '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" '
        'xmlns:svrl="http://purl.oclc.org/dsdl/svrl"><xsl:template match="/">'
        f"<svrl:schematron-output><svrl:fired-rule/>{body}</svrl:schematron-output>"
        "</xsl:template></xsl:stylesheet>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "no stylesheet",
        sheet("<xsl:value-of select=\"unparsed-text('file:///etc/hostname')\"/>"),
        sheet("<xsl:copy-of select=\"document('http://127.0.0.1:9/')\"/>"),
        sheet('<xsl:result-document href="file:///tmp/written"><a/></xsl:result-document>'),
        sheet('<xsl:message terminate="yes">stop</xsl:message>'),
    ],
)
def test_rules_that_reach_out_or_stop_did_not_run(text: str) -> None:
    slip = check(ubl(), ("own",), now=NOW, installed=made(text))
    assert (slip.outcome, slip.runs[0].reason) == ("not_validated", "broken")


def test_rules_that_met_nothing_have_checked_nothing() -> None:
    text = sheet("").replace("<svrl:fired-rule/>", "")
    assert rules(check(ubl(), ("own",), now=NOW, installed=made(text))) == {"FILE-FORM"}


ENDLESS = sheet(
    '<xsl:value-of select="sum(for $i in 1 to 99999999 return sum($i to $i + 99999))"/>'
)
HUNGRY = (
    '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="/"><xsl:variable name="a"><xsl:for-each select="1 to 99999999">'
    "<b><xsl:value-of select=\"string-join(for $i in 1 to 1000 return 'x', '')\"/></b>"
    '</xsl:for-each></xsl:variable><c><xsl:copy-of select="$a"/></c></xsl:template>'
    "</xsl:stylesheet>"
)


@pytest.fixture
def checker():
    checker = Checker(memory_mb=500)
    yield checker
    checker.close()


def test_endless_rules_are_ended_and_the_next_file_is_checked(checker: Checker) -> None:
    slip = check(ubl(), ("own", "ubl-xsd"), now=NOW, installed=made(ENDLESS), checker=checker,
                 seconds=3)  # fmt: skip
    assert [(run.outcome, run.reason) for run in slip.runs] == [
        ("not_run", "time"), ("not_run", "time"),
    ]  # fmt: skip
    assert slip.outcome == "not_validated"
    assert check(ubl(), ("ubl-xsd",), now=NOW, checker=checker).outcome == "valid"


def test_memory_has_an_end(checker: Checker) -> None:
    slip = check(ubl(), ("own",), now=NOW, installed=made(HUNGRY), checker=checker)
    assert slip.runs[0].reason in ("memory", "broken")
    assert slip.outcome == "not_validated"
    assert check(ubl(), ("ubl-xsd",), now=NOW, checker=checker).outcome == "valid"


def test_a_killed_child_is_replaced(checker: Checker) -> None:
    assert check(ubl(), ("ubl-xsd",), now=NOW, checker=checker).outcome == "valid"
    assert checker.pid is not None
    os.kill(checker.pid, signal.SIGKILL)
    assert check(ubl(), ("ubl-xsd",), now=NOW, checker=checker).outcome == "valid"


def test_threads_and_forks_get_their_own_answers() -> None:
    bad = ubl().replace(b">1305.50<", b">1305.51<")

    def outcome(content: bytes) -> str:
        return check(content, UBL_PACKS, now=NOW).outcome

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outcome, [ubl(), bad] * 6)) == ["valid", "invalid"] * 6
    before, child = CHECKER.pid, os.fork()
    if child == 0:
        # A forked worker has a checker of its own and leaves its parent's alone.
        same = check(ubl(), ("ubl-xsd",), now=NOW).outcome == "valid" and CHECKER.pid != before
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (outcome(ubl()), CHECKER.pid) == ("valid", before)


def test_a_slip_comes_back_from_json() -> None:
    slip = check(french_cii().replace(b">1305.50<", b">1305.51<"), FRENCH_PACKS, now=NOW)
    data = json.loads(json.dumps(slip.to_json()))
    assert data["outcome"] == "invalid"
    assert Slip.from_json(data) == slip


def test_warnings_alone_do_not_refuse() -> None:
    run = RuleRun("own", "1", "passed", findings=(Finding("W-1", "warning", "Look again."),))
    assert Slip("0" * 64, NOW, (run,)).outcome == "valid"


def test_every_packaged_rule_set_compiles() -> None:
    """And is the one whose version stands beside it."""
    for pack in packaged().values():
        content = french_cii() if pack.form == "cii" else ubl()
        run = check(content, (pack.name,), now=NOW).runs[0]
        assert run.outcome != "not_run", pack.name
